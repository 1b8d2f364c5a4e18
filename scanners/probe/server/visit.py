"""The way through a server: in by the right token, its lists in every way, then what it must refuse."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping

from hardening.errors import CollectError
from hardening.requests import tokens
from hardening.requests.modules import VERSIONS
from scanners.probe.records import Exchange
from scanners.probe.server.calls import Caller, Server, without_token
from scanners.probe.server.checks.answers import OBJECT_TYPES
from scanners.probe.server.checks.pages import IMMODERATE
from scanners.probe.server.records import Listing, ServerProbe, endpoints, is_served, items, next_link
from scanners.probe.server.samples import SINCE
from scanners.probe.server.wrong_headers import other_schemes, other_spellings, similar_tokens, two_headers

# A party that is nobody's: ZZ is no country (ISO 3166-1, user-assigned codes).
STRANGER = "ZZ/RMP"
_OBJECT = "rampart-probe"
_FUTURE = "date_from=2100-01-01T00%3A00%3A00Z"
_PAST = f"{SINCE}&date_to=2000-01-02T00%3A00%3A00Z"
_BAD_PAGES = ("limit=abc", "limit=-1", "offset=-1", "date_from=yesterday")
_NOT_THERE = (404, 405)


def visit(server: Server) -> ServerProbe:
    """Probe `server`. Raises CollectError where it cannot be entered, or calls nobody may make are needed."""
    caller = Caller(server)
    versions = _enter(caller)
    version, url = _chosen(server, versions)
    details = caller.get("version details", url)
    urls = _urls(details)
    credentials = _credentials(caller, urls)
    named = _parties(credentials)
    listings = tuple(_listings(caller, version, details))
    gates = [server.url, url, *([urls["credentials"]] if credentials else ())]
    gates += [found for _, found in _lists(caller, version, details, listings)]
    last, token = gates[-1], server.token
    return ServerProbe(
        version=version,
        hosts=tuple(host.authority for host in server.hosts),
        versions=versions,
        details=details,
        credentials=credentials,
        named=named,
        hub=_is_hub(credentials, details),
        onboarded=server.parties,
        modules=server.modules,
        listings=listings,
        without_token=tuple(caller.call("no token", "GET", gate) for gate in gates),
        unknown_tokens=tuple(_unknown_tokens(caller, gates)),
        other_spellings=tuple(_with(caller, last, other_spellings(token, caller.encoding))),
        other_schemes=tuple(_with(caller, last, other_schemes(token, caller.encoding))),
        two_headers=tuple(_with(caller, last, two_headers(token, caller.encoding))),
        forwarded=_forwarded(caller),
        bad_pages=tuple(_bad_pages(caller, version, details, listings)),
        unknown_paths=tuple(_unknown_paths(caller, last)),
        odd_methods=tuple(_odd_methods(caller)),
        foreign_reads=tuple(_foreign_reads(caller, version, details)),
        foreign_writes=tuple(_foreign_writes(caller, version, details)),
        broken_bodies=tuple(_broken_bodies(caller, version, details)),
        token_repeated=tuple(caller.token_repeated),
    )


def entrance(caller: Caller) -> tuple[str, dict[tuple[str, str], str]]:
    """The version in use, and the URL of each module and role ("" in 2.1.1). Raises CollectError."""
    version, url = _chosen(caller.server, _enter(caller))
    listed = endpoints(caller.get("version details", url))
    return version, {
        (str(one.get("identifier")), str(one.get("role", ""))): str(one.get("url")) for one in listed
    }


def _enter(caller: Caller) -> Exchange:
    """GET versions in the token's encoding; where it is not known, in Base64 first (OCPI 2.2.1, 4.1.2)."""
    answer = caller.get("versions", caller.server.url)
    if not is_served(answer) and not caller.server.encoding and answer.got.status in (400, 401, 403):
        caller.encoding = "raw"
        answer = caller.get("versions", caller.server.url)
    if not is_served(answer):
        raise CollectError(
            f"{caller.server.url}: the token does not open it (HTTP {answer.got.status})",
            "expected the URL of the versions endpoint, and a token that was registered",
        )
    return answer


def _chosen(server: Server, versions: Exchange) -> tuple[str, str]:
    offered = {
        one.get("version"): str(one.get("url"))
        for one in items(versions)
        if isinstance(one, dict) and one.get("version") in VERSIONS
    }
    wanted = [server.version] if server.version else sorted(offered, key=str, reverse=True)
    found = next((name for name in wanted if name in offered), None)
    if found is None:
        raise CollectError(
            f"{server.url}: offers {', '.join(map(str, sorted(offered, key=str))) or 'no version'}",
            f"expected one of {server.version or ', '.join(VERSIONS)}",
        )
    return str(found), offered[found]


def _urls(details: Exchange) -> dict[str, str]:
    return {str(one.get("identifier")): str(one.get("url")) for one in endpoints(details)}


def _credentials(caller: Caller, urls: dict[str, str]) -> Exchange | None:
    known = caller.may_call(urls.get("credentials"))
    return without_token(caller.get("credentials", urls["credentials"])) if known else None


def _is_hub(credentials: Exchange | None, details: Exchange) -> bool:
    """Whether one of its roles is HUB, or it tells of its clients, which hubs alone do (OCPI 2.2.1, 14)."""
    data = credentials.got.data if credentials else None
    roles = data.get("roles") if isinstance(data, dict) else None
    listed = [one for one in roles if isinstance(one, dict)] if isinstance(roles, list) else []
    served = [(one.get("identifier"), one.get("role")) for one in endpoints(details)]
    return any(one.get("role") == "HUB" for one in listed) or ("hubclientinfo", "SENDER") in served


