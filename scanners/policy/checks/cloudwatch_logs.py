"""Checks of the log groups: how long logs are kept."""

from __future__ import annotations

from typing import Final

from hardening.checks import Verdicts, check
from scanners.policy.checks.reading import number, verdict
from scanners.policy.samples.observability import AUDIT
from scanners.policy.samples.sample_stack import weaken
from scanners.policy.stack import Stack

LOG_GROUP: Final = "aws:cloudwatch/logGroup:LogGroup"


_YEAR: Final = 365  # days


@check("logs-retained", good=AUDIT, bad=weaken(AUDIT, "log-api", "retentionInDays", 30))
def log_groups_keep_a_year(stack: Stack) -> Verdicts:
    """Each log group keeps its events for 365 days at least; 0 days is for ever."""
    for group in stack.of_type(LOG_GROUP):
        days = number(group, "retentionInDays")
        yield verdict(
            f"{group.urn}#retentionInDays", days is not None and (days >= _YEAR or days == 0), "under a year"
        )


@check("retention-bounded", good=AUDIT, bad=weaken(AUDIT, "log-api", "retentionInDays", 0))
def log_groups_forget(stack: Stack) -> Verdicts:
    """0 keeps for ever, and so does a group without the property."""
    for group in stack.of_type(LOG_GROUP):
        yield verdict(
            f"{group.urn}#retentionInDays", (number(group, "retentionInDays") or 0) > 0, "kept for ever"
        )
