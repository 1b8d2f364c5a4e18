"""Checks of the certificates: how they are validated."""

from __future__ import annotations

from typing import Final

from hardening.checks import Verdicts, check
from scanners.policy.checks.reading import attached, must_be, verdict
from scanners.policy.samples.edge import EDGE
from scanners.policy.samples.sample_stack import weaken, without
from scanners.policy.stack import Stack

CERTIFICATE: Final = "aws:acm/certificate:Certificate"
VALIDATION: Final = "aws:acm/certificateValidation:CertificateValidation"


@check("certificates-validated-by-dns", good=EDGE, bad=weaken(EDGE, "cert-1", "validationMethod", "EMAIL"))
def certificates_are_validated_by_dns(stack: Stack) -> Verdicts:
    """ACM renews such a certificate without anybody's help (ACM, DNS validation)."""
    yield from must_be(stack.of_type(CERTIFICATE), "validationMethod", "DNS")


@check("certificates-validated-by-dns", good=EDGE, bad=without(EDGE, "valid-1"))
def certificates_are_waited_for(stack: Stack) -> Verdicts:
    """Nothing uses a certificate before ACM has issued it."""
    for certificate in stack.of_type(CERTIFICATE):
        waiters = attached(stack, certificate, VALIDATION, "certificateArn")
        yield verdict(certificate.urn, bool(waiters), "nothing waits for the certificate's validation")
