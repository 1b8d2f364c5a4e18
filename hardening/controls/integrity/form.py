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
        id="code-is-signed",
        layer=Layer.INTEGRITY,
        severity=Severity.MEDIUM,
        promise="Functions run code that we signed, and refuse other code.",
        citation="AWS Lambda, code signing",
        infra=("CodeSigning", "LambdaFunction"),
        frameworks=frameworks.SOFTWARE_INTEGRITY,
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
)
