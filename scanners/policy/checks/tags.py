"""Checks of the tags that say which environment a resource belongs to, and which data it holds."""

from __future__ import annotations

from typing import Final

from hardening.checks import Verdicts, check
from scanners.policy.checks.dynamodb import TABLE
from scanners.policy.checks.reading import tag, verdict
from scanners.policy.checks.s3 import BUCKET
from scanners.policy.samples.data import DATA
from scanners.policy.samples.observability import AUDIT
from scanners.policy.samples.sample_stack import ABSENT, weaken
from scanners.policy.stack import Stack

# What holds data or rights, or stands between environments.
MARKED: Final = (
    "aws:ec2/vpc:Vpc",
    "aws:ec2/subnet:Subnet",
    "aws:kms/key:Key",
    "aws:secretsmanager/secret:Secret",
    "aws:dynamodb/table:Table",
    "aws:s3/bucket:Bucket",
    "aws:iam/role:Role",
    "aws:apigateway/restApi:RestApi",
    "aws:wafv2/webAcl:WebAcl",
    "aws:cloudtrail/trail:Trail",
    "aws:ecs/service:Service",
    "aws:lambda/function:Function",
)


@check("environments-named", good=AUDIT, bad=weaken(AUDIT, "audit", "tags.rampart:environment", ABSENT))
def resources_name_their_environment(stack: Stack) -> Verdicts:
    """Each resource with data or rights has the tag, and the stack has one environment."""
    marked = [resource for resource in stack.resources if resource.type in MARKED and not resource.external]
    environments = {tag(resource, "rampart:environment") for resource in marked} - {""}
    for resource in marked:
        own = tag(resource, "rampart:environment")
        yield verdict(f"{resource.urn}#tags", bool(own), "names no environment (tag rampart:environment)")
    if len(environments) > 1:
        yield stack.name, f"one stack holds resources of {', '.join(sorted(environments))}"


_CLASSES: Final = frozenset({"public", "internal", "confidential", "restricted"})


_STORES: Final = (TABLE, BUCKET, "aws:secretsmanager/secret:Secret", "aws:cloudwatch/logGroup:LogGroup")


@check("stores-classified", good=DATA, bad=weaken(DATA, "table-cdrs", "tags.rampart:data-class", ABSENT))
def stores_are_classified(stack: Stack) -> Verdicts:
    """Each store has the class of its data as a tag."""
    for store in stack.of_type(*_STORES):
        known = tag(store, "rampart:data-class") in _CLASSES
        yield verdict(
            f"{store.urn}#tags",
            known,
            f"no class of data (tag rampart:data-class: {', '.join(sorted(_CLASSES))})",
        )
