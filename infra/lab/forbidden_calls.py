"""The forbidden calls of an acceptance run, and which layer must refuse each."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice

from hardening.registry.partners import Access, Partner
from hardening.requests.modules import CONFIGURATION
from hardening.requests.routes import ROUTES
from infra.lab.credentials_exchange import VERSION

_NOBODY = {"country_code": "ZZ", "party_id": "ZZZ"}


@dataclass(frozen=True, slots=True)
class ForbiddenCall:
    """A GET that `control` forbids, by the partner of the run or by nobody.

    `authorizer` is `refused`, or `allowed` where OCPI wants an answer that API Gateway cannot give.
    `guard` is the guard's `HTTP status/OCPI status`.
    """

    control: str
    path: str
    is_partner: bool
    authorizer: str
    guard: str


def forbidden_calls(partner: Partner) -> Iterator[ForbiddenCall]:
    """One with an unknown token, one beyond the contract, and one for an object that is nobody's.

    A partner that has every module, or may read none, has fewer.
    """
    yield ForbiddenCall("token-known", f"/ocpi/{VERSION}", False, "refused", "401/2000")
    for path in islice(_uncontracted(partner), 1):
        yield ForbiddenCall("module-contracted", path, True, "refused", "403/2000")
    for path in islice(_foreign(partner), 1):
        yield ForbiddenCall("url-party-belongs-to-partner", path, True, "allowed", "404/2000")


def _uncontracted(partner: Partner) -> Iterator[str]:
    """The lists of modules that exist in VERSION and are none of the partner's."""
    for route in ROUTES:
        foreign = route.version == VERSION and route.module not in {*partner.modules, *CONFIGURATION}
        if foreign and any(operation.many for operation in route.operations):
            yield route.template


def _foreign(partner: Partner) -> Iterator[str]:
    """Objects of contracted modules that are no party's."""
    for route in ROUTES:
        readable = Access.READ in partner.modules.get(route.module, ()) and "GET" in route.methods
        if route.version == VERSION and readable and "party_id" in route.parameters:
            yield route.template.format(**{**dict.fromkeys(route.parameters, "1"), **_NOBODY})
