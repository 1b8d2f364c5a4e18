"""Small books: a session and its CDR that agree, and the same with changes. The cases of the checks."""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from hardening.ocpi.rules.samples import changed
from scanners.reconcile.books import Row
from scanners.reconcile.question import KINDS, Question
from scanners.reconcile.rules import RECOMPUTED, RULES
from scanners.reconcile.sources import Rejected
from scanners.reconcile.store import opened
from scanners.reconcile.tolerances import Tolerances

Objects = Sequence[Mapping[str, Any]]


@dataclass(frozen=True, slots=True, kw_only=True)
class SampleBooks:
    """Books out of OCPI objects (a statement: rows): read and asked as files are, one rule at a time.

    `broken` are lines beside the sessions that are none; `copied`: the file of CDRs is there twice; `empty`
    are kinds that were given, with nothing in them.
    """

    sessions: Objects = ()
    cdrs: Objects = ()
    tokens: Objects = ()
    tariffs: Objects = ()
    locations: Objects = ()
    statement: Objects = ()
    broken: tuple[str, ...] = ()
    copied: bool = False
    tolerances: Tolerances = field(default_factory=Tolerances)
    limit: int = 1000
    empty: tuple[str, ...] = ()

    def judged(self, rule: str) -> int | None:
        """How many places a rule judged."""
        return _answers(self).rules[rule][0]

    def rows(self, rule: str) -> list[Row]:
        """What breaks a rule."""
        return list(_answers(self).rules[rule][1])

    def count(self, rule: str) -> int:
        """How many places break it."""
        return _answers(self).rules[rule][2]

    def rejected(self) -> list[Rejected]:
        """What could not be read."""
        return list(_answers(self).rejected)

    def write(self, folder: Path) -> dict[str, list[Path]]:
        """The books as files of lines, by kind."""
        files = {}
        for kind in KINDS:
            lines = [json.dumps(one) for one in getattr(self, kind)]
            if kind == "sessions":
                lines += self.broken
            if lines or kind in ("sessions", "cdrs", *self.empty):
                files[kind] = [folder / f"{kind}.ndjson"]
                files[kind][0].write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
        if self.copied:
            files["cdrs"].append(Path(shutil.copy(files["cdrs"][0], folder / "copy.ndjson")))
        return files


@dataclass(frozen=True, slots=True)
class _Answers:
    """What every rule said: how many places it judged, what broke it, and how often."""

    rules: Mapping[str, tuple[int | None, tuple[Row, ...], int]]
    rejected: tuple[Rejected, ...]


# The same books are asked by many checks.
_KNOWN: dict[str, _Answers] = {}


def _answers(books: SampleBooks) -> _Answers:
    text = repr(books)
    if text not in _KNOWN:
        _KNOWN[text] = _asked(books)
    return _KNOWN[text]


def _asked(books: SampleBooks) -> _Answers:
    with TemporaryDirectory() as folder:
        question = Question(
            files=books.write(Path(folder)),
            tolerances=books.tolerances,
            limit=books.limit,
            recompute_all=True,
            small=True,
        )
        with opened(question) as store:
            names = [*(rule.name for rule in RULES), RECOMPUTED]
            rules = {name: (store.judged(name), tuple(store.rows(name)), store.count(name)) for name in names}
            return _Answers(rules, tuple(store.rejected()))


def session(**changes: Any) -> dict[str, Any]:
    """The sample session, changed; `cdr_token__uid` is a member of a member."""
    return changed("Session", {name.replace("__", "/"): value for name, value in changes.items()})


def cdr(**changes: Any) -> dict[str, Any]:
    """The sample CDR, changed."""
    return changed("CDR", {name.replace("__", "/"): value for name, value in changes.items()})


def token(**changes: Any) -> dict[str, Any]:
    """The sample token, changed."""
    return changed("Token", changes)


def tariff(**changes: Any) -> dict[str, Any]:
    """The sample tariff, changed."""
    return changed("Tariff", changes)


def location(**changes: Any) -> dict[str, Any]:
    """The sample location, changed."""
    return changed("Location", changes)


def credit(**changes: Any) -> dict[str, Any]:
    """The credit CDR of the sample CDR."""
    given = {"id": "credit-1", "credit": True, "credit_reference_id": "cdr-1"}
    return cdr(**{**given, "total_cost": {"excl_vat": -5.3, "incl_vat": -6.41}, **changes})


DAY = {"party": "NL*CPO", "day": "2026-03-01", "currency": "EUR", "cdrs": 1, "kwh": 12, "cost": 5.3}
AGREE = SampleBooks(sessions=(session(),), cdrs=(cdr(),))
# A later session and its CDR: the books go on for so long that the first CDR should be there.
LATER_SESSION = session(
    id="session-9",
    start_date_time="2026-03-09T10:00:00Z",
    end_date_time="2026-03-09T12:00:00Z",
    last_updated="2026-03-09T12:01:00Z",
)
LATER = cdr(
    id="cdr-9",
    session_id="session-9",
    start_date_time="2026-03-09T10:00:00Z",
    end_date_time="2026-03-09T12:00:00Z",
    last_updated="2026-03-09T12:05:00Z",
)
LONG = SampleBooks(sessions=(session(), LATER_SESSION), cdrs=(cdr(), LATER))


def with_sessions(*sessions: Mapping[str, Any], of: SampleBooks = AGREE) -> SampleBooks:
    """Books with other sessions."""
    return replace(of, sessions=sessions)


def with_cdrs(*cdrs: Mapping[str, Any], of: SampleBooks = AGREE) -> SampleBooks:
    """Books with other CDRs."""
    return replace(of, cdrs=cdrs)
