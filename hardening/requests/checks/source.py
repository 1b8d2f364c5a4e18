"""Request checks of the transport and network layers: how did the call come, and from where?"""

from __future__ import annotations

from hardening.checks import Verdicts, check
from hardening.registry.networks import holds
from hardening.requests.request import Request
from hardening.requests.samples import STRANGER, call, from_source, with_headers

_GOOD = call("GET", "/ocpi/2.2.1/sender/locations")


@check("no-plaintext-call", good=_GOOD, bad=with_headers(_GOOD, {"x-forwarded-proto": "http"}))
def call_came_over_tls(request: Request) -> Verdicts:
    """The gateway that ends TLS writes the header anew; a call without it did not come through one."""
    encrypted = request.headers.get("x-forwarded-proto") == "https"
    yield request, None if encrypted else "it did not come over TLS"


@check("source-on-allow-list", good=_GOOD, bad=from_source(_GOOD, STRANGER))
def source_is_the_partners(request: Request) -> Verdicts:
    """The address of the caller is in one of the partner's networks (IPv4 or IPv6)."""
    if request.credentials:
        listed = holds(request.credentials.partner.networks, request.source)
        yield request, None if listed else "the source is not on this partner's allow-list"
