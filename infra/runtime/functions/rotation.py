"""The rotation function: Secrets Manager's four steps, for tokens in both directions and our services' keys.

Beside them it makes the exchanges that a person starts (`exchanges`), as no other program changes tokens.

What is decided stands in `hardening.rotation`. Before a partner has registered, its inbound secret holds a
registration token (CREDENTIALS_TOKEN_A), which is rotated without asking it.

A secret's value is JSON with `token`. An outbound one has `url` (the partner's credentials endpoint) and
`ours` (our Credentials object without the token) too, stored at registration.
"""

from __future__ import annotations

import os
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import boto3
from botocore.config import Config

from hardening.egress.callers import CHANGE_TOKENS, key_secret
from hardening.ledger.kept_keys import kept_secrets
from hardening.registry.partners import Partner
from hardening.requests.hop_signature import hop_secret
from hardening.requests.tokens import digest, issue
from hardening.rotation.connection import INBOUND, OUTBOUND, Connection, Secret, Stage
from hardening.rotation.records import ACTIVE, Terms
from hardening.rotation.result import End, Result
from hardening.rotation.starter import admit, exchange
from hardening.rotation.starter import rotate as rotate_both
from infra.runtime.functions.caller_keys import current_key, rotate_key
from infra.runtime.functions.exchange_turn import turn
from infra.runtime.functions.exchanges import PARTNER, WHAT, exchanged
from infra.runtime.functions.partner_calls import EgressGuard, calls_through
from infra.runtime.functions.registry_object import own_registry
from infra.runtime.functions.secrets_vault import REGISTRATION, SecretsVault
from infra.runtime.policy_service.stores import DynamoTokenStore

# An exchange is four calls, and this function has a minute for them.
_PATIENCE = 12.0
_TIMING = Config(connect_timeout=2, read_timeout=5, retries={"total_max_attempts": 4})


class RotationFailed(Exception):
    """A rotation has not ended well. The message says how it ended, and holds no token."""


@dataclass(frozen=True, slots=True)
class Rotation:
    """One rotation of the secret of `direction`; `version` is the id of the version to make."""

    connection: Connection
    vault: SecretsVault
    direction: str
    version: str

    @property
    def registered(self) -> bool:
        """Whether the partner has given us a token to call it with, and the connection has not ended."""
        known = self.vault.read(OUTBOUND, Stage.CURRENT)
        return known is not None and known.registered

    @property
    def exchanges(self) -> bool:
        """Whether the partner is given the new token by an exchange, also by a registration in doubt."""
        offered = self.connection.records.find(digest(self.candidate()))
        return self.registered or (offered is not None and offered.kind == "C")

    def candidate(self) -> str:
        """The token of the version to make. Raises RotationFailed where the first step has not made it."""
        found = self.vault.read_version(self.direction, self.version)
        if found is None:
            raise RotationFailed(f"{self.connection.partner.name}: no pending token")
        return found.token

    def ended(self, result: Result) -> None:
        """Go on where the exchange is done; raise RotationFailed where it is not."""
        if result.end is not End.ROTATED:
            raise RotationFailed(f"{self.connection.partner.name}: {result.end}: {result.detail}")


def rotate(event: Mapping[str, Any], _context: object) -> dict[str, str] | None:
    """One step for one secret (Secrets Manager User Guide, "Lambda rotation functions"), or an exchange.

    Raises what went wrong, and ExchangeUnderWay: Secrets Manager then tries again, and an alarm reports it.
    """
    environment = os.environ["RAMPART_ENVIRONMENT"]
    secrets = boto3.client("secretsmanager", config=_TIMING)
    if WHAT in event:
        asked = _partner(str(event[PARTNER]))
        connection = _connection(secrets, environment, asked, _vault(secrets, environment, asked))
        with turn(connection):
            return exchanged(connection, event, lambda: _renew(secrets, environment, asked))
    name = secrets.describe_secret(SecretId=event["SecretId"])["Name"]
    step, version = event["Step"], event["ClientRequestToken"]
    kept = kept_secrets(environment)
    changed = (hop_secret(environment), *(key_secret(environment, caller) for caller in CHANGE_TOKENS))
    if name in (*kept, *changed):
        rotate_key(secrets, name, step, version, kept=name in kept)
        return None
    partner, direction = _subject(name, environment)
    rotation = _rotation(secrets, environment, partner, direction, version)
    with turn(rotation.connection):
        _STEPS[(direction, step)](rotation)
    return None


