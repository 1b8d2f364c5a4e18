"""How those who serve a declared registry are told which: a version of an S3 object, and its digest.

RAMPART_REGISTRY is `s3://BUCKET/KEY?versionId=VERSION`, RAMPART_REGISTRY_DIGEST the SHA-256 (64 hexadecimal
digits) of that version.
"""

from __future__ import annotations

import re
from typing import Final

PLACE: Final = "RAMPART_REGISTRY"
DIGEST: Final = "RAMPART_REGISTRY_DIGEST"
_PLACE: Final = re.compile(r"s3://([a-z0-9.-]+)/([\w./-]+)\?versionId=([^\s&]+)")


def place(bucket: str, key: str, version: str) -> str:
    """The value of RAMPART_REGISTRY for this version of an object."""
    return f"s3://{bucket}/{key}?versionId={version}"


def parts(value: str) -> tuple[str, str, str] | None:
    """Bucket, key and version that a value of RAMPART_REGISTRY names; None for another text."""
    found = _PLACE.fullmatch(value)
    return (found[1], found[2], found[3]) if found else None
