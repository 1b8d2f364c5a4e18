"""Cases: Secrets of AWS Secrets Manager without their values."""

from __future__ import annotations

from scanners.policy.stack import Resource
from tests.beds.aws_account import ACCOUNT, REGION, Account, declare
from tests.scanners.drift.case import ROOT, Case, allow
from tests.scanners.drift.kms_cases import key_case


def secret_case(account: Account) -> list[Resource]:
    key = key_case(account)[0]
    policy = allow({"AWS": ROOT}, "secretsmanager:GetSecretValue")
    arn = account.secretsmanager.create_secret(
        Name="rampart/test/partner/inbound",
        Description="Token",
        KmsKeyId=key.outputs["arn"],
        SecretString="token-that-no-report-may-show",
        Tags=[{"Key": "owner", "Value": "ops"}],
    )["ARN"]
    account.secretsmanager.put_resource_policy(SecretId=arn, ResourcePolicy=policy)
    function = rotation_function(account)
    account.secretsmanager.rotate_secret(
        SecretId=arn, RotationLambdaARN=function, RotationRules={"AutomaticallyAfterDays": 30}
    )
    rotation = {
        "secretId": arn,
        "rotationLambdaArn": function,
        "rotationRules": {"automaticallyAfterDays": 30.0},
    }
    inputs = {
        "name": "rampart/test/partner/inbound",
        "description": "Token",
        "kmsKeyId": key.outputs["arn"],
        "tags": {"owner": "ops"},
        "recoveryWindowInDays": 7,
    }
    return [
        declare("aws:secretsmanager/secret:Secret", arn, inputs, arn=arn),
        declare("aws:secretsmanager/secretPolicy:SecretPolicy", arn, {"secretArn": arn, "policy": policy}),
        declare("aws:secretsmanager/secretRotation:SecretRotation", arn, rotation),
        key,
    ]


FUNCTION = f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:rotation"


def rotation_function(account: Account) -> str:
    """A function that exists; the emulator does not run it."""
    trust = allow({"Service": "lambda.amazonaws.com"}, "sts:AssumeRole")
    role = account.iam.create_role(RoleName="rotation", AssumeRolePolicyDocument=trust)["Role"]["Arn"]
    made = account.client("lambda").create_function(
        FunctionName="rotation",
        Runtime="python3.13",
        Role=role,
        Handler="main.main",
        Code={"ZipFile": b"UEsFBgAAAAAAAAAAAAAAAAAAAAAAAA=="},
    )
    return str(made["FunctionArn"])


def forgotten_secret(account: Account) -> str:
    return str(account.secretsmanager.create_secret(Name="forgotten", SecretString="x")["ARN"])


CASES = {
    "secret": Case(
        secret_case,
        {
            "policy": lambda a, r: a.secretsmanager.put_resource_policy(
                SecretId=r.id, ResourcePolicy=allow("*", "secretsmanager:GetSecretValue")
            ),
            "replicas": lambda a, r: a.secretsmanager.replicate_secret_to_regions(
                SecretId=r.id, AddReplicaRegions=[{"Region": "eu-west-1"}]
            ),
            "rotates": lambda a, r: a.secretsmanager.cancel_rotate_secret(SecretId=r.id),
            "rotationRules": lambda a, r: a.secretsmanager.rotate_secret(
                SecretId=r.id, RotationLambdaARN=FUNCTION, RotationRules={"AutomaticallyAfterDays": 300}
            ),
            "kmsKeyId": lambda a, r: a.secretsmanager.update_secret(SecretId=r.id, KmsKeyId="alias/other"),
            "description": lambda a, r: a.secretsmanager.update_secret(SecretId=r.id, Description="?"),
            "tags": lambda a, r: a.secretsmanager.untag_resource(SecretId=r.id, TagKeys=["owner"]),
        },
        lambda a, r: a.secretsmanager.delete_secret(SecretId=r.id, RecoveryWindowInDays=7),
        forgotten_secret,
    ),
}
