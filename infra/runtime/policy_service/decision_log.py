"""What the guard decided, call by call: one line of JSON each, an API Activity (6003) of OCSF 1.5.

No secret stands in it: paths are redacted, bodies and queries left out, and a token is a fingerprint under
the guard's own key, by which two calls with one token are known as such and nothing else.
"""

from __future__ import annotations

import hashlib
import hmac
from functools import lru_cache
from typing import Any

import msgspec

from hardening import redact
from hardening.requests import tokens
from hardening.requests.decision import Decision
from hardening.requests.request import Request
from hardening.requests.routes import match
from hardening.requests.trace import trace_id
from infra.runtime.http_messages import write_line

CLASS_UID = 6003
_ACTIVITIES = {"POST": 1, "GET": 2, "PUT": 3, "PATCH": 3, "DELETE": 4}
_OTHER = 99
_METADATA = {
    "version": "1.5.0",
    "profiles": ["security_control", "trace"],
    "product": {"name": "guard", "vendor_name": "ocpi-rampart"},
}
_LONGEST_ID = 128
_ENCODE = msgspec.json.Encoder().encode


def log_decision(request: Request, decision: Decision, seconds: float, key: bytes) -> None:
    """Write the line of one decision, which took `seconds`. `key`: the hop's; empty: no fingerprint."""
    write_line(_ENCODE(entry(request, decision, seconds, key)).decode())


def entry(request: Request, decision: Decision, seconds: float, key: bytes) -> dict[str, Any]:
    """The decision as an OCSF event; what OCSF has no place for stands in `unmapped`."""
    found = match(request.method, request.path)
    activity = _ACTIVITIES.get(request.method, _OTHER)
    return {
        "class_uid": CLASS_UID,
        "category_uid": 6,
        "activity_id": activity,
        "type_uid": CLASS_UID * 100 + activity,
        "time": int(request.received.timestamp() * 1000),
        "severity_id": 1 if decision.allowed else 3 if decision.http_status >= 500 else 2,
        **_outcome(decision),
        "metadata": {**_METADATA, "correlation_uid": _id(request, "x-correlation-id")},
        "actor": _actor(request),
        "api": {
            "operation": f"{request.method} {found.route.module if found else 'unknown'}",
            "version": found.route.version if found else "",
            "request": {"uid": _id(request, "x-request-id")},
            "response": {"code": decision.http_status},
        },
        "src_endpoint": {"ip": request.source},
        "http_request": {
            "http_method": request.method,
            "url": {"path": redact.path(request.path)},
            "body_length": len(request.body),
        },
        "trace": {"uid": trace_id(request.headers)},
        "unmapped": {
            "event": "allowed" if decision.allowed else "refused",
            "ocpi_status": decision.ocpi_status,
            "latency_us": round(seconds * 1e6),
            "token_fingerprint": _fingerprint(request, key),
            "fingerprint_key": _of_key(key),
            **({"leniencies": dict(request.leniencies)} if request.leniencies else {}),
        },
    }


def _outcome(decision: Decision) -> dict[str, Any]:
    if decision.allowed:
        return {"status_id": 1, "action_id": 1, "disposition_id": 1}
    return {
        "status_id": 2,
        "status_detail": redact.text(decision.detail),
        "action_id": 2,
        "disposition_id": 2,
        "policy": {"uid": decision.control},
    }


def _actor(request: Request) -> dict[str, Any]:
    if request.credentials is None:
        return {"user": {"name": "", "type_id": 0}}
    return {"user": {"name": request.credentials.partner.name, "type_id": 3}}


def _id(request: Request, name: str) -> str:
    return request.headers.get(name, "")[:_LONGEST_ID]


@lru_cache(maxsize=4)
def _of_key(key: bytes) -> str:
    """What tells whether two fingerprints are under one key, and so can be compared: the key changes."""
    return hmac.digest(key, b"fingerprint-key", "sha256").hex()[:8] if key else ""


def _fingerprint(request: Request, key: bytes) -> str:
    presented = tokens.presented(request.headers.get("authorization", "")) if key else ()
    if not presented:
        return ""
    return _keyed(hashlib.sha256(presented[0].token.encode()).digest(), key)


# Many calls come with one token; of it, only the digest is kept.
@lru_cache(maxsize=1024)
def _keyed(digest: bytes, key: bytes) -> str:
    return hmac.digest(key, b"token-fingerprint\n" + digest, "sha256").hex()[:16]
