"""Bodies with characters beyond ASCII, which only some members may have: names and addresses, mostly.

Where all such characters stand in members that may have them, the body needs no check of every string.
"""

from __future__ import annotations

import re

from hardening.ocpi.fields import Edition

# Every byte beyond ASCII as one that JSON text cannot have, so a plain search finds it.
_MARKED = bytes(byte if byte < 0x80 else 0 for byte in range(256))
_COLON = 0x3A
# C1 controls, line and paragraph separators: not printable (see `fields.PRINTABLE`).
_LEADS = (0xC2, 0xE2)
_UNPRINTABLE = re.compile(b"\xc2[\x80-\x9f]|\xe2\x80[\xa8\xa9]")


def text_names(tables: Edition, object_type: str) -> frozenset[bytes]:
    """The names of an object and of all within it that are printable UTF-8 in each of their places."""
    kinds: dict[str, set[str]] = {}
    seen: set[str] = set()
    waiting = [object_type]
    while waiting:
        name = waiting.pop()
        if name in seen or name not in tables.classes:
            continue
        seen.add(name)
        for one in tables.classes[name].values():
            kinds.setdefault(one.name, set()).add(one.kind)
            waiting.append(one.kind)
    if tables.version == "2.1.1":  # its strings are ASCII
        return frozenset()
    return frozenset(
        name.encode() for name, of in kinds.items() if all(k == "string" or k in tables.classes for k in of)
    )


def stands_in_text(body: bytes, texts: frozenset[bytes]) -> bool:
    """Whether what is beyond ASCII in a body without escapes stands in members that `texts` names.

    True is certain; False may also mean that it stands in a list, or behind unusual white space.
    """
    marked = body.translate(_MARKED)
    at = marked.find(0)
    while at >= 0:
        start, end = body.rfind(b'"', 0, at), body.find(b'"', at)
        if start < 3 or end < 0:
            return False
        colon = start - 1 if body[start - 1] == _COLON else start - 2
        if body[colon - 1 : colon + 1] != b'":' or body[colon + 1 : start].strip(b" "):
            return False
        if body[body.rfind(b'"', 0, colon - 1) + 1 : colon - 1] not in texts:
            return False
        at = marked.find(0, end)
    suspicious = any(lead in body for lead in _LEADS)
    return not suspicious or _UNPRINTABLE.search(body) is None
