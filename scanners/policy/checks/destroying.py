"""Checks of what a destroyed stack leaves: nothing is lost unasked, and evidence stays readable."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from hardening.checks import Verdicts, check
from scanners.policy.checks.dynamodb import TABLE
from scanners.policy.checks.kms import KEY
from scanners.policy.checks.reading import attached, points_at, read, verdict
from scanners.policy.checks.s3 import BUCKET
from scanners.policy.samples.data import DATA
from scanners.policy.samples.observability import AUDIT
from scanners.policy.samples.sample_stack import ABSENT, aws, plus, weaken
from scanners.policy.stack import Resource, Stack

_SECRET: Final = "aws:secretsmanager/secret:Secret"  # noqa: S105  (a type, not a secret)
_ENCRYPTION: Final = "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration"


def _deletable(stack: Stack, name: str) -> Stack:
    """The sample, with a resource that goes with the stack."""
    return replace(
        stack,
        resources=tuple(
            replace(r, protect=False, retain_on_delete=False) if r.name == name else r
            for r in stack.resources
        ),
    )


def _stays(resource: Resource) -> tuple[str, str | None]:
    return verdict(resource.urn, resource.protect or resource.retain_on_delete, "is deleted with the stack")


@check("destroying-loses-nothing", good=DATA, bad=_deletable(DATA, "table-tokens"))
def tables_are_protected(stack: Stack) -> Verdicts:
    """Each table is protected, or outlives the stack."""
    for table in stack.of_type(TABLE):
        yield _stays(table)


@check("destroying-loses-nothing", good=DATA, bad=_deletable(DATA, "kms-secrets"))
def keys_of_stores_are_protected(stack: Stack) -> Verdicts:
    """A deleted key takes with it every table and secret that it encrypts, backups too."""
    for key in stack.of_type(KEY):
        tables = any(points_at(t, "serverSideEncryption", key) for t in stack.of_type(TABLE))
        if tables or any(points_at(s, "kmsKeyId", key) for s in stack.of_type(_SECRET)):
            yield _stays(key)


@check("destroying-loses-nothing", good=AUDIT, bad=_deletable(AUDIT, "audit"))
def locked_buckets_outlive_the_stack(stack: Stack) -> Verdicts:
    """A bucket with locked objects cannot be deleted, so a destroy that tries stops half-way."""
    for bucket in _locked(stack):
        yield _stays(bucket)


@check("destroying-loses-nothing", good=AUDIT, bad=_deletable(AUDIT, "kms-logs"))
def keys_outlive_what_is_locked(stack: Stack) -> Verdicts:
    """A key dies 30 days after it is deleted, and the locked objects under it are unreadable from then on."""
    for key in stack.of_type(KEY):
        for bucket in _locked(stack):
            used = attached(stack, bucket, _ENCRYPTION, "bucket")
            if any(points_at(each, "rules", key) for each in used):
                yield _stays(key)


def _locked(stack: Stack) -> list[Resource]:
    return [bucket for bucket in stack.of_type(BUCKET) if read(bucket, "objectLockEnabled") is True]


_NAMED = plus(
    DATA,
    aws("route53/zone:Zone", "zone-1", forceDestroy=False),
    aws("ecr/repository:Repository", "repo-1", forceDelete=False),
)


@check(
    "destroying-loses-nothing",
    good=_NAMED,
    bad={
        "a zone": weaken(_NAMED, "zone-1", "forceDestroy", True),
        "images": weaken(_NAMED, "repo-1", "forceDelete", True),
    },
    also_good={"unwritten": weaken(_NAMED, "repo-1", "forceDelete", ABSENT)},
)
def zones_and_images_are_not_deleted_unasked(stack: Stack) -> Verdicts:
    """`forceDestroy` and `forceDelete` delete what others put there: records, and images that run."""
    for kind, name in (
        ("aws:route53/zone:Zone", "forceDestroy"),
        ("aws:ecr/repository:Repository", "forceDelete"),
    ):
        for resource in stack.of_type(kind):
            yield verdict(f"{resource.urn}#{name}", read(resource, name) in (None, False), f"{name} is on")
