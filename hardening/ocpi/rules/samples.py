"""Messages that keep every rule, and the same with a change: the `good` and `bad` of the checks."""

from __future__ import annotations

import json
from functools import cache
from typing import Any

from hardening.ocpi.rules.rule import Message, Related, decode

_TOKEN = {
    "country_code": "NL",
    "party_id": "EMS",
    "uid": "04A2B3C4D5E6F7",
    "type": "RFID",
    "contract_id": "NL-EMS-C00000001-2",
}
_TARIFF = {
    "country_code": "NL",
    "party_id": "CPO",
    "id": "day",
    "currency": "EUR",
    "elements": [
        {"price_components": [{"type": "ENERGY", "price": 0.4, "vat": 21, "step_size": 1}]},
        {"price_components": [{"type": "FLAT", "price": 0.5, "vat": 21, "step_size": 1}]},
    ],
    "last_updated": "2026-01-02T03:04:05Z",
}
_PERIODS = [
    {
        "start_date_time": "2026-03-01T10:00:00Z",
        "dimensions": [{"type": "ENERGY", "volume": 12.0}, {"type": "TIME", "volume": 1.5}],
        "tariff_id": "day",
    },
    {
        "start_date_time": "2026-03-01T11:30:00Z",
        "dimensions": [{"type": "PARKING_TIME", "volume": 0.5}],
        "tariff_id": "day",
    },
]
_POINT = {"latitude": "52.370216", "longitude": "4.895168"}

OBJECTS: dict[str, dict[str, Any]] = {
    "CDR": {
        "country_code": "NL",
        "party_id": "CPO",
        "id": "cdr-1",
        "start_date_time": "2026-03-01T10:00:00Z",
        "end_date_time": "2026-03-01T12:00:00Z",
        "session_id": "session-1",
        "cdr_token": _TOKEN,
        "auth_method": "WHITELIST",
        "cdr_location": {
            "id": "location-1",
            "address": "Kade 1",
            "city": "Amsterdam",
            "country": "NLD",
            "coordinates": _POINT,
            "evse_uid": "evse-1",
            "evse_id": "NL*CPO*E1",
            "connector_id": "1",
            "connector_standard": "IEC_62196_T2",
            "connector_format": "SOCKET",
            "connector_power_type": "AC_3_PHASE",
        },
        "currency": "EUR",
        "tariffs": [_TARIFF],
        "charging_periods": _PERIODS,
        "total_cost": {"excl_vat": 5.3, "incl_vat": 6.41},
        "total_energy": 12.0,
        "total_time": 2.0,
        "total_parking_time": 0.5,
        "last_updated": "2026-03-01T12:05:00Z",
    },
    "Session": {
        "country_code": "NL",
        "party_id": "CPO",
        "id": "session-1",
        "start_date_time": "2026-03-01T10:00:00Z",
        "end_date_time": "2026-03-01T12:00:00Z",
        "kwh": 12.0,
        "cdr_token": _TOKEN,
        "auth_method": "WHITELIST",
        "location_id": "location-1",
        "evse_uid": "evse-1",
        "connector_id": "1",
        "currency": "EUR",
        "charging_periods": _PERIODS,
        "total_cost": {"excl_vat": 5.3, "incl_vat": 6.41},
        "status": "COMPLETED",
        "last_updated": "2026-03-01T12:01:00Z",
    },
    "Location": {
        "country_code": "NL",
        "party_id": "CPO",
        "id": "location-1",
        "publish": True,
        "address": "Kade 1",
        "city": "Amsterdam",
        "country": "NLD",
        "coordinates": _POINT,
        "time_zone": "Europe/Amsterdam",
        "evses": [
            {
                "uid": "evse-1",
                "evse_id": "NL*CPO*E1",
                "status": "AVAILABLE",
                "connectors": [
                    {
                        "id": "1",
                        "standard": "IEC_62196_T2",
                        "format": "SOCKET",
                        "power_type": "AC_3_PHASE",
                        "max_voltage": 230,
                        "max_amperage": 32,
                        "last_updated": "2026-01-01T00:00:00Z",
                    }
                ],
                "last_updated": "2026-01-01T00:00:00Z",
            }
        ],
        "last_updated": "2026-01-01T00:00:00Z",
    },
    "Credentials": {
        "token": "sample-token",
        "url": "https://ocpi.emsp.example/ocpi/versions",
        "roles": [
            {
                "role": "EMSP",
                "business_details": {"name": "Example eMSP"},
                "country_code": "NL",
                "party_id": "EMX",
            }
        ],
    },
    "Tariff": _TARIFF,
    "Token": {
        **_TOKEN,
        "issuer": "Example eMSP",
        "valid": True,
        "whitelist": "ALLOWED",
        "last_updated": "2026-01-01T00:00:00Z",
    },
}


def changed(object_type: str, changes: dict[str, Any]) -> dict[str, Any]:
    """A sample with the members at some paths (`a/0/b`) set; None takes a member away."""
    value: dict[str, Any] = json.loads(json.dumps(OBJECTS[object_type]))
    for path, member in changes.items():
        *steps, last = path.split("/")
        place: Any = value
        for step in steps:
            place = place[int(step)] if isinstance(place, list) else place[step]
        if member is None:
            del place[last]
        else:
            place[int(last) if isinstance(place, list) else last] = member
    return value


def sample(
    object_type: str, changes: dict[str, Any] | None = None, *, version: str = "2.2.1", **related: Any
) -> Message:
    """A message (of 2.2.1 unless told). `related` takes the decoded objects that stand beside it."""
    value = decode(version, object_type, changed(object_type, changes or {}))
    return Message(object_type, version, value, Related(**related))


@cache
def beside(object_type: str) -> Any:
    """The decoded sample itself, as a related object."""
    return decode("2.2.1", object_type, OBJECTS[object_type])


def taxed(percentage: float, amount: float) -> dict[str, Any]:
    """The cost of the samples as 2.3.0 says it."""
    return {"before_taxes": 5.3, "taxes": [{"name": "VAT", "percentage": percentage, "amount": amount}]}


def many_steps(count: int) -> dict[str, Any]:
    """The changes of a CDR with so many prices of energy, one a period, each with a step of its own."""
    elements = [
        {
            "price_components": [{"type": "ENERGY", "price": 0.4, "step_size": 300 + number}],
            "restrictions": {"max_kwh": 0.5 * (number + 1)},
        }
        for number in range(count)
    ]
    period = {"start_date_time": "2026-03-01T10:00:00Z", "dimensions": [{"type": "ENERGY", "volume": 0.5}]}
    return {
        "tariffs/0/elements": elements,
        "charging_periods": [period] * count,
        "total_energy": 0.5 * count,
    }
