"""AWS Certificate Manager."""

from __future__ import annotations

import time

from infra.lab.adapters.desired_resource import Adapter, DesiredResource
from infra.program_run.monitor import Created

_ISSUED_WITHIN = 20.0


def certificate(desired: DesiredResource) -> Created:
    """RequestCertificate, and the DNS records that would validate it."""
    arn = desired.create("acm", "RequestCertificate")["CertificateArn"]
    found = desired.clients.get("acm", desired.region).describe_certificate(CertificateArn=arn)["Certificate"]
    options = [
        {
            "domainName": option["DomainName"],
            "resourceRecordName": option["ResourceRecord"]["Name"],
            "resourceRecordType": option["ResourceRecord"]["Type"],
            "resourceRecordValue": option["ResourceRecord"]["Value"],
        }
        for option in found.get("DomainValidationOptions", [])
        if "ResourceRecord" in option
    ]
    return Created(
        arn,
        {
            "arn": arn,
            "status": found["Status"],
            "type": found.get("Type", "AMAZON_ISSUED"),
            "domainValidationOptions": options,
        },
    )


def certificate_validation(desired: DesiredResource) -> Created:
    """Waits until the certificate is issued: the waiter has no object of its own in AWS."""
    arn = desired.take("certificateArn")
    desired.take("validationRecordFqdns")
    client = desired.clients.get("acm", desired.region)
    deadline = time.monotonic() + _ISSUED_WITHIN
    while (status := client.describe_certificate(CertificateArn=arn)["Certificate"]["Status"]) != "ISSUED":
        if time.monotonic() > deadline:
            raise ValueError(f"the certificate is still {status}")
        time.sleep(0.1)
    return Created(arn, {"certificateArn": arn})


ADAPTERS: dict[str, Adapter] = {
    "aws:acm/certificate:Certificate": certificate,
    "aws:acm/certificateValidation:CertificateValidation": certificate_validation,
}
