"""The examples of the specification: accepted, but for its own mistakes, each with its place and reason.

They are read from the folder of reference data and never copied: without it, these tests are skipped.
"""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from hardening.ocpi import validate

EXAMPLES = (
    Path(os.environ.get("RAMPART_SPEC_DATA", Path(__file__).parents[3].parent / "shared" / "data"))
    / "ocpi-examples"
)
EDITIONS = {
    "2.1.1": [("2.1.1", "d2")],
    "2.2.1": [("2.2.1", "d2"), ("2.2.1", "bugfix")],
    "2.3.0": [("2.3.0", "ed1")],
    "2.3.0-ed2": [("2.3.0", "ed2"), ("2.3.0", "ed2-payments")],
}

# First words of a file's name -> object and shape. The longest that fits counts.
KINDS = {
    "cdr": ("CDR", "object"),
    "session_01": ("Session", "patch"),
    "location_01": ("EVSE", "patch"),
    "location_02": ("Location", "patch"),
    "location_03": ("Connector", "patch"),
    "location_04": ("EVSE", "object"),
    "location_05": ("EVSE", "patch"),
    "location_07": ("EnergyMix", "object"),
    "location_08": ("EnergyMix", "object"),
    "location_09": ("EnergyMix", "object"),
    "location_10": ("Hours", "object"),
    "token_02": ("Token", "patch"),
    "session": ("Session", "object"),
    "session_patch": ("Session", "patch"),
    "location": ("Location", "object"),
    "location_patch": ("Location", "patch"),
    "location_patch_example_remove_evse": ("EVSE", "patch"),
    "location_patch_example_status": ("EVSE", "patch"),
    "location_patch_example_tariff": ("Connector", "patch"),
    "location_put_example_add_evse": ("EVSE", "object"),
    "location_energymix": ("EnergyMix", "object"),
    "location_hours": ("Hours", "object"),
    "location_regularhours": ("Hours", "object"),
    "tariff": ("Tariff", "object"),
    "tariffrestriction": ("TariffRestrictions", "object"),
    "token": ("Token", "object"),
    "token_patch": ("Token", "patch"),
    "credentials": ("Credentials", "object"),
    "version_01": ("Version", "list"),
    "version_02": ("VersionDetails", "object"),
    "version_details": ("VersionDetails", "object"),
    "versions_info": ("Version", "list"),
    "type_displaytext": ("DisplayText", "object"),
    "transport_01": ("Version", "response-list"),
    "transport_02": ("VersionDetails", "response"),
    "transport_03": ("Token", "response"),
    "transport_04": ("Token", "response-list"),
    "transport_05": ("Token", "response"),
    "transport_and_format_get_token_example": ("Token", "response"),
    "transport_and_format_get_token_list": ("Token", "response-list"),
    "transport_and_format_version_details": ("VersionDetails", "response"),
    "transport_and_format_version_info": ("Version", "response-list"),
    "payment_terminal": ("Terminal", "object"),
    "payment_terminal_put": ("Terminal", "patch"),
    "payment_terminal_location_assignment": ("Terminal", "patch"),
    "payment_terminal_create_minimal": ("Terminal", "patch"),
    "payment_financial_advice_confirmation": ("FinancialAdviceConfirmation", "object"),
}

_ADD_EVSE = {
    ("/connectors/0/power_type", "required"),
    ("/connectors/0/max_voltage", "required"),
    ("/connectors/0/max_amperage", "required"),
    ("/connectors/0/last_updated", "required"),
    ("/physical_reference", "type"),
}
_NO_DATE = {("/last_updated", "required")}
_NO_COST = {("/total_costs/before_taxes", "required")}

