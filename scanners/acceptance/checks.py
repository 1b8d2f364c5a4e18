"""Checks on an acceptance run: one for each control that it tries."""

from __future__ import annotations

from typing import Final

from hardening.checks import Check, Unverifiable, Verdicts, check
from scanners.acceptance.records import Acceptance, Step

# What an accepted environment shows, unless it says why it does not have it.
TRIED: Final = (
    "gateway-serves-contracted-calls",
    "api-calls-logged",
    "token-known",
    "module-contracted",
    "url-party-belongs-to-partner",
    "secrets-rotate-monthly",
    "token-not-revoked",
    "alarms-reach-people",
    "firewall-logged",
    "trail-complete",
    "deployed-in-order",
)


def _accepted(control: str) -> Check[Acceptance]:
    """The check that every step of the control ended as it must."""

    def run(*steps: Step) -> Acceptance:
        return Acceptance(partner="example-emsp", steps=steps)

    held = Step(control, "GET /ocpi/2.2.1", "200/1000", "200/1000")

    def judge(acceptance: Acceptance) -> Verdicts:
        for step in acceptance.steps:
            if step.control != control:
                continue
            if step.seen is None:
                raise Unverifiable(step.where, step.reason)
            yield step.where, None if step.seen == step.wanted else f"wanted {step.wanted}, seen {step.seen}"

    judge.__name__ = f"accepted_{control.replace('-', '_')}"
    return check(
        control,
        good=run(held),
        bad=run(held, Step(control, "GET /ocpi/2.2.1", "200/1000", "503/3000")),
        # What serves another control is another check's to tell.
        also_good={"of-another-control": run(held, Step("every-audit-completes", "", "1", "2"))},
        unverifiable={"not-seen": run(Step(control, "GET /ocpi/2.2.1", "200/1000", None, "no answer"))},
    )(judge)


CHECKS: Final = tuple(_accepted(control) for control in TRIED)
