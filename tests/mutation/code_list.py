"""`python -m tests.mutation code`: what became of each drawn mutation, and the survivors' reasons."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from typing import Any, Final, NamedTuple

from tests.mutation import survivors
from tests.mutation.code_areas import AREAS, area_of, drawn
from tests.mutation.code_run import Verdict, again, judge

FILE: Final = "code_mutations.yaml"
KILLED: Final = "killed"
SURVIVING: Final = "survivors"
LEAST: Final = 0.90  # the share that must be killed
SEED: Final = 20261128
_HEAD: Final = "Written by `python -m tests.mutation code`, which keeps the reasons. Give each survivor one."


def run(areas: Sequence[str], *, only_new: bool) -> int:
    """Judge the named areas, or all, and write the list. 1 where a reason or a share is missing.

    `only_new` leaves out what is listed as killed or as equal.
    """
    for name in areas or list(AREAS):
        before = survivors.read(FILE)
        reasons = survivors.reasons_by_name(before.get(SURVIVING, {}))
        equal = {one for one, why in reasons.items() if why.startswith(survivors.EQUAL)}
        known = {*before.get(KILLED, {}), *equal}
        verdicts: list[Verdict] = []
        for one in judge(name, known if only_new else ()):
            verdicts.append(one)
            if len(verdicts) % 10 == 0:  # a run that is stopped has not been for nothing
                _write(verdicts)
        _write(verdicts)
    return table()


def _write(verdicts: Sequence[Verdict]) -> None:
    """Put the verdicts on the list; what is no mutation any more goes from it."""
    before = survivors.read(FILE)
    reasons = survivors.reasons_by_name(before.get(SURVIVING, {}))
    every = {one.name for area in AREAS.values() for one in drawn(area)} - {one.mutation for one in verdicts}
    killed = {name: test for name, test in before.get(KILLED, {}).items() if name in every}
    alive = [name for name in reasons if name in every]
    killed |= {one.mutation: one.killer for one in verdicts if one.killer}
    alive += [one.mutation for one in verdicts if not one.killer]
    lists: dict[str, Any] = {
        SURVIVING: survivors.sorted_by_reason(alive, reasons),
        KILLED: dict(sorted(killed.items())),
    }
    survivors.write(FILE, _HEAD, lists)


def table() -> int:
    """Print the table of the list as it stands."""
    rows = found()
    print(f"{'area':12} {'judged':>6} {'killed':>6} {'equal':>6} {'alive':>6}  share")
    for name, row in rows.items():
        judged = row.killed + row.equal + row.alive
        share = f"{100 * row.share:.1f} %"
        print(f"{name:12} {judged:6} {row.killed:6} {row.equal:6} {row.alive:6}  {share}")
    silent = survivors.read(FILE).get(SURVIVING, {}).get(survivors.NO_REASON, [])
    for one in silent:
        print(f"no reason: {one}")
    return 1 if silent or min(row.share for row in rows.values()) < LEAST else 0


class Found(NamedTuple):
    """What became of the mutations of an area; those that are equal in effect do not count."""

    killed: int
    equal: int
    alive: int

    @property
    def share(self) -> float:
        """The share that was killed; 0 where nothing was judged."""
        return self.killed / (self.killed + self.alive) if self.killed else 0.0


def found() -> Mapping[str, Found]:
    """The list by area, and `all` of it."""
    lists = survivors.read(FILE)
    reasons = survivors.reasons_by_name(lists.get(SURVIVING, {}))
    rows: dict[str, Found] = {}
    for name in (*AREAS, "all"):
        killed = sum(name in ("all", area_of(one)) for one in lists.get(KILLED, {}))
        here = [why for one, why in reasons.items() if name in ("all", area_of(one))]
        equal = sum(why.startswith(survivors.EQUAL) for why in here)
        rows[name] = Found(killed, equal, len(here) - equal)
    return rows


def sample(count: int) -> int:
    """Kill some of those that were killed, drawn with a seed, once more; 1 where one lives now."""
    killed: Mapping[str, str] = survivors.read(FILE)[KILLED]
    by_a_test = sorted(name for name, test in killed.items() if "::" in test)
    some = random.Random(SEED).sample(by_a_test, count)
    alive = [one.mutation for one in again({name: killed[name] for name in some}) if not one.killer]
    for name in alive:
        print(f"lives now: {name}")
    return 1 if alive else 0