# The specification's own mistakes: (folder, start of a name) -> the problems. Why they are right:
#   a number where the table has a string, and connectors without what 2.1 and 2.2 added
#   no last_updated, which the table asks for; terminals are created with less than their table asks for
#   a country of two letters where the table says alpha-3
#   ids where the table has EVSEParking objects (mended in the second edition)
#   a tariff of 2.3.0 without tax_included, which is new and required
#   prices of 2.2.1 in messages of 2.3.0
MISTAKES: dict[tuple[str, str], set[tuple[str, str]]] = {
    ("2.1.1", "cdr_01"): {("", "not-json")},  # a trailing comma
    ("2.1.1", "location_04"): {
        ("/connectors/0/power_type", "required"),
        ("/connectors/0/voltage", "required"),
        ("/connectors/0/amperage", "required"),
        ("/connectors/0/last_updated", "required"),
        ("/physical_reference", "type"),
        ("/last_updated", "required"),
    },
    ("2.1.1", "session_02"): {("/location/country", "country-is-iso-3166")},
    ("2.1.1", "session_03"): {("/location/country", "country-is-iso-3166")},
    ("2.1.1", "tariff_01"): _NO_DATE,
    ("2.1.1", "tariff_02"): {*_NO_DATE, ("/id", "required"), ("/currency", "required")},
    ("2.2.1", "location_put_example_add_evse"): _ADD_EVSE,
    ("2.2.1", "tariff_put_example"): _NO_DATE,
    ("2.3.0", "cdr_example"): {("/tariffs/0/tax_included", "required")},
    ("2.3.0", "location_example.json"): {(f"/evses/{n}/parking/{m}", "type") for n in (0, 1) for m in (0, 1)},
    ("2.3.0", "location_example_parking_garage"): {("/evses/0/parking/0", "type")},
    ("2.3.0", "location_put_example_add_evse"): _ADD_EVSE,
    ("2.3.0", "payment_financial_advice_confirmation_create"): _NO_COST,
    ("2.3.0", "payment_financial_advice_confirmation_example_success"): _NO_COST,
    ("2.3.0", "payment_financial_advice_confirmation_example_failure"): {
        *_NO_COST,
        ("/eft_data", "required"),
    },
    ("2.3.0", "payment_terminal_create_minimal"): _NO_DATE,
    ("2.3.0", "payment_terminal_location_assignment"): _NO_DATE,
    ("2.3.0", "payment_terminal_put_update"): {("/invoice_base_url", "url")},
    ("2.3.0", "tariff_put_example"): _NO_DATE,
    ("2.3.0-ed2", "cdr_example"): {("/tariffs/0/tax_included", "required")},
    ("2.3.0-ed2", "location_put_example_add_evse"): _ADD_EVSE,
    ("2.3.0-ed2", "tariff_put_example"): _NO_DATE,
}


def _body(file: Path) -> bytes:
    """The JSON of an example: without a request line above it, and out of the member that it may show."""
    text = file.read_text(encoding="utf-8").strip()
    if text.startswith(("PUT ", "PATCH ")):
        text = text.split("\n", 1)[1]
    if text.startswith('"'):
        text = f"{{{text}}}"
    try:
        value = json.loads(text)
    except ValueError:
        return text.encode()
    if isinstance(value, dict) and list(value) in (["energy_mix"], ["opening_times"]):
        (value,) = value.values()
    return json.dumps(value).encode()


def _kind(name: str) -> tuple[str, str]:
    return KINDS[max((one for one in KINDS if name.startswith(one)), key=len)]


def _cases() -> list[tuple[str, str, str, Path]]:
    return [
        (version, edition, folder, file)
        for folder, editions in EDITIONS.items()
        for version, edition in editions
        for file in sorted((EXAMPLES / folder).glob("*.json"))
        if file.name != "MANIFEST.json"
    ]


@pytest.mark.skipif(not EXAMPLES.is_dir(), reason="the examples of the specification are not here")
def test_every_example_has_its_verdict() -> None:
    wrong = []
    for version, edition, folder, file in _cases():
        object_type, shape = _kind(file.stem)
        found = validate(_body(file), version=version, edition=edition, object_type=object_type, shape=shape)
        told = {(one.pointer, str(one.rule)) for one in found}
        expected = next((of for key, of in MISTAKES.items() if _names(key, folder, file)), set())
        if told != expected:
            wrong.append((version, edition, file.name, sorted(told)))
    assert wrong == []


@pytest.mark.skipif(not EXAMPLES.is_dir(), reason="the examples of the specification are not here")
def test_the_list_of_mistakes_names_only_examples_that_exist() -> None:
    cases = [(folder, file) for _, _, folder, file in _cases()]
    assert all(any(_names(key, folder, file) for folder, file in cases) for key in MISTAKES)


def _names(key: tuple[str, str], folder: str, file: Path) -> bool:
    return key[0] == folder and file.name.startswith(key[1])
