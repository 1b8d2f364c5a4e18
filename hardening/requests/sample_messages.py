"""Small OCPI objects of our own making that keep to 2.2.1 and 2.3.0, as bodies of sample requests."""

from __future__ import annotations

from typing import Any

_UPDATED = "2026-01-15T11:00:00Z"
_CPO = {"country_code": "DE", "party_id": "CPX"}
_EMSP = {"country_code": "NL", "party_id": "EMX"}

CONNECTOR: dict[str, Any] = {
    "id": "1",
    "standard": "IEC_62196_T2_COMBO",
    "format": "CABLE",
    "power_type": "DC",
    "max_voltage": 920,
    "max_amperage": 400,
    "last_updated": _UPDATED,
}
EVSE: dict[str, Any] = {
    "uid": "EV-1",
    "status": "AVAILABLE",
    "connectors": [CONNECTOR],
    "last_updated": _UPDATED,
}
LOCATION: dict[str, Any] = {
    **_CPO,
    "id": "LOC-1",
    "publish": True,
    "address": "Hafenstrasse 1",
    "city": "Hamburg",
    "country": "DEU",
    "coordinates": {"latitude": "53.54500", "longitude": "9.96600"},
    "evses": [EVSE],
    "time_zone": "Europe/Berlin",
    "last_updated": _UPDATED,
}
_CDR_TOKEN = {**_EMSP, "uid": "CARD-1", "type": "RFID", "contract_id": "NL-EMX-C000001-1"}
SESSION: dict[str, Any] = {
    **_CPO,
    "id": "SES-1",
    "start_date_time": "2026-01-15T10:00:00Z",
    "kwh": 5.5,
    "cdr_token": _CDR_TOKEN,
    "auth_method": "WHITELIST",
    "location_id": "LOC-1",
    "evse_uid": "EV-1",
    "connector_id": "1",
    "currency": "EUR",
    "status": "ACTIVE",
    "last_updated": _UPDATED,
}
CDR: dict[str, Any] = {
    **_CPO,
    "id": "CDR-1",
    "start_date_time": "2026-01-15T09:00:00Z",
    "end_date_time": "2026-01-15T10:00:00Z",
    "session_id": "SES-0",
    "cdr_token": _CDR_TOKEN,
    "auth_method": "WHITELIST",
    "cdr_location": {
        "id": "LOC-1",
        "address": "Hafenstrasse 1",
        "city": "Hamburg",
        "country": "DEU",
        "coordinates": {"latitude": "53.54500", "longitude": "9.96600"},
        "evse_uid": "EV-1",
        "evse_id": "DE*CPX*E1",
        "connector_id": "1",
        "connector_standard": "IEC_62196_T2_COMBO",
        "connector_format": "CABLE",
        "connector_power_type": "DC",
    },
    "currency": "EUR",
    "charging_periods": [
        {"start_date_time": "2026-01-15T09:00:00Z", "dimensions": [{"type": "ENERGY", "volume": 20.0}]}
    ],
    "total_cost": {"excl_vat": 10.0, "incl_vat": 11.9},
    "total_energy": 20.0,
    "total_time": 1.0,
    "last_updated": _UPDATED,
}
TARIFF: dict[str, Any] = {
    **_CPO,
    "id": "TAR-1",
    "currency": "EUR",
    "elements": [{"price_components": [{"type": "ENERGY", "price": 0.5, "vat": 19.0, "step_size": 1}]}],
    "last_updated": _UPDATED,
}
TOKEN: dict[str, Any] = {
    **_EMSP,
    "uid": "CARD-1",
    "type": "RFID",
    "contract_id": "NL-EMX-C000001-1",
    "issuer": "Example eMSP",
    "valid": True,
    "whitelist": "ALLOWED",
    "last_updated": _UPDATED,
}
START_SESSION: dict[str, Any] = {
    "response_url": "https://ocpi.emsp.example/ocpi/2.2.1/sender/commands/START_SESSION/77",
    "token": TOKEN,
    "location_id": "LOC-1",
    "evse_uid": "EV-1",
}
CREDENTIALS: dict[str, Any] = {
    "token": "sample.of-the-partners-own-making",
    "url": "https://ocpi.emsp.example/ocpi/versions",
    "roles": [{"role": "EMSP", "business_details": {"name": "Example eMSP"}, **_EMSP}],
}
