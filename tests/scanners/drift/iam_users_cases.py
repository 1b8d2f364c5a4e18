"""Cases: IAM users, groups and instance profiles."""

from __future__ import annotations

from scanners.policy.stack import Resource
from tests.beds.aws_account import Account, declare
from tests.scanners.drift.case import Case
from tests.scanners.drift.iam_cases import NARROW, TRUST, WIDE, policy

PASSWORD = "Only-in-the-emulator-1!"


def user_case(account: Account) -> list[Resource]:
    attached = policy(account, "reading")
    account.iam.create_user(UserName="ops", Tags=[{"Key": "owner", "Value": "ops"}])
    account.iam.create_group(GroupName="readers")
    account.iam.add_user_to_group(UserName="ops", GroupName="readers")
    account.iam.attach_user_policy(UserName="ops", PolicyArn=attached.id)
    account.iam.put_user_policy(UserName="ops", PolicyName="own", PolicyDocument=NARROW)
    key = account.iam.create_access_key(UserName="ops")["AccessKey"]["AccessKeyId"]
    return [
        declare("aws:iam/user:User", "ops", {"name": "ops", "tags": {"owner": "ops"}}),
        declare("aws:iam/group:Group", "readers", {"name": "readers"}),
        declare(
            "aws:iam/userGroupMembership:UserGroupMembership", "m", {"user": "ops", "groups": ["readers"]}
        ),
        declare(
            "aws:iam/userPolicyAttachment:UserPolicyAttachment",
            "ops-reading",
            {"user": "ops", "policyArn": attached.id},
        ),
        declare("aws:iam/userPolicy:UserPolicy", "ops:own", {"user": "ops", "name": "own", "policy": NARROW}),
        declare("aws:iam/accessKey:AccessKey", key, {"user": "ops"}),
        attached,
    ]


def join(account: Account, resource: Resource) -> object:
    return account.iam.remove_user_from_group(UserName=resource.id, GroupName="readers")


def stop_key(account: Account, resource: Resource) -> object:
    key = account.iam.list_access_keys(UserName=resource.id)["AccessKeyMetadata"][0]["AccessKeyId"]
    return account.iam.update_access_key(UserName=resource.id, AccessKeyId=key, Status="Inactive")


def group_case(account: Account) -> list[Resource]:
    attached = policy(account, "reading")
    account.iam.create_group(GroupName="readers")
    account.iam.attach_group_policy(GroupName="readers", PolicyArn=attached.id)
    link = {"group": "readers", "policyArn": attached.id}
    return [
        declare("aws:iam/group:Group", "readers", {"name": "readers"}),
        declare("aws:iam/groupPolicyAttachment:GroupPolicyAttachment", "readers-reading", link),
        attached,
    ]


def profile_case(account: Account) -> list[Resource]:
    account.iam.create_role(RoleName="host", AssumeRolePolicyDocument=TRUST)
    account.iam.create_instance_profile(InstanceProfileName="hosts")
    account.iam.add_role_to_instance_profile(InstanceProfileName="hosts", RoleName="host")
    inputs = {"name": "hosts", "role": "host"}
    return [declare("aws:iam/instanceProfile:InstanceProfile", "hosts", inputs)]


def other_role(account: Account, resource: Resource) -> object:
    account.iam.create_role(RoleName="administrator", AssumeRolePolicyDocument=TRUST)
    account.iam.remove_role_from_instance_profile(InstanceProfileName=resource.id, RoleName="host")
    return account.iam.add_role_to_instance_profile(InstanceProfileName=resource.id, RoleName="administrator")


CASES = {
    "user": Case(
        user_case,
        {
            "inlinePolicies": lambda a, r: a.iam.put_user_policy(
                UserName=r.id, PolicyName="own", PolicyDocument=WIDE
            ),
            "managedPolicies": lambda a, r: a.iam.detach_user_policy(
                UserName=r.id, PolicyArn=a.iam.list_policies(Scope="Local")["Policies"][0]["Arn"]
            ),
            "sshKeys": lambda a, r: a.iam.upload_ssh_public_key(
                UserName=r.id, SSHPublicKeyBody="ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAABAQC5 elsewhere"
            ),
            "groups": join,
            "consolePassword": lambda a, r: a.iam.create_login_profile(UserName=r.id, Password=PASSWORD),
            "accessKeys": stop_key,
            "tags": lambda a, r: a.iam.untag_user(UserName=r.id, TagKeys=["owner"]),
        },
        add=lambda a: a.iam.create_user(UserName="more")["User"]["UserName"],
    ),
    "group": Case(
        group_case,
        {
            "inlinePolicies": lambda a, r: a.iam.put_group_policy(
                GroupName=r.id, PolicyName="own", PolicyDocument=WIDE
            ),
        },
        add=lambda a: a.iam.create_group(GroupName="more")["Group"]["GroupName"],
    ),
    "instance profile": Case(
        profile_case,
        {"role": other_role},
        add=lambda a: a.iam.create_instance_profile(InstanceProfileName="more")["InstanceProfile"][
            "InstanceProfileName"
        ],
    ),
}
