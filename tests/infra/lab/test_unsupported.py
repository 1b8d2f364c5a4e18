"""What the emulator does not support is listed in one place."""

from pathlib import Path

import pytest

from infra.lab import unsupported
from infra.lab.cloud import ADAPTERS
from infra.lab.unsupported import NOT_KEPT, NOT_TAKEN, TYPES, unsupported_parts, without_refused


def test_a_type_that_is_not_created_has_no_adapter() -> None:
    assert not set(TYPES) & set(ADAPTERS)


def test_a_property_is_only_listed_for_a_type_that_is_created() -> None:
    assert set(NOT_TAKEN) | set(NOT_KEPT) <= set(ADAPTERS)


def test_every_entry_says_why() -> None:
    reasons = [placeholder.reason for placeholder in TYPES.values()]
    reasons += [
        reason for table in (NOT_TAKEN, NOT_KEPT) for rows in table.values() for reason in rows.values()
    ]
    assert all(len(reason.split()) > 3 for reason in reasons)


def test_only_what_is_declared_is_listed() -> None:
    kind = "aws:kms/key:Key"
    listed = {
        thing.property
        for thing in unsupported_parts("urn", kind, {"rotationPeriodInDays": 90, "description": "x"})
    }
    assert listed == {"rotationPeriodInDays"}
    assert unsupported_parts("urn", kind, {"description": "x"}) == ()


def test_a_whole_type_is_listed_with_no_property() -> None:
    (thing,) = unsupported_parts("urn", "aws:accessanalyzer/analyzer:Analyzer", {})
    assert thing.property == ""


def test_a_property_deep_inside_is_found_and_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(unsupported, "NOT_TAKEN", {"a": {"rules.limit.size": "because it is so"}})
    inputs = {"rules": [{"limit": {"size": 1, "unit": "kB"}}, {"name": "x"}], "other": 2}
    assert [thing.property for thing in unsupported_parts("urn", "a", inputs)] == ["rules.limit.size"]
    assert without_refused("a", inputs) == {"rules": [{"limit": {"unit": "kB"}}, {"name": "x"}], "other": 2}


def test_the_manual_lists_exactly_the_emulator_does_not_support() -> None:
    manual = (Path(__file__).resolve().parents[3] / "docs" / "lab.md").read_text(encoding="utf-8")
    listed = {line for line in manual.splitlines() if line.startswith("| `aws:")}
    rows = {f"| `{kind}` | all of it | {placeholder.reason} |" for kind, placeholder in TYPES.items()}
    for table in (NOT_TAKEN, NOT_KEPT):
        for kind, properties in table.items():
            rows |= {f"| `{kind}` | `{name}` | {reason} |" for name, reason in properties.items()}
    assert listed == rows
