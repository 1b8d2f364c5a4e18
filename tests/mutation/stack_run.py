"""All weakenings of our stack: what finds each, a table, and the list of survivors with their reasons."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from hardening.controls import Severity
from tests.mutation import survivors
from tests.mutation.judged import Judged, all_weakenings, judge_all
from tests.mutation.weakening import Weakening

FILE: Final = "weakenings.yaml"
BY_CHECKOV: Final = "caught by checkov alone"
SURVIVING: Final = "survivors"
_HEAD: Final = "Written by `python -m tests.mutation stack`, which keeps the reasons. Give each survivor one."

# The least share of weakenings that our checks and checkov must find.
LEAST: Final[Mapping[Severity, float]] = {
    Severity.CRITICAL: 0.95,
    Severity.HIGH: 0.95,
    Severity.MEDIUM: 0.80,
    Severity.LOW: 0.80,
}
# Where once nothing was found at all: title -> the resource type, and a part of the name.
FORMER_ZEROES: Final[Mapping[str, tuple[str, str]]] = {
    "event rules": ("cloudwatch/eventRule:", ""),
    "event targets": ("cloudwatch/eventTarget:", ""),
    "detector features": ("guardduty/detectorFeature:", ""),
    "Config rules": ("cfg/rule:", ""),
    "DNSSEC": ("route53/hostedZoneDnsSec:", ""),
    "CAA": ("route53/record:", "caa"),
    "target groups": ("lb/targetGroup:", ""),
}


def run() -> int:
    """Judge all, write the list, print the table. The exit code is 1 where a reason or a share is missing."""
    every = all_weakenings()
    judged = {each.name: each for each in judge_all(list(every))}
    known = survivors.reasons_by_name(survivors.read(FILE).get(SURVIVING, {}))
    alive = survivors.sorted_by_reason(
        (name for name, each in judged.items() if not each.own and not each.checkov), known
    )
    by_checkov = sorted(name for name, each in judged.items() if each.checkov)
    survivors.write(FILE, _HEAD, {BY_CHECKOV: by_checkov, SURVIVING: alive})
    short = _print_table(every, judged, survivors.reasons_by_name(alive))
    for name in alive.get(survivors.NO_REASON, ()):
        print(f"no reason: {name}")
    return 1 if short or survivors.NO_REASON in alive else 0


def _print_table(
    every: Mapping[str, Weakening], judged: Mapping[str, Judged], reasons: Mapping[str, str]
) -> bool:
    """The table, and whether a share is too small."""
    print(f"{'class':20} {'all':>5} {'equal':>6} {'own':>5} {'+checkov':>9} {'alive':>6}  share")
    rows: dict[str, tuple[Callable[[Weakening], bool], float]] = {
        # mypy does not infer the type of a lambda's default.
        severity.value: (lambda one, severity=severity: one.severity is severity, least)  # type: ignore[misc]
        for severity, least in LEAST.items()
    }
    for title, (kind, part) in FORMER_ZEROES.items():
        rows[title] = (lambda one, kind=kind, part=part: kind in one.name and part in one.name, 0.80)  # type: ignore[misc]
    short = False
    for title, (belongs, least) in rows.items():
        names = [name for name, one in every.items() if belongs(one)]
        short |= _print_row(title, names, judged, reasons) < least
    return short


def _print_row(
    title: str, names: list[str], judged: Mapping[str, Judged], reasons: Mapping[str, str]
) -> float:
    equal = [name for name in names if reasons.get(name, "").startswith(survivors.EQUAL)]
    own = sum(bool(judged[name].own) for name in names)
    caught = own + sum(bool(judged[name].checkov) for name in names)
    counted = len(names) - len(equal)
    share = caught / counted if counted else 0.0
    row = f"{title:20} {len(names):5} {len(equal):6} {own:5} {caught:9} {counted - caught:6}"
    print(f"{row}  {100 * share:.1f} %")
    return share
