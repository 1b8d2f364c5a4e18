"""IAM users, groups and instance profiles: who else may act in the account (IAM API reference)."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import Any, Final

from scanners.drift.account import View
from scanners.drift.declared import Declared, by
from scanners.drift.fields import TAGS, exposure, setting
from scanners.drift.normalize import last_part, unordered
from scanners.drift.readers.iam import attached, boundary, details, inline, inlined, tags_of
from scanners.drift.records import Live, Part, ResourceReader
from scanners.policy.stack import Resource

_USER: Final = "aws:iam/user:User"
_GROUP: Final = "aws:iam/group:Group"
_KEY: Final = "aws:iam/accessKey:AccessKey"
_PASSWORD: Final = "aws:iam/userLoginProfile:UserLoginProfile"  # noqa: S105  (a type, not a password)
_MEMBERSHIP: Final = "aws:iam/userGroupMembership:UserGroupMembership"
_SSH_KEY: Final = "aws:iam/sshKey:SshKey"
_NONE: Final = ("NoSuchEntity",)


def users(view: View) -> Iterator[Live]:
    """Users with everything that lets them in (ListUsers, ListAccessKeys, GetLoginProfile)."""
    for entry in view.pages("iam", "list_users", "Users"):
        name = entry["UserName"]
        about = partial(_of, view, "User", "UserDetailList", "UserName", name)
        yield Live(
            _USER,
            name,
            {
                "name": name,
                "path": entry.get("Path"),
                "permissionsBoundary": partial(about, boundary),
                "managedPolicies": partial(about, attached),
                "inlinePolicies": partial(about, partial(inlined, "UserPolicyList")),
                "groups": partial(about, _groups),
                "consolePassword": partial(_has_password, view, name),
                "accessKeys": partial(_keys, view, name),
                "sshKeys": partial(_ssh_keys, view, name),
                "tags": partial(about, tags_of),
                "about": partial(_ways_in, view, name),
            },
        )


def _of(
    view: View, kind: str, listed: str, named: str, name: str, part: Callable[[Mapping[str, Any]], Any]
) -> Any:
    return part(details(view, kind, listed, named)[name])


def _groups(detail: Mapping[str, Any]) -> Any:
    return detail.get("GroupList")


def _has_password(view: View, user: str) -> bool:
    return "LoginProfile" in view.ask("iam", "get_login_profile", absent=_NONE, UserName=user)


def _keys(view: View, user: str) -> list[str]:
    found = view.pages("iam", "list_access_keys", "AccessKeyMetadata", UserName=user)
    return [f"{each['AccessKeyId']} {each.get('Status')}" for each in found]


def _ssh_keys(view: View, user: str) -> list[str]:
    """Keys that open CodeCommit's repositories (ListSSHPublicKeys)."""
    found = view.pages("iam", "list_ssh_public_keys", "SSHPublicKeys", UserName=user)
    return [f"{each['SSHPublicKeyId']} {each.get('Status')}" for each in found]


def _ways_in(view: View, user: str) -> str:
    """What a person should hear first of a user whom nobody declared."""
    detail = details(view, "User", "UserDetailList", "UserName")[user]
    keys = sum(key.endswith(" Active") for key in _keys(view, user))
    ways = ["a console password"] if _has_password(view, user) else []
    ways += [f"{keys} active access keys"] if keys else []
    ways += [last_part(arn) for arn in attached(detail)]
    ways += [f"the policy {each['PolicyName']}" for each in detail.get("UserPolicyList") or ()]
    ways += [f"the group {group}" for group in detail.get("GroupList") or ()]
    return f"with {', '.join(ways)}" if ways else ""


def _declared_user(declared: Declared, user: Resource) -> Mapping[str, Any]:
    keys = declared.parts(user, _KEY, "user")
    memberships = declared.parts(user, _MEMBERSHIP, "user")
    return {
        **user.inputs,
        **_policies(declared, user, "user"),
        "groups": [group for one in memberships for group in one.inputs.get("groups") or ()],
        "consolePassword": bool(declared.parts(user, _PASSWORD, "user")),
        "accessKeys": [f"{one.id} {one.inputs.get('status') or 'Active'}" for one in keys],
        "sshKeys": [
            f"{by('sshPublicKeyId')(one)} {one.inputs.get('status') or 'Active'}"
            for one in declared.parts(user, _SSH_KEY, "username")
        ],
    }


