"""Request checks of the network layer: where would this call make us connect to (OWASP API7:2023, SSRF)?"""

from __future__ import annotations

from collections.abc import Iterator

from hardening.checks import Verdicts, check
from hardening.registry.partners import Partner
from hardening.requests.body import as_object
from hardening.requests.request import Request, parameters
from hardening.requests.routes import match
from hardening.requests.sample_messages import CREDENTIALS, START_SESSION
from hardening.requests.samples import EMSP, call

_METADATA = "http://169.254.169.254/latest/meta-data"
_EXPECTED = "expected https to one of this partner's callback hosts, without user information"


@check(
    "callback-host-on-allow-list",
    good=call("POST", "/ocpi/2.2.1/receiver/commands/START_SESSION", EMSP, START_SESSION),
    bad=call(
        "POST",
        "/ocpi/2.2.1/receiver/commands/START_SESSION",
        EMSP,
        {**START_SESSION, "response_url": _METADATA},
    ),
)
def response_url_is_on_a_callback_host(request: Request) -> Verdicts:
    """OCPI 2.2.1, 13.3: we call `response_url` when a command has a result."""
    for partner in _partner(request):
        # The URL stands in the body of a command, and in the query of a charging profile's GET and DELETE.
        urls = [value for name, value in parameters(request.query) if name == "response_url"]
        if request.body and "response_url" in as_object(request.body):
            urls.append(as_object(request.body)["response_url"])
        for url in urls:
            yield request, None if partner.may_call(url) else f"response_url: {_EXPECTED}"


@check(
    "credentials-url-on-allow-list",
    good=call("POST", "/ocpi/2.2.1/credentials", EMSP, CREDENTIALS),
    bad=call("POST", "/ocpi/2.2.1/credentials", EMSP, {**CREDENTIALS, "url": "https://10.0.0.7/versions"}),
)
def registered_url_is_on_a_callback_host(request: Request) -> Verdicts:
    """OCPI 2.2.1, 7.3.1: we call `url` to read the partner's versions."""
    found = match(request.method, request.path)
    for partner in _partner(request):
        if found and found.body == "Credentials":
            allowed = partner.may_call(as_object(request.body).get("url"))
            yield request, None if allowed else f"url: {_EXPECTED}"


def _partner(request: Request) -> Iterator[Partner]:
    if request.credentials:
        yield request.credentials.partner
