"""The Lambda authorizer of the API: event -> `Request` -> decision -> policy.

A call is refused here when the caller is unknown or did not contract it. A malformed call goes on to the
guard, which refuses it as OCPI requires: API Gateway could only answer 403.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import cache
from typing import Any
from urllib.parse import urlencode

import boto3
from botocore.config import Config

from hardening.registry.partners import Partner
from hardening.requests.decision import Decision, decide_call
from hardening.requests.request import Request
from hardening.requests.statuses import LEFT_TO_THE_GUARD
from hardening.requests.tokens import credentials_of
from hardening.requests.trace import trace_id
from infra.runtime.functions.registry_object import own_registry
from infra.runtime.policy_service.stores import DynamoTokenStore, TokenStore, credentials

_LOG = logging.getLogger("authorizer")
_LOG.setLevel(logging.INFO)
# No partner has such a name: `hardening.registry.rules.identity`.
_NOBODY = "(nobody)"
_TIMING = Config(connect_timeout=1, read_timeout=2, retries={"total_max_attempts": 2})


class Unauthorized(Exception):
    """Raised to have API Gateway answer 401: it does so for this message and no other.

    API Gateway Developer Guide, "Output from an API Gateway Lambda authorizer".
    """

    def __init__(self) -> None:
        super().__init__("Unauthorized")


def authorize(event: Mapping[str, Any], _context: object) -> dict[str, Any]:
    """The entry point. Allows exactly this method of this route, or denies it; what crashes is denied.

    Raises Unauthorized where nobody was recognised.
    """
    try:
        request = request_of(event, _store(), _partners(), datetime.now(UTC))
        decision = decide_call(request)
        key = "" if request.credentials is None else _usage_key(request.credentials.partner.name)
    except Exception as crash:  # the outer edge of this process: whatever happened, the call is refused
        # Not the message: it may quote what was sent.
        _LOG.error("crash", extra={"kind": type(crash).__name__})
        return _policy("Deny", event["methodArn"], _NOBODY, {"control": "authorizer-crash"})
    return respond(request, decision, event["methodArn"], key)


def request_of(
    event: Mapping[str, Any], store: TokenStore, partners: Mapping[str, Partner], now: datetime
) -> Request:
    """The call in a REQUEST authorizer's event (API Gateway Developer Guide, "Input to a Lambda authorizer").

    The values of a header that was sent twice are joined, so a second token cannot hide behind the first.
    """
    headers = {
        name.lower(): ",".join(values) for name, values in (event.get("multiValueHeaders") or {}).items()
    }
    query = [(n, v) for n, vs in (event.get("multiValueQueryStringParameters") or {}).items() for v in vs]
    return Request(
        method=event["httpMethod"],
        path=event["path"],
        query=urlencode(query),
        headers=headers,
        source=event["requestContext"]["identity"]["sourceIp"],
        received=now,
        environment=os.environ["RAMPART_ENVIRONMENT"],
        credentials=credentials_of(
            headers.get("authorization", ""), lambda digest: credentials(store.find(digest), partners)
        ),
    )


def respond(request: Request, decision: Decision, method: str, usage_key: str) -> dict[str, Any]:
    """The policy for `decision`, with the key that meters the partner. Raises Unauthorized for nobody."""
    name = _NOBODY if request.credentials is None else request.credentials.partner.name
    about = {"control": decision.control, "trace": trace_id(request.headers)}
    if not decision.allowed:
        _LOG.warning("refused", extra={**about, "partner": name, "status": decision.http_status})
    if request.credentials is None or decision.http_status == 401:
        raise Unauthorized
    if decision.allowed or decision.http_status in LEFT_TO_THE_GUARD:
        answer = _policy("Allow", method, name, about)
        return {**answer, "usageIdentifierKey": usage_key}
    return _policy("Deny", method, name, about)


def _policy(effect: str, method: str, principal: str, context: Mapping[str, str]) -> dict[str, Any]:
    statement = {"Action": "execute-api:Invoke", "Effect": effect, "Resource": method}
    return {
        "principalId": principal,
        "policyDocument": {"Version": "2012-10-17", "Statement": [statement]},
        "context": dict(context),
    }


@cache
def _store() -> TokenStore:
    client = boto3.client("dynamodb", config=_TIMING)
    return DynamoTokenStore(client, os.environ["RAMPART_TOKEN_TABLE"])


@cache
def _partners() -> Mapping[str, Partner]:
    return {partner.name: partner for partner in own_registry()}


@cache
def _usage_key(partner: str) -> str:
    """The key that meters a partner. It opens nothing, so a warm function may keep it."""
    name = f"{os.environ['RAMPART_USAGE_KEYS']}/{partner}"
    found = boto3.client("ssm", config=_TIMING).get_parameter(Name=name, WithDecryption=True)
    return str(found["Parameter"]["Value"])
