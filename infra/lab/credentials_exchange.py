"""Our callers get their keys, each partner registers, each token rotates, and then we register, as declared.

The functions run from their archive, the service from its task definition, and both reach the partner
through the egress guard only. What AWS's own services do in between (Secrets Manager calls the function in
four steps, API Gateway asks the authorizer) is done here.
"""

from __future__ import annotations

import http.client
import json
import ssl
import time
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hardening.egress.callers import CHANGE_TOKENS, key_secret
from hardening.errors import CollectError
from hardening.registry.partners import Partner
from hardening.requests import tokens
from hardening.rotation.connection import INBOUND, OUTBOUND, Stage
from hardening.rotation.result import End
from infra.lab.clients import Clients
from infra.lab.functions import Function, FunctionFailed, running
from infra.runtime.functions.exchanges import WHAT, ending, registering
from infra.runtime.functions.secrets_vault import SecretsVault

VERSION = "2.2.1"
_STEPS = ("createSecret", "setSecret", "testSecret", "finishSecret")
# For how long a gateway that cannot answer yet is asked again: on a busy machine its own looks come late.
_PATIENCE_SECONDS = 15.0
_CREDENTIALS = f"/ocpi/{VERSION}/credentials"


@dataclass(frozen=True, slots=True, kw_only=True)
class Exchange:
    """`tokens` holds a current token of each partner, `partner_tokens` what each host wants from us.

    `port` is the gateway's, on 127.0.0.1; `network` the file of names that functions reach.
    """

    clients: Clients
    folder: Path
    network: Path
    port: int
    label: str
    partners: tuple[Partner, ...]
    tokens: Mapping[str, str]
    partner_tokens: Mapping[str, str]


def register_and_rotate(given: Exchange) -> int:
    """Do it for every partner of the environment that speaks VERSION; returns for how many.

    Raises CollectError, which names the partner and the step, for whatever does not work.
    """
    served = [p for p in given.partners if p.environment == given.label and VERSION in p.versions]
    clients, folder, network = given.clients, given.folder, given.network
    rotation_name, authorizer_name = f"rampart-{given.label}-rotation", f"rampart-{given.label}-authorizer"
    with (
        running(clients, rotation_name, folder, network) as rotation,
        running(clients, authorizer_name, folder, network) as authorizer,
    ):
        subject = "the callers' keys"
        try:
            for caller in CHANGE_TOKENS:
                rotated(clients, rotation, key_secret(given.label, caller))
            for partner in served:
                subject = partner.name
                _one(given, partner, rotation, authorizer)
        except FunctionFailed as failure:
            raise CollectError(f"{subject}: {failure}", f"see {folder / 'logs'}") from None
    return len(served)


def rotate(clients: Clients, function: Function, secret: str) -> str:
    """Rotate a partner's `secret`; returns its token. Raises as `rotated` does."""
    return str(json.loads(rotated(clients, function, secret))["token"])


def rotated(clients: Clients, function: Function, secret: str) -> str:
    """Rotate `secret` as Secrets Manager does (User Guide, "Rotation by Lambda function"); returns its value.

    Raises FunctionFailed, and CollectError where the new version did not become the current one.
    """
    secrets, version = clients.get("secretsmanager"), str(uuid.uuid4())
    described = secrets.describe_secret(SecretId=secret)
    arn = described["RotationLambdaARN"]
    for ended, stages in described.get("VersionIdsToStages", {}).items():
        if {"AWSPENDING", "AWSCURRENT"} <= set(stages):
            # The emulator takes this for a rotation that goes on; in AWS it is one that has ended.
            secrets.update_secret_version_stage(
                SecretId=secret, VersionStage="AWSPENDING", RemoveFromVersionId=ended
            )
    # The emulator notes that it begins; it cannot run the function.
    secrets.rotate_secret(
        SecretId=secret, ClientRequestToken=version, RotationLambdaARN=arn, RotateImmediately=True
    )
    for step in _STEPS:
        function.invoke({"Step": step, "SecretId": secret, "ClientRequestToken": version})
    found = secrets.get_secret_value(SecretId=secret, VersionStage="AWSCURRENT")
    if found["VersionId"] != version:
        raise CollectError(f"{secret}: the rotation ended, and its version is not the current one")
    return str(found["SecretString"])


def _one(given: Exchange, partner: Partner, rotation: Function, authorizer: Function) -> None:
    inbound, outbound = (f"rampart/{given.label}/{partner.name}/{way}" for way in ("inbound", "outbound"))
    registration = rotate(given.clients, rotation, inbound)
    called = credentials_call(given, partner, "DELETE", given.tokens[partner.name])
    theirs = {"token": _theirs(given, partner), "url": f"https://{_host(partner)}/ocpi/versions", "roles": [
        {"role": party.role, "party_id": party.party_id, "country_code": party.country_code,
         "business_details": {"name": partner.name}} for party in partner.parties
    ]}  # fmt: skip
    called = credentials_call(given, partner, "POST", registration, theirs)
    first = str(called["token"])
    credentials_call(given, partner, "GET", first)
    second = rotate(given.clients, rotation, inbound)
    # Both count during the overlap, at the guard and at the authorizer.
    for token in (first, second):
        credentials_call(given, partner, "GET", token)
        if not authorizer_allows(authorizer, partner, token):
            raise CollectError(f"{partner.name}: the authorizer refuses a token that the guard honours")
    if authorizer_allows(authorizer, partner, tokens.issue()):
        raise CollectError(f"{partner.name}: the authorizer lets an unknown token through")
    rotate(given.clients, rotation, outbound)
    _we_register(given, partner, rotation)


