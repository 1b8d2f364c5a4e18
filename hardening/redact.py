"""Take secrets out of what is logged, shown or kept."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from urllib.parse import parse_qsl, unquote, urlencode

HIDDEN = "[redacted]"

# Headers that carry a token, or say who drives (OCPI has no cookies; proxies add them).
_SECRET_HEADERS = frozenset({"authorization", "proxy-authorization", "cookie", "set-cookie", "x-api-key"})
_SECRET_PARAMETERS = frozenset({"token", "access_token", "authorization", "response_url"})
_SCHEME, _GAP = "(?:token|bearer|basic)", r"(?:\s|%20|\+)+"
# Scheme words in a row are all scheme: of "token Token x", x is the secret.
_AUTHORIZATION = re.compile(rf"(?i)\b({_SCHEME}(?:{_GAP}{_SCHEME}\b)*){_GAP}[A-Za-z0-9!#-~]{{4,}}")
# More than any chain of proxies undoes.
_MOST_DECODINGS = 4
_OWNER = re.compile(r"[A-Za-z]{2}/[A-Za-z0-9]{3}")
_JSON_SECRET = re.compile(
    r'("(?:token|uid|contract_id|auth_id|visual_number|group_id|authorization_reference)"\s*:\s*)'
    r'"(?:[^"\\]|\\.)*"'
)


def headers(given: Mapping[str, str]) -> dict[str, str]:
    """`given` without the values of headers that carry secrets. Names are lower-cased."""
    return {
        name.lower(): HIDDEN if name.lower() in _SECRET_HEADERS else text(value)
        for name, value in given.items()
    }


def query(given: str) -> str:
    """A query string without the values of parameters that may carry a secret."""
    pairs = parse_qsl(given, keep_blank_values=True)
    return urlencode(
        [(name, HIDDEN if name.lower() in _SECRET_PARAMETERS else value) for name, value in pairs]
    )


# Most calls go to few paths; what is kept is no longer than Envoy lets a path be.
@lru_cache(maxsize=256)
def path(given: str) -> str:
    """A path without token identifiers: `/tokens/NL/EMX/012345678` names a driver's card.

    It is read as a lenient server would read it, escapes decoded and whatever the letter case, and everything
    behind a segment about tokens is hidden but what the route table has there.
    """
    plain = given
    for _ in range(_MOST_DECODINGS):
        plain = unquote(plain, errors="replace")
    parts = re.split(r"[/\\]", "".join(c if c.isprintable() else "?" for c in plain))
    about = next((number for number, part in enumerate(parts) if "token" in part.lower()), len(parts))
    before, after = parts[: about + 1], parts[about + 1 :]
    if any(after):
        pushed = "receiver" in before and len(after) > 2 and _OWNER.fullmatch("/".join(after[:2]))
        after = [*(after[:2] if pushed else ()), HIDDEN, *(["authorize"] if after[-1] == "authorize" else [])]
    return "/".join((*before, *after))


def text(given: str) -> str:
    """Any text without what looks like an Authorization value or a token in JSON."""
    without_headers = _AUTHORIZATION.sub(lambda found: f"{found[1]} {HIDDEN}", given)
    return _JSON_SECRET.sub(rf'\1"{HIDDEN}"', without_headers)
