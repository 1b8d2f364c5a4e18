"""Every business rule can pass and fail, and the fast path agrees with the rules."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import msgspec
import pytest

from hardening.checks import Check, Status, checks_in
from hardening.controls import CONTROLS, Layer
from hardening.controls.integrity import books
from hardening.ocpi import Related, body_checks, decode, validate
from hardening.ocpi.leniencies import Contract
from hardening.ocpi.rules import CHECKS, RULES
from hardening.ocpi.rules.__main__ import with_tables
from hardening.ocpi.rules.fast_path import fast_path
from hardening.ocpi.rules.rule import Message, rule_of
from hardening.ocpi.rules.samples import changed, sample
from hardening.requests.checks.rules import RULE_CHECKS
from tests.hardening.ocpi.messages import with_change

ROOT = Path(__file__).parents[3]
ALL = (*CHECKS, *checks_in(body_checks))


def _statuses(check: Check[Any], subject: Any) -> set[Status]:
    return {finding.status for finding in check.run(subject)}


@pytest.mark.parametrize("check", ALL, ids=lambda check: check.name)
def test_every_rule_passes_its_good_message_and_fails_its_bad_one(check: Check[Any]) -> None:
    assert _statuses(check, check.good) == {Status.PASS}, check.run(check.good)
    for case, bad in check.bad.items():
        assert Status.FAIL in _statuses(check, bad), (case, check.run(bad))
        assert Status.ERROR not in _statuses(check, bad), (case, check.run(bad))


def test_every_control_over_messages_is_verified() -> None:
    of_requests = {
        *("body-only-where-defined", "identifiers-routable", "message-names-unambiguous"),
        "leniency-is-agreed",
    }
    integrity = {
        one.id
        for one in CONTROLS.values()
        if one.layer is Layer.INTEGRITY and not one.infra and not one.manual
    }
    of_books = {one.id for one in books.CONTROLS}
    assert {check.control for check in ALL} == integrity - of_requests - of_books, (
        "write the rule in hardening/ocpi/rules"
    )


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.name)
def test_a_rule_does_not_apply_to_another_object(check: Check[Message]) -> None:
    other = Message("Nothing", "2.2.1", None)
    assert _statuses(check, other) == {Status.NOT_APPLICABLE}


@pytest.mark.parametrize("check", [one for one in CHECKS if rule_of(one).needs], ids=lambda check: check.name)
def test_a_rule_does_not_apply_where_its_other_object_is_not_known(check: Check[Message]) -> None:
    for bad in check.bad.values():
        alone = Message(bad.object_type, bad.version, bad.value)
        assert _statuses(check, alone) == {Status.NOT_APPLICABLE}


@pytest.mark.parametrize(
    "check", [one for one in CHECKS if not rule_of(one).needs], ids=lambda check: check.name
)
def test_the_fast_path_lets_no_bad_message_through(check: Check[Message]) -> None:
    for case, bad in check.bad.items():
        assert not fast_path(bad.version, bad.object_type)(bad.value), case


@pytest.mark.parametrize(("off", "value"), [("latitude", "-91.000000"), ("longitude", "181.000000")])
def test_a_point_is_told_what_is_wrong_with_it_alone(off: str, value: str) -> None:
    body = with_change("2.2.1", "Location", f"coordinates/{off}", value)
    found = validate(body, version="2.2.1", object_type="Location")
    assert [one.pointer for one in found] == [f"/coordinates/{off}"]


def test_a_rule_that_a_partner_is_let_off_only_warns() -> None:
    body = with_change("2.2.1", "CDR", "currency", "EUX")
    refused = validate(body, version="2.2.1", object_type="CDR")
    warned = validate(
        body, version="2.2.1", object_type="CDR", contract=Contract(warn_only=("currency-is-iso-4217",))
    )
    assert [one.warning for one in refused if one.pointer == "/currency"] == [False]
    assert [one.warning for one in warned if one.pointer == "/currency"] == [True]


def test_pointers_name_fields_as_the_version_has_them() -> None:
    late = with_change("2.1.1", "CDR", "stop_date_time", "2026-03-01T09:00:00Z")
    assert "/stop_date_time" in {one.pointer for one in validate(late, version="2.1.1", object_type="CDR")}
    late = with_change("2.1.1", "Session", "end_datetime", "2026-03-01T09:00:00Z")
    assert "/end_datetime" in {one.pointer for one in validate(late, version="2.1.1", object_type="Session")}


def _judged(object_type: str, changes: dict[str, Any], **related: Any) -> set[str]:
    import json

    body = json.dumps(changed(object_type, changes)).encode()
    found = validate(body, version="2.2.1", object_type=object_type, related=Related(**related))
    return {one.rule for one in found}


def _known(object_type: str, changes: dict[str, Any] | None = None) -> Any:
    return decode("2.2.1", object_type, changed(object_type, changes or {}))


CREDIT = {"id": "c", "credit": True, "credit_reference_id": "cdr-1", "total_cost": {"excl_vat": -5.3}}
RELATED: list[tuple[str, dict[str, Any], dict[str, Any], str]] = [
    ("CDR", {}, {"session": _known("Session")}, ""),
    ("CDR", {"session_id": "other"}, {"session": _known("Session")}, "cdr-matches-its-session"),
    ("CDR", {}, {"session": _known("Session", {"kwh": 6.0})}, "cdr-matches-its-session"),
    ("CDR", {}, {"session": _known("Session", {"kwh": 6.0, "status": "ACTIVE"})}, ""),
    ("CDR", {}, {"session": _known("Session", {"connector_id": "2"})}, "cdr-matches-its-session"),
    ("CDR", {}, {"session": _known("Session", {"currency": "SEK"})}, "cdr-matches-its-session"),
    ("CDR", {}, {"session": _known("Session", {"cdr_token/uid": "X"})}, "cdr-matches-its-session"),
    ("CDR", {"cdr_token/uid": "04a2b3c4d5e6f7"}, {"session": _known("Session")}, ""),
    ("CDR", {}, {"location": _known("Location")}, ""),
    (
        "CDR",
        {"cdr_location/id": "elsewhere"},
        {"location": _known("Location")},
        "evse-and-connector-are-known",
    ),
    ("CDR", {"cdr_location/evse_uid": "x"}, {"location": _known("Location")}, "evse-and-connector-are-known"),
    ("CDR", {"cdr_location/evse_uid": "#NA"}, {"location": _known("Location")}, ""),
    ("Session", {"connector_id": "9"}, {"location": _known("Location")}, "evse-and-connector-are-known"),
    (
        "CDR",
        {},
        {"location": _known("Location", {"evses/0/connectors/0/max_electric_power": 3000})},
        "power-fits-the-connector",
    ),
    ("CDR", {}, {"token": _known("Token")}, ""),
    ("CDR", {}, {"token": _known("Token", {"contract_id": "X"})}, "token-is-known-and-valid"),
    ("Session", {}, {"token": _known("Token", {"uid": "X"})}, "token-is-known-and-valid"),
    ("Session", {}, {"token": _known("Token", {"valid": False})}, "token-is-known-and-valid"),
    (
        "Session",
        {},
        {"token": _known("Token", {"valid": False, "last_updated": "2026-03-02T00:00:00Z"})},
        "",
    ),
    ("Session", {}, {"previous": _known("Session", {"status": "ACTIVE"})}, ""),
    ("Session", {}, {"previous": _known("Session", {"status": "INVALID"})}, "session-state-moves-forward"),
    ("Session", {"kwh": 11.0}, {"previous": _known("Session")}, "session-state-moves-forward"),
    (
        "Session",
        {"start_date_time": "2026-03-01T09:59:00Z"},
        {"previous": _known("Session")},
        "session-state-moves-forward",
    ),
    (
        "Session",
        {"last_updated": "2026-03-01T12:00:59Z"},
        {"previous": _known("Session")},
        "last-updated-moves-forward",
    ),
    ("Location", {}, {"previous": _known("Location")}, ""),
    (
        "Tariff",
        {"last_updated": "2025-01-01T00:00:00Z"},
        {"previous": _known("Tariff")},
        "last-updated-moves-forward",
    ),
    ("CDR", CREDIT, {"previous": _known("CDR")}, ""),
    ("CDR", {**CREDIT, "total_energy": 3.0}, {"previous": _known("CDR")}, "credit-cdr-mirrors-its-original"),
    (
        "CDR",
        {**CREDIT, "credit_reference_id": "x"},
        {"previous": _known("CDR")},
        "credit-cdr-mirrors-its-original",
    ),
    (
        "CDR",
        {**CREDIT, "total_cost": {"excl_vat": -5.0}},
        {"previous": _known("CDR")},
        "credit-cdr-mirrors-its-original",
    ),
    ("CDR", {"tariffs": None}, {"tariff": _known("Tariff")}, ""),
    (
        "CDR",
        {"tariffs": None, "total_cost": {"excl_vat": 9.0}},
        {"tariff": _known("Tariff")},
        "totals-match-the-known-tariff",
    ),
]


@pytest.mark.parametrize(("object_type", "changes", "related", "rule"), RELATED)
def test_a_message_is_held_against_what_is_known(
    object_type: str, changes: dict[str, Any], related: dict[str, Any], rule: str
) -> None:
    found = _judged(object_type, changes, **related)
    if rule:
        assert rule in found
    else:
        assert found == set()


def _by_the_clock(start: str, end: str, price: float) -> dict[str, Any]:
    component = {"type": "ENERGY", "price": price, "step_size": 1}
    return {"price_components": [component], "restrictions": {"start_time": start, "end_time": end}}


def test_a_price_by_the_hour_is_told_in_the_time_zone_of_the_location() -> None:
    # 10:00 UTC is 11:00 in Amsterdam in March: the second element applies, 12 kWh cost 6.00.
    elements = [_by_the_clock("09:00", "11:00", 0.1), _by_the_clock("11:00", "12:00", 0.5)]
    changes = {"tariffs/0/elements": elements, "total_cost": {"excl_vat": 6.0}}
    assert _judged("CDR", changes, location=_known("Location")) == set()
    wrong = {**changes, "total_cost": {"excl_vat": 1.2}}
    assert _judged("CDR", wrong) == set()
    assert "totals-match-the-tariff-at-the-location" in _judged("CDR", wrong, location=_known("Location"))


HIDDEN_POWER = {"tariffs/0/elements/0/restrictions": {"max_power": 11.0}}


def test_a_price_that_may_apply_bounds_the_total_from_both_sides() -> None:
    # The energy costs 4.80 or nothing, and the flat fee is 0.50.
    for total, sound in ((0.5, True), (2.0, True), (5.3, True), (5.6, False), (0.2, False), (9999.0, False)):
        found = _judged("CDR", {**HIDDEN_POWER, "total_cost": {"excl_vat": total}})
        assert ("totals-match-the-tariff" not in found) == sound, total


@pytest.mark.parametrize(
    "changes",
    [
        {"tariffs": None},
        {"charging_periods/0/tariff_id": "another"},
        {
            "total_reservation_cost": {"excl_vat": 1.0},
            "tariffs/0/elements/1/restrictions": {"reservation": "RESERVATION"},
        },
    ],
)
def test_a_total_that_cannot_be_worked_out_is_not_applicable_and_no_pass(changes: dict[str, Any]) -> None:
    (rule,) = [one for one in CHECKS if one.control == "totals-match-the-tariff"]
    message = sample("CDR", changes)
    assert {finding.status for finding in rule.run(message)} == {Status.NOT_APPLICABLE}
    (asked,) = [one for one in RULE_CHECKS if one.control == "totals-match-the-tariff"]
    body = json.dumps(changed("CDR", changes) | {"party_id": "CPO"}).encode()
    pushed = replace(asked.good, body=body)
    assert {finding.status for finding in asked.run(pushed)} == {Status.NOT_APPLICABLE}


def test_a_zone_that_has_no_data_lets_no_bad_sample_pass() -> None:
    (rule,) = [one for one in CHECKS if one.control == "totals-match-the-tariff-at-the-location"]
    (bad,) = rule.bad.values()
    nowhere = _known("Location", {"time_zone": "Europe/Rotterdam"})
    message = replace(bad, related=Related(location=nowhere))
    assert {finding.status for finding in rule.run(message)} == {Status.NOT_APPLICABLE}


def test_identifiers_are_masked_in_problems() -> None:
    secret = "04SECRETCARD" + "9" * 40
    for path in ("cdr_token/uid", "cdr_token/contract_id", "authorization_reference"):
        body = with_change("2.2.1", "CDR", path, secret)
        found = validate(body, version="2.2.1", object_type="CDR")
        assert found
        assert all("SECRET" not in str(one) for one in found)


def test_rules_have_the_names_of_their_controls() -> None:
    assert all(one.control in CONTROLS for one in RULES)
    assert len({one.control for one in RULES}) == len(RULES)


def test_the_documentation_lists_every_rule_as_it_is() -> None:
    text = (ROOT / "docs" / "messages.md").read_text(encoding="utf-8")
    assert text == with_tables(text), "run `python -m hardening.ocpi.rules docs/messages.md`"


def test_the_table_of_the_documentation_is_written_by_one_command(tmp_path: Path) -> None:
    document = tmp_path / "messages.md"
    empty = "# Rules\n<!-- rules -->\n<!-- /rules -->\n<!-- leniencies -->\n<!-- /leniencies -->\nThe end\n"
    document.write_text(empty, encoding="utf-8")
    subprocess.run([sys.executable, "-m", "hardening.ocpi.rules", str(document)], cwd=ROOT, check=True)
    written = document.read_text(encoding="utf-8")
    assert written == with_tables(empty) != empty
    assert (written.startswith("# Rules\n"), written.endswith("\nThe end\n")) == (True, True)


def test_every_module_of_rules_is_asked() -> None:
    folder = ROOT / "hardening" / "ocpi" / "rules"
    written = {file.stem for file in folder.glob("*.py") if "\n@rule(" in file.read_text(encoding="utf-8")}
    asked = {check.judge.__module__.rpartition(".")[2] for check in CHECKS}
    assert written == asked, "name the module in hardening/ocpi/rules/__init__.py"


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.name)
def test_the_validator_gives_the_verdict_of_the_rule(check: Check[Message]) -> None:
    for message, broken in ((check.good, False), *((bad, True) for bad in check.bad.values())):
        found = validate(
            msgspec.json.encode(message.value),
            version=message.version,
            edition=message.edition,
            object_type=message.object_type,
            related=message.related,
        )
        assert (check.control in {one.rule for one in found}) == broken, [str(one) for one in found]
