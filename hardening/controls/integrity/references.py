"""Controls of the integrity layer over places, codes and references between objects."""

from __future__ import annotations

from hardening.controls import frameworks
from hardening.controls.control import Control, Layer, Severity
from hardening.requests import statuses

CONTROLS: tuple[Control, ...] = (
    Control(
        id="power-fits-the-connector",
        layer=Layer.INTEGRITY,
        severity=Severity.HIGH,
        promise="A session does not take more energy than its connector gives in that time.",
        citation="OCPI 2.2.1, 8.3.3 and 10.3.1",
        frameworks=frameworks.PLAUSIBLE_MESSAGES,
    ),
    Control(
        id="currency-is-iso-4217",
        layer=Layer.INTEGRITY,
        severity=Severity.MEDIUM,
        promise="A currency is a code of ISO 4217, and the tariffs of a CDR use the one of the CDR.",
        citation="OCPI 2.2.1, 10.3.1; ISO 4217",
        frameworks=frameworks.VALID_MESSAGES,
        refusal=statuses.OCPI_ERROR,
    ),
    Control(
        id="country-is-iso-3166",
        layer=Layer.INTEGRITY,
        severity=Severity.MEDIUM,
        promise="Country codes are alpha-2 and countries of addresses alpha-3 codes of ISO 3166-1.",
        citation="OCPI 2.2.1, 8.3.1; ISO 3166-1",
        frameworks=frameworks.VALID_MESSAGES,
        refusal=statuses.OCPI_ERROR,
    ),
    Control(
        id="time-zone-is-iana",
        layer=Layer.INTEGRITY,
        severity=Severity.LOW,
        promise="The time zone of a location is a name of the IANA database.",
        citation="OCPI 2.2.1, 8.3.1; RFC 6557",
        frameworks=frameworks.VALID_MESSAGES,
        refusal=statuses.OCPI_ERROR,
    ),
    Control(
        id="coordinates-are-on-earth",
        layer=Layer.INTEGRITY,
        severity=Severity.LOW,
        promise="A latitude is -90 to 90 degrees, a longitude -180 to 180.",
        citation="OCPI 2.2.1, 8.4.13",
        frameworks=frameworks.VALID_MESSAGES,
        refusal=statuses.OCPI_ERROR,
    ),
    Control(
        id="names-are-unique-in-a-location",
        layer=Layer.INTEGRITY,
        severity=Severity.MEDIUM,
        promise="No two EVSEs of a location have one uid, and no two connectors of an EVSE one id.",
        citation="OCPI 2.2.1, 8.3.2 and 8.3.3",
        frameworks=frameworks.VALID_MESSAGES,
        refusal=statuses.OCPI_ERROR,
    ),
    Control(
        id="evse-and-connector-are-known",
        layer=Layer.INTEGRITY,
        severity=Severity.HIGH,
        promise="The EVSE and the connector of a CDR or session are those of the location that it names.",
        citation="OCPI 2.2.1, 9.3.1 and 10.4.3",
        frameworks=frameworks.PLAUSIBLE_MESSAGES,
    ),
    Control(
        id="token-is-known-and-valid",
        layer=Layer.INTEGRITY,
        severity=Severity.HIGH,
        promise="The token of a CDR or session is the one that was issued, under its contract, and is valid.",
        citation="OCPI 2.2.1, 10.4.5 and 12.3.2",
        frameworks=frameworks.PLAUSIBLE_MESSAGES,
    ),
    Control(
        id="cdr-matches-its-session",
        layer=Layer.INTEGRITY,
        severity=Severity.HIGH,
        promise="A CDR charges the session that was reported: same place, token, times, energy and cost.",
        citation="OCPI 2.2.1, 9.3.1 and 10.3.1",
        frameworks=frameworks.PLAUSIBLE_MESSAGES,
    ),
)
