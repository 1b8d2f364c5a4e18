"""How tokens and secrets stand, as a document for the audits. No secret's value is read."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any

from hardening.registry.partners import Partner
from hardening.rotation.connection import INBOUND, OUTBOUND
from hardening.rotation.standing import Standing, standing
from infra.tokens.custody import Custody, now

FORMAT = "rampart-token-status/2"


def standings(custody: Custody, partners: list[Partner], rotation: timedelta) -> Iterator[Standing]:
    """How every token of `partners` stands, partner by partner."""
    at = now()
    for partner in partners:
        for record in custody.records.of_partner(partner.name):
            yield standing(record, at, rotation)


def document(custody: Custody, partners: list[Partner], rotation: timedelta) -> str:
    """Tokens, and secrets where there are some, as JSON. Times are ISO 8601 in UTC, ages in seconds."""
    environments = {one.name: one.environment for one in custody.partners}
    tokens = [
        {
            **asdict(row),
            "environment": environments[row.partner],
            "age": None if row.age is None else row.age.total_seconds(),
        }
        for row in standings(custody, partners, rotation)
    ]
    found = {
        "format": FORMAT,
        "at": now(),
        "rotation_days": rotation.days,
        "partners": [one.name for one in partners],
        "tokens": tokens,
        "secrets": [_secret(custody.secrets, one, way) for one in partners for way in (INBOUND, OUTBOUND)]
        if custody.secrets is not None
        else [],
        "leniencies": [
            {"partner": one.name, "leniency": name, "reason": reason}
            for one in partners
            for name, reason in one.accept.items()
        ],
    }
    return json.dumps(found, default=_text, indent=1) + "\n"


def _text(value: object) -> str:
    return value.isoformat() if isinstance(value, datetime) else str(value)


def _secret(client: Any, partner: Partner, direction: str) -> dict[str, Any]:
    """What Secrets Manager says about a secret (DescribeSecret, GetResourcePolicy), without its value."""
    name = f"rampart/{partner.environment}/{partner.name}/{direction}"
    row: dict[str, Any] = {"name": name, "partner": partner.name, "direction": direction}
    try:
        described = client.describe_secret(SecretId=name)
    except client.exceptions.ResourceNotFoundException:
        return {**row, "exists": False}
    policy = client.get_resource_policy(SecretId=name).get("ResourcePolicy")
    return {
        **row,
        "exists": True,
        "filled": bool(described.get("VersionIdsToStages")),
        "rotates": bool(described.get("RotationEnabled")),
        "rotation_days": (described.get("RotationRules") or {}).get("AutomaticallyAfterDays"),
        "last_rotated": described.get("LastRotatedDate"),
        "next_rotation": described.get("NextRotationDate"),
        "policy": json.loads(policy) if policy else None,
    }
