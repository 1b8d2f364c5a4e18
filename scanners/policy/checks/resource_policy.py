"""Checks of the API's resource policy: who may call it at all."""

from __future__ import annotations

from hardening.checks import Verdicts, check
from scanners.policy.checks.api_gateway import API
from scanners.policy.checks.policies import policies_of, policy_at
from scanners.policy.checks.reading import attached, is_open, verdict
from scanners.policy.iam_conditions import all_but_addresses, limited_to_addresses
from scanners.policy.iam_policy import Document, Statement
from scanners.policy.samples.edge import EDGE
from scanners.policy.samples.sample_stack import weaken
from scanners.policy.stack import Resource, Stack


def resource_policy(stack: Stack, api: Resource) -> Document:
    """The API's resource policy, wherever it is written. Raises Unverifiable."""
    separate = attached(stack, api, "aws:apigateway/restApiPolicy:RestApiPolicy", "restApiId")
    return policy_at(api, "policy") + policies_of(separate)


def _whole_api(api: Resource, statement: Statement) -> bool:
    """Whether a statement certainly names all calls of the API."""
    own = api.outputs.get("executionArn")
    names = ["execute-api:/*", *([f"{own}/*"] if isinstance(own, str) else [])]
    return any(statement.covers("execute-api:Invoke", name) for name in names)


def refuses_everyone(api: Resource, rules: Document) -> bool:
    """Whether a policy denies all callers, as before the first partner."""
    return any(not s.conditions for s in _denying_everyone(api, rules))


def _denying_everyone(api: Resource, rules: Document) -> list[Statement]:
    everyone = [s for s in rules.denying if s.principals is not None and s.principals.everyone]
    return [statement for statement in everyone if _whole_api(api, statement)]


@check("api-has-resource-policy", good=EDGE, bad=weaken(EDGE, "api-1", "policy", '{"Statement": []}'))
def resource_policy_names_the_callers(stack: Stack) -> Verdicts:
    """Callers outside the named networks are denied, or only named networks are allowed."""
    for api in stack.of_type(API):
        rules = resource_policy(stack, api)
        strangers = any(all_but_addresses(s.conditions, is_open) for s in _denying_everyone(api, rules))
        denied = strangers or refuses_everyone(api, rules)
        allowing = rules.allowing
        limited = bool(allowing) and all(limited_to_addresses(s.conditions, is_open) for s in allowing)
        yield verdict(f"{api.urn}#policy", denied or limited, "the resource policy lets any address call")