def _we_register(given: Exchange, partner: Partner, rotation: Function) -> None:
    """The other starter: we end the connection, and register with the token that the partner handed us."""
    vault = SecretsVault(given.clients.get("secretsmanager"), f"rampart/{given.label}/{partner.name}")
    before = vault.read(OUTBOUND, Stage.CURRENT)
    if before is None:
        raise CollectError(f"{partner.name}: a registered partner has no outbound token")
    versions, token_a = f"https://{_host(partner)}/ocpi/versions", _theirs(given, partner)
    for event, wanted in (
        (ending(partner.name), End.ENDED),
        (registering(partner.name, versions, token_a, before.ours), End.ROTATED),
    ):
        ended = rotation.invoke(event)
        if ended["end"] != wanted:
            raise CollectError(f"{partner.name}: {event[WHAT]}: {ended['end']}: {ended['detail']}")
    made = vault.read(INBOUND, Stage.CURRENT)
    if made is None:
        raise CollectError(f"{partner.name}: a registered partner has no inbound token")
    credentials_call(given, partner, "GET", made.token)


def _host(partner: Partner) -> str:
    host = partner.callback_hosts[0]
    return host.host if host.port == 443 else f"{host.host}:{host.port}"


def _theirs(given: Exchange, partner: Partner) -> str:
    return given.partner_tokens[_host(partner)]


def credentials_call(
    given: Exchange,
    partner: Partner,
    method: str,
    token: str,
    body: Any = None,
    *,
    patience: float = _PATIENCE_SECONDS,
) -> Any:
    """The `data` of the gateway's answer about credentials. Raises CollectError for all but success.

    As a platform does (RFC 9110, 15.6.4), it asks again where the gateway cannot
    answer, for `patience` seconds.
    """
    deadline = time.monotonic() + patience
    status, envelope = _answer(given, partner, method, token, body)
    while status == http.HTTPStatus.SERVICE_UNAVAILABLE and time.monotonic() < deadline:
        time.sleep(0.5)
        status, envelope = _answer(given, partner, method, token, body)
    if status != http.HTTPStatus.OK or envelope.get("status_code") != 1000:
        told = f"HTTP {status}, OCPI {envelope.get('status_code')} {envelope.get('status_message', '')}"
        raise CollectError(f"{partner.name}: {method} credentials: {told}", f"see {given.folder / 'logs'}")
    return envelope.get("data")


def _answer(
    given: Exchange, partner: Partner, method: str, token: str, body: Any
) -> tuple[int, dict[str, Any]]:
    """Status and envelope. Raises CollectError for what is no answer."""
    trust = ssl.create_default_context(cafile=given.clients.ca_file)
    connection = http.client.HTTPSConnection("127.0.0.1", given.port, timeout=30, context=trust)
    headers = {
        "Authorization": tokens.header(token, partner.auth_encoding),
        "Content-Type": "application/json",
        "X-Request-ID": str(uuid.uuid4()),
        "X-Correlation-ID": str(uuid.uuid4()),
    }
    try:
        connection.request(method, _CREDENTIALS, None if body is None else json.dumps(body), headers)
        answer = connection.getresponse()
        return answer.status, json.loads(answer.read())
    except (OSError, ValueError) as error:
        raise CollectError(f"{partner.name}: {method} credentials: {type(error).__name__}") from None
    finally:
        connection.close()


def authorizer_allows(
    authorizer: Function, partner: Partner, token: str, path: str = "/ocpi/versions"
) -> bool:
    """Whether the authorizer lets a GET of `path` on. Raises CollectError where it fails."""
    try:
        answer = authorizer.invoke(authorizer_event(partner, token, path))
    except FunctionFailed as failure:
        if failure.kind == "Unauthorized":
            return False
        raise CollectError(str(failure)) from None
    effects = [statement["Effect"] for statement in answer["policyDocument"]["Statement"]]
    return effects == ["Allow"] and answer["principalId"] == partner.name


def authorizer_event(partner: Partner, token: str, path: str) -> dict[str, Any]:
    """A REQUEST authorizer's event (API Gateway Developer Guide, "Input to a Lambda authorizer")."""
    return {
        "methodArn": "arn:aws:execute-api:eu-central-1:123456789012:lab/live/GET" + path,
        "httpMethod": "GET",
        "path": path,
        "multiValueHeaders": {
            "Authorization": [tokens.header(token, partner.auth_encoding)],
            "X-Forwarded-Proto": ["https"],
            "X-Request-ID": ["lab"],
            "X-Correlation-ID": ["lab"],
        },
        "multiValueQueryStringParameters": None,
        "requestContext": {"identity": {"sourceIp": _address(partner)}},
    }


def _address(partner: Partner) -> str:
    return partner.networks[0].partition("/")[0]
