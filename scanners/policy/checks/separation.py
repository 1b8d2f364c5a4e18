"""Checks of the separation of environments: production and test held side by side."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from ipaddress import ip_network
from typing import Final

from hardening.checks import Verdicts, check
from scanners.policy.checks.reading import read, strings, tag, verdict
from scanners.policy.checks.tags import MARKED
from scanners.policy.samples.data import DATA
from scanners.policy.samples.identity import ACCESS
from scanners.policy.samples.network import NETWORK
from scanners.policy.samples.sample_stack import plus, stack, weaken
from scanners.policy.stack import Resource, Stack


@dataclass(frozen=True, slots=True)
class Stacks:
    """Two environments of one system: the subject of the checks that hold them side by side."""

    production: Stack
    test: Stack


# The ARNs of samples: `arn:` and the id.
_SAMPLE_ARN: Final = re.compile(r"\barn:(?!aws:)[\w.-]+")


def _renamed(original: Stack, environment: str, network: str) -> Stack:
    """The same stack as another environment would have it: other ids, names and addresses."""

    def changed(value: object) -> object:
        if isinstance(value, str):
            text = value.replace("production", environment).replace("10.20.", network)
            text = _SAMPLE_ARN.sub(rf"\g<0>-{environment}", text)
            return f"{text}-{environment}" if value in ids else text
        if isinstance(value, dict):
            return {key: changed(item) for key, item in value.items()}
        return [changed(item) for item in value] if isinstance(value, list | tuple) else value

    ids = {resource.id for resource in original.resources}
    return replace(
        original,
        name=environment,
        resources=tuple(
            replace(
                r,
                urn=r.urn.replace("production", environment),
                id=f"{r.id}-{environment}",
                inputs={key: changed(value) for key, value in r.inputs.items()},
                outputs={"arn": f"arn:{r.id}-{environment}"},
            )
            for r in original.resources
        ),
    )


_PRODUCTION = stack(*NETWORK.resources, *DATA.resources, *ACCESS.resources)
_TEST = _renamed(_PRODUCTION, "test", "10.21.")
_APART = Stacks(_PRODUCTION, _TEST)


def _test_with(name: str, path: str, value: object) -> Stacks:
    return Stacks(_PRODUCTION, weaken(_TEST, name, path, value))


@check("environments-share-nothing", good=_APART, bad=_test_with("vpc-1", "cidrBlock", "10.20.0.0/16"))
def networks_do_not_overlap(stacks: Stacks) -> Verdicts:
    """No VPC of production overlaps one of test."""
    theirs = [(vpc, str(read(vpc, "cidrBlock"))) for vpc in stacks.test.of_type("aws:ec2/vpc:Vpc")]
    for vpc in stacks.production.of_type("aws:ec2/vpc:Vpc"):
        own = ip_network(str(read(vpc, "cidrBlock")))
        overlapping = [other.urn for other, cidr in theirs if own.overlaps(ip_network(cidr))]
        yield verdict(f"{vpc.urn}#cidrBlock", not overlapping, f"overlaps {', '.join(overlapping)}")


# Kind of thing, types, and the property that names it.
_NAMED: Final = (
    ("a secret", "aws:secretsmanager/secret:Secret", "name"),
    ("a bucket", "aws:s3/bucket:Bucket", "bucket"),
    ("a table", "aws:dynamodb/table:Table", "name"),
    ("a role", "aws:iam/role:Role", "name"),
    ("a key", "aws:kms/key:Key", "keyId"),
    ("a log group", "aws:cloudwatch/logGroup:LogGroup", "name"),
)


@check(
    "environments-share-nothing",
    good=_APART,
    bad=_test_with("secret-volta-inbound", "name", "rampart/production/volta/inbound"),
)
def nothing_stands_in_both_stacks(stacks: Stacks) -> Verdicts:
    """Neither an id nor a physical name of a thing that holds data or rights stands in both."""
    for what, kind, name in _NAMED:
        theirs = {text for resource in stacks.test.of_type(kind) for text in _names(resource, name)}
        for resource in stacks.production.of_type(kind):
            shared = theirs & set(_names(resource, name))
            yield verdict(
                resource.urn, not shared, f"both environments have {what} called {', '.join(sorted(shared))}"
            )


def _names(resource: Resource, name: str) -> Iterator[str]:
    values = (resource.id, read(resource, name), resource.outputs.get("arn"))
    yield from (value for value in values if isinstance(value, str) and value)


_REACHING = _test_with(
    "policy-guard", "policy", '{"Statement": {"Effect": "Allow", "Resource": "arn:table-tokens"}}'
)


@check("environments-share-nothing", good=_APART, bad=_REACHING)
def no_stack_names_a_thing_of_the_other(stacks: Stacks) -> Verdicts:
    """In neither stack does any property, or a policy's text, name an ARN of the other."""
    for one, other in ((stacks.production, stacks.test), (stacks.test, stacks.production)):
        foreign = {arn for resource in other.resources if (arn := resource.outputs.get("arn"))}
        foreign -= {resource.outputs.get("arn") for resource in one.resources}
        for resource in one.resources:
            everything = "\n".join(strings(resource.inputs))
            named = sorted(arn for arn in foreign if arn in everything and _names_arn(everything, arn))
            if named:
                yield resource.urn, f"names {', '.join(named)} of the other environment"
        yield f"{one.name}#foreign", None


def _names_arn(text: str, arn: str) -> bool:
    """Whether `text` has the ARN, or what lies under it (the beginning of another name does not count)."""
    return re.search(rf"{re.escape(arn)}(?![\w.-])", text) is not None


@check("environments-share-nothing", good=_APART, bad=Stacks(_PRODUCTION, plus(_TEST, NETWORK.resources[0])))
def the_environments_are_told_apart(stacks: Stacks) -> Verdicts:
    """Each stack's resources carry one environment's mark, and not the same one."""
    for one, other in ((stacks.production, stacks.test), (stacks.test, stacks.production)):
        own = _marks(one)
        apart = len(own) == 1 and not own & _marks(other)
        yield verdict(one.name, apart, f"its resources are marked {', '.join(sorted(own)) or 'with nothing'}")


def _marks(stack: Stack) -> set[str]:
    return {tag(r, "rampart:environment") for r in stack.resources if r.type in MARKED} - {""}
