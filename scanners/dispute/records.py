"""The records that belong to one CDR, each as it came: the bytes, and where they stood."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import msgspec

from hardening.errors import ConfigError
from hardening.ocpi.i_json import names_stand_once
from scanners.reconcile.letters import lowered, raised
from scanners.reconcile.objects import Cdr, Location, Session, Tariff, Token
from scanners.reconcile.rows import Row, rows_of
from scanners.reconcile.sources import NAME_TWICE, files_of, is_parquet, records_of

_OBJECTS: Final[Mapping[str, Any]] = {
    "cdrs": Cdr,
    "sessions": Session,
    "tariffs": Tariff,
    "tokens": Token,
    "locations": Location,
}


@dataclass(frozen=True, slots=True)
class Found:
    """A record: its bytes, its row (`scanners.reconcile.columns`), the file's name and the line (0: all)."""

    text: bytes
    row: Row
    file: str
    line: int

    @property
    def source(self) -> dict[str, Any]:
        """Where it stood, and the digest of its bytes."""
        return {"file": self.file, "line": self.line, "sha256": hashlib.sha256(self.text).hexdigest()}


@dataclass(frozen=True, slots=True)
class Case:
    """A CDR and what is known of it; `sessions` and `tokens` hold every state, the oldest first.

    `unread` are the places of records that cannot be read, any of which may belong to it.
    """

    cdr: Found
    version: str
    others: tuple[Found, ...] = ()
    sessions: tuple[Found, ...] = ()
    tokens: tuple[Found, ...] = ()
    tariff: Found | None = None
    location: Found | None = None
    unread: tuple[str, ...] = ()


def every(kind: str, option: str, path: Path, party: str, unread: list[str]) -> Iterator[Found]:
    """The records of a path; the places of those that cannot be read go to `unread`.

    Raises ConfigError where a file cannot be read.
    """
    decoder = msgspec.json.Decoder(_OBJECTS[kind])
    for file in files_of(option, path):
        if is_parquet(file) or file.name.removesuffix(".gz").endswith(".csv"):
            raise ConfigError(
                f"{option} {file}: holds no objects as they came", "name files of JSON or NDJSON"
            )
        for record in records_of(file):
            try:
                row = next(iter(rows_of(decoder.decode(record.text), party, "")))
                if not names_stand_once(record.text):
                    raise ValueError(NAME_TWICE)
            except (msgspec.MsgspecError, ValueError, RecursionError):
                unread.append(f"{file}:{record.line}" if record.line else str(file))
                continue
            yield Found(record.text, row, file.name, record.line)


def same(one: Any, other: Any) -> bool:
    """Whether two identifiers are the same: `CiString`s."""
    return bool(one) and bool(other) and lowered(str(one)) == lowered(str(other))


def one_cdr(name: str, party: str, cdrs: list[Found]) -> Found:
    """The CDR of that id. Raises ConfigError where there is none, or more than one."""
    named = [one for one in cdrs if same(one.row["id"], name)]
    named = [one for one in named if not party or one.row["party"] == raised(party)]
    if not named:
        raise ConfigError(f"{name}: no such CDR", "name the files that hold it with --cdrs")
    if len({one.row["party"] for one in named}) > 1:
        parties = ", ".join(sorted({one.row["party"] for one in named}))
        raise ConfigError(f"{name}: CDRs of several parties have this id: {parties}", "choose one: --party")
    return named[0]


def related_cdrs(of: Found, cdrs: list[Found]) -> tuple[Found, ...]:
    """The other CDRs of its id or session, those that credit it, and the one that it credits."""
    row = of.row

    def belongs(one: Found) -> bool:
        ids = (one.row["id"], row["id"]), (one.row["session_id"], row["session_id"])
        credits = (one.row["credit_reference_id"], row["id"]), (one.row["id"], row["credit_reference_id"])
        return one.row["party"] == row["party"] and any(same(*pair) for pair in (*ids, *credits))

    return tuple(one for one in cdrs if one is not of and belongs(one))


def session_states(of: Found, sessions: Iterator[Found]) -> tuple[Found, ...]:
    """Every state of its session, the oldest first; by token, location and start where it names none."""
    row = of.row

    def belongs(one: Found) -> bool:
        if row["session_id"]:
            return same(one.row["id"], row["session_id"])
        names = ("token_uid", "location_id")
        alike = all(same(one.row[name], row[name]) for name in names)
        return alike and one.row["start_date_time"] == row["start_date_time"]

    states = [one for one in sessions if one.row["party"] == row["party"] and belongs(one)]
    return tuple(sorted(states, key=lambda one: one.row["last_updated"]))


def token_states(of: Found, tokens: Iterator[Found]) -> tuple[Found, ...]:
    """Every state of its token, the oldest first."""
    states = [one for one in tokens if same(one.row["token_uid"], of.row["token_uid"])]
    return tuple(sorted(states, key=lambda one: one.row["last_updated"]))


def tariff_in_force(of: Found, tariffs: Iterator[Found]) -> Found | None:
    """The agreed tariff of its (first) id that was in force when charging began; the last one to begin."""
    name = (of.row["tariff_ids"] or "").split("\n")[0]
    start = of.row["start_date_time"]
    standing = [
        one
        for one in tariffs
        if one.row["party"] == of.row["party"]
        and same(one.row["id"], name)
        and (one.row["tariff_from"] is None or one.row["tariff_from"] <= start)
        and (one.row["tariff_until"] is None or one.row["tariff_until"] > start)
    ]
    begun = [one for one in standing if one.row["tariff_from"]]
    return max(begun, key=lambda one: one.row["tariff_from"]) if begun else next(iter(standing), None)


def its_location(of: Found, locations: Iterator[Found]) -> Found | None:
    """The location that it names."""
    mine = (one for one in locations if one.row["party"] == of.row["party"])
    return next((one for one in mine if same(one.row["location_id"], of.row["location_id"])), None)
