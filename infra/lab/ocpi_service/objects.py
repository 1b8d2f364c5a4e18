"""The lab operator's own objects, in the form of each OCPI version."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache
from typing import Any

from hardening.requests.sample_messages import CDR, CONNECTOR, EVSE, LOCATION, SESSION, TARIFF, TOKEN

# The lab is one company with two roles: its CPO owns the locations, its eMSP the tokens.
OPERATOR = {"country_code": "NL", "party_id": "LAB"}
_LOCATIONS = 120
_OTHERS = 30
_OWNER_FIELDS = ("country_code", "party_id")
Objects = Mapping[str, tuple[Mapping[str, Any], ...]]


@cache
def objects(version: str) -> Objects:
    """module -> the operator's objects in that version, oldest first (OCPI 2.2.1, 4.1.5)."""
    shape = _SHAPES[version]
    return {
        "locations": tuple(shape(_location(number)) for number in range(1, _LOCATIONS + 1)),
        "sessions": _numbered(shape, SESSION, "id", "SES"),
        "cdrs": _numbered(shape, CDR, "id", "CDR"),
        "tariffs": _numbered(shape, TARIFF, "id", "TAR"),
        "tokens": _numbered(shape, TOKEN, "uid", "CARD"),
        "hubclientinfo": (),
    }


def _numbered(shape: Any, sample: Mapping[str, Any], key: str, prefix: str) -> tuple[dict[str, Any], ...]:
    return tuple(
        shape({**sample, **OPERATOR, key: f"{prefix}-{number}", "last_updated": _time(number)})
        for number in range(1, _OTHERS + 1)
    )


def _location(number: int) -> dict[str, Any]:
    changed = {"id": f"LOC-{number}", "last_updated": _time(number)}
    evse = {**EVSE, "uid": f"EV-{number}", "last_updated": _time(number)}
    return {**LOCATION, **OPERATOR, **changed, "evses": [evse]}


def _time(number: int) -> str:
    return f"2026-01-{1 + number // 24:02d}T{number % 24:02d}:00:00Z"


def _without_owner(given: Mapping[str, Any]) -> dict[str, Any]:
    """2.1.1 objects do not name their owner."""
    return {name: value for name, value in given.items() if name not in _OWNER_FIELDS}


def _as_211(given: Mapping[str, Any]) -> dict[str, Any]:
    if "evses" in given:
        return _location_211(given)
    if "contract_id" in given:
        return _token_211(given)
    if "elements" in given:
        components = [{"type": "ENERGY", "price": 0.5, "step_size": 1}]
        return {**_without_owner(given), "elements": [{"price_components": components}]}
    return _charge_211(given)


def _location_211(given: Mapping[str, Any]) -> dict[str, Any]:
    without = {
        name: value for name, value in _without_owner(given).items() if name not in ("publish", "evses")
    }
    return {**without, "type": "ON_STREET", "postal_code": "20457", "evses": [_evse_211(given["evses"][0])]}


def _evse_211(given: Mapping[str, Any]) -> dict[str, Any]:
    renamed = {"max_voltage": "voltage", "max_amperage": "amperage"}
    connector = {renamed.get(name, name): value for name, value in CONNECTOR.items()}
    return {**given, "connectors": [connector]}


def _token_211(given: Mapping[str, Any]) -> dict[str, Any]:
    renamed = {name: value for name, value in _without_owner(given).items() if name != "contract_id"}
    return {**renamed, "auth_id": given["contract_id"]}


def _charge_211(given: Mapping[str, Any]) -> dict[str, Any]:
    """A Session or a CDR: the location whole, times under other names, costs as plain numbers."""
    location = _location_211(_location(1))
    common = {
        "id": given["id"],
        "auth_id": given["cdr_token"]["contract_id"],
        "auth_method": given["auth_method"],
        "location": location,
        "currency": given["currency"],
        "last_updated": given["last_updated"],
    }
    if "total_energy" not in given:
        start = given["start_date_time"]
        return {**common, "start_datetime": start, "kwh": given["kwh"], "status": given["status"]}
    return {
        **common,
        "start_date_time": given["start_date_time"],
        "stop_date_time": given["end_date_time"],
        "charging_periods": given["charging_periods"],
        "total_cost": given["total_cost"]["excl_vat"],
        "total_energy": given["total_energy"],
        "total_time": given["total_time"],
    }


def _as_230(given: Mapping[str, Any]) -> dict[str, Any]:
    changed = dict(given)
    if "total_cost" in changed:
        changed["total_cost"] = {"before_taxes": 10.0, "taxes": [{"name": "VAT", "amount": 1.9}]}
    if "elements" in changed:
        components = [{"type": "ENERGY", "price": 0.5, "step_size": 1}]
        changed |= {"elements": [{"price_components": components}], "tax_included": "NO"}
    return changed


def _as_221(given: Mapping[str, Any]) -> dict[str, Any]:
    return dict(given)


_SHAPES: Mapping[str, Callable[[Mapping[str, Any]], dict[str, Any]]] = {
    "2.1.1": _as_211,
    "2.2.1": _as_221,
    "2.3.0": _as_230,
}
