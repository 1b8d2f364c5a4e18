"""One key for one message: who repeats a call that must not count twice gives the service the same key again.

The guard remembers nothing: the key is made of the message alone, so every task gives the same one, before
and after a restart. Message ids are no part of it, as each request has new ones (OCPI 2.2.1, 4.1.3).
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping

from hardening.registry.partners import Access
from hardening.requests.body import as_object
from hardening.requests.checks.ownership import ROUTING_HEADERS
from hardening.requests.routes import match

# What names a CDR among all (OCPI 2.2.1, 10.3.1); its party's letters have no case, nor has its id.
_CDR = ("country_code", "party_id", "id")


def idempotency_key(
    partner: str, method: str, path: str, headers: Mapping[str, str], body: bytes, token: str = ""
) -> str:
    """64 lower-case hexadecimal digits, of a call that was let through; "" for one that has no key.

    A POST that writes has one, and a PATCH that says `last_updated`. Every other call may come twice without
    harm (RFC 9110, 9.2.2); a PATCH without that time may be meant twice. `token`: the digest of the token of
    a call of the credentials module, which ends with the exchange.
    """
    found = match(method, path)
    if found is None or found.operation is None or found.operation.access is not Access.WRITE:
        return ""
    if method not in ("POST", "PATCH"):
        return ""
    said = as_object(body)
    if method == "PATCH" and "last_updated" not in said:
        return ""
    if found.body == "CDR":
        message = ("CDR", *(str(said.get(name, "")).lower() for name in _CDR))
    else:
        routed = (headers.get(name, "").lower() for name in ROUTING_HEADERS)
        message = (method, path, *routed, token, hashlib.sha256(body).hexdigest())
    return hashlib.sha256(json.dumps(("v1", partner, *message)).encode()).hexdigest()
