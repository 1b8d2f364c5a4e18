"""Checks of IAM Access Analyzer, which finds who has access from outside of the account."""

from __future__ import annotations

from typing import Final

from hardening.checks import Verdicts, check
from scanners.policy.checks.cloudtrail import DEPLOYMENT
from scanners.policy.checks.reading import verdict
from scanners.policy.samples.observability import AUDIT
from scanners.policy.samples.sample_stack import without
from scanners.policy.stack import Stack

ANALYZER: Final = "aws:accessanalyzer/analyzer:Analyzer"


@check("threats-watched", good=AUDIT, bad=without(AUDIT, "analyzer-1"))
def access_from_outside_is_analyzed(stack: Stack) -> Verdicts:
    """A deployment has an IAM Access Analyzer."""
    if stack.of_type(*DEPLOYMENT):
        found = bool(stack.of_type(ANALYZER))
        yield verdict(f"{stack.name}#Access Analyzer", found, "Access Analyzer is not in this stack")
