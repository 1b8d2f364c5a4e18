"""An AWS account that does for a person what the declared stack lets the operator's role do, and no more.

It stands before the emulator, which asks nobody for rights. Rules: IAM User Guide, "Policy evaluation logic"
(within one account) and "Conditions with multiple context keys or values". What AWS's own managed policy
grants the role (`ViewOnlyAccess`) is left out: no command may need it.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler
from typing import Any, ClassVar
from urllib.error import HTTPError
from urllib.parse import unquote
from urllib.request import Request, urlopen

from scanners.policy.iam.conditions import Condition
from scanners.policy.iam.patterns import matches
from scanners.policy.iam.policy import Document, Statement, parse
from scanners.policy.stack import Stack
from tests.beds.http_server import http_server
from tests.own_stack import ACCOUNT, own_stack

REGION = "eu-central-1"
_FORWARDED = ("Content-Type", "X-Amz-Target", "Authorization", "X-Amz-Date", "X-Amz-Security-Token")

# The condition keys of one request, in lower case, each with its values.
Context = Mapping[str, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Asked:
    """One right that a call needs. `secret` names the secret whose own policy has a word too."""

    action: str
    resource: str
    context: Context
    secret: str = ""


@dataclass(frozen=True, slots=True)
class Operator:
    """The operator's role as a stack declares it: its policy, its boundary, and secrets' own policies."""

    granted: Document
    boundary: Document
    of_secrets: Mapping[str, Document]
    arn: str

    def may(self, asked: Asked) -> bool:
        """Whether AWS lets the role do it."""
        always = {
            "aws:requestedregion": (REGION,),
            "aws:principalaccount": (ACCOUNT,),
            "aws:principalarn": (self.arn,),
            "aws:securetransport": ("true",),
        }
        context = {**always, **asked.context}
        own = self.of_secrets.get(asked.secret, Document())
        documents = (self.granted, self.boundary, own)
        if any(_applies(one, asked, context) for each in documents for one in each.denying):
            return False
        return all(
            any(_applies(one, asked, context) for one in each.allowing)
            for each in (self.granted, self.boundary)
        )


def operator_of(stack: Stack) -> Operator:
    """The operator's role of a declared stack."""
    policies: dict[str, Document] = {}
    for name in ("operator", "people-boundary"):
        [found] = [
            one
            for one in stack.resources
            if one.type in ("aws:iam/rolePolicy:RolePolicy", "aws:iam/policy:Policy") and one.name == name
        ]
        policies[name] = parse(found.inputs["policy"], of="identity")
    [role] = [one for one in stack.resources if (one.type, one.name) == ("aws:iam/role:Role", "operator")]
    of_secrets = {
        one.name: parse(one.inputs["policy"], of="resource")
        for one in stack.resources
        if one.type == "aws:secretsmanager/secretPolicy:SecretPolicy"
    }
    return Operator(policies["operator"], policies["people-boundary"], of_secrets, role.outputs["arn"])


def _applies(statement: Statement, asked: Asked, context: Context) -> bool:
    return statement.covers(asked.action, asked.resource) and all(
        _holds(condition, context) for condition in statement.conditions
    )


def _holds(condition: Condition, context: Context) -> bool:
    values = context.get(condition.key)
    if not values:
        return condition.holds_without_key
    if condition.operator == "null":
        return "false" in condition.values
    each = [_equals(condition, value) is not condition.negated for value in values]
    return any(each) if condition.quantifier == "foranyvalue" else all(each)


def _equals(condition: Condition, value: str) -> bool:
    if condition.operator.startswith("arn") or "like" in condition.operator:
        return any(matches(own, value) for own in condition.values)
    return value in condition.values


def rights_of(service: str, action: str, body: Mapping[str, Any]) -> Iterator[Asked]:
    """What a call needs, and what AWS then asks of the caller for it (the use of keys)."""
    if service == "secretsmanager":
        yield from _of_secret(action, body)
    elif action == "TransactWriteItems":
        for write in body["TransactItems"]:
            for kind, one in write.items():
                yield from _of_table(f"{kind}Item", one)
    else:
        yield from _of_table(action, body)


