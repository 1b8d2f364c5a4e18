"""Our own stack, declared without a cloud: the Pulumi program is run, and every answer is made up."""

from __future__ import annotations

import hashlib
import warnings
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from hardening.registry.deployed import deployed_registry
from hardening.registry.partners import Partner
from infra.program import build
from infra.program_run.configuration import stack_configuration
from infra.program_run.deployment import Deployment
from infra.program_run.monitor import Cloud, Created, StackName
from infra.program_run.provision import run_program
from infra.settings import Settings, load
from scanners.policy.stack import Stack
from scanners.policy.stack_file import read_stack

ROOT = Path(__file__).resolve().parent.parent
ACCOUNT = "111122223333"


class Paper:
    """A cloud on paper: each resource gets an id and an ARN, and nothing else that AWS would compute."""

    def create(self, urn: str, kind: str, inputs: Mapping[str, Any]) -> Created:
        digest = hashlib.sha256(urn.encode()).hexdigest()[:12]
        name = str(inputs.get("bucket") or inputs.get("name") or f"paper-{digest}")
        module = kind.split(":")[1].split("/")[0]
        arn = f"arn:aws:{module}:eu-central-1:{ACCOUNT}:{kind.rpartition(':')[2]}/{name}-{digest}"
        identifier = (
            name if kind.startswith(("aws:s3/", "aws:dynamodb/", "aws:iam/role:")) else f"{name}-{digest}"
        )
        return Created(identifier, {"arn": arn, **_computed(kind, identifier, digest)})

    def read(self, kind: str, identifier: str) -> Created:
        return Created(identifier, {})

    def invoke(self, token: str, arguments: Mapping[str, Any]) -> Mapping[str, Any]:
        if token == "aws:index/getCallerIdentity:getCallerIdentity":
            return {
                "accountId": ACCOUNT,
                "arn": f"arn:aws:iam::{ACCOUNT}:root",
                "id": ACCOUNT,
                "userId": "paper",
            }
        raise LookupError(token)


def _computed(kind: str, identifier: str, digest: str) -> Mapping[str, Any]:
    """What the program reads of what AWS computes."""
    if kind == "aws:acm/certificate:Certificate":
        record = ("resourceRecordName", "resourceRecordType", "resourceRecordValue")
        return {"domainValidationOptions": [dict.fromkeys(record, digest)]}
    if kind == "aws:s3/bucketObjectv2:BucketObjectv2":
        return {"versionId": digest}
    if kind == "aws:signer/signingJob:SigningJob":
        return {"signedObjects": [{"s3s": [{"bucket": "code", "key": digest}]}]}
    for owner, answer in (
        ("aws:sqs/queue:Queue", "url"),
        ("aws:ec2/eip:Eip", "allocationId"),
        ("aws:route53/zone:Zone", "zoneId"),
    ):
        if kind == owner:
            return {answer: identifier}
    if kind == "aws:lambda/function:Function":
        arn = f"arn:aws:lambda:eu-central-1:{ACCOUNT}:function:{identifier}"
        return {
            "invokeArn": f"arn:aws:apigateway:eu-central-1:lambda:path/2015-03-31/functions/{arn}/invocations"
        }
    return {"keyId": digest, "arnSuffix": digest} if kind.startswith(("aws:kms/", "aws:lb/")) else {}


@cache
def own_stack(name: str) -> Stack:
    """The stack that `Pulumi.<name>.yaml` and the partner registry declare."""
    return stack_with(name, deployed_registry(ROOT / "partners"))


def stack_with(name: str, partners: tuple[Partner, ...]) -> Stack:
    """The stack that `Pulumi.<name>.yaml` and other partners declare."""
    with TemporaryDirectory() as folder:
        file = Path(folder) / "stack.json"
        file.write_text(state_with(name, partners), encoding="utf-8")
        return read_stack(file)


def state_with(name: str, partners: tuple[Partner, ...]) -> str:
    """The same stack as the text of a state file."""
    deployment = Deployment(None, {"aws": "7.0.0"})
    deploy(name, load(name, ROOT), partners, Paper(), deployment)
    return deployment.text()


def deploy(
    name: str, settings: Settings, partners: tuple[Partner, ...], cloud: Cloud, deployment: Deployment
) -> None:
    """Run our program as the stack `name` against `cloud`. Raises what the program raises."""
    # The SDK warns of its own old classes when it is imported; the program uses none of them.
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        run_program(
            lambda: build(settings, partners),
            StackName("rampart", name),
            cloud,
            deployment,
            root=ROOT,
            configuration=stack_configuration(ROOT, name),
        )
