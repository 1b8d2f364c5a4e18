"""Repositories of Amazon ECR with their policies, and the registry's (ECR API reference)."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any, Final

from scanners.drift.account import View
from scanners.drift.declared import Declared, block, by
from scanners.drift.fields import TAGS, exposure, protection, setting
from scanners.drift.normalize import plain, policy, unordered
from scanners.drift.records import Live, Part, ResourceReader
from scanners.policy.stack import Resource


def repositories(view: View) -> Iterator[Live]:
    """Repositories with their repository and lifecycle policies (DescribeRepositories)."""
    for found in view.pages("ecr", "describe_repositories", "repositories"):
        name = found["repositoryName"]
        encryption = found.get("encryptionConfiguration") or {}
        lifecycle, shared = "LifecyclePolicyNotFoundException", "RepositoryPolicyNotFoundException"
        arn, of = found["repositoryArn"], {"repositoryName": name}
        yield Live(
            "aws:ecr/repository:Repository",
            name,
            {
                "name": name,
                "imageTagMutability": found.get("imageTagMutability"),
                "imageScanningConfiguration": (found.get("imageScanningConfiguration") or {}).get(
                    "scanOnPush"
                ),
                "encryptionConfigurations": _encryption(
                    encryption.get("encryptionType"), encryption.get("kmsKey")
                ),
                "policy": view.later("ecr", "get_repository_policy", "policyText", absent=(shared,), **of),
                "lifecycle": view.later(
                    "ecr", "get_lifecycle_policy", "lifecyclePolicyText", absent=(lifecycle,), **of
                ),
                "tags": view.tags(arn, "ecr", "list_tags_for_resource", "tags", resourceArn=arn),
            },
            view.region,
        )


def registry_policies(view: View) -> Iterator[Live]:
    """The policy of the region's registry, where it has one (GetRegistryPolicy)."""
    none = ("RegistryPolicyNotFoundException",)
    found = view.ask("ecr", "get_registry_policy", absent=none).get("policyText")
    if found:
        facts = {"policy": found, "about": f"by which others may copy images: {found}"}
        yield Live(_REGISTRY_POLICY, "registry", facts, view.region)


def _encryption(algorithm: Any, key: Any) -> str:
    return f"{algorithm or 'AES256'}{f' with {key}' if key else ''}"


def _declared_repository(declared: Declared, repository: Resource) -> Mapping[str, Any]:
    inputs = repository.inputs
    scanning = block(inputs.get("imageScanningConfiguration"))
    encryption = block(inputs.get("encryptionConfigurations"))
    found = {
        **inputs,
        "imageScanningConfiguration": scanning.get("scanOnPush"),
        "encryptionConfigurations": _encryption(encryption.get("encryptionType"), encryption.get("kmsKey")),
    }
    for one in declared.parts(repository, _REPOSITORY_POLICY, "repository"):
        found["policy"] = one.inputs.get("policy")
    for one in declared.parts(repository, _LIFECYCLE_POLICY, "repository"):
        found["lifecycle"] = one.inputs.get("policy")
    return found


_REPOSITORY_POLICY: Final = "aws:ecr/repositoryPolicy:RepositoryPolicy"


_LIFECYCLE_POLICY: Final = "aws:ecr/lifecyclePolicy:LifecyclePolicy"


def lifecycle_rules(value: Any) -> Any:
    """The rules of a lifecycle policy, from JSON text. Raises ValueError if it is not JSON."""
    return unordered(json.loads(value)) if isinstance(value, str) else plain(value)


_REGISTRY_POLICY: Final = "aws:ecr/registryPolicy:RegistryPolicy"


READERS: Final = (
    ResourceReader(
        type=_REGISTRY_POLICY,
        service="ecr",
        read=registry_policies,
        key=lambda _: "registry",
        fields=(exposure("policy", policy),),
    ),
    ResourceReader(
        type="aws:ecr/repository:Repository",
        service="ecr",
        read=repositories,
        key=by("name"),
        declare=_declared_repository,
        fields=(
            exposure("policy", policy, default=None),
            protection("imageTagMutability", default="MUTABLE"),
            protection("imageScanningConfiguration", default=False),
            protection("encryptionConfigurations"),
            setting("lifecycle", lifecycle_rules, default=None),
            setting("name"),
            TAGS,
        ),
        parts=(
            Part(_REPOSITORY_POLICY, "repository", "policy", ("policy",)),
            Part(_LIFECYCLE_POLICY, "repository", "lifecycle", ("policy",)),
        ),
    ),
)
