"""The rotation function: Secrets Manager's four steps, for tokens in both directions.

Two phases, so no call is lost: the new inbound token is accepted before the partner can have it, and the
old one for a while longer. Before a partner has registered, its inbound secret holds a
registration token (CREDENTIALS_TOKEN_A), which is rotated without asking it.

A secret's value is JSON with `token`. An outbound one has `url` (the partner's credentials endpoint) and
`ours` (our Credentials object without the token) too, stored at registration.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import boto3
from botocore.config import Config

from hardening.registry.partners import Partner
from hardening.requests.tokens import digest, issue
from infra.runtime.functions.credentials_exchange import Peer, confirm, exchange
from infra.runtime.functions.partners_file import bundled
from infra.runtime.policy_service.stores import TokenRecord, item

# The stage of a token that only registers, which an operator may read and hand over. Registration revokes
# that token and leaves the stage where it is, so a token that is in use never has it.
REGISTRATION = "REGISTRATION"

_TIMING = Config(connect_timeout=2, read_timeout=5, retries={"total_max_attempts": 4})


@dataclass(frozen=True, slots=True)
class Terms:
    """The environment and its token table; the old token is accepted for `overlap` after a rotation.

    A token expires after `lifetime`, should its rotation stop.
    """

    environment: str
    table: str
    overlap: timedelta
    lifetime: timedelta


@dataclass(frozen=True, slots=True)
class Rotation:
    """One rotation of the secret of `partner` and `direction`; `version` is the new version's id.

    `secrets` and `tokens` are boto3 clients of Secrets Manager and DynamoDB. Their errors go to the caller.
    """

    secrets: Any
    tokens: Any
    terms: Terms
    partner: Partner
    direction: str
    version: str
    now: datetime

    def value(self, direction: str, stage: str, version: str = "") -> dict[str, Any] | None:
        """The value of a secret at `stage` (AWSCURRENT, AWSPENDING); None if there is none."""
        wanted = {"SecretId": self.name(direction), "VersionStage": stage}
        if version:
            wanted["VersionId"] = version
        try:
            found = self.secrets.get_secret_value(**wanted)
        except self.secrets.exceptions.ResourceNotFoundException:
            return None
        value: dict[str, Any] = json.loads(found["SecretString"])
        return value

    def store(self, direction: str, value: dict[str, Any], stage: str, version: str | None = None) -> None:
        """Store `value` as a version at `stage`; the version's id is `version`, or a new one."""
        self.secrets.put_secret_value(
            SecretId=self.name(direction),
            SecretString=json.dumps(value, sort_keys=True),
            VersionStages=[stage],
            **({} if version is None else {"ClientRequestToken": version}),
        )

    def name(self, direction: str) -> str:
        """The name of the partner's secret for `direction`."""
        return f"rampart/{self.terms.environment}/{self.partner.name}/{direction}"

    def peer(self, stage: str = "AWSCURRENT", version: str = "") -> Peer | None:
        """The partner as we call it; None before its registration."""
        known = self.value("outbound", stage, version)
        return None if known is None else Peer(self.partner, known["url"], known["token"], known["ours"])

    def admit(self, token: str, kind: str) -> None:
        """Store the digest of a new token, active, of `kind` A (registers) or C (calls)."""
        expires = int((self.now + self.terms.lifetime).timestamp())
        new = TokenRecord(digest(token), self.partner.name, kind, "active", self.terms.environment, expires)
        self.tokens.put_item(TableName=self.terms.table, Item=item(new))

    def retire(self, token: str) -> None:
        """Accept an old token for the overlap only. One that is unknown or revoked stays so."""
        try:
            self.tokens.update_item(
                TableName=self.terms.table,
                Key={"digest": {"S": digest(token)}},
                UpdateExpression="SET #state = :retiring, expires = :soon",
                ConditionExpression="#state = :active",
                ExpressionAttributeNames={"#state": "state"},
                ExpressionAttributeValues={
                    ":retiring": {"S": "retiring"},
                    ":active": {"S": "active"},
                    ":soon": {"N": str(int((self.now + self.terms.overlap).timestamp()))},
                },
            )
        except self.tokens.exceptions.ConditionalCheckFailedException:
            return


def rotate(event: Mapping[str, str], _context: object) -> None:
    """One step for one secret (Secrets Manager User Guide, "Lambda rotation functions").

    Raises what went wrong: Secrets Manager then tries again, and an alarm reports it.
    """
    terms = Terms(
        os.environ["RAMPART_ENVIRONMENT"],
        os.environ["RAMPART_TOKEN_TABLE"],
        timedelta(minutes=int(os.environ["RAMPART_OVERLAP_MINUTES"])),
        2 * timedelta(days=int(os.environ["RAMPART_ROTATION_DAYS"])),
    )
    secrets = boto3.client("secretsmanager", config=_TIMING)
    described = secrets.describe_secret(SecretId=event["SecretId"])
    partner, direction = _subject(described["Name"], terms.environment)
    dynamodb = boto3.client("dynamodb", config=_TIMING)
    version, now = event["ClientRequestToken"], datetime.now(UTC)
    rotation = Rotation(secrets, dynamodb, terms, partner, direction, version, now)
    _STEPS[(direction, event["Step"])](rotation)


