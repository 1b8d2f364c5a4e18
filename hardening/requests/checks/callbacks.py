"""Request checks of the network layer: where would this call make us connect to (OWASP API7:2023, SSRF)?"""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import parse_qsl, urlsplit

from hardening.checks import Verdicts, check
from hardening.registry.partners import Partner
from hardening.requests.body import as_object
from hardening.requests.request import Request
from hardening.requests.routes import match
from hardening.requests.sample_messages import CREDENTIALS, START_SESSION
from hardening.requests.samples import EMSP, call

_METADATA = "http://169.254.169.254/latest/meta-data"


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
    for partner in _partner(request):
        # The URL stands in the body of a command, and in the query of a charging profile's GET and DELETE.
        urls = [value for name, value in parse_qsl(request.query) if name == "response_url"]
        if request.body and "response_url" in as_object(request.body):
            urls.append(as_object(request.body)["response_url"])
        for url in urls:
            problem = callback_problem(url, partner)
            yield str(request), problem and f"response_url: {problem}"


@check(
    "credentials-url-on-allow-list",
    good=call("POST", "/ocpi/2.2.1/credentials", EMSP, CREDENTIALS),
    bad=call("POST", "/ocpi/2.2.1/credentials", EMSP, {**CREDENTIALS, "url": "https://10.0.0.7/versions"}),
)
def registered_url_is_on_a_callback_host(request: Request) -> Verdicts:
    found = match(request.method, request.path)
    for partner in _partner(request):
        if found and found.route.module == "credentials" and found.operation and found.operation.body:
            problem = callback_problem(as_object(request.body).get("url"), partner)
            yield str(request), problem and f"url: {problem}"


def callback_problem(url: object, partner: Partner) -> str | None:
    """Why we must not call `url` for `partner`; None where we may.

    It must be https, to a host (and port) on the partner's list, without user information: a name that is
    compared by its whole text cannot be another host by another parser's reading.
    """
    if not isinstance(url, str) or not url.isascii() or any(c.isspace() or c in "\\@" for c in url):
        return "expected an https URL without user information"
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return "expected an https URL"
    if parts.scheme != "https":
        return "expected https"
    place = parts.hostname or ""
    named = f"{place}:{port}" if port not in (None, 443) else place
    allowed = {host.removesuffix(":443").lower() for host in partner.callback_hosts}
    return None if named in allowed else "the host is not on this partner's list of callback hosts"


def _partner(request: Request) -> Iterator[Partner]:
    if request.credentials:
        yield request.credentials.partner
