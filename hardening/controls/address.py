"""Where the source that a citation names is published, for tools that show a link beside a finding."""

from __future__ import annotations

import re
from typing import Final

_RFC: Final = re.compile(r"\bRFC (\d+)")
_CVE: Final = re.compile(r"\bCVE-\d+-\d+")
_PUBLISHED: Final = (
    (
        "AWS Security Hub",
        "https://docs.aws.amazon.com/securityhub/latest/userguide/securityhub-controls-reference.html",
    ),
    ("AWS Well-Architected", "https://docs.aws.amazon.com/wellarchitected/latest/framework/welcome.html"),
    ("OCPI", "https://github.com/ocpi/ocpi"),
    ("OWASP", "https://owasp.org/API-Security/editions/2023/en/0x11-t10/"),
    ("NIST SP 800-53", "https://csrc.nist.gov/pubs/sp/800/53/r5/upd1/final"),
    ("NIST", "https://csrc.nist.gov/publications"),
    ("ISO 27001", "https://www.iso.org/standard/27001"),
    ("GDPR", "https://eur-lex.europa.eu/eli/reg/2016/679/oj"),
    ("PCI", "https://www.pcisecuritystandards.org/document_library/"),
    ("CA/Browser", "https://cabforum.org/working-groups/server/baseline-requirements/"),
    ("draft-", "https://datatracker.ietf.org/"),
    ("Envoy", "https://www.envoyproxy.io/docs"),
    ("IANA", "https://www.iana.org/protocols"),
)
_AWS: Final = re.compile(r"\b(AWS|Amazon|IAM|ACM|Elastic|CloudWatch|DynamoDB|Route 53|VPC)\b")


def address_of(citation: str) -> str:
    """The page of the first source in `citation`; an empty string where none is known."""
    first, _, others = citation.partition(";")
    if rfc := _RFC.search(first):
        return f"https://www.rfc-editor.org/rfc/rfc{rfc[1]}"
    if cve := _CVE.search(first):
        return f"https://www.cve.org/CVERecord?id={cve[0]}"
    for start, page in _PUBLISHED:
        if first.startswith(start):
            return page
    if _AWS.search(first):
        return "https://docs.aws.amazon.com/"
    return address_of(others.strip()) if others else ""