def _parties(credentials: Exchange | None) -> tuple[str, ...]:
    """The server's parties, by its Credentials object: several since 2.2, one in 2.1.1."""
    data = credentials.got.data if credentials else None
    if not isinstance(data, dict):
        return ()
    roles = data.get("roles")
    several = roles if isinstance(roles, list) else [data]
    pairs = [(one.get("country_code"), one.get("party_id")) for one in several if isinstance(one, dict)]
    return tuple(sorted({f"{country}*{party}".upper() for country, party in pairs if country and party}))


def _side(caller: Caller, version: str, details: Exchange, side: str) -> Iterator[tuple[str, str]]:
    """Module and URL of the server's endpoints on one side; 2.1.1 does not say which they are on."""
    for one in endpoints(details):
        module, url, role = str(one.get("identifier")), one.get("url"), one.get("role", "")
        wanted = module in OBJECT_TYPES and (not caller.server.modules or module in caller.server.modules)
        on_side = side in caller.server.interfaces and (version == "2.1.1" or role == side)
        if wanted and on_side and caller.may_call(url):
            yield module, str(url)


def _listings(caller: Caller, version: str, details: Exchange) -> Iterator[Listing]:
    for module, url in _side(caller, version, details, "SENDER"):
        plain = caller.get(f"{module}", url, SINCE)
        if version == "2.1.1" and plain.got.status in _NOT_THERE:
            continue  # an endpoint of the other side
        first = caller.get(f"{module}: limit", url, f"{SINCE}&limit=1")
        following = next_link(first)
        yield Listing(
            module=module,
            version=version,
            plain=plain,
            first=first,
            second=caller.get(f"{module}: offset", url, f"{SINCE}&offset=1&limit=1"),
            immoderate=caller.get(f"{module}: immoderate limit", url, f"{SINCE}&limit={IMMODERATE}"),
            future=caller.get(f"{module}: the future", url, _FUTURE),
            past=caller.get(f"{module}: the past", url, _PAST),
            followed=caller.get(f"{module}: Link", following) if caller.may_call(following) else None,
        )


def _lists(
    caller: Caller, version: str, details: Exchange, listings: tuple[Listing, ...]
) -> list[tuple[str, str]]:
    """The endpoints of the lists that are there."""
    there = {listing.module for listing in listings}
    return [(module, url) for module, url in _side(caller, version, details, "SENDER") if module in there]


def _unknown_tokens(caller: Caller, gates: list[str]) -> Iterator[Exchange]:
    for gate in gates:
        stranger = tokens.header(tokens.issue(), caller.encoding)
        yield caller.call("an unknown token", "GET", gate, authorization=stranger)
    yield from _with(caller, gates[-1], similar_tokens(caller.server.token, caller.encoding))


def _with(caller: Caller, url: str, authorizations: Mapping[str, str]) -> Iterator[Exchange]:
    for name, text in authorizations.items():
        yield caller.call(name, "GET", url, authorization=text)


def _forwarded(caller: Caller) -> tuple[Exchange, ...]:
    """Whether a header of the caller's gets into the server's URLs."""
    url = caller.server.url
    return (
        caller.get("X-Forwarded-Host", url, x_forwarded_host="rampart.invalid", x_forwarded_proto="http"),
        caller.get("another Host", url, host="rampart.invalid"),
    )


def _bad_pages(
    caller: Caller, version: str, details: Exchange, listings: tuple[Listing, ...]
) -> Iterator[Exchange]:
    for _, url in _lists(caller, version, details, listings)[:1]:
        for query in _BAD_PAGES:
            yield caller.get(query, url, query)


def _unknown_paths(caller: Caller, url: str) -> Iterator[Exchange]:
    yield caller.get("an unknown path", f"{url.rstrip('/')}/{_OBJECT}/a/b/c/d")
    yield caller.get("a path with quotes", f"{url.rstrip('/')}/%27%22%3Cx%3E")


def _odd_methods(caller: Caller) -> Iterator[Exchange]:
    methods = ("TRACE", "PATCH") if caller.server.full else ("TRACE",)
    for method in methods:
        url, right = caller.server.url, caller.authorization
        yield caller.call(f"{method} versions", method, url, authorization=right)


def _foreign_reads(caller: Caller, version: str, details: Exchange) -> Iterator[Exchange]:
    for module, url in _side(caller, version, details, "RECEIVER"):
        if module != "cdrs":  # their URLs are free
            place = f"{url.rstrip('/')}/{STRANGER}"
            yield caller.get(f"a foreign party's {module}", place)
            yield caller.get(f"an object of a foreign party's {module}", f"{place}/{_OBJECT}")


def _foreign_writes(caller: Caller, version: str, details: Exchange) -> Iterator[Exchange]:
    country, party = STRANGER.split("/")
    for module, url in _side(caller, version, details, "RECEIVER"):
        if caller.server.full and module != "cdrs":
            key = "uid" if module == "tokens" else "id"
            body = json.dumps({"country_code": country, "party_id": party, key: _OBJECT}).encode()
            place = f"{url.rstrip('/')}/{STRANGER}/{_OBJECT}"
            right = caller.authorization
            yield caller.call(f"a foreign party's {module}", "PUT", place, authorization=right, body=body)


def _broken_bodies(caller: Caller, version: str, details: Exchange) -> Iterator[Exchange]:
    for module, url in _side(caller, version, details, "RECEIVER"):
        if caller.server.full and module != "cdrs":
            place, right = f"{url.rstrip('/')}/{STRANGER}/{_OBJECT}", caller.authorization
            yield caller.call(
                f"half a JSON text for {module}", "PUT", place, authorization=right, body=b'{"a":'
            )
