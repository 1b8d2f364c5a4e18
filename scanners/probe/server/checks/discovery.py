"""What a server says of itself: versions, endpoints, roles, and the URLs of them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from hardening.checks import Unverifiable, Verdicts, check
from hardening.registry.callback_host import CallbackHost
from scanners.probe.records import Exchange
from scanners.probe.server.records import ServerProbe, endpoints, next_link
from scanners.probe.server.samples import ENDPOINTS, LISTING, PROBE, VERSIONS, answered, page, refused

_ROLES = ("SENDER", "RECEIVER")


def _with_details(data: Any) -> ServerProbe:
    return replace(PROBE, details=answered("version details", "/ocpi/2.2.1", data))


def _with_endpoints(*listed: dict[str, str]) -> ServerProbe:
    return _with_details({"version": "2.2.1", "endpoints": list(listed)})


@check(
    "gateway-serves-contracted-calls",
    good=PROBE,
    bad={
        "by OCPI": replace(PROBE, listings=(replace(LISTING, plain=refused("list", 200, 3000)),)),
        "by HTTP": replace(PROBE, versions=refused("versions", 503, 1000)),
    },
)
def server_serves_what_it_lists(probe: ServerProbe) -> Verdicts:
    """Versions, details, credentials and every list that the details name answer HTTP 200 and OCPI 1000."""
    for call in probe.contracted:
        got = call.got
        served = got.status == 200 and got.ocpi_status == 1000
        yield call.where, None if served else f"HTTP {got.status}, OCPI {got.ocpi_status}: {got.message}"


@check(
    "discovery-lists-contracted-modules",
    good=PROBE,
    bad={
        "another version": _with_details({"version": "2.1.1", "endpoints": ENDPOINTS}),
        "no version": _with_details({"endpoints": ENDPOINTS}),
        "no details": _with_details([]),
        "no credentials": _with_endpoints(ENDPOINTS[1]),
        "a module is missing": _with_endpoints(ENDPOINTS[0]),
        "no role": _with_endpoints(ENDPOINTS[0], {**ENDPOINTS[1], "role": ""}),
    },
    also_good={
        "2.1.1 has no roles": replace(
            _with_details(
                {
                    "version": "2.1.1",
                    "endpoints": [{k: v for k, v in one.items() if k != "role"} for one in ENDPOINTS],
                }
            ),
            version="2.1.1",
        )
    },
)
def server_lists_its_endpoints(probe: ServerProbe) -> Verdicts:
    """The details are those of the version, and name credentials and every contracted module, with roles."""
    data = probe.details.got.data
    stated = data.get("version") if isinstance(data, dict) else None
    listed = endpoints(probe.details)
    names = {str(one.get("identifier")) for one in listed}
    problems = [] if stated == probe.version else [f"the details are of version {stated}"]
    missing = sorted({"credentials", *probe.modules} - names)
    problems += [f"not listed: {', '.join(missing)}"] if missing else []
    if probe.version != "2.1.1":
        bare = sorted(str(one.get("identifier")) for one in listed if one.get("role") not in _ROLES)
        problems += [f"without a role: {', '.join(bare)}"] if bare else []
    yield probe.details.where, "; ".join(problems) or None


@check(
    "credentials-roles-as-onboarded",
    good=PROBE,
    bad=replace(PROBE, onboarded=("DE*OTH",)),
    also_good={"nothing was agreed": replace(PROBE, onboarded=())},
    unverifiable={"no roles": replace(PROBE, named=())},
)
def server_has_the_agreed_parties(probe: ServerProbe) -> Verdicts:
    """The roles of its Credentials object are parties that it was onboarded with."""
    if probe.onboarded:
        if not probe.named:
            raise Unverifiable("credentials", "its Credentials object names no party")
        strangers = sorted(set(probe.named) - set(probe.onboarded))
        yield "credentials", f"not onboarded: {', '.join(strangers)}" if strangers else None


_PLAINTEXT = page(
    "first", (1,), "limit=1", link="http://ocpi.cpo.example/ocpi/2.2.1/sender/locations?offset=1"
)
_REDIRECT = replace(
    VERSIONS, got=replace(VERSIONS.got, status=302, headers={"location": "http://ocpi.cpo.example/"})
)


@check(
    "answer-urls-on-agreed-hosts",
    good=PROBE,
    bad={
        "endpoint": _with_endpoints(ENDPOINTS[0], {**ENDPOINTS[1], "url": "https://other.example/locations"}),
        "version": replace(
            PROBE, versions=answered("v", "/v", [{"version": "2.2.1", "url": "http://ocpi.cpo.example/"}])
        ),
        "link": replace(PROBE, listings=(replace(LISTING, first=_PLAINTEXT),)),
        "redirect": replace(PROBE, versions=_REDIRECT),
        "forwarded": replace(
            PROBE,
            forwarded=(answered("f", "/v", [{"version": "2.2.1", "url": "https://rampart.invalid/"}]),),
        ),
    },
    also_good={
        "a relative redirect": replace(
            PROBE, versions=replace(VERSIONS, got=replace(VERSIONS.got, headers={"location": "/ocpi/"}))
        )
    },
)
def server_leads_to_agreed_hosts(probe: ServerProbe) -> Verdicts:
    """Every URL in its answers is https on a host that was agreed: the next call carries the token there."""
    for call in probe.calls():
        wrong = sorted({url for url in _urls(call) if not _agreed(url, probe.hosts)})
        yield call.where, f"leads to {wrong[0]}"[:200] if wrong else None


def _agreed(url: str, hosts: tuple[str, ...]) -> bool:
    host = CallbackHost.of_url(url)
    return host is not None and host.authority in hosts


def _urls(call: Exchange) -> Iterator[str]:
    """The URLs of discovery and credentials, of a Link, and of a redirect that is not relative."""
    data = call.got.data
    several = data if isinstance(data, list) else [data]
    for one in several:
        if isinstance(one, dict) and "url" in one:
            yield str(one["url"])
    yield from (str(one.get("url")) for one in endpoints(call))
    if link := next_link(call):
        yield link
    location = call.got.headers.get("location") or ""
    if location and not location.startswith("/"):
        yield location
