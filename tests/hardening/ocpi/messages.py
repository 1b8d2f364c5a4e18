"""Own messages that keep every rule, by version: what the corpus changes, one thing at a time."""

from __future__ import annotations

import json
from typing import Any

from hardening.ocpi.rules.samples import OBJECTS as SAMPLES

POINT = {"latitude": "52.370216", "longitude": "4.895168"}
STAMP = "2026-01-01T00:00:00Z"
PARTY = {"country_code": "NL", "party_id": "CPO"}

_LOCATION_2_1_1: dict[str, Any] = {
    "id": "LOC1",
    "type": "ON_STREET",
    "address": "Kade 1",
    "city": "Amsterdam",
    "postal_code": "1011AB",
    "country": "NLD",
    "coordinates": POINT,
    "time_zone": "Europe/Amsterdam",
    "opening_times": {"twentyfourseven": True},
    "evses": [
        {
            "uid": "3256",
            "status": "AVAILABLE",
            "connectors": [
                {
                    "id": "1",
                    "standard": "IEC_62196_T2",
                    "format": "SOCKET",
                    "power_type": "AC_3_PHASE",
                    "voltage": 230,
                    "amperage": 32,
                    "last_updated": STAMP,
                }
            ],
            "last_updated": STAMP,
        }
    ],
    "last_updated": STAMP,
}
_TOKEN_2_1_1: dict[str, Any] = {
    "uid": "04A2B3C4",
    "type": "RFID",
    "auth_id": "NL-EMS-C1",
    "issuer": "Example",
    "valid": True,
    "whitelist": "ALLOWED",
    "last_updated": STAMP,
}
_PERIODS = [
    {
        "start_date_time": "2026-03-01T10:00:00Z",
        "dimensions": [{"type": "ENERGY", "volume": 10.0}, {"type": "TIME", "volume": 1.0}],
    }
]
_V2_1_1: dict[str, Any] = {
    "Location": _LOCATION_2_1_1,
    "Token": _TOKEN_2_1_1,
    "CDR": {
        "id": "cdr-1",
        "start_date_time": "2026-03-01T10:00:00Z",
        "stop_date_time": "2026-03-01T11:00:00Z",
        "auth_id": "NL-EMS-C1",
        "auth_method": "WHITELIST",
        "location": _LOCATION_2_1_1,
        "currency": "EUR",
        "tariffs": [
            {
                "id": "t",
                "currency": "EUR",
                "elements": [{"price_components": [{"type": "ENERGY", "price": 0.4, "step_size": 1}]}],
                "last_updated": STAMP,
            }
        ],
        "charging_periods": _PERIODS,
        "total_cost": 4.0,
        "total_energy": 10.0,
        "total_time": 1.0,
        "last_updated": STAMP,
    },
    "Session": {
        "id": "s-1",
        "start_datetime": "2026-03-01T10:00:00Z",
        "end_datetime": "2026-03-01T11:00:00Z",
        "kwh": 10.0,
        "auth_id": "NL-EMS-C1",
        "auth_method": "AUTH_REQUEST",
        "location": _LOCATION_2_1_1,
        "currency": "EUR",
        "charging_periods": _PERIODS,
        "total_cost": 4.0,
        "status": "COMPLETED",
        "last_updated": STAMP,
    },
    "Credentials": {
        "token": "a1b2c3",
        "url": "https://cpo.example/ocpi/versions",
        "business_details": {"name": "Example CPO"},
        "party_id": "CPO",
        "country_code": "NL",
    },
    "CommandResponse": {"result": "ACCEPTED"},
    "StartSession": {
        "response_url": "https://emsp.example/commands/1",
        "token": _TOKEN_2_1_1,
        "location_id": "LOC1",
    },
    "VersionDetails": {
        "version": "2.1.1",
        "endpoints": [{"identifier": "credentials", "url": "https://cpo.example/ocpi/2.1.1/credentials"}],
    },
    "Version": {"version": "2.1.1", "url": "https://cpo.example/ocpi/2.1.1"},
    "EVSE": _LOCATION_2_1_1["evses"][0],
    "Connector": _LOCATION_2_1_1["evses"][0]["connectors"][0],
    "Tariff": {
        "id": "t",
        "currency": "EUR",
        "elements": [{"price_components": [{"type": "ENERGY", "price": 0.4, "step_size": 1}]}],
        "last_updated": STAMP,
    },
    "LocationReferences": {"location_id": "LOC1", "evse_uids": ["3256"], "connector_ids": ["1"]},
    "AuthorizationInfo": {"allowed": "ALLOWED"},
    "StopSession": {"response_url": "https://emsp.example/commands/1", "session_id": "s-1"},
    "ReserveNow": {
        "response_url": "https://emsp.example/commands/1",
        "token": _TOKEN_2_1_1,
        "expiry_date": "2026-03-01T10:00:00Z",
        "reservation_id": 7,
        "location_id": "LOC1",
    },
    "UnlockConnector": {
        "response_url": "https://emsp.example/commands/1",
        "location_id": "LOC1",
        "evse_uid": "3256",
        "connector_id": "1",
    },
}

