"""Controls of the integrity layer over what OCPI messages say: form, bounds and business rules."""

from __future__ import annotations

from hardening.controls.control import Control, Layer, Severity

_CRITICAL, _HIGH, _MEDIUM, _LOW = Severity.CRITICAL, Severity.HIGH, Severity.MEDIUM, Severity.LOW

# Input validation and processing integrity: all rules over messages serve the same requirements.
_FRAMEWORKS = (
    "iso27001:A.8.26",
    "nist-csf:PR.DS-10",
    "soc2:PI1.2",
    "nis2:21.2.e",
    "pci:6.2.4",
    "owasp-api:API10",
)

# (id, severity, promise, citation)
_RULES: tuple[tuple[str, Severity, str, str], ...] = (
    (
        "message-is-bounded",
        _HIGH,
        "A body is one JSON value of UTF-8 text, bounded in size, depth and numbers, with every name once.",
        "RFC 8259, 4 and 8; OWASP API Security Top 10 2023, API4",
    ),
    (
        "message-matches-its-edition",
        _HIGH,
        "Fields, types, lengths, characters, enums and times are as the edition has them; "
        "unknown fields pass.",
        "OCPI 2.2.1, 4.1, 16 and the object tables",
    ),
    (
        "times-are-in-order",
        _HIGH,
        "Sessions and CDRs end after they start, and their periods follow each other within.",
        "OCPI 2.2.1, 9.3.1 and 10.3.1",
    ),
    (
        "periods-end-after-they-begin",
        _LOW,
        "Validity of tariffs, opening exceptions, status schedules and bookings end after they begin.",
        "OCPI 2.2.1, 8.4 and 11.3.1",
    ),
    (
        "durations-are-possible",
        _HIGH,
        "Hours of a CDR are not negative, within its start and end, and parking is part of them.",
        "OCPI 2.2.1, 10.3.1",
    ),
    (
        "session-status-agrees",
        _MEDIUM,
        "A completed session has an end, and one that has not begun has no energy.",
        "OCPI 2.2.1, 9.3.1 and 9.4.3",
    ),
    (
        "session-state-moves-forward",
        _HIGH,
        "A session only gains energy, keeps its start, and does not come back from its end.",
        "OCPI 2.2.1, 9.4.3",
    ),
    (
        "last-updated-moves-forward",
        _HIGH,
        "No object is replaced by an older state of itself.",
        "OCPI 2.2.1, 8.2.2.3 and the object tables",
    ),
    (
        "energy-is-possible",
        _HIGH,
        "The energy of a CDR is not negative, and not more than any charger gives in that time.",
        "OCPI 2.2.1, 10.3.1",
    ),
    (
        "session-energy-is-possible",
        _MEDIUM,
        "The energy of a session is not negative, and not more than any charger gives in that time.",
        "OCPI 2.2.1, 9.3.1",
    ),
    (
        "volumes-are-possible",
        _MEDIUM,
        "Energy and time of a charging period are not negative; a state of charge is 0 to 100 percent.",
        "OCPI 2.2.1, 10.4.1 and 10.4.2",
    ),
    (
        "power-fits-the-connector",
        _HIGH,
        "A session does not take more energy than its connector gives in that time.",
        "OCPI 2.2.1, 8.3.3 and 10.3.1",
    ),
    (
        "costs-are-not-negative",
        _CRITICAL,
        "Only the total cost of a credit CDR is below zero.",
        "OCPI 2.2.1, 10.3.1.1",
    ),
    (
        "plain-costs-are-not-negative",
        _HIGH,
        "A session, or a 2.1.1 CDR, costs nothing or something.",
        "OCPI 2.1.1, CDRs 3.1; OCPI 2.2.1, 9.3.1",
    ),
    (
        "vat-is-consistent",
        _MEDIUM,
        "An amount with VAT is not below the one without, and not above twice of it.",
        "OCPI 2.2.1, 16.5",
    ),
    (
        "taxes-are-consistent",
        _MEDIUM,
        "The amount of a tax is within its percentage of the cost, and has the sign of it.",
        "OCPI 2.3.0, types, TaxAmount",
    ),
    (
        "credit-cdr-names-its-original",
        _HIGH,
        "A credit CDR refers to another CDR, and no other CDR does.",
        "OCPI 2.2.1, 10.3.1.1",
    ),
    (
        "credit-cdr-mirrors-its-original",
        _CRITICAL,
        "A credit CDR gives back what its original took, and otherwise says the same.",
        "OCPI 2.2.1, 10.3.1.1",
    ),
    (
        "currency-is-iso-4217",
        _MEDIUM,
        "A currency is a code of ISO 4217, and the tariffs of a CDR use the one of the CDR.",
        "OCPI 2.2.1, 10.3.1; ISO 4217",
    ),
    (
        "country-is-iso-3166",
        _MEDIUM,
        "Country codes are alpha-2 and countries of addresses alpha-3 codes of ISO 3166-1.",
        "OCPI 2.2.1, 8.3.1; ISO 3166-1",
    ),
    (
        "time-zone-is-iana",
        _LOW,
        "The time zone of a location is a name of the IANA database.",
        "OCPI 2.2.1, 8.3.1; RFC 6557",
    ),
    (
        "coordinates-are-on-earth",
        _LOW,
        "A latitude is -90 to 90 degrees, a longitude -180 to 180.",
        "OCPI 2.2.1, 8.4.13",
    ),
    (
        "names-are-unique-in-a-location",
        _MEDIUM,
        "No two EVSEs of a location have one uid, and no two connectors of an EVSE one id.",
        "OCPI 2.2.1, 8.3.2 and 8.3.3",
    ),
    (
        "totals-match-the-periods",
        _HIGH,
        "What the charging periods of a CDR add up to is what its totals say.",
        "OCPI 2.2.1, 10.3.1 and 10.4.6",
    ),
    (
        "costs-add-up",
        _HIGH,
        "The parts of the cost of a CDR are not more than its total.",
        "OCPI 2.2.1, 10.3.1",
    ),
    (
        "tariff-limits-are-in-order",
        _LOW,
        "A lowest price, energy, power, current, duration or date is not above the highest.",
        "OCPI 2.2.1, 11.3.1 and 11.4.6",
    ),
    (
        "totals-match-the-tariff",
        _CRITICAL,
        "The total cost of a CDR is what its own tariffs make of its periods.",
        "OCPI 2.2.1, 11.4 and 10.3.1",
    ),
    (
        "totals-match-the-known-tariff",
        _CRITICAL,
        "The total cost of a CDR is what the tariff that was agreed makes of its periods.",
        "OCPI 2.2.1, 11.4 and 10.3.1",
    ),
    (
        "totals-match-the-tariff-at-the-location",
        _HIGH,
        "Prices that depend on day and hour are those of the location's time zone.",
        "OCPI 2.2.1, 11.4.6 and 8.3.1",
    ),
    (
        "evse-and-connector-are-known",
        _HIGH,
        "The EVSE and the connector of a CDR or session are those of the location that it names.",
        "OCPI 2.2.1, 9.3.1 and 10.4.3",
    ),
    (
        "token-is-known-and-valid",
        _HIGH,
        "The token of a CDR or session is the one that was issued, under its contract, and is valid.",
        "OCPI 2.2.1, 10.4.5 and 12.3.2",
    ),
    (
        "cdr-matches-its-session",
        _HIGH,
        "A CDR charges the session that was reported: same place, token, times, energy and cost.",
        "OCPI 2.2.1, 9.3.1 and 10.3.1",
    ),
)

CONTROLS: tuple[Control, ...] = tuple(
    Control(
        id=slug,
        layer=Layer.INTEGRITY,
        severity=severity,
        promise=promise,
        citation=citation,
        frameworks=_FRAMEWORKS,
    )
    for slug, severity, promise, citation in _RULES
)
