"""Cases: AWS KMS: customer keys and aliases."""

from __future__ import annotations

from scanners.policy.stack import Resource
from tests.beds.aws_account import Account, declare
from tests.scanners.drift.case import ROOT, Case, allow


def key_case(account: Account) -> list[Resource]:
    policy = allow({"AWS": ROOT}, "kms:*")
    made = account.kms.create_key(
        Description="Data",
        Policy=policy,
        KeyUsage="ENCRYPT_DECRYPT",
        Tags=[{"TagKey": "owner", "TagValue": "ops"}],
    )
    id_ = made["KeyMetadata"]["KeyId"]
    account.kms.enable_key_rotation(KeyId=id_)
    inputs = {
        "description": "Data",
        "policy": policy,
        "enableKeyRotation": True,
        "deletionWindowInDays": 30,
        "tags": {"owner": "ops"},
    }
    return [declare("aws:kms/key:Key", id_, inputs, keyId=id_, arn=made["KeyMetadata"]["Arn"])]


def alias_case(account: Account) -> list[Resource]:
    key = key_case(account)[0]
    account.kms.create_alias(AliasName="alias/data", TargetKeyId=key.id)
    inputs = {"name": "alias/data", "targetKeyId": key.outputs["arn"]}
    return [declare("aws:kms/alias:Alias", "alias/data", inputs), key]


def another_key(account: Account, resource: Resource) -> object:
    key = account.kms.create_key()["KeyMetadata"]["KeyId"]
    return account.kms.update_alias(AliasName=resource.id, TargetKeyId=key)


CASES = {
    "key": Case(
        key_case,
        {
            "enableKeyRotation": lambda a, r: a.kms.disable_key_rotation(KeyId=r.id),
            "policy": lambda a, r: a.kms.put_key_policy(
                KeyId=r.id, PolicyName="default", Policy=allow("*", "kms:*")
            ),
            "grants": lambda a, r: a.kms.create_grant(
                KeyId=r.id, GranteePrincipal="arn:aws:iam::999999999999:root", Operations=["Decrypt"]
            ),
            "isEnabled": lambda a, r: a.kms.disable_key(KeyId=r.id),
            "description": lambda a, r: a.kms.update_key_description(KeyId=r.id, Description="?"),
            "tags": lambda a, r: a.kms.untag_resource(KeyId=r.id, TagKeys=["owner"]),
        },
        add=lambda a: a.kms.create_key()["KeyMetadata"]["KeyId"],
    ),
    "alias": Case(alias_case, {"targetKeyId": another_key}, lambda a, r: a.kms.delete_alias(AliasName=r.id)),
}
