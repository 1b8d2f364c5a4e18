"""No check of ours raises a false alarm on our own stack: with any settings, no partner, or 200 of them."""

from __future__ import annotations

from dataclasses import replace

import pytest

from hardening.checks import Status
from hardening.registry.partners import Partner
from hardening.registry.reader import read_registry
from scanners.policy.checks import stack_checks
from scanners.policy.stack import Stack
from tests.own_stack import ROOT, own_stack, stack_with


def _alarms(stack: Stack) -> list[tuple[str, str, str]]:
    bad = (Status.FAIL, Status.ERROR)
    found = [finding for check in stack_checks() for finding in check.run(stack) if finding.status in bad]
    return [(finding.check, finding.where, finding.detail) for finding in found]


def _partners(count: int) -> tuple[Partner, ...]:
    """The example partners, under as many names, parties and networks."""
    examples = read_registry(ROOT / "partners")
    return tuple(_partner(examples[index % len(examples)], index) for index in range(count))


def _partner(example: Partner, index: int) -> Partner:
    network = f"203.{index // 16}.{index % 16 * 16}.0/28"
    return replace(example, name=f"partner-{index}", networks=(network,))


@pytest.mark.parametrize("name", ["test", "production", "lab"])
def test_no_settings_of_ours_raise_an_alarm(name: str) -> None:
    assert _alarms(own_stack(name)) == []


@pytest.mark.slow
@pytest.mark.parametrize("count", [0, 1, 200])
def test_no_number_of_partners_raises_an_alarm(count: int) -> None:
    assert _alarms(stack_with("production", _partners(count))) == []
