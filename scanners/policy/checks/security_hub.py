"""Checks of Security Hub, which judges the account's posture."""

from __future__ import annotations

from typing import Final

from hardening.checks import Verdicts, check
from scanners.policy.checks.cloudtrail import DEPLOYMENT
from scanners.policy.checks.reading import verdict
from scanners.policy.samples.observability import AUDIT, HUBS
from scanners.policy.samples.sample_stack import without
from scanners.policy.stack import Stack

HUB: Final = "aws:securityhub/account:Account"


@check("threats-watched", good=AUDIT, bad=without(AUDIT, *HUBS))
def the_posture_is_judged(stack: Stack) -> Verdicts:
    """A deployment has Security Hub."""
    if stack.of_type(*DEPLOYMENT):
        found = bool(stack.of_type(HUB))
        yield verdict(f"{stack.name}#Security Hub", found, "Security Hub is not in this stack")
