"""The gates that a call meets, as they are declared: firewall, API definition, authorizer and guard."""

from __future__ import annotations

import ipaddress
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from hardening.errors import CollectError
from hardening.registry.partners import Partner
from scanners.policy.stack import Stack
from scanners.reach.firewall import AddressSets, Firewall

_ANYWHERE = ("0.0.0.0/0", "::/0")


@dataclass(frozen=True, slots=True)
class Api:
    """An API definition: template -> method -> whether a body is required; and who may call it at all."""

    methods: Mapping[str, Mapping[str, bool]]
    networks: AddressSets

    def admits(self, source: str) -> bool:
        """Whether the resource policy lets an address in."""
        return bool(self.networks.holding(source))


@dataclass(frozen=True, slots=True)
class Gates:
    """The four gates of one environment. Authorizer and guard are their registries: both ask `hardening`."""

    firewall: Firewall
    api: Api
    authorizer: tuple[Partner, ...]
    guard: tuple[Partner, ...]


def api_of(definition: Mapping[str, Any], networks: Iterable[str]) -> Api:
    """The API of an OpenAPI document, open to `networks`."""
    methods = {
        template: {
            method.upper(): bool(operation.get("requestBody", {}).get("required"))
            for method, operation in operations.items()
        }
        for template, operations in definition["paths"].items()
    }
    return Api(methods, AddressSets({"policy": networks}))


def gates_of(stack: Stack, partners: tuple[Partner, ...]) -> Gates:
    """The gates that `stack` declares, for the registry `partners`.

    Raises CollectError where the stack has not one web ACL and one API.
    """
    acl = _only(stack, "aws:wafv2/webAcl:WebAcl")
    api = _only(stack, "aws:apigateway/restApi:RestApi")
    sets = {
        str(one.outputs.get("arn")): tuple(one.inputs["addresses"])
        for one in stack.resources
        if one.type == "aws:wafv2/ipSet:IpSet"
    }
    firewall = Firewall(tuple(acl["rules"]), "block" in acl["defaultAction"], AddressSets(sets))
    definition = json.loads(api["body"]) if isinstance(api["body"], str) else api["body"]
    return Gates(firewall, api_of(definition, policy_networks(api.get("policy"))), partners, partners)


def policy_networks(policy: Any) -> tuple[str, ...]:
    """The networks that a resource policy admits: everywhere, where there is none or it names none."""
    if not policy:
        return _ANYWHERE
    document = json.loads(policy) if isinstance(policy, str) else policy
    allowed = [one for one in document["Statement"] if one["Effect"] == "Allow"]
    named = [one.get("Condition", {}).get("IpAddress", {}).get("aws:SourceIp") for one in allowed]
    if any(networks is None for networks in named):
        return _ANYWHERE
    flat = (one for networks in named for one in ([networks] if isinstance(networks, str) else networks))
    return tuple(str(ipaddress.ip_network(one)) for one in flat)


def _only(stack: Stack, kind: str) -> Mapping[str, Any]:
    found = [one.inputs for one in stack.resources if one.type == kind]
    if len(found) != 1:
        raise CollectError(f"the stack has {len(found)} resources of {kind}; expected one")
    return found[0]
