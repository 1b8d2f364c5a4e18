"""Checks of the role of AWS Backup: what it lacks shows in the first job only, as `Access Denied`.

Source: AWS Managed Policy Reference, AWSBackupServiceRolePolicyForBackup; AWS Backup Developer Guide, "Backup
and tag copy"; Service Authorization Reference, "Actions, resources, and condition keys for AWS Backup".
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from hardening.checks import Verdicts, check
from scanners.policy.checks.backup import BACKED, SELECTION
from scanners.policy.checks.iam import ATTACHED, POLICY, ROLE, ROLE_POLICY
from scanners.policy.checks.policies import policies_of, policy_at
from scanners.policy.checks.reading import attached, points_at, read, verdict
from scanners.policy.iam.policy import Document, Statement
from scanners.policy.samples.data import policy
from scanners.policy.samples.sample_stack import ABSENT, aws, plus, weaken, without
from scanners.policy.stack import Resource, Stack

# Action -> what the ARN of its resource has in it; tables are named by the stack.
_NEEDED: Final[Mapping[str, str]] = {
    "dynamodb:DescribeTable": "",
    "dynamodb:ListTagsOfResource": "",
    "dynamodb:StartAwsBackupJob": "",
    "backup:CopyIntoBackupVault": ":backup-vault:",
    "backup:CopyFromBackupVault": ":recovery-point:",
    "backup:TagResource": ":recovery-point:",
}
_AWS: Final = "AWSBackupServiceRolePolicyForBackup"


def _rules(*left_out: str, **change: str) -> str:
    """A policy that has all that is needed but for some actions, or with another resource for some."""
    return policy(
        *(
            {
                "Effect": "Allow",
                "Action": action,
                "Resource": change.get(action.split(":")[1]) or f"arn:x{kind}*",
            }
            for action, kind in _NEEDED.items()
            if action not in left_out
        )
    )


_COPYING: Final = plus(
    weaken(BACKED, "selection-1", "iamRoleArn", "arn:role-backup"),
    aws("iam/role:Role", "role-backup", permissionsBoundary="arn:bound"),
    aws("iam/rolePolicy:RolePolicy", "of-backup", role="role-backup", policy=_rules()),
    aws("iam/policy:Policy", "bound", policy=_rules()),
)
_MANAGED: Final = plus(
    without(_COPYING, "of-backup"),
    aws(
        "iam/rolePolicyAttachment:RolePolicyAttachment",
        "attach-backup",
        role="role-backup",
        policyArn=f"arn:aws:iam::aws:policy/service-role/{_AWS}",
    ),
)


def _with(name: str, written: Any) -> Stack:
    return weaken(_COPYING, name, "policy", written)


@check(
    "backups-locked",
    good=_COPYING,
    bad={
        **{f"without {action}": _with("of-backup", _rules(action)) for action in _NEEDED},
        **{f"bounded, without {action}": _with("bound", _rules(action)) for action in _NEEDED},
        "from a vault, which is no recovery point": _with(
            "of-backup", _rules(CopyFromBackupVault="arn:aws:backup:*:*:backup-vault:*")
        ),
        "denied": _with(
            "bound",
            policy(
                {"Effect": "Allow", "Action": "*", "Resource": "*"},
                {"Effect": "Deny", "Action": "backup:Copy*", "Resource": "*"},
            ),
        ),
        "no policy": without(_COPYING, "of-backup"),
        "another's": weaken(_MANAGED, "attach-backup", "policyArn", "arn:aws:iam::aws:policy/SecurityAudit"),
        "no role of this stack": weaken(_COPYING, "selection-1", "iamRoleArn", "arn:elsewhere"),
    },
    also_good={
        "AWS's own policy": _MANAGED,
        "on everything": _with("of-backup", policy({"Effect": "Allow", "Action": "*", "Resource": "*"})),
        "without a boundary": weaken(_COPYING, "role-backup", "permissionsBoundary", ABSENT),
    },
)
def the_role_of_backups_may_copy(stack: Stack) -> Verdicts:
    """Role and boundary let AWS Backup read the tables, and copy recovery points with their tags."""
    for selection in stack.of_type(SELECTION):
        roles = [role for role in stack.of_type(ROLE) if points_at(selection, "iamRoleArn", role)]
        yield verdict(f"{selection.urn}#iamRoleArn", bool(roles), "its role is not in this stack")
        for role in roles:
            lacking = sorted({*_lacking_in_policies(stack, role), *_lacking_in_bounds(stack, role)})
            yield verdict(role.urn, not lacking, f"the role may not {', '.join(lacking)}")


def _lacking_in_policies(stack: Stack, role: Resource) -> list[str]:
    managed = [each for kind in ATTACHED for each in attached(stack, role, kind, "role")]
    if any(str(read(each, "policyArn")).endswith(f"/{_AWS}") for each in managed):
        return []
    return _lacking(policies_of(attached(stack, role, ROLE_POLICY, "role")))


def _lacking_in_bounds(stack: Stack, role: Resource) -> list[str]:
    bounds = [each for each in stack.of_type(POLICY) if points_at(role, "permissionsBoundary", each)]
    return [action for each in bounds for action in _lacking(policy_at(each, "policy"))]


def _lacking(rules: Document) -> list[str]:
    return [
        action
        for action, kind in _NEEDED.items()
        if rules.denies(action, "*") or not any(_grants(rule, action, kind) for rule in rules.allowing)
    ]


def _grants(rule: Statement, action: str, kind: str) -> bool:
    named = rule.named_resources
    return rule.actions.covers(action) and any(name == "*" or kind in name for name in named)