def _subject(name: str, environment: str) -> tuple[Partner, str]:
    """The partner and direction of the secret `name`. Raises LookupError for a name that is not ours."""
    for partner in bundled():
        for direction in ("inbound", "outbound"):
            if name == f"rampart/{environment}/{partner.name}/{direction}":
                return partner, direction
    raise LookupError(f"{name}: no partner of this environment has such a secret")


def _create_inbound(rotation: Rotation) -> None:
    if rotation.value("inbound", "AWSPENDING", rotation.version) is None:
        rotation.store("inbound", {"token": issue()}, "AWSPENDING", rotation.version)


def _set_inbound(rotation: Rotation) -> None:
    """Store the token first, then give it to the partner, which may use it at once."""
    token = _pending(rotation)
    peer = rotation.peer()
    rotation.admit(token, "A" if peer is None else "C")
    if peer is not None:
        _keep_outbound(rotation, peer, exchange(peer, token), "AWSCURRENT")


def _test_inbound(rotation: Rotation) -> None:
    key = {"digest": {"S": digest(_pending(rotation))}}
    found = rotation.tokens.get_item(TableName=rotation.terms.table, Key=key, ConsistentRead=True)
    if found.get("Item", {}).get("state", {}).get("S") != "active":
        raise LookupError(f"{rotation.partner.name}: the token store does not know the new token")


def _finish_inbound(rotation: Rotation) -> None:
    """Retire the old token: it is accepted for the overlap, then never again."""
    old, new = rotation.value("inbound", "AWSCURRENT"), _pending(rotation)
    _promote(rotation, "AWSCURRENT")
    if rotation.peer() is None:
        _promote(rotation, REGISTRATION)
    if old is not None and old["token"] != new:
        rotation.retire(old["token"])


def _create_outbound(rotation: Rotation) -> None:
    """A new token must be requested from the partner; our inbound token stays as it is."""
    if rotation.value("outbound", "AWSPENDING", rotation.version) is not None:
        return
    peer, inbound = rotation.peer(), rotation.value("inbound", "AWSCURRENT")
    if peer is None or inbound is None:
        raise LookupError(f"{rotation.partner.name}: not registered yet, there is no token to rotate")
    _keep_outbound(rotation, peer, exchange(peer, inbound["token"]), "AWSPENDING", rotation.version)


def _set_outbound(_rotation: Rotation) -> None:
    """Do nothing: the partner made the token, so it knows it."""


def _test_outbound(rotation: Rotation) -> None:
    peer = rotation.peer("AWSPENDING", rotation.version)
    if peer is None:
        raise LookupError(f"{rotation.partner.name}: no pending token")
    confirm(peer)


def _keep_outbound(
    rotation: Rotation, peer: Peer, token: str, stage: str, version: str | None = None
) -> None:
    rotation.store("outbound", {"token": token, "url": peer.url, "ours": peer.ours}, stage, version)


def _pending(rotation: Rotation) -> str:
    value = rotation.value("inbound", "AWSPENDING", rotation.version)
    if value is None:
        raise LookupError(f"{rotation.partner.name}: no pending token")
    return str(value["token"])


def _finish_outbound(rotation: Rotation) -> None:
    _promote(rotation, "AWSCURRENT")


def _promote(rotation: Rotation, stage: str) -> None:
    """Move `stage` to the new version. The first version of a secret is current from the start."""
    name = rotation.name(rotation.direction)
    stages = rotation.secrets.describe_secret(SecretId=name).get("VersionIdsToStages", {})
    current = next((version for version, held in stages.items() if stage in held), None)
    if current == rotation.version:
        return
    moved = {} if current is None else {"RemoveFromVersionId": current}
    rotation.secrets.update_secret_version_stage(
        SecretId=name, VersionStage=stage, MoveToVersionId=rotation.version, **moved
    )


_STEPS: Mapping[tuple[str, str], Callable[[Rotation], None]] = {
    ("inbound", "createSecret"): _create_inbound,
    ("inbound", "setSecret"): _set_inbound,
    ("inbound", "testSecret"): _test_inbound,
    ("inbound", "finishSecret"): _finish_inbound,
    ("outbound", "createSecret"): _create_outbound,
    ("outbound", "setSecret"): _set_outbound,
    ("outbound", "testSecret"): _test_outbound,
    ("outbound", "finishSecret"): _finish_outbound,
}
