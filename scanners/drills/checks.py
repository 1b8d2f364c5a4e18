"""The check on a drill: the alarm reached people, and the runbook ended the incident."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from hardening.checks import Verdicts, check
from hardening.runbooks.followed import Done, Heard
from scanners.drills.records import Drill

_HEARD = Heard(alarm="rampart-test-key-disabled", after=0.5, people=1, delay=300)
_STEP = Done(
    phase="Contain", by="admin", does="Switch it on again.", command="aws kms enable-key --key-id K",
    ended=0, wanted=0, seconds=0.2, rights=("kms:EnableKey",),
)  # fmt: skip
_LOOK = replace(_STEP, by="reader", command="rampart evidence verify EVIDENCE", ended=1, wanted=1, rights=())
_DECISION = replace(_STEP, by="security lead", does="Was it one of ours?", command="", ended=None, rights=())
DRILL: Final = Drill(
    runbook="lost-key",
    incident="Somebody disabled the key.",
    partner="example-cpo",
    began="2026-11-29T12:00:00+00:00",
    heard=_HEARD,
    steps=(_STEP, _LOOK, _DECISION),
    contained=1.0,
    recovered=2.0,
)


@check(
    "incidents-rehearsed",
    good=DRILL,
    bad={
        "alarm": replace(DRILL, heard=replace(_HEARD, after=None, why="no filter counts it")),
        "nobody": replace(DRILL, heard=replace(_HEARD, people=0)),
    },
)
def the_alarm_fires(drill: Drill) -> Verdicts:
    """The alarm that leads to the runbook fires on what was logged, and somebody hears of it."""
    heard = drill.heard
    yield heard.alarm, f"it did not fire: {heard.why}" if heard.after is None else None
    yield heard.alarm, None if heard.people else "nobody hears of it"


@check(
    "incidents-rehearsed",
    good=DRILL,
    bad={
        "a step": replace(DRILL, steps=(_STEP, replace(_STEP, ended=1, said="kms:EnableKey: NotFound"))),
        "a look": replace(DRILL, steps=(_STEP, replace(_LOOK, ended=0))),
        "no command": replace(DRILL, steps=(_DECISION,)),
    },
)
def the_runbook_can_be_followed(drill: Drill) -> Verdicts:
    """Each command that was followed ended as it must, and there was one."""
    run = [step for step in drill.steps if step.ended is not None]
    yield drill.runbook, None if run else "none of its commands was followed"
    for step in run:
        problem = f"ended with {step.ended}, wanted {step.wanted}: {step.said}"
        yield step.command, None if step.ended == step.wanted else problem


@check(
    "incidents-rehearsed",
    good=DRILL,
    bad=replace(DRILL, lacking=("admin: kms:EnableKey",)),
)
def the_roles_may_follow_it(drill: Drill) -> Verdicts:
    """Each role may do what the runbook has it do."""
    yield drill.runbook, None
    for right in drill.lacking:
        yield drill.runbook, f"a right is missing: {right}"


@check(
    "incidents-rehearsed",
    good=DRILL,
    bad={
        "contained": replace(DRILL, contained=None),
        "recovered": replace(DRILL, recovered=None),
    },
)
def the_incident_ends(drill: Drill) -> Verdicts:
    """The harm ended, and afterwards all was as before."""
    yield drill.incident, None if drill.contained is not None else "it was not contained"
    yield drill.incident, None if drill.recovered is not None else "the service did not come back"


CHECKS: Final = (the_alarm_fires, the_runbook_can_be_followed, the_roles_may_follow_it, the_incident_ends)
