"""AWS Signer."""

from __future__ import annotations

from infra.lab.adapters.desired_resource import Adapter, DesiredResource
from infra.program_run.monitor import Created


def signing_profile(desired: DesiredResource) -> Created:
    """PutSigningProfile."""
    # A profile's name may only hold letters, digits and underscores.
    name = desired.physical_name().replace("-", "_")
    made = desired.create("signer", "PutSigningProfile", profileName=name)
    return Created(
        name,
        {
            "name": name,
            "arn": made["arn"],
            "version": made["profileVersion"],
            "versionArn": made["profileVersionArn"],
        },
    )


def signing_job(desired: DesiredResource) -> Created:
    """What a signing job leaves behind: a signed copy of the object. Here it is a plain copy."""
    source = desired.take("source")["s3"]
    target = desired.take("destination")["s3"]
    desired.pick("profileName", "ignoreSigningJobFailure")
    job = desired.physical_name("jobId")
    key = f"{target.get('prefix') or ''}{job}.zip"
    copy_source = {"Bucket": source["bucket"], "Key": source["key"]}
    if source.get("version"):
        copy_source["VersionId"] = source["version"]
    desired.call("s3", "CopyObject", Bucket=target["bucket"], Key=key, CopySource=copy_source)
    return Created(
        job,
        {
            "jobId": job,
            "status": "Succeeded",
            "signedObjects": [{"s3s": [{"bucket": target["bucket"], "key": key}]}],
        },
    )


ADAPTERS: dict[str, Adapter] = {
    "aws:signer/signingProfile:SigningProfile": signing_profile,
    "aws:signer/signingJob:SigningJob": signing_job,
}
