"""IAM roles with their policies, and the account's own managed policies (IAM API reference)."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import Any, Final

from scanners.drift.account import View
from scanners.drift.declared import Declared, blocks, by
from scanners.drift.fields import TAGS, exposure, only, protection, setting
from scanners.drift.normalize import dump, policy, unordered
from scanners.drift.records import Live, Part, ResourceReader
from scanners.policy.stack import Resource


def roles(view: View) -> Iterator[Live]:
    """Roles (ListRoles), with what GetAccountAuthorizationDetails alone answers for all at once.

    A service-linked role is of its own type; only AWS can change it.
    """
    for entry in view.pages("iam", "list_roles", "Roles"):
        name, path = entry["RoleName"], str(entry.get("Path", ""))
        if path.startswith("/aws-service-role/"):
            yield Live(_LINKED, entry["Arn"], {"path": path})
            continue

        about = partial(_of_role, view, name)
        yield Live(
            "aws:iam/role:Role",
            name,
            {
                "name": name,
                "path": path,
                "description": entry.get("Description"),
                "assumeRolePolicy": entry.get("AssumeRolePolicyDocument"),
                "maxSessionDuration": entry.get("MaxSessionDuration"),
                "permissionsBoundary": partial(about, boundary),
                "managedPolicies": partial(about, attached),
                "inlinePolicies": partial(about, partial(inlined, "RolePolicyList")),
                "tags": partial(about, tags_of),
            },
        )


def _of_role(view: View, name: str, part: Callable[[Mapping[str, Any]], Any]) -> Any:
    return part(details(view, "Role", "RoleDetailList", "RoleName")[name])


def details(view: View, kind: str, listed: str, named: str) -> Mapping[str, Mapping[str, Any]]:
    """All users, groups, roles or own policies by name, with their policies and boundaries."""
    found = view.pages("iam", "get_account_authorization_details", listed, Filter=[kind])
    return {each[named]: each for each in found}


def boundary(detail: Mapping[str, Any]) -> Any:
    """The ARN of the permissions boundary; None where there is none."""
    return (detail.get("PermissionsBoundary") or {}).get("PermissionsBoundaryArn")


def attached(detail: Mapping[str, Any]) -> list[str]:
    """The ARNs of the attached policies."""
    return [each["PolicyArn"] for each in detail.get("AttachedManagedPolicies") or ()]


def inlined(listed: str, detail: Mapping[str, Any]) -> list[str]:
    """`NAME: POLICY` of each inline policy."""
    return [inline(each["PolicyName"], each["PolicyDocument"]) for each in detail.get(listed) or ()]


def tags_of(detail: Mapping[str, Any]) -> Any:
    """The tags, as IAM answers them."""
    return detail.get("Tags")


def inline(name: Any, document: Any) -> str:
    """An inline policy as text."""
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
            *(inline(each.get("name"), each.get("policy")) for each in blocks(inputs.get("inlinePolicies"))),
            *(inline(by("name")(one), one.inputs.get("policy")) for one in apart),
        ],
    }


def policies(view: View) -> Iterator[Live]:
    """The account's own managed policies (ListPolicies), each with its default version."""
    for entry in view.pages("iam", "list_policies", "Policies", Scope="Local"):
        arn = entry["Arn"]
        about = partial(_of_policy, view, arn)
        yield Live(
            "aws:iam/policy:Policy",
            arn,
            {
                "name": entry["PolicyName"],
                "path": entry.get("Path"),
                "description": partial(about, _description),
                "policy": partial(about, _default_version),
                "tags": partial(view.pages, "iam", "list_policy_tags", "Tags", PolicyArn=arn),
            },
        )


def _of_policy(view: View, arn: str, part: Callable[[Mapping[str, Any]], Any]) -> Any:
    return part(details(view, "LocalManagedPolicy", "Policies", "Arn")[arn])


def _description(detail: Mapping[str, Any]) -> Any:
    return detail.get("Description")


def _default_version(detail: Mapping[str, Any]) -> Any:
    defaults = [each["Document"] for each in detail["PolicyVersionList"] if each["IsDefaultVersion"]]
    return defaults[0]


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
