"""How a token stands, from its record and the time."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from hardening.rotation.records import TokenRecord
from hardening.rotation.standing import standing

NOW = datetime(2026, 3, 1, tzinfo=UTC)
MONTH = timedelta(days=30)
RECORD = TokenRecord(
    "a" * 64,
    "example-emsp",
    "C",
    "active",
    "test",
    int((NOW + MONTH).timestamp()),
    issued=int((NOW - MONTH).timestamp()),
)


def test_a_token_in_use_has_an_age_and_a_next_rotation() -> None:
    found = standing(RECORD, NOW, MONTH)
    assert (found.age, found.rotation_due, found.state) == (MONTH, NOW, "active")
    assert found.overlap_ends is None
    assert not found.unused
    assert found.last_used is None
    assert found.token == "a" * 12


def test_a_retiring_token_ends_with_its_overlap_and_is_rotated_no_more() -> None:
    found = standing(replace(RECORD, state="retiring"), NOW, MONTH)
    assert found.overlap_ends == NOW + MONTH
    assert found.rotation_due is None


def test_an_offered_token_was_never_used() -> None:
    assert standing(replace(RECORD, state="offered"), NOW, MONTH).unused


def test_a_token_says_when_it_was_last_used() -> None:
    assert standing(replace(RECORD, used=RECORD.issued), NOW, MONTH).last_used == NOW - MONTH


def test_what_is_over_is_expired_unless_it_was_revoked() -> None:
    over = int(NOW.timestamp())
    assert standing(replace(RECORD, expires=over), NOW, MONTH).state == "expired"
    assert standing(replace(RECORD, expires=over, state="revoked"), NOW, MONTH).state == "revoked"


def test_of_an_old_record_nobody_knows_the_age() -> None:
    found = standing(replace(RECORD, issued=0), NOW, MONTH)
    assert (found.age, found.rotation_due) == (None, None)
