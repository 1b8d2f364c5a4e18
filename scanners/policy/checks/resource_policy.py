"""Checks of the API's resource policy: who may call it at all."""

from __future__ import annotations

from typing import Final

from hardening.checks import Unverifiable, Verdicts, check
from scanners.policy.checks.api_gateway import API
from scanners.policy.checks.policies import policies_of, policy_at
from scanners.policy.checks.reading import are_open, attached, document, read, verdict
from scanners.policy.iam.conditions import all_but_addresses, limited_to_addresses
from scanners.policy.iam.patterns import Malformed
from scanners.policy.iam.policy import Document, Statement, parse
from scanners.policy.samples.api import POLICY_IN_BODY, api_body
from scanners.policy.samples.edge import EDGE
from scanners.policy.samples.sample_stack import ABSENT, aws, plus, weaken
from scanners.policy.stack import Resource, Stack

_SEPARATE: Final = "aws:apigateway/restApiPolicy:RestApiPolicy"
_DEPLOYMENT: Final = "aws:apigateway/deployment:Deployment"


def resource_policy(stack: Stack, api: Resource) -> Document:
    """The API's resource policy, wherever it is written. Raises Unverifiable."""
    separate = attached(stack, api, _SEPARATE, "restApiId")
    return _policy_in_body(api) + policy_at(api, "policy") + policies_of(separate)


def _policy_in_body(api: Resource) -> Document:
    written = (document(api, "body") or {}).get(POLICY_IN_BODY)
    try:
        return Document() if written is None else parse(written, of="resource")
    except Malformed as problem:
        raise Unverifiable(f"{api.urn}#body", str(problem)) from None


def _whole_api(api: Resource, statement: Statement) -> bool:
    """Whether a statement certainly names all calls of the API."""
    own = api.outputs.get("executionArn")
    names = ["execute-api:/*", *([f"{own}/*"] if isinstance(own, str) else [])]
    return any(statement.covers("execute-api:Invoke", name) for name in names)


def refuses_everyone(api: Resource, rules: Document) -> bool:
    """Whether a policy denies all callers, as before the first partner."""
    return any(not s.conditions for s in _denying_everyone(api, rules))


def _denying_everyone(api: Resource, rules: Document) -> list[Statement]:
    everyone = [s for s in rules.denying if s.principals.everyone]
    return [statement for statement in everyone if _whole_api(api, statement)]


_NO_STATEMENT = api_body(**{POLICY_IN_BODY: {"Version": "2012-10-17", "Statement": []}})


_CALLS = {"Effect": "Allow", "Principal": "*", "Action": "execute-api:Invoke", "Resource": "execute-api:/*"}


def _open_to(*cidrs: str) -> Stack:
    statement = {**_CALLS, "Condition": {"IpAddress": {"aws:SourceIp": list(cidrs)}}}
    rules = {"Version": "2012-10-17", "Statement": [statement]}
    return weaken(EDGE, "api-1", "body", api_body(**{POLICY_IN_BODY: rules}))


@check(
    "api-has-resource-policy",
    good=EDGE,
    bad={
        "no statement": weaken(EDGE, "api-1", "body", _NO_STATEMENT),
        "a wide network": _open_to("128.0.0.0/1"),
        "the world in pieces": _open_to(*(f"{first}.0.0.0/8" for first in range(256))),
        "the world of IPv6 in pieces": _open_to(*(f"2a{first:02x}::/32" for first in range(16))),
    },
    also_good={"networks of partners": _open_to("192.0.2.0/28", "198.51.100.0/24", "2001:db8::/48")},
)
def resource_policy_names_the_callers(stack: Stack) -> Verdicts:
    """Callers outside the named networks are denied, or only named networks are allowed."""
    for api in stack.of_type(API):
        rules = resource_policy(stack, api)
        strangers = any(all_but_addresses(s.conditions, are_open) for s in _denying_everyone(api, rules))
        denied = strangers or refuses_everyone(api, rules)
        allowing = rules.allowing
        limited = bool(allowing) and all(limited_to_addresses(s.conditions, are_open) for s in allowing)
        yield verdict(f"{api.urn}#policy", denied or limited, "the resource policy lets any address call")


_APART = aws(
    "apigateway/restApiPolicy:RestApiPolicy", "policy-1", restApiId="api-1", policy='{"Statement": []}'
)


@check("policy-changes-take-effect", good=EDGE, bad=plus(EDGE, _APART))
def the_policy_is_part_of_the_document(stack: Stack) -> Verdicts:
    """The resource policy is in the body: an import wipes one that is written anywhere else."""
    for api in stack.of_type(API):
        apart = bool(attached(stack, api, _SEPARATE, "restApiId")) or read(api, "policy") is not None
        inside = bool(_policy_in_body(api).statements) and not apart
        problem = f"the policy is not in the body, or not only there ({POLICY_IN_BODY})"
        yield verdict(f"{api.urn}#body", inside, problem)


@check("policy-changes-take-effect", good=EDGE, bad=weaken(EDGE, "deployment-1", "triggers", ABSENT))
def a_changed_document_is_deployed(stack: Stack) -> Verdicts:
    """Each deployment of the API is made anew when something changes: without triggers, it never is."""
    for deployment in stack.of_type(_DEPLOYMENT):
        triggered = bool(deployment.inputs.get("triggers"))
        yield verdict(f"{deployment.urn}#triggers", triggered, "no trigger: a changed API is not deployed")
