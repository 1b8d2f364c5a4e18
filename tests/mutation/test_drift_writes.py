"""Writes made up from AWS's models, against the emulator: the audit sees them, and names the property."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest
from botocore.session import get_session

from scanners.drift.readers import READERS
from tests.beds.aws_account import Account, emulated_account
from tests.mutation import drift_run
from tests.mutation.drift_run import Fate, tried
from tests.mutation.drift_table import LEAST, NO_DRIFT, NOT_SEEN, counted, reasons, recall
from tests.mutation.drift_values import others

SAMPLE = ("kms: key", "ecr: repository", "sqs: queue")


@pytest.fixture(scope="module")
def account() -> Iterator[Account]:
    with emulated_account() as account:
        yield account


def test_other_values_are_other_values() -> None:
    shape = get_session().get_service_model("kms").shape_for("CreateGrantRequest")
    found = list(others(shape, "", {"KeyId": "k", "Operations": ["Decrypt"]}))
    assert ("GranteePrincipal",) in [path for path, _ in found]
    assert ("Constraints", "SourceArn") in [path for path, _ in found]
    assert all(value.get("Operations") != ["Decrypt"] for path, value in found if path == ("Operations",))


def test_each_reason_says_something() -> None:
    for part in (NO_DRIFT, NOT_SEEN):
        assert all(len(reason) > 10 for reason in reasons(part).values())


@pytest.mark.slow
def test_a_sample_of_cases_is_seen_with_the_right_property(account: Account) -> None:
    every = [one for name in SAMPLE for one in tried(account, name)]
    unseen = [(str(one.write), one.fate, one.said) for one in counted(every) if one.fate is not Fate.SEEN]
    assert len(counted(every)) > 15
    assert recall(every) >= LEAST, unseen


@pytest.mark.slow
def test_a_property_that_no_reader_compares_is_not_seen(
    account: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The measure itself: without the field of rotation nobody sees that it stops."""
    blind = tuple(
        replace(reader, fields=tuple(f for f in reader.fields if f.name != "enableKeyRotation"))
        for reader in READERS
    )
    monkeypatch.setattr(drift_run, "READERS", blind)
    fates = {one.write.operation: one.fate for one in tried(account, "kms: key")}
    assert fates["DisableKeyRotation"] is Fate.LISTED
