"""Books in which everything holds, and tokens that a check changes: what it is shown."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from scanners.books.records import LeniencyRow, SecretRow, TokenBooks, TokenRow

DAY = 86_400.0  # in seconds, as ages are

AT = datetime(2026, 1, 15, 12, 0, tzinfo=UTC)
TOKEN = TokenRow(
    partner="example-emsp",
    environment="test",
    token="a" * 12,
    kind="C",
    state="active",
    age=10 * DAY,
    expires=AT + timedelta(days=50),
    last_used=AT - timedelta(hours=2),
)
READERS = {"ArnNotEquals": {"aws:PrincipalArn": ["arn:aws:iam::111111111111:role/rotation"]}}
DENY = {
    "Effect": "Deny",
    "Principal": "*",
    "Action": ["secretsmanager:GetSecretValue"],
    "Resource": "*",
    "Condition": READERS,
}
SECRET = SecretRow(
    name="rampart/test/example-emsp/inbound",
    exists=True,
    filled=True,
    rotates=True,
    rotation_days=30,
    policy={"Version": "2012-10-17", "Statement": [DENY]},
)
LENIENCY = LeniencyRow(
    partner="example-emsp", leniency="zero-offset", reason="their clock library writes +00:00"
)
BOOKS = TokenBooks(
    at=AT,
    rotation_days=30,
    partners=("example-emsp",),
    tokens=(TOKEN,),
    secrets=(SECRET,),
    leniencies=(LENIENCY,),
)
OLD = replace(TOKEN, token="b" * 12, state="retiring", age=40 * DAY, overlap_ends=AT + timedelta(minutes=30))

USED = replace(OLD, last_used=AT - timedelta(days=3))
