"""Code signing: Lambda runs what AWS Signer has signed with our profile, and refuses the rest."""

from __future__ import annotations

from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from infra.component_context import ComponentContext
from infra.compute.function_code import archive
from infra.data.s3 import PrivateBucket, PrivateBucketArgs


@dataclass(frozen=True, slots=True)
class SignedCode:
    """The signed archive is in `bucket` at `key`; `config` is the ARN of the code signing configuration."""

    bucket: pulumi.Output[str]
    key: pulumi.Output[str]
    config: pulumi.Output[str]


@dataclass(frozen=True, slots=True)
class CodeSigningArgs:
    """`access_logs` is the name of the bucket for access logs."""

    context: ComponentContext
    access_logs: pulumi.Input[str]


class CodeSigning(pulumi.ComponentResource):
    """`code` is the signed archive of all functions."""

    def __init__(self, name: str, args: CodeSigningArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("rampart:compute:CodeSigning", name, None, opts)
        self._child = pulumi.ResourceOptions(parent=self)
        context = args.context
        self._environment = context.environment
        bucket = PrivateBucket(
            "code",
            PrivateBucketArgs(
                context,
                "code",
                # The functions' archive is needed whenever a function is made or changed.
                0,
                key=context.keys.data.arn,
                access_logs=args.access_logs,
            ),
            self._child,
        )
        profile = aws.signer.SigningProfile(
            "functions",
            # The name of a cancelled profile is never free again (AWS Signer API, CancelSigningProfile).
            name_prefix=f"{context.environment.name('functions')}-".replace("-", "_"),
            platform_id="AWSLambda-SHA384-ECDSA",
            signature_validity_period={"type": "MONTHS", "value": 135},
            tags=context.environment.tags("functions"),
            opts=self._child,
        )
        self.code = self._sign(bucket, profile)
        self.register_outputs({"key": self.code.key})

    def _sign(self, bucket: PrivateBucket, profile: aws.signer.SigningProfile) -> SignedCode:
        content, digest = archive()
        unsigned = aws.s3.BucketObjectv2(
            "functions",
            bucket=bucket.bucket,
            key=f"unsigned/{digest}.zip",
            source=content,
            content_type="application/zip",
            tags=self._environment.tags("functions"),
            opts=pulumi.ResourceOptions(parent=self, depends_on=[bucket.versioning]),
        )
        job = aws.signer.SigningJob(
            "functions",
            profile_name=profile.name,
            source={"s3": {"bucket": bucket.bucket, "key": unsigned.key, "version": unsigned.version_id}},
            destination={"s3": {"bucket": bucket.bucket, "prefix": "signed/"}},
            ignore_signing_job_failure=False,
            opts=self._child,
        )
        config = aws.lambda_.CodeSigningConfig(
            "functions",
            description="Only code that our profile signed",
            allowed_publishers={"signing_profile_version_arns": [profile.version_arn]},
            policies={"untrusted_artifact_on_deployment": "Enforce"},
            tags=self._environment.tags("functions"),
            opts=self._child,
        )
        signed = job.signed_objects[0].s3s[0]
        return SignedCode(signed.bucket, signed.key, config.arn)
