"""A partner's versions and endpoints, fetched at every exchange of credentials (OCPI 2.2.1, 6 and 7.2)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, NamedTuple

from hardening.requests.modules import MODULES
from hardening.requests.statuses import NO_MATCHING_ENDPOINTS, UNSUPPORTED_VERSION, UNUSABLE_CLIENT_API
from hardening.rotation.connection import Connection, Outcome, Secret

# More endpoints than OCPI has modules and roles, or longer URLs, are no list of endpoints.
_MOST_ENDPOINTS, _LONGEST_URL = 60, 255


class Unusable(Exception):
    """A partner's API cannot be used: `status` is OCPI's word for it, `doubt` that it may be so only now."""

    def __init__(self, status: int, detail: str, doubt: bool = False) -> None:
        super().__init__(detail)
        self.status, self.detail, self.doubt = status, detail, doubt


class Endpoints(NamedTuple):
    """The version that both sides have, the partner's credentials endpoint of it, and all of its endpoints.

    `modules` maps `module:ROLE` (2.1.1: `module`) to a URL. `named` are the modules that its modules route
    names; none where it has no such route, or that does not answer.
    """

    version: str
    credentials: str
    modules: Mapping[str, str]
    named: tuple[str, ...] = ()

    def kept_in(self, secret: Secret) -> Secret:
        """The secret with this version and these endpoints in the place of what it had."""
        fetched = {"version": self.version, "endpoints": self.modules, "modules": self.named}
        return replace(secret, url=self.credentials, **fetched)  # type: ignore[arg-type]  # by name


def discover(connection: Connection, versions_url: str, token: str, version: str = "") -> Endpoints:
    """The newest version in common, or `version` alone, and its endpoints. Raises Unusable.

    3001: it cannot be called or understood. 3002: no version in common. 3003: `credentials`, or
    every contracted module, is missing. A URL that is not https on a callback host is never called.
    """
    offered = _list(connection, versions_url, token)
    ours = [version] if version else sorted(connection.partner.versions, key=_order, reverse=True)
    urls = {one.get("version"): one.get("url") for one in offered if isinstance(one, dict)}
    common = next((name for name in ours if name in urls), None)
    if common is None:
        raise Unusable(UNSUPPORTED_VERSION, f"no version {version}" if version else "no version in common")
    details = _get(connection, urls[common], token)
    listed = details.get("endpoints") if isinstance(details, dict) else None
    if not isinstance(listed, list) or len(listed) > _MOST_ENDPOINTS:
        raise Unusable(UNUSABLE_CLIENT_API, "the version details have no endpoints")
    credentials, modules = _endpoints(connection, listed)
    return Endpoints(common, credentials, modules, _named(connection, str(urls[common]), token))


def missing(connection: Connection, known: Secret) -> tuple[str, ...]:
    """What is wrong with what a partner's modules route names, in words; nothing where it has none."""
    partner = connection.partner
    if not partner.modules_route:
        return ()
    if not known.modules:
        return ("its modules route names no modules",)
    there = [module for module in partner.modules if known.version in MODULES[module].versions]
    without = [module for module in there if module not in known.modules]
    return (f"its modules route does not name {', '.join(without)}",) if without else ()


def _named(connection: Connection, details_url: str, token: str) -> tuple[str, ...]:
    """The modules that its modules route names, in the form that was agreed on. It decides nothing."""
    root, _, version = details_url.rstrip("/").rpartition("/")
    forms = {
        "by-version": f"{root}/{version}/modules",
        "by-role": f"{root}/{connection.partner.parties[0].role.lower()}/{version}/modules",
    }
    url = forms.get(connection.partner.modules_route)
    if url is None:
        return ()
    data = connection.ask("GET", url, token).data
    listed = data.get("modules") if isinstance(data, dict) else data
    rows = listed[:_MOST_ENDPOINTS] if isinstance(listed, list) else []
    names = {str(one.get("identifier") if isinstance(one, dict) else one) for one in rows}
    return tuple(sorted(name for name in names if name in MODULES))


def _endpoints(connection: Connection, listed: Sequence[object]) -> tuple[str, Mapping[str, str]]:
    known = [one for one in listed if isinstance(one, dict)]
    found = {one.get("identifier"): one.get("url") for one in known}
    if "credentials" not in found or not found.keys() & connection.partner.modules.keys():
        raise Unusable(NO_MATCHING_ENDPOINTS, "expected endpoints are missing")
    # A version's endpoints may be on several hosts; each must be one of the contract.
    strangers = sorted({str(one.get("identifier")) for one in known if not _usable(connection, one)})
    if strangers:
        raise Unusable(UNUSABLE_CLIENT_API, f"not https on a callback host: {', '.join(strangers)}"[:200])
    return str(found["credentials"]), {_name(one): str(one["url"]) for one in known}


def _usable(connection: Connection, endpoint: Mapping[str, Any]) -> bool:
    url = endpoint.get("url")
    return connection.partner.may_call(url) and len(str(url)) <= _LONGEST_URL


def _name(endpoint: Mapping[str, Any]) -> str:
    """`credentials` has one endpoint, whatever its role says (OCPI 2.2.1, 6.2.2)."""
    identifier, role = str(endpoint.get("identifier")), endpoint.get("role")
    alone = identifier == "credentials" or role not in ("SENDER", "RECEIVER")
    return identifier if alone else f"{identifier}:{role}"


def _list(connection: Connection, url: object, token: str) -> list[Any]:
    data = _get(connection, url, token)
    if not isinstance(data, list):
        raise Unusable(UNUSABLE_CLIENT_API, "the versions are no list")
    return data


def _get(connection: Connection, url: object, token: str) -> Any:
    if not isinstance(url, str) or not connection.partner.may_call(url):
        raise Unusable(UNUSABLE_CLIENT_API, "a URL that is not https on a callback host of the registry")
    answer = connection.ask("GET", url, token)
    if answer.outcome is not Outcome.DONE:
        raise Unusable(UNUSABLE_CLIENT_API, answer.detail, answer.outcome is Outcome.IN_DOUBT)
    return answer.data


def _order(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in version.split(".") if part.isdecimal())
