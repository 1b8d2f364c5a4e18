"""Our own stack under checkov's AWS rules: no failure that is not waived, and nothing left unjudged."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from hardening.checks import Status
from hardening.cli import Exit
from scanners.output import ReportOptions, judge
from scanners.policy.scan import CONTROL, scan
from scanners.target import Target
from tests.own_stack import ROOT, own_stack

# What the cloud on paper answers for every type, also for those that do not have it.
ON_PAPER = {"arn", "arnSuffix", "keyId"}


@pytest.mark.parametrize("name", ["lab", "production"])
def test_our_own_stack_meets_every_rule_that_is_not_waived(name: str) -> None:
    result = scan(Target(name=name, stack_file="", region=""), own_stack(name))
    options = ReportOptions(waivers=Path(ROOT, "waivers.yaml"), only=(CONTROL,))
    outcome = judge([f for f in result.findings if f.control == CONTROL], options)
    assert [(r.finding.check, r.finding.where) for r in outcome.open(Status.FAIL, Status.ERROR)] == []
    assert outcome.exit_code() is Exit.HOLDS
    assert not [notice for notice in outcome.notices if "CKV" in notice], (
        "a waiver is void or no longer needed"
    )
    assert outcome.counts()["pass"] > 600


def test_every_property_of_our_own_stack_is_one_that_pulumi_knows() -> None:
    result = scan(Target(name="lab", stack_file="", region=""), own_stack("lab"))
    record = json.loads(result.subjects["policy-coverage.json"])
    named_by_rule = {
        (urn.split("::")[-1], name)
        for urn, names in record["properties"]["named_by_rule"].items()
        for name in names
        if name not in ON_PAPER
    }
    assert named_by_rule == set()
    assert record["resources"]["not_mapped_urns"] == {}
