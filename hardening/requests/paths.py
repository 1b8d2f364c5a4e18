"""Paths with one reading: what a segment may be, and the canonical form of a path (RFC 3986, 6.2.2)."""

from __future__ import annotations

import re
from functools import lru_cache
from urllib.parse import unquote

# Printable ASCII without what could mean another path: CiString (OCPI 2.2.1, 16.1) less / \ ? # % ;
_SEGMENT = re.compile(r"[A-Za-z0-9 !\"$&'()*+,\-.:<=>@\[\]^_`{|}~]{1,64}")
# An escape of what needs none: letters, digits, `-`, `.`, `_`, `~` (RFC 3986, 2.3).
_NEEDLESS_ESCAPE = re.compile(r"(?i)%(?:2d|2e|3[0-9]|4[1-9a-f]|5[0-9af]|6[1-9a-f]|7[0-9ae])")


def is_routable(identifier: str) -> bool:
    """Whether an identifier can be a part of a URL's path that every hop reads alike."""
    return identifier not in {".", ".."} and _SEGMENT.fullmatch(identifier) is not None


@lru_cache(maxsize=512)
def segments(path: str) -> tuple[str, ...] | None:
    """The decoded segments of `path`, or None where it is not in canonical form.

    One trailing slash is accepted. Refused: empty segments, `.` and `..`, encoded slashes, backslashes,
    percent signs (double encoding) and control characters, broken escapes, escapes of characters that
    need none, parameters (`;`).
    """
    if "%" in path and _NEEDLESS_ESCAPE.search(path):
        return None
    parts = path.removesuffix("/").split("/")
    if not path.startswith("/"):
        return None
    decoded = tuple(unquote(part, errors="strict") if part.isascii() else "" for part in parts[1:])
    return decoded if all(map(is_routable, decoded)) else None


def without_stage(target: str, stage: str) -> str:
    """The path as the partner sent it: a private integration of API Gateway begins it with the stage's name.

    API Gateway Developer Guide, "Private integrations for REST APIs". Envoy takes the same text off.
    """
    return target.removeprefix(f"/{stage}") if stage and target.startswith(f"/{stage}/ocpi/") else target
