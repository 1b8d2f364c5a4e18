"""What the audit does not compare, and why. None of it counts as passed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from scanners.drift.declared import Declared
from scanners.drift.records import NotCompared, ResourceReader

# Types that have no settings in AWS and cannot drift.
NO_OBJECT: Final[Mapping[str, str]] = {
    "aws:acm/certificateValidation:CertificateValidation": "it only waits for a certificate",
    "aws:apigateway/deployment:Deployment": "a snapshot; the stage names the one that serves",
    "aws:signer/signingJob:SigningJob": "a job that has run; its object in the bucket is what stays",
}

# Inputs that tell the provider how to work; AWS does not keep them.
OF_THE_PROVIDER: Final = frozenset(
    {
        "allowOverwrite",
        "blockPublicPolicy",
        "defaultNetworkAclId",
        "defaultRouteTableId",
        "deletionWindowInDays",
        "bypassPolicyLockoutSafetyCheck",
        "enableDefaultStandards",
        "failOnWarnings",
        "forceDelete",
        "forceDestroy",
        "forceDetachPolicies",
        "forceOverwriteReplicaSecret",
        "namePrefix",
        "putRestApiMode",
        "recoveryWindowInDays",
        "region",
        "revokeRulesOnDelete",
        "rotateImmediately",
        "skipDestroy",
        "tagsAll",
        "triggers",
        "waitForDeployment",
        "waitForSteadyState",
    }
)


def uncovered(declared: Declared, readers: tuple[ResourceReader, ...]) -> Iterator[NotCompared]:
    """Resources without a reader, parts whose owner is not in the stack, and inputs of parts not read."""
    read = {reader.type for reader in readers}
    owned = _owned_parts(declared, readers)
    part_types = {part.type for reader in readers for part in reader.parts}
    for resource in declared.stack.resources:
        if not resource.custom or resource.external or resource.type in read:
            continue
        if resource.type.startswith("pulumi:"):
            continue
        if resource.type in NO_OBJECT:
            yield NotCompared(resource.type, resource.urn, "", NO_OBJECT[resource.type])
        elif resource.type not in part_types:
            yield NotCompared(resource.type, resource.urn, "", "the audit has no reader for this type")
        elif resource.urn not in owned:
            yield NotCompared(resource.type, resource.urn, "", "its owner is not in the stack")
        else:
            for name in sorted(set(resource.inputs) - owned[resource.urn] - OF_THE_PROVIDER):
                yield NotCompared(resource.type, resource.urn, name, "no reader compares it")


def _owned_parts(declared: Declared, readers: tuple[ResourceReader, ...]) -> dict[str, set[str]]:
    """URN of each part whose owner is in the stack -> the inputs that are compared there."""
    owned: dict[str, set[str]] = {}
    for reader in readers:
        for part in reader.parts:
            for owner in declared.stack.of_type(reader.type):
                for each in declared.parts(owner, part.type, part.link):
                    owned.setdefault(each.urn, set()).update({part.link, *part.compared})
    return owned
