"""Cases: IAM roles with their policies, and the account's own managed policies."""

from __future__ import annotations

import json
from typing import Any

from scanners.policy.stack import Resource
from tests.beds.aws_account import Account, declare
from tests.scanners.drift.case import ROOT, Case, allow


def trust(principal: Any) -> str:
    statement = {"Effect": "Allow", "Principal": principal, "Action": "sts:AssumeRole"}
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


TRUST = trust({"Service": "ecs-tasks.amazonaws.com"})


NARROW = allow({"AWS": ROOT}, "s3:GetObject").replace('"Principal": {"AWS": "' + ROOT + '"}, ', "")


WIDE = NARROW.replace("s3:GetObject", "*")


def policy(account: Account, name: str = "boundary") -> Resource:
    made = account.iam.create_policy(
        PolicyName=name, PolicyDocument=NARROW, Tags=[{"Key": "owner", "Value": "ops"}]
    )["Policy"]
    inputs = {"name": name, "policy": NARROW, "tags": {"owner": "ops"}}
    return declare("aws:iam/policy:Policy", made["Arn"], inputs, arn=made["Arn"])


def widen(account: Account, resource: Resource) -> object:
    return account.iam.create_policy_version(PolicyArn=resource.id, PolicyDocument=WIDE, SetAsDefault=True)


def role(account: Account, boundary: Resource, name: str = "task") -> Resource:
    made = account.iam.create_role(
        RoleName=name,
        AssumeRolePolicyDocument=TRUST,
        PermissionsBoundary=boundary.id,
        MaxSessionDuration=3600,
        Description="Task",
        Tags=[{"Key": "owner", "Value": "ops"}],
    )["Role"]
    inputs = {
        "name": name,
        "assumeRolePolicy": TRUST,
        "permissionsBoundary": boundary.id,
        "maxSessionDuration": 3600.0,
        "description": "Task",
        "tags": {"owner": "ops"},
    }
    return declare("aws:iam/role:Role", name, inputs, arn=made["Arn"])


def role_case(account: Account) -> list[Resource]:
    boundary, attached = policy(account), policy(account, "reading")
    made = role(account, boundary)
    account.iam.put_role_policy(RoleName="task", PolicyName="own", PolicyDocument=NARROW)
    account.iam.attach_role_policy(RoleName="task", PolicyArn=attached.id)
    return [
        made,
        declare(
            "aws:iam/rolePolicy:RolePolicy", "task:own", {"name": "own", "role": "task", "policy": NARROW}
        ),
        declare(
            "aws:iam/rolePolicyAttachment:RolePolicyAttachment",
            "task-reading",
            {"role": "task", "policyArn": attached.id},
        ),
        boundary,
        attached,
    ]


def administrator(account: Account, resource: Resource) -> object:
    wide = account.iam.create_policy(PolicyName="all", PolicyDocument=WIDE)["Policy"]["Arn"]
    account.iam.attach_role_policy(RoleName="task", PolicyArn=wide)
    # The policy itself is not what this case is about.
    return wide


CASES = {
    "policy": Case(
        lambda a: [policy(a)],
        {"policy": widen, "tags": lambda a, r: a.iam.untag_policy(PolicyArn=r.id, TagKeys=["owner"])},
        lambda a, r: a.iam.delete_policy(PolicyArn=r.id),
        lambda a: a.iam.create_policy(PolicyName="more", PolicyDocument=NARROW)["Policy"]["Arn"],
    ),
    "role": Case(
        role_case,
        {
            "assumeRolePolicy": lambda a, r: a.iam.update_assume_role_policy(
                RoleName=r.id, PolicyDocument=trust({"AWS": "*"})
            ),
            "inlinePolicies": lambda a, r: a.iam.put_role_policy(
                RoleName=r.id, PolicyName="own", PolicyDocument=WIDE
            ),
            "managedPolicies": administrator,
            "permissionsBoundary": lambda a, r: a.iam.delete_role_permissions_boundary(RoleName=r.id),
            "maxSessionDuration": lambda a, r: a.iam.update_role(
                RoleName=r.id, MaxSessionDuration=43200, Description="Task"
            ),
            "tags": lambda a, r: a.iam.untag_role(RoleName=r.id, TagKeys=["owner"]),
        },
        add=lambda a: a.iam.create_role(RoleName="more", AssumeRolePolicyDocument=TRUST)["Role"]["RoleName"],
    ),
}
