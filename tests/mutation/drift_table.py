"""`python -m tests.mutation drift`: recall of the drift audit by service, and what it does not see."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from fnmatch import fnmatchcase
from functools import partial
from multiprocessing import get_context
from pathlib import Path
from typing import Any, Final

import yaml

from tests.mutation.drift_run import CASES, Fate, Tried, tried

_FILE: Final = Path(__file__).with_name("drift_unseen.yaml")
LEAST: Final = 0.97
# What is no drift, and is not counted; the other list of the file holds what is one and is not seen.
NO_DRIFT: Final = "no drift"
NOT_SEEN: Final = "not seen"
_HELD: Final = (Fate.SEEN, Fate.MISNAMED, Fate.MISSED, Fate.LISTED)


def reasons(part: str) -> dict[str, str]:
    """Glob over a write's name -> why."""
    found: dict[str, Any] = yaml.safe_load(_FILE.read_text(encoding="utf-8"))[part]
    return {glob: reason for reason, globs in found.items() for glob in globs}


def reason_of(one: Tried, known: dict[str, str]) -> str:
    """Why a write is in a list; empty if it is not."""
    return next((why for glob, why in known.items() if fnmatchcase(str(one.write), glob)), "")


def counted(every: Iterable[Tried]) -> list[Tried]:
    """The writes that the emulator holds and that are a drift."""
    no_drift = reasons(NO_DRIFT)
    return [
        one for one in every if one.fate in _HELD and (one.fate is Fate.SEEN or not reason_of(one, no_drift))
    ]


def recall(every: Iterable[Tried]) -> float:
    """The share of them that was seen with the right property."""
    found = counted(every)
    return sum(one.fate is Fate.SEEN for one in found) / len(found) if found else 0.0


def all_tried(names: Sequence[str], blind_for: str = "") -> Iterator[list[Tried]]:
    """The cases one after the other, each core a process of its own: what is forked there has one thread."""
    with ProcessPoolExecutor(mp_context=get_context("spawn")) as processes:
        yield from processes.map(partial(tried, blind_for=blind_for), names)


def run(names: list[str]) -> int:
    """Try the cases (all, or those whose names begin so), print the table and what is unseen."""
    chosen = [name for name in CASES if not names or any(name.startswith(each) for each in names)]
    every: dict[str, list[Tried]] = {}
    for name, found in zip(chosen, all_tried(chosen), strict=True):
        every.setdefault(found[0].write.service if found else name, []).extend(found)
        print(f"{name}: {len(found)} writes", flush=True)
    print(f"{'service':24} {'written':>8} {'refused':>8} {'not held':>9} {'held':>6} {'seen':>6}  recall")
    for service, found in sorted(every.items()):
        _print_row(service, found)
    _print_row("all", [one for found in every.values() for one in found])
    return _print_unseen([one for found in every.values() for one in found])


def _print_row(service: str, found: list[Tried]) -> None:
    fates = Counter(one.fate for one in found)
    held = counted(found)
    share = f"{recall(found):.1%}" if held else "-"
    print(
        f"{service:24} {len(found):8} {fates[Fate.REFUSED]:8} {fates[Fate.NOT_HELD]:9} {len(held):6} "
        f"{fates[Fate.SEEN]:6}  {share}"
    )


def _print_unseen(every: list[Tried]) -> int:
    """What was not seen, with its reason; 1 if one has none or the share is too small."""
    known = reasons(NOT_SEEN)
    unseen = [one for one in counted(every) if one.fate is not Fate.SEEN]
    for one in unseen:
        print(f"{one.fate}: {one.write}: {reason_of(one, known) or 'no reason given yet'}")
    return int(recall(every) < LEAST or any(not reason_of(one, known) for one in unseen))
