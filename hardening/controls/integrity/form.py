"""Controls of the integrity layer over the form of messages, and over the code and ledgers behind them."""

from __future__ import annotations

from hardening.controls import frameworks
from hardening.controls.control import Control, Layer, Severity
from hardening.requests import statuses

CONTROLS: tuple[Control, ...] = (
    Control(
        id="ledgers-recoverable",
        layer=Layer.INTEGRITY,
        severity=Severity.HIGH,
        promise="Tokens, replay marks and CDR ledgers can be restored to any second of the last month.",
        citation="AWS Security Hub DynamoDB.2, DynamoDB.6",
        infra=("TokenStore", "Ledger"),
        frameworks=frameworks.BACKUPS,
    ),
    Control(
        id="messages-count-once",
        layer=Layer.INTEGRITY,
        severity=Severity.HIGH,
        promise=(
            "A CDR, a state of a session or a command counts once, however often it comes: the same gets the "
            "first answer, and what contradicts it is refused, as is a token or tariff older than the last."
        ),
        citation="OCPI 2.2.1, 4.1.3, 9.2.2 and 10.2.2 (CDRs are never changed); RFC 9110, 9.2.2",
        frameworks=frameworks.VALID_MESSAGES,
        manual=(
            "It is a promise about two messages, which no single subject shows: the guard refuses the second "
            "by its ledger, and tests/infra/runtime/boundary sends both. Look into each alarm of this name."
        ),
    ),
    Control(
        id="boundary-before-service",
        layer=Layer.INTEGRITY,
        severity=Severity.HIGH,
        promise=(
            "Envoy hands calls to the boundary and to no service; the boundary's keys are in no state, its "
            "ledger is the stack's own, and what it stops reaches people."
        ),
        citation="OCPI 2.2.1, 4.1.3; OWASP API1:2023 and API3:2023",
        infra=("BoundaryKeys", "Ledger", "Monitoring", "Services"),
        frameworks=frameworks.VALID_MESSAGES,
    ),
    Control(
        id="backups-locked",
        layer=Layer.INTEGRITY,
        severity=Severity.HIGH,
        promise="Each day tokens and CDR ledgers are copied where nobody can delete them, in two regions.",
        citation="AWS Backup Developer Guide, AWS Backup Vault Lock; AWS Well-Architected, REL09-BP02",
        infra=("Backups", "Ledger", "Monitoring", "TokenStore"),
        frameworks=frameworks.BACKUPS,
    ),
    Control(
        id="code-is-signed",
        layer=Layer.INTEGRITY,
        severity=Severity.MEDIUM,
        promise="Functions run code that we signed, and refuse other code.",
        citation="AWS Lambda, code signing",
        infra=("CodeSigning", "LambdaFunction"),
        frameworks=frameworks.SOFTWARE_INTEGRITY,
    ),
    Control(
        id="leniency-is-agreed",
        layer=Layer.INTEGRITY,
        severity=Severity.MEDIUM,
        promise=(
            "What a partner may write otherwise than its edition says is in its contract by name, with the "
            "reason; it is read in one way, counted, and logged."
        ),
        citation="RFC 9413, Maintaining Robust Protocols",
        frameworks=frameworks.VALID_MESSAGES,
        refusal=statuses.OCPI_ERROR,
    ),
    Control(
        id="message-is-bounded",
        layer=Layer.INTEGRITY,
        severity=Severity.HIGH,
        promise=(
            "A body is one JSON value of UTF-8 text, bounded in size, depth and numbers, with every "
            "name once."
        ),
        citation="RFC 8259, 4 and 8; OWASP API Security Top 10 2023, API4",
        frameworks=frameworks.VALID_MESSAGES,
        refusal=statuses.MALFORMED,
    ),
    Control(
        id="body-only-where-defined",
        layer=Layer.INTEGRITY,
        severity=Severity.MEDIUM,
        promise="A call has a body only where OCPI defines one: never a GET or a DELETE.",
        citation="OCPI 2.2.1, 4.1.1; RFC 9110, 9.3.1 and 9.3.5",
        frameworks=frameworks.VALID_MESSAGES,
        refusal=statuses.MALFORMED,
    ),
    Control(
        id="message-names-unambiguous",
        layer=Layer.INTEGRITY,
        severity=Severity.HIGH,
        promise=(
            "No name in a body differs from a known field, or from its neighbour, in letter case or Unicode "
            "form alone; none is a prototype."
        ),
        citation="RFC 8259, 4 and 8.3; RFC 7493, 2.3; OWASP API8:2023",
        frameworks=frameworks.VALID_MESSAGES,
        refusal=statuses.MALFORMED,
    ),
    Control(
        id="message-matches-its-edition",
        layer=Layer.INTEGRITY,
        severity=Severity.HIGH,
        promise=(
            "Fields, types, lengths, characters, enums and times are as the edition has them; unknown "
            "fields pass."
        ),
        citation="OCPI 2.2.1, 4.1, 16 and the object tables",
        frameworks=frameworks.VALID_MESSAGES,
        refusal=statuses.OCPI_ERROR,
    ),
    Control(
        id="identifiers-routable",
        layer=Layer.INTEGRITY,
        severity=Severity.MEDIUM,
        promise="An identifier in a body can stand in a URL, where it has one reading.",
        citation="OCPI 2.2.1, 4.1.4 (client owned object push) and 10.2.2; RFC 3986, 3.3; CWE-22",
        frameworks=frameworks.VALID_MESSAGES,
        refusal=statuses.OCPI_ERROR,
    ),
)