def _renew(secrets: Any, environment: str, partner: Partner) -> None:
    """The four steps in one, for a partner that is not registered."""
    rotation = _rotation(secrets, environment, partner, INBOUND, str(uuid.uuid4()))
    for step in (_create_inbound, _set_inbound, _test_inbound, _finish_inbound):
        step(rotation)


def _rotation(secrets: Any, environment: str, partner: Partner, direction: str, version: str) -> Rotation:
    vault = _vault(secrets, environment, partner, {direction: version})
    return Rotation(_connection(secrets, environment, partner, vault), vault, direction, version)


def _vault(
    secrets: Any, environment: str, partner: Partner, versions: Mapping[str, str] | None = None
) -> SecretsVault:
    return SecretsVault(secrets, f"rampart/{environment}/{partner.name}", versions)


def _connection(secrets: Any, environment: str, partner: Partner, vault: SecretsVault) -> Connection:
    terms = Terms(
        environment,
        timedelta(minutes=int(os.environ["RAMPART_OVERLAP_MINUTES"])),
        2 * timedelta(days=int(os.environ["RAMPART_ROTATION_DAYS"])),
    )
    caller = os.environ["RAMPART_EGRESS_CALLER"]
    guard = EgressGuard(
        os.environ["RAMPART_EGRESS_URL"],
        caller,
        lambda: current_key(secrets, environment, caller),
        os.environ["RAMPART_EGRESS_CA"],
    )
    records = DynamoTokenStore(boto3.client("dynamodb", config=_TIMING), os.environ["RAMPART_TOKEN_TABLE"])
    call = calls_through(guard, partner, _PATIENCE)
    return Connection(partner, terms, vault, records, call, lambda: datetime.now(UTC))


def _partner(name: str) -> Partner:
    """The partner of this name. Raises LookupError for a name that the registry has not."""
    found = next((one for one in own_registry() if one.name == name), None)
    if found is None:
        raise LookupError("no such partner in the deployed registry")
    return found


def _subject(name: str, environment: str) -> tuple[Partner, str]:
    """The partner and direction of the secret `name`. Raises LookupError for a name that is not ours."""
    for partner in own_registry():
        for direction in (INBOUND, OUTBOUND):
            if name == f"rampart/{environment}/{partner.name}/{direction}":
                return partner, direction
    raise LookupError(f"{name}: no partner of this environment has such a secret")


def _create_inbound(rotation: Rotation) -> None:
    """Write the candidate before anybody has it. One that a partner's own call was answered with is kept."""
    if rotation.vault.read_version(INBOUND, rotation.version) is None:
        waiting = rotation.vault.read(INBOUND, Stage.PENDING)
        rotation.vault.write_pending(INBOUND, waiting or Secret(issue()))


def _set_inbound(rotation: Rotation) -> None:
    """Honour the candidate first, then give it to the partner, which may use it at once."""
    token = rotation.candidate()
    if rotation.exchanges:
        rotation.ended(exchange(rotation.connection, token))
        return
    connection = rotation.connection
    known = connection.records.find(digest(token))
    if known is None:
        old = connection.record(rotation.vault.read(INBOUND, Stage.CURRENT))
        known = admit(connection, token, old, "A")
    # It goes out of band, so nobody will confirm it.
    connection.confirm(known)


def _test_inbound(rotation: Rotation) -> None:
    found = rotation.connection.records.find(digest(rotation.candidate()))
    if found is None or found.state != ACTIVE:
        name = rotation.connection.partner.name
        raise RotationFailed(f"{name}: the token store does not honour the new token")


def _finish_inbound(rotation: Rotation) -> None:
    """Make the candidate current; its predecessor retires since the partner has it."""
    rotation.vault.label(INBOUND, Stage.CURRENT, rotation.version)
    if not rotation.exchanges:
        rotation.vault.label(INBOUND, REGISTRATION, rotation.version)


def _create_outbound(rotation: Rotation) -> None:
    """A new token must be requested from the partner; one exchange changes both directions."""
    if rotation.vault.read_version(OUTBOUND, rotation.version) is None:
        if not rotation.registered:
            name = rotation.connection.partner.name
            raise RotationFailed(f"{name}: not registered yet, there is no token to rotate")
        rotation.ended(rotate_both(rotation.connection))


def _set_outbound(_rotation: Rotation) -> None:
    """Do nothing: the partner made the token, so it knows it."""


def _test_outbound(rotation: Rotation) -> None:
    """A try that died after the partner's answer is taken up where it ended."""
    if rotation.vault.read(OUTBOUND, Stage.PENDING) is not None:
        rotation.ended(rotate_both(rotation.connection))


def _finish_outbound(rotation: Rotation) -> None:
    rotation.vault.promote(OUTBOUND)


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
