"""What the deployed rotation function does: on AWS nobody else may read or write a partner's tokens."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hardening.errors import CollectError, ConfigError
from hardening.registry.partners import Partner
from hardening.requests.tokens import digest
from hardening.rotation.connection import INBOUND
from hardening.rotation.records import TokenRecords
from hardening.rotation.starter import End, Result
from infra.runtime.functions.secrets_vault import REGISTRATION, secret_of

if TYPE_CHECKING:
    from infra.lab.clients import Clients

# Longer than the function may run; and an exchange is nothing that boto3 should repeat by itself.
_SECONDS = 75


@dataclass(frozen=True, slots=True)
class Deployed:
    """`ask` has the function make an exchange with a partner, `renew` makes a partner a token that registers.

    Both raise CollectError where the function cannot be asked, or fails.
    """

    ask: Callable[[Partner, Mapping[str, Any]], Result]
    renew: Callable[[Partner], Result]


def on_aws(region: str) -> Deployed:
    """The function that `rampart up` deployed."""
    import boto3  # not for those who have a SQLite file
    from botocore.config import Config

    timing = Config(read_timeout=_SECONDS, retries={"total_max_attempts": 1})
    functions = boto3.client("lambda", region_name=region, config=timing)
    secrets = boto3.client("secretsmanager", region_name=region)
    return Deployed(
        lambda partner, event: _ended(partner, invoked(functions, partner.environment, event)),
        lambda partner: started(secrets, partner),
    )


def in_the_lab(folder: Path, clients: Clients) -> Deployed:
    """The same function as a process of this machine: the emulator runs none."""
    return Deployed(
        lambda partner, event: _ended(partner, _in_process(folder, clients, partner, event)),
        lambda partner: _rotated(folder, clients, partner),
    )


def invoked(client: Any, environment: str, event: Mapping[str, Any]) -> Any:
    """What the function answers, by this client of Lambda. Raises CollectError."""
    name = _function(environment)
    try:
        answer = client.invoke(FunctionName=name, Payload=json.dumps(event).encode())
    except client.exceptions.TooManyRequestsException:
        raise CollectError(f"{name}: is busy with a rotation", "try again in a minute") from None
    payload = json.loads(answer["Payload"].read() or b"null")
    if "FunctionError" in answer:
        kind = payload.get("errorType", "") if isinstance(payload, dict) else ""
        raise CollectError(
            f"{name}: failed ({kind})", "see its log; the same again takes up where it stopped"
        )
    return payload


def started(secrets: Any, partner: Partner) -> Result:
    """Secrets Manager calls the function in its four steps, after this. Raises CollectError."""
    name = _inbound(partner)
    try:
        secrets.rotate_secret(SecretId=name)
    except secrets.exceptions.ClientError as error:
        code = error.response["Error"]["Code"]
        raise CollectError(f"{name}: {code}", "is the partner deployed, and may you rotate?") from None
    return Result(End.ROTATED, "a token that registers is made: `rampart token issue` hands it over")


def registration_token(secrets: Any, records: TokenRecords, partner: Partner, at: datetime) -> str:
    """The token that only registers, which a rotation made: the one version of a secret that people may read.

    Raises ConfigError where none is honoured.
    """
    name, hint = _inbound(partner), f"`rampart token rotate {partner.name}` makes a new one"
    try:
        text = secrets.get_secret_value(SecretId=name, VersionStage=REGISTRATION)["SecretString"]
    except secrets.exceptions.ResourceNotFoundException:
        raise ConfigError(f"{name}: has no registration token", hint) from None
    token = secret_of(text).token
    known = records.find(digest(token))
    if known is None or known.kind != "A" or not known.honoured(at):
        raise ConfigError(f"{partner.name}: its registration token is used up, or has ended", hint)
    return token


def _in_process(folder: Path, clients: Clients, partner: Partner, event: Mapping[str, Any]) -> Any:
    from infra.lab.functions import FunctionFailed, running

    name = _function(partner.environment)
    try:
        with running(clients, name, folder, folder / "network.json") as function:
            return function.invoke(event)
    except FunctionFailed as failure:
        raise CollectError(str(failure), f"see {folder / 'logs'}") from None


def _rotated(folder: Path, clients: Clients, partner: Partner) -> Result:
    from infra.lab.credentials_exchange import rotated
    from infra.lab.functions import FunctionFailed, running

    try:
        with running(clients, _function(partner.environment), folder, folder / "network.json") as function:
            rotated(clients, function, _inbound(partner))
    except FunctionFailed as failure:
        raise CollectError(str(failure), f"see {folder / 'logs'}") from None
    return Result(End.ROTATED, "a token that registers is made: `rampart token issue` hands it over")


def _ended(partner: Partner, answer: Any) -> Result:
    try:
        return Result(End(answer["end"]), str(answer["detail"]))
    except (KeyError, TypeError, ValueError):
        raise CollectError(
            f"{partner.name}: the deployed function answers something else", "`rampart up` deploys it"
        ) from None


def _function(environment: str) -> str:
    return f"rampart-{environment}-rotation"


def _inbound(partner: Partner) -> str:
    return f"rampart/{partner.environment}/{partner.name}/{INBOUND}"
