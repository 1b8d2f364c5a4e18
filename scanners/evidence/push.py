"""Sends a sealed run elsewhere: its files to an object-locked bucket, its findings to Security Hub."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

import boto3
from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    NoCredentialsError,
    PartialCredentialsError,
)

from hardening.errors import CollectError, ConfigError, CredentialsError
from scanners.evidence.seal import MANIFEST, STATEMENT, SUMS

ASFF: Final = "findings.asff.json"
_THERE: Final = 412  # HTTP: the condition "there is none" does not hold
_BATCH: Final = 100  # findings that BatchImportFindings takes at once
# The worst of what is said of one place counts, by our own status: what is not verified is no pass.
_WORSE: Final = ("not-applicable", "pass", "error", "fail")


def to_bucket(run: Path, manifest: Mapping[str, Any], destination: str) -> tuple[int, list[str]]:
    """Copy every file of a run to `s3://BUCKET/PREFIX`; how many are new there, and a line for each fault.

    Nothing is ever written over: what is there already has to be the same. The manifest goes last, so a copy
    without one is not whole. Raises ConfigError where the bucket has no Object Lock, CollectError and
    CredentialsError.
    """
    address = urlsplit(destination)
    bucket, prefix = address.netloc, address.path.strip("/")
    with _asking(destination):
        s3 = boto3.client("s3", region_name=str(manifest["region"]))
        _must_be_locked(s3, bucket)
        new, faults = 0, []
        for name in _in_order(manifest, run):
            key = "/".join(part for part in (prefix, run.resolve().name, name) if part)
            content = (run / name).read_bytes()
            if _put(s3, bucket, key, content):
                new += 1
            elif not _is_there(s3, bucket, key, content):
                faults.append(f"s3://{bucket}/{key} is there already, and is another")
        return new, faults


def to_security_hub(run: Path, manifest: Mapping[str, Any]) -> tuple[int, list[str]]:
    """Import a run's findings into Security Hub; how many it took, and a line for each that it refused.

    Raises ConfigError where the credentials are of another account, CollectError and CredentialsError.
    """
    file = run / ASFF
    if not file.exists():
        raise ConfigError(f"{file}: no such file", "the run does not know its account: build it of a stack")
    by_id: dict[str, dict[str, Any]] = {}
    for one in json.loads(file.read_text(encoding="utf-8")):
        known = by_id.get(one["Id"])
        if known is None or _rank(one) > _rank(known):
            by_id[one["Id"]] = one
    every = list(by_id.values())
    taken, faults = 0, []
    with _asking("security-hub"):
        session = boto3.Session(region_name=str(manifest["region"]))
        _must_be_of(session, str(manifest["account"]))
        hub = session.client("securityhub")
        for start in range(0, len(every), _BATCH):
            answer = hub.batch_import_findings(Findings=every[start : start + _BATCH])
            taken += answer["SuccessCount"]
            faults += [f"{one['Id']}: {one['ErrorCode']}" for one in answer.get("FailedFindings", [])]
    if taken + len(faults) != len(every):
        faults.append(f"Security Hub tells of {taken + len(faults)} findings, of {len(every)} sent")
    return taken, faults


def _rank(finding: Mapping[str, Any]) -> int:
    return _WORSE.index(finding["ProductFields"]["status"])


def _in_order(manifest: Mapping[str, Any], run: Path) -> Iterator[str]:
    yield from sorted(manifest["files"])
    yield SUMS
    if (run / STATEMENT).exists():
        yield STATEMENT
    yield MANIFEST


def _must_be_locked(s3: Any, bucket: str) -> None:
    try:
        told = s3.get_object_lock_configuration(Bucket=bucket)
    except ClientError as error:
        if error.response["Error"]["Code"] != "ObjectLockConfigurationNotFoundError":
            raise
        told = {}
    lock = told.get("ObjectLockConfiguration") or {}
    retention = (lock.get("Rule") or {}).get("DefaultRetention")
    if lock.get("ObjectLockEnabled") != "Enabled" or not retention:
        hint = "evidence belongs where nobody can delete it: a bucket with a default retention"
        raise ConfigError(f"s3://{bucket}: has no Object Lock with a default retention", hint)


def _put(s3: Any, bucket: str, key: str, content: bytes) -> bool:
    """Whether the object could be written: False where one of that name is there."""
    try:
        s3.put_object(
            Bucket=bucket,
            Key=key,
            Body=content,
            ChecksumAlgorithm="SHA256",
            ChecksumSHA256=_checksum(content),
            IfNoneMatch="*",
        )
    except ClientError as error:
        if error.response["ResponseMetadata"]["HTTPStatusCode"] != _THERE:
            raise
        return False
    return True


def _is_there(s3: Any, bucket: str, key: str, content: bytes) -> bool:
    told = s3.head_object(Bucket=bucket, Key=key, ChecksumMode="ENABLED")
    return bool(told.get("ChecksumSHA256") == _checksum(content))


def _checksum(content: bytes) -> str:
    return base64.b64encode(hashlib.sha256(content).digest()).decode()


def _must_be_of(session: boto3.Session, account: str) -> None:
    found = session.client("sts").get_caller_identity()["Account"]
    if found != account:
        raise ConfigError(
            f"the run is of account {account}, but these credentials are for {found}",
            "name the credentials of the same account",
        )


@contextmanager
def _asking(destination: str) -> Iterator[None]:
    try:
        yield
    except (NoCredentialsError, PartialCredentialsError):
        raise CredentialsError("no AWS credentials", "set AWS_PROFILE, or the AWS_* variables") from None
    except ClientError as error:
        code = error.response["Error"].get("Code", "unknown error")
        raise CollectError(f"{destination}: {error.operation_name}: {code}") from None
    except BotoCoreError as error:
        raise CollectError(f"{destination}: {type(error).__name__}") from None
