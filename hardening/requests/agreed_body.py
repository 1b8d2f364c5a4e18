"""The body of a call as its partner's contract lets it be read: written anew once, before anybody acts on it.

The guard judges what comes out and signs that; whoever stands behind it makes the same of what came, and
believes it by the signature alone. So there is one reading: what is judged is what is counted and delivered.
"""

from __future__ import annotations

from dataclasses import replace

from hardening.ocpi.editions import edition
from hardening.ocpi.lenient import Agreed, as_agreed
from hardening.ocpi.structs import Shape
from hardening.registry.partners import Partner
from hardening.requests.body import kind_of
from hardening.requests.request import Request


def agreed_body(partner: Partner, method: str, path: str, body: bytes) -> Agreed | None:
    """What the contract makes of a body that its edition refuses; None where that is nothing whole."""
    kind = kind_of(method, path) if body and partner.accept else None
    if kind is None:
        return None
    shape = Shape.PATCH if kind.partial else Shape.OBJECT
    agreed = as_agreed(body, edition(kind.version), kind.object_type, shape, partner.accept)
    return None if agreed is None or agreed.problems else agreed


def read_as_agreed(request: Request) -> Request | None:
    """The call with that body; None where its contract makes nothing of it."""
    if request.credentials is None:
        return None
    agreed = agreed_body(request.credentials.partner, request.method, request.path, request.body)
    return None if agreed is None else replace(request, body=agreed.body, leniencies=agreed.used)
