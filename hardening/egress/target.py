"""Where a caller wants to go: `/{partner}/{host}[:{port}]/{path}`, which is `https://{host}/{path}` of it.

The path goes out as it came in, so it must have one reading.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from hardening.registry.callback_host import CallbackHost
from hardening.registry.partners import Partner

_LONGEST = 2048
# RFC 3986, 3.3 and 3.4, without what some reader takes for another path or another place.
_PATH = re.compile(r"(?:/(?:[A-Za-z0-9._~!$&'()*+,:@=-]|%[0-9A-Fa-f]{2})*)+")
_QUERY = re.compile(r"(?:[A-Za-z0-9._~!$&'()*+,;:@=/?-]|%[0-9A-Fa-f]{2})*")
# Dots, slashes, backslashes, the percent sign and control characters, in their escaped forms.
_AMBIGUOUS = re.compile(r"(?i)%(?:2e|2f|5c|25|[01][0-9a-f]|7f)")


class Refused(Exception):
    """The call does not leave. `control` says which promise it would break, `status` is HTTP's."""

    def __init__(self, control: str, detail: str, status: int = 403) -> None:
        super().__init__(detail)
        self.control, self.detail, self.status = control, detail, status


@dataclass(frozen=True, slots=True)
class Target:
    """A place of a partner's. `path` has the query, as sent."""

    partner: Partner
    host: CallbackHost
    path: str

    @property
    def url(self) -> str:
        """The URL to call."""
        return f"https://{self.host}{self.path}"


def path_to(partner: str, url: str) -> str:
    """The egress guard's path for `url` of a partner. Raises Refused for what is no https URL."""
    host = CallbackHost.of_url(url)
    if host is None:
        raise Refused("egress-hosts-listed", "not an https URL with one reading")
    _, _, rest = url.partition("://")[2].partition("/")
    return f"/{partner}/{host}/{rest}"


def target_of(asked: str, partners: Mapping[str, Partner]) -> Target:
    """The target that `asked`, the request's path and query, names. Raises Refused."""
    _, _, named = asked.partition("/")
    name, _, rest = named.partition("/")
    authority, _, path = rest.partition("/")
    partner = partners.get(name)
    if partner is None:
        raise Refused("egress-hosts-listed", "no partner of this name in this environment")
    host = CallbackHost.of_url(f"https://{authority}/")
    if host is None or host not in partner.callback_hosts:
        raise Refused("egress-hosts-listed", "the host is not one of the partner's callback hosts")
    _check_path(f"/{path}")
    return Target(partner, host, f"/{path}")


def _check_path(given: str) -> None:
    path, mark, query = given.partition("?")
    plain = len(given) <= _LONGEST and _PATH.fullmatch(path) and _QUERY.fullmatch(query)
    if not plain or _AMBIGUOUS.search(path) or (mark and not query):
        raise Refused("path-canonical", "a path or query with more than one reading", 400)
    if any(part in (".", "..") for part in path.split("/")) or "//" in path:
        raise Refused("path-canonical", "a path with dot segments or empty ones", 400)
