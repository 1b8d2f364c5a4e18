"""The corpus of what the editions allow and forbid: one change to a message, and the rule that it breaks.

A case is (path, value, rule); an empty rule means that the message is accepted.
"""

from __future__ import annotations

from typing import Any

from tests.hardening.ocpi.messages import GONE

Case = tuple[str, Any, str]
Key = tuple[str, str, str]  # version, edition, object

UNKNOWN = [("unknown_field", {"deep": [1, {"er": None}]}, ""), ("x-vendor", "yes", "")]

# DateTime is the same in every version: string(25), UTC, `Z` or nothing.
TIMES: list[tuple[Any, str]] = [
    ("2026-01-01T00:00:00", ""),
    ("2026-01-01T00:00:00.5Z", ""),
    ("2026-01-01T00:00:00.123Z", ""),
    ("2026-01-01T00:00:00.1234Z", ""),
    ("2026-01-01T00:00:00.12345", ""),
    ("2024-02-29T00:00:00Z", ""),
    ("2026-01-01T00:00:00.123456Z", "length"),
    ("2026-01-01T00:00:00+00:00", "date-time"),
    ("2026-01-01T00:00:00+0000", "date-time"),
    ("2026-01-01T00:00:00-05:00", "date-time"),
    ("2026-01-01T02:00:00+02:00", "date-time"),
    ("2026-01-01", "date-time"),
    ("2026-01-01T00:00Z", "date-time"),
    ("2026-01-01 00:00:00Z", "date-time"),
    ("2026-01-01t00:00:00Z", "date-time"),
    ("2026-01-01T00:00:00z", "date-time"),
    ("2026-02-29T00:00:00Z", "date-time"),
    ("2026-13-01T00:00:00Z", "date-time"),
    ("2026-01-32T00:00:00Z", "date-time"),
    ("2026-01-01T24:00:00Z", "date-time"),
    ("2026-01-01T00:60:00Z", "date-time"),
    ("2026-W01-1T00:00:00Z", "date-time"),
    ("20260101T000000Z", "date-time"),
    ("2026-01-01T00:00:00Z\n", "date-time"),
    (" 2026-01-01T00:00:00Z", "date-time"),
    ("", "date-time"),
    (1767225600, "type"),
    (None, "required"),
]

CIID: list[tuple[Any, str]] = [
    ("a" * 36, ""),
    ("a" * 37, "length"),
    ("~!@#$%^&*()", ""),
    ("caf\u00e9", "characters"),
    ("tab\there", "characters"),
    ("line\n", "characters"),
    ("nul\u0000", "characters"),
    ("del\u007f", "characters"),
    (12, "type"),
    (True, "type"),
    (["a"], "type"),
    ({}, "type"),
    (None, "required"),
    (GONE, "required"),
]

NUMBER: list[tuple[Any, str]] = [
    (0, ""),
    (1e-9, ""),
    ("1", "type"),
    (True, "type"),
    (False, "type"),
    ([1], "type"),
    (None, "required"),
    (GONE, "required"),
]


def at(path: str, values: list[tuple[Any, str]]) -> list[Case]:
    return [(path, value, rule) for value, rule in values]


