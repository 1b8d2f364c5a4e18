"""Controls of the integrity layer over whole books: what sessions, CDRs and statements say of each other."""

from __future__ import annotations

from hardening.controls import frameworks
from hardening.controls.control import Control, Layer, Severity

CONTROLS: tuple[Control, ...] = (
    Control(
        id="sessions-have-a-cdr",
        layer=Layer.INTEGRITY,
        severity=Severity.HIGH,
        promise="Every session that took energy ends, and has a CDR that charges it.",
        citation="OCPI 2.2.1, 10.1: a CDR is the description of a concluded charging session",
        frameworks=frameworks.PLAUSIBLE_MESSAGES,
    ),
    Control(
        id="cdrs-have-a-session",
        layer=Layer.INTEGRITY,
        severity=Severity.HIGH,
        promise="Every CDR charges a session that was reported, and not declared invalid.",
        citation="OCPI 2.2.1, 10.3.1 (session_id) and 9.4.2: an invalid session will not be billed",
        frameworks=frameworks.PLAUSIBLE_MESSAGES,
    ),
    Control(
        id="sessions-are-charged-once",
        layer=Layer.INTEGRITY,
        severity=Severity.CRITICAL,
        promise="No CDR is there or credited twice, and no session has two CDRs that were not credited.",
        citation="OCPI 2.2.1, 10.2.2 and 10.3.1: the id of a CDR is unique; 10.3.1.1",
        frameworks=frameworks.PLAUSIBLE_MESSAGES,
    ),
    Control(
        id="cdrs-arrive-in-time",
        layer=Layer.INTEGRITY,
        severity=Severity.LOW,
        promise="A CDR is made within the agreed time after the end of its session.",
        citation="OCPI 2.2.1, 10.1: as soon as possible is good practice, another time may be agreed",
        frameworks=frameworks.PLAUSIBLE_MESSAGES,
    ),
    Control(
        id="tariff-is-in-force",
        layer=Layer.INTEGRITY,
        severity=Severity.HIGH,
        promise="A CDR is charged by a tariff that was agreed, and in force when charging began.",
        citation="OCPI 2.2.1, 11.3.1 (start_date_time, end_date_time) and 10.3.1 (tariffs)",
        frameworks=frameworks.PLAUSIBLE_MESSAGES,
    ),
    Control(
        id="sums-match-the-statement",
        layer=Layer.INTEGRITY,
        severity=Severity.HIGH,
        promise="Number, energy and cost of each day's CDRs are those of the counterpart's statement.",
        citation="OCPI 2.2.1, 10.1: CDRs are the basis of invoices; 2.3.0, invoice reconciliation",
        frameworks=frameworks.PLAUSIBLE_MESSAGES,
    ),
    Control(
        id="cdrs-are-complete",
        layer=Layer.INTEGRITY,
        severity=Severity.MEDIUM,
        promise="Ids of CDRs that count up leave no number out, and no day with sessions is without CDRs.",
        citation="OCPI 2.2.1, 4.1.5 (offline behaviour: what was not delivered has to be fetched) and 10.2.1",
        frameworks=frameworks.PLAUSIBLE_MESSAGES,
    ),
    Control(
        id="every-record-is-reconciled",
        layer=Layer.INTEGRITY,
        severity=Severity.MEDIUM,
        promise="Every record of the books could be read, and was held against the others.",
        citation="OCPI 2.2.1, 10 (the CDR is the only object that is relevant for billing)",
        frameworks=frameworks.PLAUSIBLE_MESSAGES,
    ),
)
