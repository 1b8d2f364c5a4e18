"""A private S3 bucket: encrypted, versioned, TLS only, with Object Lock where it keeps evidence."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from infra.component_context import ComponentContext
from infra.identity.iam_policies import Statement, deny, deny_plaintext, document


@dataclass(frozen=True, slots=True)
class PrivateBucketArgs:
    """`key` is a KMS key's ARN, or None for a bucket that server access logs are delivered to: S3 refuses
    to deliver them under a customer key. `lock_days`: so long no object can be changed or deleted.
    `access_logs` is the name of the bucket for this one's access logs. Objects expire after `keep_days`,
    and the bucket outlives the stack; 0: objects are the stack's own, and stay as long as they are declared.
    """

    context: ComponentContext
    purpose: str
    keep_days: int
    statements: Sequence[Statement] = ()
    key: pulumi.Input[str] | None = None
    lock_days: int = 0
    access_logs: pulumi.Input[str] | None = None
    region: str | None = None


class PrivateBucket(pulumi.ComponentResource):
    """`bucket` is the name, `arn` the ARN; writers wait for `ready` (the policy), rules for `versioning`.

    `purpose` and `key` are those of the arguments.
    """

    def __init__(
        self, name: str, args: PrivateBucketArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("rampart:data:PrivateBucket", name, None, opts)
        self._args = args
        self._name = self.purpose = args.purpose
        self.key = args.key
        self._child = self._after()
        self._resource = self._bucket()
        self.bucket = self._resource.bucket
        self.arn = self._resource.arn
        self.versioning = self._keep_versions()
        self._encrypt()
        self.ready = self._close()
        self._expire()
        self._notify()
        if args.lock_days:
            self._lock()
        if args.access_logs is not None:
            aws.s3.BucketLogging(
                self._name,
                bucket=self.bucket,
                target_bucket=args.access_logs,
                target_prefix=f"{args.purpose}/",
                region=args.region,
                opts=self._child,
            )
        self.register_outputs({"bucket": self.bucket})

    def _after(self, *others: pulumi.Resource) -> pulumi.ResourceOptions:
        """Options of a part that waits for `others`. What keeps evidence is not deleted with the stack."""
        return pulumi.ResourceOptions(
            parent=self, depends_on=list(others), retain_on_delete=self._args.keep_days > 0
        )

    def _bucket(self) -> aws.s3.Bucket:
        environment, args = self._args.context.environment, self._args
        return aws.s3.Bucket(
            self._name,
            bucket=own_bucket(args.context, args.purpose, args.region),
            object_lock_enabled=args.lock_days > 0,
            force_destroy=False,
            region=args.region,
            tags=environment.tags(args.purpose, data_class="confidential"),
            opts=self._child,
        )

    def _keep_versions(self) -> aws.s3.BucketVersioning:
        return aws.s3.BucketVersioning(
            self._name,
            bucket=self.bucket,
            versioning_configuration={"status": "Enabled"},
            region=self._args.region,
            opts=self._child,
        )

    def _encrypt(self) -> None:
        algorithm = "AES256" if self._args.key is None else "aws:kms"
        aws.s3.BucketServerSideEncryptionConfiguration(
            self._name,
            bucket=self.bucket,
            rules=[
                {
                    "apply_server_side_encryption_by_default": {
                        "sse_algorithm": algorithm,
                        "kms_master_key_id": self._args.key,
                    },
                    "bucket_key_enabled": self._args.key is not None,
                }
            ],
            region=self._args.region,
            opts=self._child,
        )

    def _close(self) -> aws.s3.BucketPolicy:
        """No public access, no ACLs, no plaintext, no TLS before 1.2."""
        region, everything = self._args.region, pulumi.Output.concat(self.arn, "/*")
        block = aws.s3.BucketPublicAccessBlock(
            self._name,
            bucket=self.bucket,
            block_public_acls=True,
            block_public_policy=True,
            ignore_public_acls=True,
            restrict_public_buckets=True,
            region=region,
            opts=self._child,
        )
        aws.s3.BucketOwnershipControls(
            self._name,
            bucket=self.bucket,
            rule={"object_ownership": "BucketOwnerEnforced"},
            region=region,
            opts=self._child,
        )
        old_tls = {"NumericLessThan": {"s3:TlsVersion": "1.2"}}
        return aws.s3.BucketPolicy(
            self._name,
            bucket=self.bucket,
            policy=document(
                *self._args.statements,
                deny_plaintext(["s3:*"], [self.arn, everything]),
                deny("DenyOldTls", ["s3:*"], [self.arn, everything], "*", old_tls),
            ),
            region=region,
            opts=self._after(block),
        )

    def _expire(self) -> None:
        days = self._args.keep_days
        rule: aws.s3.BucketLifecycleConfigurationRuleArgsDict = {
            "id": "expire",
            "status": "Enabled",
            "filter": {"prefix": ""},
            "noncurrent_version_expiration": {"noncurrent_days": 30},
            "abort_incomplete_multipart_upload": {"days_after_initiation": 7},
        }
        if days:
            rule["expiration"] = {"days": days}
        aws.s3.BucketLifecycleConfiguration(
            self._name,
            bucket=self.bucket,
            rules=[rule],
            region=self._args.region,
            opts=self._after(self.versioning),
        )

    def _notify(self) -> None:
        aws.s3.BucketNotification(
            self._name,
            bucket=self.bucket,
            eventbridge=True,
            region=self._args.region,
            opts=self._child,
        )

    def _lock(self) -> None:
        aws.s3.BucketObjectLockConfiguration(
            self._name,
            bucket=self.bucket,
            object_lock_enabled="Enabled",
            rule={"default_retention": {"mode": "COMPLIANCE", "days": self._args.lock_days}},
            region=self._args.region,
            opts=self._after(self.versioning),
        )


def own_bucket(context: ComponentContext, purpose: str, region: str | None = None) -> str:
    """The name of the bucket for `purpose`, known before the bucket exists: its own policy contains it."""
    environment = context.environment
    return f"{environment.name(purpose)}-{environment.account}-{region or environment.region}"
