"""The files of a dispute, by name: what partners sent stays as it came, byte for byte."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict
from datetime import datetime
from typing import Any

import msgspec

from hardening.controls import CONTROLS
from hardening.ocpi.problems import Problem
from scanners.dispute.credit import Credit, credit_cdr
from scanners.dispute.recomputation import recomputed
from scanners.dispute.records import Case, Found, same
from scanners.reconcile.books import one_line


class _Signed(msgspec.Struct):
    signed_data: msgspec.Raw = msgspec.Raw(b"")


def files_of_case(case: Case, problems: list[Problem], at: datetime) -> dict[str, bytes]:
    """Every file of the folder. `problems` are those of the CDR, `at` is when the folder is made (UTC)."""
    files = {"cdr.json": case.cdr.text, **_received(case)}
    signed = bytes(msgspec.json.decode(case.cdr.text, type=_Signed).signed_data)
    if signed not in (b"", b"null"):
        files["signed-data.json"] = signed
    credit = credit_cdr(case, at)
    if credit.good:
        files["credit-cdr.json"] = credit.text
    files["recomputation.json"] = _json(recomputed(case))
    files["problems.json"] = _json([asdict(one) for one in problems])
    files["token-states.json"] = _json([*_token_states(case)])
    files["sources.json"] = _json(_sources(case))
    files["controls.json"] = _json([asdict(CONTROLS[name]) for name in sorted(_controls(problems))])
    files["summary.md"] = _summary(case, problems, credit, files).encode()
    return files


def _received(case: Case) -> dict[str, bytes]:
    files = {}
    for number, one in enumerate(case.sessions, 1):
        files[f"session/{number:03}-{one.row['last_updated']:%Y%m%dT%H%M%SZ}.json"] = one.text
    for number, one in enumerate(case.others, 1):
        files[f"other-cdrs/{number:03}.json"] = one.text
    if case.tariff:
        files["tariff.json"] = case.tariff.text
    if case.location:
        files["location.json"] = case.location.text
    return files


def _token_states(case: Case) -> Iterator[dict[str, Any]]:
    """What became of the token, without what it is called: who reads this need not learn it from us."""
    start = case.cdr.row["start_date_time"]
    for one in case.tokens:
        contract = case.cdr.row["contract_id"]
        yield {
            "since": f"{one.row['last_updated']:%Y-%m-%dT%H:%M:%SZ}",
            "valid": one.row["valid"],
            "contract_of_the_cdr": same(one.row["contract_id"], contract) if contract else None,
            "before_the_start": one.row["last_updated"] <= start,
        }


def _sources(case: Case) -> dict[str, Any]:
    def of(found: Found | None) -> Any:
        return found.source if found else None

    return {
        "cdr": of(case.cdr),
        "sessions": [of(one) for one in case.sessions],
        "other_cdrs": [of(one) for one in case.others],
        "tokens": [of(one) for one in case.tokens],
        "tariff": of(case.tariff),
        "location": of(case.location),
    }


def _controls(problems: list[Problem]) -> set[str]:
    named = {one.rule for one in problems if one.rule in CONTROLS}
    return named | {"totals-match-the-tariff", "cdr-matches-its-session"}


def _json(value: Any) -> bytes:
    return (json.dumps(value, indent=1, ensure_ascii=False, default=str) + "\n").encode()


def _summary(case: Case, problems: list[Problem], credit: Credit, files: dict[str, bytes]) -> str:
    row, sum_of = case.cdr.row, recomputed(case)
    total = sum_of["total"]
    lines = [
        f"# CDR {row['id']} of {row['party']}",
        "",
        f"OCPI {case.version}. {row['start_date_time']}Z to {row['end_date_time']}Z, "
        f"{row['total_energy'].normalize():f} kWh, "
        f"{row['total_cost'].normalize():f} {row['currency']} before taxes.",
        "",
        f"- By its tariff: {total['least']} to {total['most']} {row['currency']}"
        if total
        else f"- By its tariff: {sum_of['reason']}",
        f"- States of its session: {len(case.sessions)}",
        f"- Other CDRs of its id or session, or that credit it: {len(case.others)}",
        f"- States of its token: {len(case.tokens)}",
        f"- Records that cannot be read, and may belong here: {len(case.unread)}",
        f"- Signed meter data: {'signed-data.json, as it came' if 'signed-data.json' in files else 'none'}",
        f"- Credit CDR: {_told(credit)}",
        "",
        "## What it breaks",
        "",
        *([f"- {one}" for one in problems] or ["Nothing that is known."]),
    ]
    # Ids and currencies are the partner's words: none of them begins a line of its own.
    return "\n".join(map(one_line, lines)) + "\n"


def _told(credit: Credit) -> str:
    if not credit.good:
        return f"none: {credit.reason or credit.problems[0]}"
    but = (
        f", but for what its original breaks too ({', '.join(credit.inherited)})" if credit.inherited else ""
    )
    return (
        f"credit-cdr.json, valid by our own rules{but}; send it, and then a right CDR under an id of its own"
    )
