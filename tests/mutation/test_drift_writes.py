"""Writes made up from AWS's models, against the emulator: the audit sees them, and names the property."""

from __future__ import annotations

import pytest
from botocore.session import get_session

from tests.mutation.drift_run import Fate
from tests.mutation.drift_table import LEAST, NO_DRIFT, NOT_SEEN, all_tried, counted, reasons, recall
from tests.mutation.drift_values import others

SAMPLE = ("kms: key", "ecr: repository", "sqs: queue")


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
def test_a_sample_of_cases_is_seen_with_the_right_property() -> None:
    every = [one for found in all_tried(SAMPLE) for one in found]
    unseen = [(str(one.write), one.fate, one.said) for one in counted(every) if one.fate is not Fate.SEEN]
    assert len(counted(every)) > 30
    assert recall(every) >= LEAST, unseen


@pytest.mark.slow
def test_a_property_that_no_reader_compares_is_not_seen() -> None:
    """The measure itself: without the field of rotation nobody sees that it stops."""
    [found] = all_tried(["kms: key"], blind_for="enableKeyRotation")
    fates = {one.write.operation: one.fate for one in found}
    assert fates["DisableKeyRotation"] in (Fate.LISTED, Fate.MISSED)
