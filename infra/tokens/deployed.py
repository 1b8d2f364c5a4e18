"""What the deployed rotation function does: on AWS nobody else may read or write a partner's tokens.

It makes one exchange of a partner at a time (and, where it may reserve concurrency, one at all), so who asks
waits for its turn, and for the end.
"""

from __future__ import annotations

import json
import time
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
from hardening.rotation.result import End, Result
from infra.runtime.functions.exchange_turn import ExchangeUnderWay
from infra.runtime.functions.secrets_vault import REGISTRATION, secret_of

if TYPE_CHECKING:
    from infra.lab.clients import Clients

# Longer than the function may run; and an exchange is nothing that boto3 should repeat by itself.
_SECONDS = 75
# For how long a function that is busy is asked again: Secrets Manager's rotations end a minute each.
_PATIENCE_SECONDS = 180.0
_EVERY_SECONDS = 1.0
# Who is throttled has started nothing (Lambda API, Invoke), nor has who meets another exchange: ask again.
_THROTTLED = "TooManyRequestsException"
_NOT_BEGUN = (_THROTTLED, ExchangeUnderWay.__name__)

Event = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Deployed:
    """`call` has the function of an environment do what an event asks (`exchanges`), and gives its answer.

    It raises CollectError where the function cannot be asked, or fails.
    """

    call: Callable[[str, Event], Any]

    def ask(self, partner: Partner, event: Event) -> Result:
        """How the exchange with `partner` ended. Raises CollectError."""
        answer = self.call(partner.environment, event)
        try:
            return Result(End(answer["end"]), str(answer["detail"]))
        except (KeyError, TypeError, ValueError):
            raise CollectError(
                f"{partner.name}: the deployed function answers something else", "`rampart up` deploys it"
            ) from None


def on_aws(region: str) -> Deployed:
    """The function that `rampart up` deployed."""
    import boto3  # not for those who have a SQLite file
    from botocore.config import Config

    timing = Config(read_timeout=_SECONDS, retries={"total_max_attempts": 1})
    functions = boto3.client("lambda", region_name=region, config=timing)
    return Deployed(lambda environment, event: invoked(functions, environment, event))


def in_the_lab(folder: Path, clients: Clients) -> Deployed:
    """The same function as a process of this machine: the emulator runs none."""
    return Deployed(lambda environment, event: _in_process(folder, clients, environment, event))


def invoked(client: Any, environment: str, event: Event, patience: float = _PATIENCE_SECONDS) -> Any:
    """What the function answers, by this client of Lambda, once it is its turn. Raises CollectError."""
    name = _function(environment)
    deadline = time.monotonic() + patience
    while True:
        failed, payload = _asked_once(client, name, json.dumps(event).encode())
        if not failed:
            return payload
        kind = payload.get("errorType", "") if isinstance(payload, dict) else ""
        if kind not in _NOT_BEGUN:
            raise CollectError(f"{name}: failed ({kind})", _hint(kind, "see its log"))
        if time.monotonic() >= deadline:
            raise CollectError(f"{name}: is busy with rotations", "try again in a minute")
        time.sleep(_EVERY_SECONDS)


def _asked_once(client: Any, name: str, payload: bytes) -> tuple[bool, Any]:
    """Whether the function failed or was not started, and its answer."""
    try:
        answer = client.invoke(FunctionName=name, Payload=payload)
    except client.exceptions.TooManyRequestsException:
        return True, {"errorType": _THROTTLED}
    return "FunctionError" in answer, json.loads(answer["Payload"].read() or b"null")


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


def _in_process(folder: Path, clients: Clients, environment: str, event: Event) -> Any:
    from infra.lab.functions import FunctionFailed, running

    try:
        with running(clients, _function(environment), folder, folder / "network.json") as function:
            return function.invoke(event)
    except FunctionFailed as failure:
        raise CollectError(str(failure), _hint(failure.kind, f"see {folder / 'logs'}")) from None


def _hint(kind: str, place: str) -> str:
    """What a person does about a function that raised this class of error."""
    if kind == LookupError.__name__:
        return "the partner is not deployed yet: `rampart up`, or `rampart lab up`"
    return f"{place}; the same again takes up where it stopped"


def _function(environment: str) -> str:
    return f"rampart-{environment}-rotation"


def _inbound(partner: Partner) -> str:
    return f"rampart/{partner.environment}/{partner.name}/{INBOUND}"
