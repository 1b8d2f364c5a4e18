"""Cases: Repositories of Amazon ECR with their policies."""

from __future__ import annotations

import json

from scanners.policy.stack import Resource
from tests.beds.aws_account import ACCOUNT, REGION, Account, declare
from tests.scanners.drift.case import Case, allow


def repository_case(account: Account) -> list[Resource]:
    made = account.ecr.create_repository(
        repositoryName="guard/envoy",
        imageTagMutability="IMMUTABLE",
        imageScanningConfiguration={"scanOnPush": True},
        tags=[{"Key": "owner", "Value": "ops"}],
    )["repository"]
    inputs = {
        "name": "guard/envoy",
        "imageTagMutability": "IMMUTABLE",
        "imageScanningConfiguration": {"scanOnPush": True},
        "tags": {"owner": "ops"},
    }
    return [declare("aws:ecr/repository:Repository", "guard/envoy", inputs, arn=made["repositoryArn"])]


def registry(account: Account, who: str) -> str:
    statement = {
        "Sid": "copies",
        "Effect": "Allow",
        "Principal": {"AWS": f"arn:aws:iam::{who}:root"},
        "Action": "ecr:ReplicateImage",
        "Resource": f"arn:aws:ecr:{REGION}:{ACCOUNT}:repository/*",
    }
    policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    account.ecr.put_registry_policy(policyText=policy)
    return policy


def registry_case(account: Account) -> list[Resource]:
    inputs = {"policy": registry(account, ACCOUNT)}
    return [declare("aws:ecr/registryPolicy:RegistryPolicy", ACCOUNT, inputs)]


CASES = {
    "registry policy": Case(
        registry_case,
        {"policy": lambda a, r: registry(a, "999999999999")},
        lambda a, r: a.ecr.delete_registry_policy(),
    ),
    "repository": Case(
        repository_case,
        {
            "imageTagMutability": lambda a, r: a.ecr.put_image_tag_mutability(
                repositoryName=r.id, imageTagMutability="MUTABLE"
            ),
            "imageScanningConfiguration": lambda a, r: a.ecr.put_image_scanning_configuration(
                repositoryName=r.id, imageScanningConfiguration={"scanOnPush": False}
            ),
            "policy": lambda a, r: a.ecr.set_repository_policy(
                repositoryName=r.id,
                policyText=allow("*", "ecr:*").replace(', "Resource": "*"', ""),
            ),
            "tags": lambda a, r: a.ecr.untag_resource(resourceArn=r.outputs["arn"], tagKeys=["owner"]),
        },
        lambda a, r: a.ecr.delete_repository(repositoryName=r.id),
        lambda a: a.ecr.create_repository(repositoryName="more")["repository"]["repositoryName"],
    ),
}
