"""Where we may call a partner: one type, which everything that lets a call out asks.

`https://OCPI.emsp.example`, `https://ocpi.emsp.example.` and `https://ocpi.emsp.example:443/` are the same
place (RFC 3986, 3.2.2 and 6.2.3).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import urlsplit

HTTPS_PORT = 443

_AUTHORITY = re.compile(r"([a-z0-9](?:[a-z0-9.-]{0,251}[a-z0-9])?)\.?(?::([1-9][0-9]{0,4}))?")
_LABEL = r"(?!-)[a-z0-9-]{1,63}(?<!-)"
# A name of the DNS: two labels at least, and the last one begins with a letter, so no IP address passes.
_DNS_NAME = re.compile(rf"(?:{_LABEL}\.)+[a-z]{_LABEL}")


@dataclass(frozen=True, slots=True, order=True)
class CallbackHost:
    """A host (a name in lower case, without its trailing dot) and a TCP port."""

    host: str
    port: int = HTTPS_PORT

    @classmethod
    def parse(cls, text: str) -> CallbackHost:
        """The host of a registry entry, `host` or `host:port`.

        Raises ValueError for what is no DNS name: IP addresses, wildcards, URLs, and `localhost` with all
        names below it, which are this machine (RFC 6761, 6.3).
        """
        found = _authority(text)
        if found is None or not _DNS_NAME.fullmatch(found.host) or found.host.endswith(".localhost"):
            raise ValueError("expected a DNS name with an optional port")
        return found

    @classmethod
    def of_url(cls, url: object) -> CallbackHost | None:
        """Where calling `url` would connect to; None where it is not https, or has two readings.

        User information, backslashes, blanks and characters beyond ASCII are refused: some other parser
        would connect to another host than the one that was compared.
        """
        if not isinstance(url, str) or not url.isascii() or re.search(r"[\x00-\x20\x7f\\@]", url):
            return None
        try:
            parts = urlsplit(url)
        except ValueError:
            return None
        return _authority(parts.netloc) if parts.scheme == "https" else None

    @property
    def authority(self) -> str:
        """`host:port`, as CONNECT names it (RFC 9110, 9.3.6)."""
        return f"{self.host}:{self.port}"

    def __str__(self) -> str:
        return self.host if self.port == HTTPS_PORT else self.authority


def dns_name(text: str) -> str:
    """A DNS name as names are compared: in lower case, without the trailing dot of the root."""
    return text.lower().removesuffix(".")


def _authority(text: str) -> CallbackHost | None:
    found = _AUTHORITY.fullmatch(text.lower()) if text.isascii() else None
    if found is None or int(found[2] or HTTPS_PORT) > 65535:
        return None
    return CallbackHost(found[1], int(found[2] or HTTPS_PORT))
