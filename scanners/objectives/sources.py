"""Where the events of the objectives are written. Each source tells how many lines it could not read.

The access log is API Gateway's, in the format that the stack declares: every value is text.
"""

from __future__ import annotations

import gzip
import json
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

import msgspec

from hardening.errors import CollectError, ConfigError
from hardening.registry.partners import Partner
from scanners.objectives.records import NOBODY, Event, Month

_SERVER_ERROR: Final = 500
_HOUR: Final = timedelta(hours=1)
# What API Gateway writes where a variable has no value.
_NOTHING: Final = ("", "-")
# Runbooks whose drill ends a partner's tokens.
_OF_TOKENS: Final = ("leaked-token", "rogue-partner", "partner-compromised")


class Unreadable(ValueError):
    """A line that holds no event."""


class _Call(msgspec.Struct):
    time: str
    partner: str
    status: str
    milliseconds: str


_CALL: Final = msgspec.json.Decoder(_Call)


@dataclass(frozen=True, slots=True)
class Source:
    """One kind of source: the objectives that it tells of, and its lines with what reads one of them."""

    name: str
    objectives: tuple[str, ...]
    lines: Iterable[str]
    read: Callable[[str], Iterable[Event]]

    def events(self, unread: dict[str, int]) -> Iterator[Event]:
        """The events; lines that hold none are counted in `unread`."""
        unread.setdefault(self.name, 0)
        for line in self.lines:
            if line.strip():
                try:
                    yield from self.read(line)
                except (ValueError, OverflowError, OSError, RecursionError):  # OSError: a time beyond C's
                    unread[self.name] += 1


def access_log(lines: Iterable[str]) -> Source:
    """Calls. A line exported from CloudWatch may begin with its time."""
    return Source("access log", ("availability", "latency"), lines, _call)


def cdrs(lines: Iterable[str], partners: Iterable[Partner]) -> Source:
    """Accepted CDRs, one a line: from the end of the session until its CDR was made (`last_updated`)."""
    owners = {str(party).upper(): partner.name for partner in partners for party in partner.parties}
    return Source("CDRs", ("cdr-delay",), lines, lambda line: [_cdr(line, owners)])


def revocations(documents: Iterable[str]) -> Source:
    """Records of offboarding, and of drills in which tokens were ended: a document each."""
    return Source("revocations", ("revocation",), documents, lambda text: [_revocation(text)])


def reconciliations(documents: Iterable[str], month: Month) -> Source:
    """What `rampart reconcile --format json` wrote for the month: every session is an event."""
    return Source("reconciliation", ("reconciliation",), documents, lambda text: _reconciled(text, month))


def _call(line: str) -> Iterator[Event]:
    call = _CALL.decode(line[line.find("{") :] if not line.startswith("{") else line)
    at = datetime.fromtimestamp(int(call.time) / 1000, UTC)
    partner = NOBODY if call.partner in _NOTHING else _shown("partner", call.partner)
    failed, taken = int(call.status) >= _SERVER_ERROR, float(int(call.milliseconds))
    yield Event("availability", at, partner, failed=failed)
    if not failed:
        yield Event("latency", at, partner, taken)


def _cdr(line: str, owners: Mapping[str, str]) -> Event:
    found = _mapping(line)
    # OCPI 2.1.1 calls the end otherwise, and names no party.
    end = "end_date_time" if "end_date_time" in found else "stop_date_time"
    made, ended = _time(found, "last_updated"), _time(found, end)
    name = f"{found.get('country_code')}*{found.get('party_id')}".upper()
    partner = owners.get(name, NOBODY)
    return Event("cdr-delay", made, partner, (made - ended) / _HOUR)


def _revocation(text: str) -> Event:
    found = _mapping(text)
    if "runbook" in found:
        if found["runbook"] not in _OF_TOKENS:
            raise Unreadable("a drill that ends no token")
        at, taken = _time(found, "began"), found.get("contained")
    else:
        at, taken = _time(found, "at"), found.get("gateway_refused_after_seconds")
    partner = _text(found, "partner")
    if not isinstance(taken, int | float) or isinstance(taken, bool):
        return Event("revocation", at, partner, failed=True)
    if taken < 0:
        raise Unreadable("refused before it was revoked")
    return Event("revocation", at, partner, float(taken))


def _reconciled(text: str, month: Month) -> Iterator[Event]:
    """Sessions; as many are bad as there are records with a finding (a CDR and its session are one)."""
    try:
        sums = _mapping(text)["sums"]
        sessions = int(sums["records"]["sessions"]["judged"])
        places = [int(stake["places"]) for stake in sums["parties"]]
        days = [datetime.fromisoformat(sums["period"][key]) for key in ("from", "to")]
    except (KeyError, TypeError, AttributeError) as error:
        raise Unreadable(f"no sums of a period: {error}") from None
    if [day.replace(tzinfo=UTC) for day in days] != [month.begin, month.end]:
        raise Unreadable("of another time than the month")
    if min(sessions, *places) < 0:
        raise Unreadable("a count below 0")
    bad = min(sessions, sum(places))
    yield Event("reconciliation", None, NOBODY, count=sessions - bad)
    yield Event("reconciliation", None, NOBODY, failed=True, count=bad)


def _mapping(text: str) -> dict[str, Any]:
    found = json.loads(text)
    if not isinstance(found, dict):
        raise Unreadable("expected an object")
    return found


def _text(found: Mapping[str, Any], key: str) -> str:
    value = found.get(key)
    if not isinstance(value, str):
        raise Unreadable(f"{key}: expected text")
    return _shown(key, value)


def _shown(key: str, text: str) -> str:
    """The text, which a report may show: half a character and the words of a terminal are none."""
    if not text.isprintable():
        raise Unreadable(f"{key}: expected text that can be shown")
    return text


def _time(found: Mapping[str, Any], key: str) -> datetime:
    """A time of OCPI or ours; one without a zone is UTC (OCPI 2.2.1, 17.6.1)."""
    at = datetime.fromisoformat(_text(found, key))
    return at if at.tzinfo else at.replace(tzinfo=UTC)


def lines_of(file: Path) -> Iterator[str]:
    """The lines of a file, which may be compressed (`.gz`). Raises ConfigError."""
    try:
        if file.suffix == ".gz":
            with gzip.open(file, "rt", encoding="utf-8", errors="replace") as opened:
                yield from opened
        else:
            with file.open(encoding="utf-8", errors="replace") as opened:
                yield from opened
    except FileNotFoundError:
        raise ConfigError(f"{file}: no such file") from None
    except (OSError, EOFError, zlib.error) as error:
        raise CollectError(f"{file}: cannot be read: {type(error).__name__}") from None


def documents_of(files: Iterable[Path]) -> Iterator[str]:
    """The whole text of each file. Raises ConfigError and CollectError."""
    return ("".join(lines_of(file)) for file in files)
