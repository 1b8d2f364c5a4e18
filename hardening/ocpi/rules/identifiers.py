"""Rules about identifiers: none is empty, no role stands twice, a period names a tariff at hand."""

from __future__ import annotations

from typing import Any

from hardening.ocpi.rules.facts import Charging, LocationFacts, tariff_is_plain
from hardening.ocpi.rules.rule import Fault, Faults, rule
from hardening.ocpi.rules.samples import OBJECTS, sample
from hardening.ocpi.rules.texts import identifiers


def _cdr_has_names(value: Any, facts: Charging) -> bool:
    if facts.components is None:
        return not _empty_ones(value)
    there, token = value.cdr_location, value.cdr_token
    names = (
        *(value.id, value.party_id, token.uid, token.contract_id, token.party_id),
        *(there.id, there.evse_uid, there.evse_id, there.connector_id),
    )
    return "" not in names


def _session_has_names(value: Any, _: Charging) -> bool:
    token = value.cdr_token
    names = (
        *(value.id, value.party_id, token.uid, token.contract_id, token.party_id),
        *(value.location_id, value.evse_uid, value.connector_id),
    )
    return "" not in names


def _location_has_names(value: Any, facts: LocationFacts) -> bool:
    return facts.named and "" not in (value.id, value.party_id)


@rule(
    "identifiers-are-not-empty",
    *("CDR", "Session", "Location", "EVSE", "Connector", "Tariff", "Token", "LocationReferences"),
    *("AuthorizationInfo", "StartSession", "StopSession", "ReserveNow", "CancelReservation"),
    *("UnlockConnector", "ClientInfo", "Credentials", "Terminal", "FinancialAdviceConfirmation"),
    *("InvoiceReconciliationRecord", "Booking", "BookingLocation", "BookingRequest"),
    good={kind: sample(kind) for kind in ("Token", "CDR", "Session", "Location")},
    bad={
        "the contract of a token": sample("Token", {"contract_id": ""}),
        "the contract of a part": sample("CDR", {"cdr_token/contract_id": ""}),
        "a token": sample("Credentials", {"token": ""}),
    },
    partial=True,
    holds={"CDR": _cdr_has_names, "Session": _session_has_names, "Location": _location_has_names},
)
def identifiers_are_not_empty(value: Any) -> Faults:
    """What identifies an object, a party, a contract or a caller is not empty; what is not known is `#NA`."""
    return _empty_ones(value)


def _empty_ones(value: Any) -> list[Fault]:
    return [(pointer, "an identifier", "an empty text") for pointer, text in identifiers(value) if not text]


_ROLE = OBJECTS["Credentials"]["roles"][0]


@rule(
    "credentials-roles-are-unique",
    "Credentials",
    good={
        "one role": sample("Credentials"),
        "two roles": sample("Credentials", {"roles": [_ROLE, {**_ROLE, "role": "CPO"}]}),
    },
    bad=sample("Credentials", {"roles": [_ROLE, {**_ROLE, "party_id": _ROLE["party_id"].lower()}]}),
    versions=("2.2.1", "2.3.0"),
)
def credentials_roles_are_unique(value: Any) -> Faults:
    """No two roles of a platform have the same role, country code and party id (2.2.1, 7.3.1)."""
    faults: list[Fault] = []
    seen = set()
    for index, one in enumerate(value.roles):
        role = (one.role, one.country_code.upper(), one.party_id.upper())
        if role in seen:
            faults.append((f"/roles/{index}", "another role, country code or party id", " ".join(role)))
        seen.add(role)
    return faults


@rule(
    "tariffs-of-periods-are-in-the-cdr",
    "CDR",
    good={
        "the tariff of the CDR": sample("CDR"),
        "no tariff in the CDR": sample("CDR", {"tariffs": None}),
        "no tariff in the period": sample("CDR", {"charging_periods/0/tariff_id": None}),
        "in another spelling": sample("CDR", {"charging_periods/0/tariff_id": "DAY"}),
    },
    bad=sample("CDR", {"charging_periods/1/tariff_id": "night"}),
    versions=("2.2.1", "2.3.0"),
    holds={"CDR": tariff_is_plain},
)
def tariffs_of_periods_are_in_the_cdr(value: Any) -> Faults:
    """A period of a CDR that has tariffs names one of them (2.2.1, 10.3.1: the list of relevant tariffs)."""
    if not value.tariffs:
        return ()
    known = {tariff.id.lower() for tariff in value.tariffs}
    faults: list[Fault] = []
    for index, period in enumerate(value.charging_periods):
        if period.tariff_id and period.tariff_id.lower() not in known:
            where = f"/charging_periods/{index}/tariff_id"
            faults.append((where, "the id of one of the CDR's tariffs", period.tariff_id))
    return faults
