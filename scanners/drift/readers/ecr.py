"""Repositories of Amazon ECR with their policies (ECR API reference)."""

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
        rules = view.ask("ecr", "get_lifecycle_policy", absent=(lifecycle,), repositoryName=name)
        answer = view.ask("ecr", "get_repository_policy", absent=(shared,), repositoryName=name)
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
                "policy": answer.get("policyText"),
                "lifecycle": rules.get("lifecyclePolicyText"),
                "tags": view.ask("ecr", "list_tags_for_resource", resourceArn=found["repositoryArn"]).get(
                    "tags"
                ),
            },
            view.region,
        )


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


READERS: Final = (
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
