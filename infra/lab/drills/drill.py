"""One drill: play the incident, wait for its alarm, follow the runbook, and measure."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from hardening.errors import CollectError
from hardening.runbooks.followed import Done
from hardening.runbooks.runbook import Phase, Runbook
from infra.lab.drills.follow import followed
from infra.lab.drills.incidents import INCIDENTS, Incident, Stage
from infra.lab.drills.lab_account import LabAccount
from infra.lab.drills.watch import wait_for
from infra.lab.lab_folder import LabFolder
from infra.runbook_command import names_of_target

VERSION = 1
# How long an alarm, and the end of the harm, are waited for (seconds).
_PATIENCE = 15.0


@dataclass(slots=True)
class _Clock:
    """Seconds since the incident began, for what has ended so far."""

    began: float
    contained: float | None = None
    recovered: float | None = None
    steps: list[Done] = field(default_factory=list)

    def look(self, incident: Incident, stage: Stage) -> None:
        """Note it if the harm has ended by now."""
        if self.contained is None and _holds(incident.contained, stage):
            self.contained = time.time() - self.began


def play(folder: LabFolder, runbook: Runbook, evidence: Path, patience: float = _PATIENCE) -> dict[str, Any]:
    """Play the incident that the runbook is about; what came of it, as JSON of version 1.

    `evidence` is a folder with sealed runs of the drill's own. Raises CollectError where the incident cannot
    be played. The lab is as before afterwards, but for the partner's tokens, which are new.
    """
    if runbook.name not in INCIDENTS:
        raise CollectError(f"{runbook.name}: no drill: {runbook.no_drill}", "follow it by hand")
    incident, lab = INCIDENTS[runbook.name], LabAccount.of(folder)
    names = names_of_target(folder.target)
    with _as_before(lab):
        stage, at = Stage(lab, evidence), datetime.now(UTC)
        clock = _Clock(time.time())
        try:
            incident.play(stage)
            heard = wait_for(lab, incident.alarm, clock.began, patience)
            words = incident.words(stage)
            clock.steps += followed(lab, runbook.of(Phase.FIRST), names, words)
            for done in followed(lab, runbook.of(Phase.CONTAIN), names, words):
                clock.steps.append(done)
                clock.look(incident, stage)
            incident.decide(stage)
            clock.steps += followed(lab, runbook.of(Phase.RESTORE), names, words)
            _after_all(clock, incident, stage, patience)
        finally:
            incident.undo(stage)
    return {
        "version": VERSION,
        "runbook": runbook.name,
        "incident": incident.about,
        "partner": lab.partner.name,
        "began": at.isoformat(timespec="seconds"),
        "heard": asdict(heard),
        "steps": [asdict(one) for one in clock.steps],
        "contained": clock.contained,
        "recovered": clock.recovered,
    }


def _after_all(clock: _Clock, incident: Incident, stage: Stage, patience: float) -> None:
    deadline = time.monotonic() + patience
    while clock.contained is None or clock.recovered is None:
        clock.look(incident, stage)
        if _holds(incident.recovered, stage):
            clock.recovered = time.time() - clock.began
        elif time.monotonic() > deadline:
            return
        else:
            time.sleep(0.25)


def _holds(look: Callable[[Stage], bool], stage: Stage) -> bool:
    """Whether it holds; what cannot be looked at does not."""
    try:
        return look(stage)
    except CollectError:
        return False


@contextmanager
def _as_before(lab: LabAccount) -> Iterator[None]:
    """What the lab's own probes call with is honoured afterwards as it was before."""
    kept = lab.own_tokens()
    try:
        yield
    finally:
        for record in kept:
            lab.store().put(record)
