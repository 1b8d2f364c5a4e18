"""What changed from one run to another. Pure: two runs in, a list out."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

from hardening.checks import Status
from hardening.cli import Exit
from scanners.evidence.past import Judged, Past


class Kind(StrEnum):
    """What became of one place, from the worst on."""

    BROKEN = "newly fails"
    UNVERIFIED = "newly not verified"
    UNSEEN = "no longer looked at"
    STILL = "still open"
    ACCEPTED = "accepted"
    MENDED = "mended"


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One place that was open, or is. `before` and `after` are standings; empty: there was no judgement."""

    kind: Kind
    judged: Judged
    before: str
    after: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Changes:
    """From the run `before` to the run `after`.

    `controls_unseen` were judged before and are not any more; `facts` are what else differs, name -> both.
    """

    before: str
    after: str
    changes: tuple[Change, ...]
    controls_unseen: tuple[str, ...]
    facts: Mapping[str, tuple[str, str]]

    def of(self, kind: Kind) -> tuple[Change, ...]:
        """The changes of one kind."""
        return tuple(one for one in self.changes if one.kind is kind)

    def exit_code(self) -> Exit:
        """1 where something newly fails, else 3 where less was verified than before, else 0.

        A place that passed and is gone is no loss: the resource may be. A control without any is.
        """
        if self.of(Kind.BROKEN):
            return Exit.FAILS
        less = self.of(Kind.UNVERIFIED) or self.of(Kind.UNSEEN) or self.controls_unseen
        return Exit.UNVERIFIED if less else Exit.HOLDS


_KINDS: Final = tuple(Kind)
# What a manifest says that verdicts depend on.
_FACTS: Final = ("account", "region", "commit", "inputs", "tools")
_SEVERITIES: Final = ("critical", "high", "medium", "low")


def changes(before: Past, after: Past) -> Changes:
    """What became of every place that was open in `before`, and of each that is open in `after`."""
    found = sorted(_changes(before, after), key=_order)
    unseen = _controls(before) - _controls(after)
    facts = dict(_differing(before.manifest, after.manifest))
    return Changes(
        before=before.name,
        after=after.name,
        changes=tuple(found),
        controls_unseen=tuple(sorted(unseen)),
        facts=facts,
    )


def _changes(before: Past, after: Past) -> Iterator[Change]:
    for fingerprint in before.judged.keys() | after.judged.keys():
        then, now = before.judged.get(fingerprint), after.judged.get(fingerprint)
        kind = _kind(then, now)
        judged = now or then
        if kind and judged:
            yield Change(
                kind=kind,
                judged=judged,
                before=then.standing if then else "",
                after=now.standing if now else "",
            )


def _kind(then: Judged | None, now: Judged | None) -> Kind | None:
    if now and now.is_open:
        if then and then.standing == now.standing:
            return Kind.STILL
        return Kind.BROKEN if now.status is Status.FAIL else Kind.UNVERIFIED
    if then is None or not (then.is_open or then.status is Status.FAIL):
        return None  # it held, or there is nothing to compare
    if now is None or now.standing == Status.NOT_APPLICABLE:
        return Kind.UNSEEN if then.is_open else None
    if now.standing == Status.PASS:
        return Kind.MENDED
    return Kind.ACCEPTED if then.is_open else None


def _order(change: Change) -> tuple[int, int, str, str]:
    judged = change.judged
    return _KINDS.index(change.kind), _SEVERITIES.index(judged.severity), judged.control, judged.where


def _controls(run: Past) -> set[str]:
    return {one.control for one in run.judged.values() if one.status is not Status.NOT_APPLICABLE}


def _differing(before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[tuple[str, tuple[str, str]]]:
    """Each fact that both manifests have and that differs; of one with parts, the parts."""
    for name in _FACTS:
        then, now = before.get(name), after.get(name)
        if isinstance(then, dict) and isinstance(now, dict):
            for part in sorted(then.keys() | now.keys()):
                if then.get(part) != now.get(part):
                    yield f"{name}: {part}", (_told(then.get(part)), _told(now.get(part)))
        elif then != now:
            yield name, (_told(then), _told(now))


def _told(value: object) -> str:
    return str(value) if value else "not known"