STRUCTURE: dict[Key, list[Case]] = {
    ("2.2.1", "d2", "Token"): [
        ("", None, ""),
        *UNKNOWN,
        *at("last_updated", TIMES),
        *at("uid", CIID),
        ("type", "AD_HOC_USER", ""),
        ("type", "EMAID", "enum"),
        ("type", "rfid", "enum"),
        ("type", 1, "enum"),
        ("issuer", "B\u00fcrger GmbH", ""),
        ("issuer", "x" * 64, ""),
        ("issuer", "x" * 65, "length"),
        ("issuer", "\u00e9" * 64, ""),
        ("issuer", "a\tb", "characters"),
        ("issuer", "a\u0085b", "characters"),
        ("issuer", "a\u2028b", "characters"),
        ("visual_number", None, ""),
        ("visual_number", "DF000-2001-8999", ""),
        ("valid", "true", "type"),
        ("valid", 1, "type"),
        ("valid", None, "required"),
        ("whitelist", "NEVER", ""),
        ("whitelist", "SOMETIMES", "enum"),
        ("language", "nl", ""),
        ("language", "nld", "length"),
        ("energy_contract", {"supplier_name": "Green"}, ""),
        ("energy_contract", {}, "required"),
        ("energy_contract", [], "type"),
        ("energy_contract", None, ""),
    ],
    ("2.2.1", "d2", "CDR"): [
        ("", None, ""),
        *UNKNOWN,
        ("id", "x" * 39, "credit-cdr-names-its-original"),
        ("id", "x" * 40, "length"),
        ("cdr_token", GONE, "required"),
        ("cdr_token/contract_id", GONE, "required"),
        ("cdr_token/uid", "x" * 37, "length"),
        ("cdr_location/postal_code", None, ""),
        ("cdr_location/evse_id", GONE, "required"),
        ("cdr_location/evse_uid", "#NA", ""),
        ("cdr_location/connector_power_type", "AC_2_PHASE", ""),
        ("cdr_location/connector_power_type", "AC_4_PHASE", "enum"),
        ("cdr_location/connector_standard", "MCS", "enum"),
        ("cdr_location/coordinates/latitude", 52.37, "type"),
        ("cdr_location/coordinates/latitude", "52.37", "pattern"),
        ("cdr_location/coordinates/latitude", "52,370216", "pattern"),
        ("cdr_location/coordinates/latitude", "-2.3702161", ""),
        ("cdr_location/coordinates/latitude", "-52.3702161", "length"),
        ("cdr_location/coordinates/longitude", "4.895168\n", "pattern"),
        ("cdr_location/coordinates", None, "required"),
        ("cdr_location/address", "x" * 46, "length"),
        ("charging_periods", [], "empty-list"),
        ("charging_periods", GONE, "required"),
        ("charging_periods", {}, "type"),
        ("charging_periods/0/dimensions", [], "empty-list"),
        ("charging_periods/0/dimensions/0/type", "FLAT", "enum"),
        ("charging_periods/0/dimensions/0/volume", "12", "type"),
        ("tariffs", [], ""),
        ("tariffs", None, ""),
        ("tariffs", GONE, ""),
        ("tariffs/0/elements", [], "empty-list"),
        ("tariffs/0/elements/0/price_components/0/step_size", 1.5, "type"),
        ("tariffs/0/elements/0/price_components/0/type", "KWH", "enum"),
        ("total_cost", 5.3, "type"),
        ("total_cost", {"before_taxes": 5.3}, "required"),
        ("total_cost", {"excl_vat": "5.3"}, "type"),
        ("total_cost", {"excl_vat": 5.3}, ""),
        ("total_cost", {"excl_vat": 5.3, "incl_vat": None}, ""),
        *at("total_energy", [one for one in NUMBER if one[0] not in (0, 1e-9)]),
        ("total_time", "2", "type"),
        ("signed_data", {"encoding_method": "OCMF", "signed_values": []}, "empty-list"),
        (
            "signed_data",
            {
                "encoding_method": "OCMF",
                "signed_values": [{"nature": "Start", "plain_data": "x" * 513, "signed_data": "x"}],
            },
            "length",
        ),
        ("credit", "false", "type"),
        ("home_charging_compensation", True, ""),
        ("auth_method", "COMMAND", ""),
        ("auth_method", "PLUG", "enum"),
        ("currency", "EURO", "length"),
        ("remark", "x" * 256, "length"),
        ("remark", "\u4f60\u597d", ""),
    ],
    ("2.2.1", "bugfix", "CDR"): [
        (
            "signed_data",
            {
                "encoding_method": "OCMF",
                "signed_values": [{"nature": "Start", "plain_data": "x" * 5000, "signed_data": "x" * 5000}],
            },
            "",
        ),
        (
            "signed_data",
            {
                "encoding_method": "OCMF",
                "signed_values": [{"nature": "Start", "plain_data": "x" * 5001, "signed_data": "x"}],
            },
            "length",
        ),
    ],
    ("2.2.1", "d2", "Session"): [
        ("", None, ""),
        *UNKNOWN,
        ("charging_periods", [], ""),
        ("charging_periods", None, ""),
        ("total_cost", None, ""),
        ("kwh", "12", "type"),
        ("kwh", None, "required"),
        ("status", "FINISHED", "enum"),
        ("evse_uid", GONE, "required"),
        ("connector_id", GONE, "required"),
        ("meter_id", "x" * 256, "length"),
        ("authorization_reference", "x" * 37, "length"),
    ],
}
