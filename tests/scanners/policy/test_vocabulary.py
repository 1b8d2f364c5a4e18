"""Checks and stack use the words of pulumi-aws: a misspelt property would never be found."""

from __future__ import annotations

import importlib
import json
import re
import typing
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import pulumi._types
import pulumi_aws
import pytest

from scanners.policy.checks import module_names
from scanners.policy.checks.dns_firewall import _EGRESS
from scanners.policy.samples.compute import WORKLOAD
from scanners.policy.samples.data import DATA
from scanners.policy.samples.edge import EDGE
from scanners.policy.samples.identity import ACCESS
from scanners.policy.samples.observability import AUDIT
from scanners.policy.stack import Resource
from tests.own_stack import own_stack

SAMPLES = [
    *ACCESS.resources,
    *AUDIT.resources,
    *DATA.resources,
    *EDGE.resources,
    *WORKLOAD.resources,
    *_EGRESS.resources,
]
CHECKS = Path(importlib.import_module("scanners.policy.checks").__path__[0])

# The SDK has one class for the statements of a web ACL and of the newer WebAclRule resource, which takes
# one `statement` where the web ACL takes `statements` (as RuleGroup does, whose class is its own).
SHADOWED = {"aws:wafv2/webAcl:WebAcl rules.statement.notStatement.statements"}


@cache
def classes() -> Mapping[str, tuple[str, str]]:
    """Type token -> (module, class), as the SDK registers them."""
    source = Path(pulumi_aws.__file__).read_text(encoding="utf-8")
    registered = re.search(r'resource_modules="""\n(.*?)\n"""', source, re.DOTALL)
    assert registered is not None
    modules = json.loads(registered.group(1))
    return {token: (m["fqn"], name) for m in modules for token, name in m["classes"].items()}


@cache
def properties(token: str) -> Mapping[str, Any]:
    """Property -> type, of a resource type."""
    module, name = classes()[token]
    return pulumi._types.resource_types(getattr(importlib.import_module(module), name))


def misspelt(resource: Resource) -> Iterator[str]:
    known = properties(resource.type)
    for name, value in resource.inputs.items():
        if name not in known:
            yield f"{resource.type} {name}"
        else:
            faults = _nested(f"{resource.type} {name}", value, known[name])
            yield from (fault for fault in faults if fault not in SHADOWED)


def _nested(where: str, value: Any, kind: Any) -> Iterator[str]:
    """Unknown names inside of `value`; free-form maps (tags, variables) have none."""
    while typing.get_origin(kind) is typing.Union:
        kind = next(k for k in typing.get_args(kind) if k is not type(None))
    arguments = typing.get_args(kind)
    if isinstance(value, list | tuple):
        if arguments:
            for item in value:
                yield from _nested(where, item, arguments[0])
        else:
            yield f"{where}: one value, not a list"
    elif isinstance(value, Mapping) and isinstance(kind, type) and pulumi._types.is_output_type(kind):
        known = pulumi._types.output_type_types(kind)
        for name, item in value.items():
            if name not in known:
                yield f"{where}.{name}"
            else:
                yield from _nested(f"{where}.{name}", item, known[name])


@pytest.mark.parametrize("resource", SAMPLES, ids=lambda resource: resource.name)
def test_every_property_of_a_sample_exists(resource: Resource) -> None:
    assert list(misspelt(resource)) == []


@pytest.mark.parametrize("name", ["test", "production"])
def test_every_property_of_our_own_stack_exists(name: str) -> None:
    ours = [r for r in own_stack(name).resources if r.type.startswith("aws:")]
    assert len(ours) > 120
    assert sorted({fault for resource in ours for fault in misspelt(resource)}) == []


def test_a_misspelt_property_is_noticed() -> None:
    acl = next(r for r in EDGE.resources if r.name == "waf-1")
    rule: dict[str, Any] = {"statement": {"orStatement": {"statement": []}}}
    wrong = Resource(urn="", type=acl.type, name="", inputs={"rules": [rule], "scop": "REGIONAL"})
    assert list(misspelt(wrong)) == [
        f"{acl.type} rules.statement.orStatement.statement",
        f"{acl.type} scop",
    ]


@pytest.mark.parametrize("module", module_names())
def test_every_type_that_a_check_names_exists(module: str) -> None:
    """Old and alternative spellings count too: the SDK still has them."""
    source = (CHECKS / f"{module}.py").read_text(encoding="utf-8")
    named = set(re.findall(r'"(aws:\w+/\w+:\w+)"', source))
    assert named - set(classes()) == set()
