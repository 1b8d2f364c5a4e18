"""Which headers go out to a partner, and which of its answer come in: those of these lists, and no others."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from hardening.egress.target import Target
from hardening.requests.checks.ownership import ROUTING_HEADERS

_OUT = ("accept", "content-type", "x-correlation-id", "x-request-id", *ROUTING_HEADERS)
_IN = ("content-type", "x-correlation-id", "x-request-id", "x-total-count", "x-limit", *ROUTING_HEADERS)
_VALUE = re.compile(r"[ -~]{0,1024}")
_LINK = re.compile(r"<([^<>]{1,1000})>(; ?rel=\"?next\"?)")


def outgoing(given: Mapping[str, str], authorization: str) -> dict[str, str]:
    """The headers of the call to the partner. Host, length and connection are the client's to write."""
    kept = {name: given[name] for name in _OUT if _VALUE.fullmatch(given.get(name, "\n"))}
    return {**kept, "authorization": authorization, "accept-encoding": "identity", "user-agent": "rampart"}


def incoming(target: Target, status: int, given: Iterable[tuple[str, str]]) -> dict[str, str]:
    """The headers of the partner's answer that the caller gets, once each.

    A caller follows `Link` to the next page and keeps `Location` of a CDR: both only on this partner's own
    hosts, and `Location` never of a redirect.
    """
    found = {name.lower(): value for name, value in given if _VALUE.fullmatch(value)}
    kept = {name: found[name] for name in _IN if name in found}
    link = _LINK.fullmatch(found.get("link", ""))
    if link and target.partner.may_call(link[1]):
        kept["link"] = found["link"]
    if 200 <= status < 300 and target.partner.may_call(found.get("location")):
        kept["location"] = found["location"]
    return kept
