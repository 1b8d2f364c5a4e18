"""IAM roles with their policies, and the account's own managed policies (IAM API reference)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from scanners.drift.account import View
from scanners.drift.declared import Declared, blocks, by
from scanners.drift.fields import TAGS, exposure, only, protection, setting
from scanners.drift.normalize import dump, policy, unordered
from scanners.drift.records import Live, Part, ResourceReader
from scanners.policy.stack import Resource


def roles(view: View) -> Iterator[Live]:
    """Roles. A list does not answer boundaries and tags, so each is asked for.

    A service-linked role is of its own type; only AWS can change it.
    """
    for entry in view.pages("iam", "list_roles", "Roles"):
        name = entry["RoleName"]
        if str(entry.get("Path", "")).startswith("/aws-service-role/"):
            yield Live(_LINKED, entry["Arn"], {"path": entry["Path"]})
            continue
        role = view.ask("iam", "get_role", RoleName=name)["Role"]
        inline = view.pages("iam", "list_role_policies", "PolicyNames", RoleName=name)
        attached = view.pages("iam", "list_attached_role_policies", "AttachedPolicies", RoleName=name)
        yield Live(
            "aws:iam/role:Role",
            name,
            {
                "name": name,
                "path": role.get("Path"),
                "description": role.get("Description"),
                "assumeRolePolicy": role.get("AssumeRolePolicyDocument"),
                "permissionsBoundary": (role.get("PermissionsBoundary") or {}).get("PermissionsBoundaryArn"),
                "maxSessionDuration": role.get("MaxSessionDuration"),
                "managedPolicies": [each["PolicyArn"] for each in attached],
                "inlinePolicies": [_inline(each, _document(view, name, each)) for each in inline],
                "tags": role.get("Tags"),
            },
        )


def _document(view: View, role: str, name: str) -> Any:
    return view.ask("iam", "get_role_policy", RoleName=role, PolicyName=name)["PolicyDocument"]


def _inline(name: Any, document: Any) -> str:
    return f"{name}: {dump(policy(document))}"


def _declared_role(declared: Declared, role: Resource) -> Mapping[str, Any]:
    inputs = role.inputs
    attachments = declared.parts(role, "aws:iam/rolePolicyAttachment:RolePolicyAttachment", "role")
    apart = declared.parts(role, "aws:iam/rolePolicy:RolePolicy", "role")
    return {
        **inputs,
        "managedPolicies": [
            *(inputs.get("managedPolicyArns") or ()),
            *(one.inputs.get("policyArn") for one in attachments),
        ],
        "inlinePolicies": [
            *(_inline(each.get("name"), each.get("policy")) for each in blocks(inputs.get("inlinePolicies"))),
            *(_inline(by("name")(one), one.inputs.get("policy")) for one in apart),
        ],
    }


def policies(view: View) -> Iterator[Live]:
    """The account's own managed policies, each with its default version (GetPolicyVersion)."""
    for entry in view.pages("iam", "list_policies", "Policies", Scope="Local"):
        arn = entry["Arn"]
        about = view.ask("iam", "get_policy", PolicyArn=arn)["Policy"]
        version = view.ask("iam", "get_policy_version", PolicyArn=arn, VersionId=entry["DefaultVersionId"])
        yield Live(
            "aws:iam/policy:Policy",
            arn,
            {
                "name": entry["PolicyName"],
                "path": entry.get("Path"),
                "description": about.get("Description"),
                "policy": version["PolicyVersion"]["Document"],
                "tags": view.pages("iam", "list_policy_tags", "Tags", PolicyArn=arn),
            },
        )


_LINKED: Final = "aws:iam/serviceLinkedRole:ServiceLinkedRole"


READERS: Final = (
    ResourceReader(
        type=_LINKED,
        service="iam",
        read=only(_LINKED, roles),
        key=by("arn"),
        identity=("awsServiceName", "customSuffix"),
        is_global=True,
        fields=(),
    ),
    ResourceReader(
        type="aws:iam/role:Role",
        service="iam",
        read=only("aws:iam/role:Role", roles),
        key=by("name"),
        declare=_declared_role,
        is_global=True,
        fields=(
            exposure("assumeRolePolicy", policy),
            exposure("managedPolicies", unordered, default=()),
            exposure("inlinePolicies", unordered, default=()),
            exposure("permissionsBoundary", default=None),
            protection("maxSessionDuration", default=3600),
            setting("path", default="/"),
            setting("description"),
            setting("name"),
            TAGS,
        ),
        parts=(
            Part(
                "aws:iam/rolePolicyAttachment:RolePolicyAttachment", "role", "managedPolicies", ("policyArn",)
            ),
            Part("aws:iam/rolePolicy:RolePolicy", "role", "inlinePolicies", ("policy", "name")),
        ),
    ),
    ResourceReader(
        type="aws:iam/policy:Policy",
        service="iam",
        read=policies,
        key=by("arn"),
        is_global=True,
        fields=(
            exposure("policy", policy),
            setting("path", default="/"),
            setting("description"),
            setting("name"),
            TAGS,
        ),
    ),
)
