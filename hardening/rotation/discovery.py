"""A partner's versions and endpoints, fetched at every exchange of credentials (OCPI 2.2.1, 6 and 7.2)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from hardening.requests.statuses import NO_MATCHING_ENDPOINTS, UNSUPPORTED_VERSION, UNUSABLE_CLIENT_API
from hardening.rotation.connection import Connection, Outcome


class Unusable(Exception):
    """A partner's API cannot be used: `status` is OCPI's word for it, `doubt` that it may be so only now."""

    def __init__(self, status: int, detail: str, doubt: bool = False) -> None:
        super().__init__(detail)
        self.status, self.detail, self.doubt = status, detail, doubt


class Endpoints(NamedTuple):
    """The version that both sides have, and the partner's credentials endpoint of it."""

    version: str
    credentials: str


def discover(connection: Connection, versions_url: str, token: str) -> Endpoints:
    """The newest version in common and its credentials endpoint. Raises Unusable.

    3001: it cannot be called or understood. 3002: no version in common. 3003: `credentials`, or
    every contracted module, is missing. A URL that is not https on a callback host is never called.
    """
    offered = _list(connection, versions_url, token)
    ours = sorted(connection.partner.versions, key=_order, reverse=True)
    urls = {one.get("version"): one.get("url") for one in offered if isinstance(one, dict)}
    version = next((name for name in ours if name in urls), None)
    if version is None:
        raise Unusable(UNSUPPORTED_VERSION, "no version in common")
    details = _get(connection, urls[version], token)
    listed = details.get("endpoints") if isinstance(details, dict) else None
    if not isinstance(listed, list):
        raise Unusable(UNUSABLE_CLIENT_API, "the version details have no endpoints")
    return Endpoints(version, _credentials_endpoint(connection, listed))


def _credentials_endpoint(connection: Connection, listed: Sequence[object]) -> str:
    found = {one.get("identifier"): one.get("url") for one in listed if isinstance(one, dict)}
    if "credentials" not in found or not found.keys() & connection.partner.modules.keys():
        raise Unusable(NO_MATCHING_ENDPOINTS, "expected endpoints are missing")
    # A version's endpoints may be on several hosts; each must be one of the contract.
    strangers = sorted(str(name) for name, url in found.items() if not connection.partner.may_call(url))
    if strangers:
        raise Unusable(UNUSABLE_CLIENT_API, f"not https on a callback host: {', '.join(strangers)}"[:200])
    return str(found["credentials"])


def _list(connection: Connection, url: object, token: str) -> list[Any]:
    data = _get(connection, url, token)
    if not isinstance(data, list):
        raise Unusable(UNUSABLE_CLIENT_API, "the versions are no list")
    return data


def _get(connection: Connection, url: object, token: str) -> Any:
    if not isinstance(url, str) or not connection.partner.may_call(url):
        raise Unusable(UNUSABLE_CLIENT_API, "a URL that is not https on a callback host of the registry")
    answer = connection.call("GET", url, token, None)
    if answer.outcome is not Outcome.DONE:
        raise Unusable(UNUSABLE_CLIENT_API, answer.detail, answer.outcome is Outcome.IN_DOUBT)
    return answer.data


def _order(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in version.split(".") if part.isdigit())
