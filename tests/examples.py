"""Write the generated files of examples/: `python -m tests.examples`."""

from __future__ import annotations

import json
import runpy
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from infra.program_run.deployment import Deployment
from infra.program_run.monitor import StackName
from infra.program_run.provision import run_program
from tests.hardening.ocpi.messages import MESSAGES
from tests.own_stack import Paper

EXAMPLES = Path(__file__).resolve().parent.parent / "examples"
NAMES = ("sessions.ndjson", "cdrs.ndjson", "production.json", "test.json")
_MADE = "2026-01-01T00:00:00Z"
_CDRS = 3


def export(stack: str) -> str:
    """The stack `backend` of that name, in the shape of `pulumi stack export`."""
    program = EXAMPLES / "backend"
    deployment = Deployment(None, {"aws": "7.0.0"})
    main = str(program / "__main__.py")
    run_program(lambda: runpy.run_path(main), StackName("backend", stack), Paper(), deployment, root=program)
    state: dict[str, Any] = json.loads(deployment.text())
    state["deployment"]["manifest"]["time"] = _MADE
    return json.dumps(state, indent=1, sort_keys=True) + "\n"


def records(kind: str) -> str:
    """Sessions or CDRs of 2.2.1, one a line: the same charging on following days, as both say it."""
    lines = []
    for day in range(_CDRS):
        first = datetime(2026, 3, 1, tzinfo=UTC)
        text = json.dumps(_record(kind, f"{day + 1}"))
        lines.append(text.replace(f"{first:%F}", f"{first + timedelta(days=day):%F}"))
    return "\n".join(lines) + "\n"


def _record(kind: str, number: str) -> dict[str, Any]:
    charged: dict[str, Any] = MESSAGES["2.2.1"]["CDR"] | {
        "id": f"CDR-{number}",
        "session_id": f"session-{number}",
    }
    if kind == "cdrs":
        return charged
    place = charged["cdr_location"]
    alike = ("start_date_time", "end_date_time", "cdr_token", "currency", "total_cost", "last_updated")
    same = {name: charged[name] for name in alike}
    session: dict[str, Any] = {
        **MESSAGES["2.2.1"]["Session"],
        **same,
        "id": f"session-{number}",
        "status": "COMPLETED",
    }
    session |= {"country_code": charged["country_code"], "party_id": charged["party_id"]}
    session |= {
        "location_id": place["id"],
        "evse_uid": place["evse_uid"],
        "connector_id": place["connector_id"],
    }
    return session | {"kwh": charged["total_energy"], "charging_periods": charged["charging_periods"]}


def text_of(name: str) -> str:
    """The text of the generated file of that name."""
    kind, _, form = name.partition(".")
    return records(kind) if form == "ndjson" else export(kind)


if __name__ == "__main__":
    for name in NAMES:
        (EXAMPLES / name).write_text(text_of(name), encoding="utf-8")
