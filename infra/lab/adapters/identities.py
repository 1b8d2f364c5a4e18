"""AWS IAM."""

from __future__ import annotations

from infra.lab.adapters.wanted import Adapter, Row, Wanted, table
from infra.lab.monitor import Created


def role(wanted: Wanted) -> Created:
    name = wanted.physical_name()
    inline = wanted.take("inlinePolicies", [])
    managed = wanted.take("managedPolicyArns", [])
    wanted.take("forceDetachPolicies")
    made = wanted.create(
        "iam", "CreateRole", {"assumeRolePolicy": "AssumeRolePolicyDocument"}, RoleName=name
    )["Role"]
    for policy_ in inline:
        wanted.call(
            "iam",
            "PutRolePolicy",
            RoleName=name,
            PolicyName=policy_["name"],
            PolicyDocument=policy_["policy"],
        )
    for arn in managed:
        wanted.call("iam", "AttachRolePolicy", RoleName=name, PolicyArn=arn)
    return Created(name, {"name": name, "arn": made["Arn"], "uniqueId": made["RoleId"]})


def role_policy(wanted: Wanted) -> Created:
    name = wanted.physical_name()
    owner = wanted.take("role")
    wanted.create("iam", "PutRolePolicy", {"policy": "PolicyDocument"}, RoleName=owner, PolicyName=name)
    return Created(f"{owner}:{name}", {"name": name, "role": owner})


def policy(wanted: Wanted) -> Created:
    name = wanted.physical_name()
    made = wanted.create("iam", "CreatePolicy", {"policy": "PolicyDocument"}, PolicyName=name)["Policy"]
    return Created(made["Arn"], {"name": name, "arn": made["Arn"], "policyId": made["PolicyId"]})


def attachment(wanted: Wanted) -> Created:
    owner = wanted.take("role")
    arn = wanted.take("policyArn")
    wanted.create("iam", "AttachRolePolicy", RoleName=owner, PolicyArn=arn)
    return Created(f"{owner}/{arn}", {"role": owner})


ADAPTERS: dict[str, Adapter] = {
    "aws:iam/role:Role": role,
    "aws:iam/rolePolicy:RolePolicy": role_policy,
    "aws:iam/policy:Policy": policy,
    "aws:iam/rolePolicyAttachment:RolePolicyAttachment": attachment,
} | table(
    [
        Row(
            type="aws:iam/accountPasswordPolicy:AccountPasswordPolicy",
            service="iam",
            operation="UpdateAccountPasswordPolicy",
            id="iam-account-password-policy{region}",
        ),
        Row(
            type="aws:iam/serviceLinkedRole:ServiceLinkedRole",
            service="iam",
            operation="CreateServiceLinkedRole",
            renames={"awsServiceName": "AWSServiceName"},
            id="Role.Arn",
            outputs={"arn": "Role.Arn", "name": "Role.RoleName"},
        ),
    ]
)