def _policies(declared: Declared, owner: Resource, link: str) -> Mapping[str, Any]:
    attachments = declared.parts(owner, _attachment(link), link)
    own = declared.parts(owner, _inline_type(link), link)
    return {
        "managedPolicies": [one.inputs.get("policyArn") for one in attachments],
        "inlinePolicies": [inline(by("name")(one), one.inputs.get("policy")) for one in own],
    }


def _attachment(link: str) -> str:
    return f"aws:iam/{link}PolicyAttachment:{link.title()}PolicyAttachment"


def _inline_type(link: str) -> str:
    return f"aws:iam/{link}Policy:{link.title()}Policy"


def groups(view: View) -> Iterator[Live]:
    """Groups with their policies (ListGroups)."""
    for entry in view.pages("iam", "list_groups", "Groups"):
        name = entry["GroupName"]
        about = partial(_of, view, "Group", "GroupDetailList", "GroupName", name)
        yield Live(
            _GROUP,
            name,
            {
                "name": name,
                "path": entry.get("Path"),
                "managedPolicies": partial(about, attached),
                "inlinePolicies": partial(about, partial(inlined, "GroupPolicyList")),
            },
        )


def _declared_group(declared: Declared, group: Resource) -> Mapping[str, Any]:
    return {**group.inputs, **_policies(declared, group, "group")}


def instance_profiles(view: View) -> Iterator[Live]:
    """Instance profiles: the roles that instances can take (ListInstanceProfiles)."""
    for found in view.pages("iam", "list_instance_profiles", "InstanceProfiles"):
        roles = [each["RoleName"] for each in found.get("Roles") or ()]
        yield Live(
            "aws:iam/instanceProfile:InstanceProfile",
            found["InstanceProfileName"],
            {
                "name": found["InstanceProfileName"],
                "path": found.get("Path"),
                "role": roles[0] if roles else None,
                "about": f"of the role {roles[0]}" if roles else "",
                "tags": partial(_profile_tags, view, found["InstanceProfileName"]),
            },
        )


def _profile_tags(view: View, profile: str) -> Any:
    """ListInstanceProfiles leaves the tags out (GetInstanceProfile)."""
    found = view.ask("iam", "get_instance_profile", InstanceProfileName=profile)
    return found["InstanceProfile"].get("Tags")


def _rights(link: str) -> tuple[Part, ...]:
    return (
        Part(_attachment(link), link, "managedPolicies", ("policyArn",)),
        Part(_inline_type(link), link, "inlinePolicies", ("policy", "name")),
    )


READERS: Final = (
    ResourceReader(
        type=_USER,
        service="iam",
        read=users,
        key=by("name"),
        declare=_declared_user,
        is_global=True,
        fields=(
            exposure("managedPolicies", unordered, default=()),
            exposure("inlinePolicies", unordered, default=()),
            exposure("permissionsBoundary", default=None),
            exposure("groups", unordered, default=()),
            exposure("consolePassword", default=False),
            exposure("accessKeys", unordered, default=()),
            exposure("sshKeys", unordered, default=()),
            setting("path", default="/"),
            setting("name"),
            TAGS,
        ),
        parts=(
            *_rights("user"),
            Part(_KEY, "user", "accessKeys", ("status",)),
            Part(_SSH_KEY, "username", "sshKeys", ("status",)),
            Part(_PASSWORD, "user", "consolePassword"),
            Part(_MEMBERSHIP, "user", "groups", ("groups",)),
        ),
    ),
    ResourceReader(
        type=_GROUP,
        service="iam",
        read=groups,
        key=by("name"),
        declare=_declared_group,
        is_global=True,
        fields=(
            exposure("managedPolicies", unordered, default=()),
            exposure("inlinePolicies", unordered, default=()),
            setting("path", default="/"),
            setting("name"),
        ),
        parts=_rights("group"),
    ),
    ResourceReader(
        type="aws:iam/instanceProfile:InstanceProfile",
        service="iam",
        read=instance_profiles,
        key=by("name"),
        is_global=True,
        fields=(exposure("role", last_part), setting("path", default="/"), setting("name"), TAGS),
    ),
)
