"""AWS IAM."""

from __future__ import annotations

from infra.lab.adapters.desired_resource import Adapter, DesiredResource, Row, table
from infra.program_run.monitor import Created


def role(desired: DesiredResource) -> Created:
    """CreateRole, then its inline and managed policies."""
    name = desired.physical_name()
    inline = desired.take("inlinePolicies", [])
    managed = desired.take("managedPolicyArns", [])
    desired.take("forceDetachPolicies")
    made = desired.create(
        "iam", "CreateRole", {"assumeRolePolicy": "AssumeRolePolicyDocument"}, RoleName=name
    )["Role"]
    for policy_ in inline:
        desired.call(
            "iam",
            "PutRolePolicy",
            RoleName=name,
            PolicyName=policy_["name"],
            PolicyDocument=policy_["policy"],
        )
    for arn in managed:
        desired.call("iam", "AttachRolePolicy", RoleName=name, PolicyArn=arn)
    return Created(name, {"name": name, "arn": made["Arn"], "uniqueId": made["RoleId"]})


def role_policy(desired: DesiredResource) -> Created:
    """PutRolePolicy."""
    name = desired.physical_name()
    owner = desired.take("role")
    desired.create("iam", "PutRolePolicy", {"policy": "PolicyDocument"}, RoleName=owner, PolicyName=name)
    return Created(f"{owner}:{name}", {"name": name, "role": owner})


def policy(desired: DesiredResource) -> Created:
    """CreatePolicy."""
    name = desired.physical_name()
    made = desired.create("iam", "CreatePolicy", {"policy": "PolicyDocument"}, PolicyName=name)["Policy"]
    return Created(made["Arn"], {"name": name, "arn": made["Arn"], "policyId": made["PolicyId"]})


def attachment(desired: DesiredResource) -> Created:
    """AttachRolePolicy."""
    owner = desired.take("role")
    arn = desired.take("policyArn")
    desired.create("iam", "AttachRolePolicy", RoleName=owner, PolicyArn=arn)
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
