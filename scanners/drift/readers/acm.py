"""Certificates of AWS Certificate Manager (ACM API reference)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import partial
from typing import Any, Final

from scanners.drift.account import View
from scanners.drift.declared import Declared, block, by
from scanners.drift.fields import TAGS, protection, setting
from scanners.drift.normalize import caseless
from scanners.drift.records import Live, ResourceReader
from scanners.policy.stack import Resource


def certificates(view: View) -> Iterator[Live]:
    """Certificates of all key types: ListCertificates gives only RSA 1024 and 2048 unless asked for more."""
    rsa_keys = ["RSA_1024", "RSA_2048", "RSA_3072", "RSA_4096"]
    elliptic_keys = ["EC_prime256v1", "EC_secp384r1", "EC_secp521r1"]
    listed = view.pages(
        "acm", "list_certificates", "CertificateSummaryList", Includes={"keyTypes": rsa_keys + elliptic_keys}
    )
    for entry in listed:
        arn = entry["CertificateArn"]
        yield Live("aws:acm/certificate:Certificate", arn, partial(_certificate, view, arn), view.region)


def _certificate(view: View, arn: str) -> Mapping[str, Any]:
    found = view.ask("acm", "describe_certificate", CertificateArn=arn)["Certificate"]
    names = found.get("SubjectAlternativeNames") or ()
    validated = found.get("DomainValidationOptions") or ()
    return {
        "domainName": found.get("DomainName"),
        "subjectAlternativeNames": [name for name in names if name != found.get("DomainName")],
        "validationMethod": next((each.get("ValidationMethod") for each in validated), None),
        "keyAlgorithm": str(found.get("KeyAlgorithm") or "").replace("-", "_"),
        "options": (found.get("Options") or {}).get("CertificateTransparencyLoggingPreference"),
        "tags": view.tags(arn, "acm", "list_tags_for_certificate", "Tags", CertificateArn=arn),
    }


def _declared_certificate(_: Declared, certificate: Resource) -> Mapping[str, Any]:
    inputs = certificate.inputs
    names = inputs.get("subjectAlternativeNames") or ()
    options = block(inputs.get("options"))
    return {
        **inputs,
        "subjectAlternativeNames": [name for name in names if name != inputs.get("domainName")],
        "options": options.get("certificateTransparencyLoggingPreference"),
    }


READERS: Final = (
    ResourceReader(
        type="aws:acm/certificate:Certificate",
        service="acm",
        read=certificates,
        key=by("arn"),
        declare=_declared_certificate,
        fields=(
            protection("subjectAlternativeNames", caseless, default=()),
            protection("validationMethod"),
            protection("keyAlgorithm", default="RSA_2048"),
            protection("options", default="ENABLED"),
            setting("domainName", caseless),
            TAGS,
        ),
    ),
)