_URL = "https://emsp.example/commands/1"
_PROFILE = {
    "charging_rate_unit": "W",
    "charging_profile_period": [{"start_period": 0, "limit": 11000.0}],
}
_COMMON: dict[str, Any] = {
    **{name: SAMPLES[name] for name in ("Session", "Location", "Token")},
    "EVSE": SAMPLES["Location"]["evses"][0],
    "Connector": SAMPLES["Location"]["evses"][0]["connectors"][0],
    "AuthorizationInfo": {"allowed": "ALLOWED", "token": SAMPLES["Token"]},
    "StartSession": {"response_url": _URL, "token": SAMPLES["Token"], "location_id": "location-1"},
    "StopSession": {"response_url": _URL, "session_id": "session-1"},
    "ReserveNow": {
        "response_url": _URL,
        "token": SAMPLES["Token"],
        "expiry_date": "2026-03-01T10:00:00Z",
        "reservation_id": "r-1",
        "location_id": "location-1",
    },
    "CancelReservation": {"response_url": _URL, "reservation_id": "r-1"},
    "UnlockConnector": {
        "response_url": _URL,
        "location_id": "location-1",
        "evse_uid": "evse-1",
        "connector_id": "1",
    },
    "CommandResponse": {"result": "ACCEPTED", "timeout": 30},
    "CommandResult": {"result": "ACCEPTED", "message": [{"language": "en", "text": "Started"}]},
    "SetChargingProfile": {"response_url": _URL, "charging_profile": _PROFILE},
    "ChargingProfileResponse": {"result": "ACCEPTED", "timeout": 30},
    "ActiveChargingProfileResult": {
        "result": "ACCEPTED",
        "profile": {"start_date_time": STAMP, "charging_profile": _PROFILE},
    },
    "ChargingPreferences": {"profile_type": "FAST", "departure_time": STAMP, "energy_need": 30.5},
    "ClientInfo": {**PARTY, "role": "CPO", "status": "CONNECTED", "last_updated": STAMP},
    "Credentials": {
        "token": "a1b2c3",
        "url": "https://cpo.example/ocpi/versions",
        "roles": [{**PARTY, "role": "CPO", "business_details": {"name": "Example CPO"}}],
    },
    "VersionDetails": {
        "version": "2.2.1",
        "endpoints": [
            {"identifier": "cdrs", "role": "SENDER", "url": "https://cpo.example/ocpi/2.2.1/cdrs"},
        ],
    },
    "LocationReferences": {"location_id": "location-1", "evse_uids": ["evse-1"]},
    "ChargingPreferencesResponse": "ACCEPTED",
    "ActiveChargingProfile": {"start_date_time": STAMP, "charging_profile": _PROFILE},
    "ChargingProfileResult": {"result": "ACCEPTED"},
    "ClearProfileResult": {"result": "REJECTED"},
    "Version": {"version": "2.2.1", "url": "https://cpo.example/ocpi/2.2.1"},
}

_COST = {"before_taxes": 5.3, "taxes": [{"name": "VAT", "percentage": 21, "amount": 1.11}]}
_TARIFF_2_3_0 = {**SAMPLES["Tariff"], "tax_included": "NO"}
_SLOT = {"start_date_time": "2026-03-01T10:00:00Z", "end_date_time": "2026-03-01T11:00:00Z"}
_BOOKING_REQUEST: dict[str, Any] = {
    **PARTY,
    "request_id": "q-1",
    "location_id": "location-1",
    "booking_location_id": "b-1",
    "period": _SLOT,
    "authorization_reference": "a-1",
}
_V2_3_0: dict[str, Any] = {
    **_COMMON,
    "CDR": {**SAMPLES["CDR"], "tariffs": [_TARIFF_2_3_0], "total_cost": _COST},
    "Session": {**SAMPLES["Session"], "total_cost": _COST},
    "Tariff": _TARIFF_2_3_0,
    "Terminal": {"terminal_id": "term-1", "location_ids": ["location-1"], "last_updated": STAMP},
    "FinancialAdviceConfirmation": {
        "id": "f-1",
        "authorization_reference": "a-1",
        "total_costs": _COST,
        "currency": "EUR",
        "eft_data": ["line 1"],
        "capture_status_code": "SUCCESS",
        "last_updated": STAMP,
    },
    "InvoiceReconciliationRecord": {
        **PARTY,
        "id": "i-1",
        "invoice_id": "2026-1",
        "cdrs": ["cdr-1"],
        "last_updated": STAMP,
    },
    "BookingRequest": _BOOKING_REQUEST,
    "BookingLocation": {
        **PARTY,
        "id": "b-1",
        "location_id": "location-1",
        "calendars": [
            {
                "id": "c-1",
                "begin_from": "2026-03-01T00:00:00Z",
                "end_before": "2026-03-02T00:00:00Z",
                "available_timeslots": [_SLOT],
                "last_updated": STAMP,
            }
        ],
        "last_updated": STAMP,
    },
    "Booking": {
        **PARTY,
        "id": "k-1",
        "request_id": "q-1",
        "location_id": "location-1",
        "period": _SLOT,
        "reservation_status": "RESERVED",
        "authorization_reference": "a-1",
        "booking_terms": {
            "supported_access_methods": ["TOKEN"],
            "change_until_minutes": 60,
            "cancel_until_minutes": 60,
        },
        "booking_requests": [
            {
                "request_status": "ACCEPTED",
                "booking_request": _BOOKING_REQUEST,
                "request_received": STAMP,
            }
        ],
        "last_updated": STAMP,
    },
}

MESSAGES: dict[str, dict[str, Any]] = {
    "2.1.1": _V2_1_1,
    "2.2.1": {**_COMMON, "CDR": SAMPLES["CDR"], "Tariff": SAMPLES["Tariff"]},
    "2.3.0": _V2_3_0,
}

# Stands for "without this member".
GONE = object()


def with_change(version: str, object_type: str, path: str, value: Any) -> bytes:
    """The message with the member at `path` (`a/0/b`) set to `value`, or taken away; "" changes nothing."""
    message: Any = json.loads(json.dumps(MESSAGES[version][object_type]))
    if path:
        *steps, last = path.split("/")
        place = message
        for step in steps:
            place = place[int(step) if isinstance(place, list) else step]
        key = int(last) if isinstance(place, list) else last
        if value is GONE:
            del place[key]
        else:
            place[key] = value
    return json.dumps(message).encode()
