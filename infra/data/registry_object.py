"""The partner registry as one version of an S3 object: how it reaches every gate that decides by it.

It is in no image and in no archive, so a new partner needs an `up` and no build. A gate is told the version
and the digest, and serves that registry or refuses.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from hardening.registry.object_version import DIGEST, PLACE, place
from hardening.registry.partners import Partner
from infra.component_context import ComponentContext
from infra.data.replication import replicate
from infra.data.s3 import PrivateBucket, PrivateBucketArgs
from infra.identity.iam_policies import Statement, allow
from infra.runtime.functions import partners_file

# What its bucket is for.
PURPOSE = "registry"


@dataclass(frozen=True, slots=True)
class RegistryObjectArgs:
    """`access_logs` are the names of the buckets for access logs, here and in `replica_region`."""

    context: ComponentContext
    partners: tuple[Partner, ...]
    access_logs: tuple[pulumi.Input[str], pulumi.Input[str]]
    replica_region: str


class RegistryObject(pulumi.ComponentResource):
    """`variables` tell a gate which registry it serves; `use` is the right to read that object."""

    def __init__(
        self, name: str, args: RegistryObjectArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("rampart:data:RegistryObject", name, None, opts)
        self._args = args
        keys, environment = args.context.keys, args.context.environment
        # The gates read it whenever one of them starts.
        bucket = self._bucket(PURPOSE, keys.data.arn)
        # What each gate decided by can be read, though this region were lost.
        copy = self._bucket(f"{PURPOSE}-copy", keys.replica.arn, args.replica_region)
        copied = replicate(args.context, f"{PURPOSE}-replication", bucket, copy, self)
        # The key stays: the provider deletes every version of an object whose key changes, and tasks of the
        # last deployment may start until the next one stands. Older versions stay for 30 days.
        stored = aws.s3.BucketObjectv2(
            "partners",
            bucket=bucket.bucket,
            key=partners_file.NAME,
            content=partners_file.dump(args.partners),
            content_type="application/json",
            tags=environment.tags("partners"),
            opts=pulumi.ResourceOptions(parent=self, depends_on=[bucket.versioning, bucket.ready, copied]),
        )
        self.variables: Mapping[str, pulumi.Input[str]] = {
            PLACE: pulumi.Output.all(bucket.bucket, stored.key, stored.version_id).apply(
                lambda parts: place(*parts)
            ),
            DIGEST: partners_file.digest(args.partners),
        }
        self.use: tuple[Statement, ...] = (
            allow(
                "Registry",
                ["s3:GetObjectVersion"],
                [pulumi.Output.concat(bucket.arn, f"/{partners_file.NAME}")],
            ),
            allow("RegistryKey", ["kms:Decrypt"], [keys.data.arn]),
        )
        self.register_outputs({"digest": self.variables[DIGEST]})

    def _bucket(self, purpose: str, key: pulumi.Input[str], region: str | None = None) -> PrivateBucket:
        """The bucket that goes with the stack, or in `region` the copy, which is kept as long as logs are."""
        context, (here, there) = self._args.context, self._args.access_logs
        keep_days, logs = (0, here) if region is None else (context.retention_days, there)
        bucket = PrivateBucketArgs(context, purpose, keep_days, key=key, access_logs=logs, region=region)
        return PrivateBucket(purpose, bucket, pulumi.ResourceOptions(parent=self))
