"""The agreed test cases: reads of the partner's server, each with the answer that it must give."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hardening.checks import Status
from hardening.errors import CollectError, ConfigError
from hardening.yaml_file import read_yaml
from scanners.onboarding.items import SIGNED, Line
from scanners.probe.records import Exchange
from scanners.probe.server.calls import Caller, Server
from scanners.probe.server.records import items
from scanners.probe.server.visit import entrance

ITEM = "test-cases"
_EXPECTED = (
    "a list of mappings of name, module, role (SENDER or RECEIVER), path and query (may be absent), "
    "http_status, ocpi_status, and least_objects (may be absent)"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One GET of `module` in the partner's `role`: `path` comes after the endpoint, `query` after that.

    The answer has the HTTP and OCPI status, and at least `least_objects` objects in its list.
    """

    name: str
    module: str
    http_status: int
    ocpi_status: int
    role: str = "SENDER"
    path: str = ""
    query: str = ""
    least_objects: int = 0


def read_cases(file: Path) -> tuple[Case, ...]:
    """The cases in a YAML file. Raises ConfigError."""
    document: Any = read_yaml(file).data
    if not isinstance(document, list) or not document:
        raise ConfigError(f"{file}: expected {_EXPECTED}")
    return tuple(_case(file, number, one) for number, one in enumerate(document))


def _case(file: Path, number: int, values: Any) -> Case:
    kinds = dict.fromkeys(("http_status", "ocpi_status", "least_objects"), int)
    known = Case.__slots__
    right = (
        isinstance(values, dict)
        and {"name", "module", "http_status", "ocpi_status"} <= set(values) <= set(known)
        and all(type(value) is kinds.get(name, str) for name, value in values.items())
        and values.get("role", "SENDER") in ("SENDER", "RECEIVER")
    )
    if not right:
        raise ConfigError(f"{file}: [{number}]: is no test case", f"expected {_EXPECTED}")
    return Case(**values)


def run_cases(cases: tuple[Case, ...], server: Server) -> tuple[Line, str]:
    """Run them one after the other: the line of the checklist, and the evidence (JSON)."""
    line = Line(ITEM, SIGNED[ITEM], Status.ERROR, by="rampart")
    try:
        caller = Caller(server)
        version, urls = entrance(caller)
        told = [_told(case, caller, urls) for case in cases]
    except CollectError as error:
        return Line(ITEM, line.title, Status.ERROR, error.message[:200], "rampart"), "[]\n"
    wrong = [row for row in told if row["wrong"]]
    detail = ", ".join(f"{row['name']}: {row['wrong']}" for row in wrong) or f"{len(told)} cases"
    status = Status.FAIL if wrong else Status.PASS
    evidence = json.dumps({"version": version, "cases": told}, indent=1) + "\n"
    return Line(ITEM, line.title, status, detail[:200], "rampart"), evidence


def _told(case: Case, caller: Caller, urls: dict[tuple[str, str], str]) -> dict[str, Any]:
    url = urls.get((case.module, case.role)) or urls.get((case.module, ""))
    if url is None:
        return {"name": case.name, "wrong": f"no endpoint {case.module} {case.role}"}
    exchange = caller.get(case.name, f"{url.rstrip('/')}{case.path}", case.query)
    return {
        "name": case.name,
        "path": exchange.sent.path,
        "http_status": exchange.got.status,
        "ocpi_status": exchange.got.ocpi_status,
        "objects": len(items(exchange)),
        "wrong": _wrong(case, exchange),
    }


def _wrong(case: Case, exchange: Exchange) -> str:
    found = (exchange.got.status, exchange.got.ocpi_status)
    if found != (case.http_status, case.ocpi_status):
        return f"HTTP {found[0]}, OCPI {found[1]}"
    count = len(items(exchange))
    return f"{count} objects" if count < case.least_objects else ""