def _of_secret(action: str, body: Mapping[str, Any]) -> Iterator[Asked]:
    name = str(body["SecretId"])
    arn = f"arn:aws:secretsmanager:{REGION}:{ACCOUNT}:secret:{name}-AbCdEf"
    stage = body.get("VersionStage")
    context = {} if stage is None else {"secretsmanager:versionstage": (str(stage),)}
    partner, direction = name.split("/")[-2:]
    yield Asked(f"secretsmanager:{action}", arn, context, f"{partner}-{direction}")
    if action in ("GetSecretValue", "PutSecretValue"):
        yield _key("SecretARN", arn)


def _of_table(action: str, body: Mapping[str, Any]) -> Iterator[Asked]:
    """`dynamodb:Attributes` has each attribute that a request names (Service Authorization Reference)."""
    table, index = str(body["TableName"]), body.get("IndexName")
    arn = f"arn:aws:dynamodb:{REGION}:{ACCOUNT}:table/{table}" + (f"/index/{index}" if index else "")
    named = {*body.get("Key", {}), *body.get("Item", {}), *body.get("ExpressionAttributeNames", {}).values()}
    context = {"dynamodb:attributes": tuple(sorted(named))} if named else {}
    yield Asked(f"dynamodb:{action}", arn, context)
    yield _key("aws:dynamodb:tableName", table)


def _key(name: str, value: str) -> Asked:
    key = f"arn:aws:kms:{REGION}:{ACCOUNT}:key/11112222-3333-4444-5555-666677778888"
    return Asked("kms:Decrypt", key, {f"kms:encryptioncontext:{name.lower()}": (value,)})


@dataclass
class Account:
    """Where it answers; `asked` is every action that was asked for, `refused` those that were not granted."""

    url: str
    asked: set[str] = field(default_factory=set)
    refused: set[str] = field(default_factory=set)


@contextmanager
def as_operator(emulator: str, functions: str, stack: str = "test") -> Iterator[Account]:
    """The account for the operator: what is granted goes to the emulator, or to `functions` for Lambda."""
    operator, account = operator_of(own_stack(stack)), Account("")
    rights = type("Rights", (_Rights,), {"given": (operator, account, emulator, functions)})
    with http_server(rights) as server:
        account.url = f"http://127.0.0.1:{server.server_port}"
        yield account


class _Rights(BaseHTTPRequestHandler):
    given: ClassVar[tuple[Operator, Account, str, str]]

    def do_POST(self) -> None:
        operator, account, emulator, functions = self.given
        text = self.rfile.read(int(self.headers["Content-Length"]))
        function = unquote(self.path).partition("/functions/")[2].partition("/")[0]
        if function:
            arn = f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:{function}"
            needed, there = [Asked("lambda:InvokeFunction", arn, {})], functions
        else:
            target = self.headers["X-Amz-Target"]
            service = "dynamodb" if target.startswith("DynamoDB") else "secretsmanager"
            needed = list(rights_of(service, target.rpartition(".")[2], json.loads(text)))
            there = emulator
        account.asked |= {one.action for one in needed}
        missing = {one.action for one in needed if not operator.may(one)}
        account.refused |= missing
        if missing:
            self._send(400, {}, json.dumps({"__type": "AccessDeniedException"}).encode())
            return
        self._forward(there, text)

    def _forward(self, there: str, text: bytes) -> None:
        headers = {name: self.headers[name] for name in _FORWARDED if name in self.headers}
        try:
            url = there + self.path
            with urlopen(Request(url, text, headers, method="POST")) as answer:  # noqa: S310  (loopback)
                self._send(answer.status, answer.headers, answer.read())
        except HTTPError as error:
            with error:
                self._send(error.code, error.headers, error.read())

    def _send(self, status: int, headers: Any, text: bytes) -> None:
        self.send_response(status)
        for name, value in headers.items():
            if name.lower().startswith("x-amz") or name.lower() == "content-type":
                self.send_header(name, value)
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)

    def log_message(self, format: str, *args: Any) -> None:
        """Quiet."""
