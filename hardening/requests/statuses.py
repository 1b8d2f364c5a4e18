"""HTTP and OCPI status codes of a refusal, chosen here and nowhere else.

OCPI 2.2.1, 4.1.2 (401), 4.1.6 (404, 2001), 4.1.7 and 5. From 2.3.0 edition 2 on, HTTP 401 and 403 are
allowed beside OCPI's own status; a valid message about an existing resource is answered with HTTP 200
and an OCPI error. See docs/divergences.md for where this table goes further than the specification.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from hardening.controls import CONTROLS, Layer

SUCCESS = 1000
CLIENT_ERROR = 2000
INVALID_PARAMETERS = 2001
SERVER_ERROR = 3000
UNUSABLE_CLIENT_API = 3001
UNSUPPORTED_VERSION = 3002
NO_MATCHING_ENDPOINTS = 3003

_UNAUTHENTICATED = (401, CLIENT_ERROR)
_FORBIDDEN = (403, CLIENT_ERROR)
_NOT_FOUND = (404, CLIENT_ERROR)
_MALFORMED = (400, INVALID_PARAMETERS)
_OCPI_ERROR = (200, INVALID_PARAMETERS)

# What a refusal answers that no line below names, and what a crash answers.
OTHERWISE = _FORBIDDEN
CRASHED = (500, SERVER_ERROR)

# control id -> (HTTP status, OCPI status)
REFUSALS: Mapping[str, tuple[int, int]] = MappingProxyType(
    {
        "no-plaintext-call": _FORBIDDEN,
        "token-required": _UNAUTHENTICATED,
        "one-authorization-header": _UNAUTHENTICATED,
        "token-scheme-exact": _UNAUTHENTICATED,
        "token-encoding-strict": _UNAUTHENTICATED,
        "token-known": _UNAUTHENTICATED,
        "token-not-revoked": _UNAUTHENTICATED,
        "token-not-expired": _UNAUTHENTICATED,
        "token-of-this-environment": _UNAUTHENTICATED,
        "token-a-only-registers": _UNAUTHENTICATED,
        "source-on-allow-list": _FORBIDDEN,
        "path-canonical": _MALFORMED,
        "unknown-path-refused": _NOT_FOUND,
        "method-defined-by-ocpi": (405, CLIENT_ERROR),
        "method-override-refused": _MALFORMED,
        "version-contracted": (403, UNSUPPORTED_VERSION),
        "module-contracted": _FORBIDDEN,
        "access-contracted": _FORBIDDEN,
        "commands-only-if-contracted": _FORBIDDEN,
        "interface-matches-role": _FORBIDDEN,
        "routing-party-belongs-to-partner": _FORBIDDEN,
        "url-party-belongs-to-partner": _NOT_FOUND,
        "no-routing-on-configuration-modules": _MALFORMED,
        "request-ids-present": _MALFORMED,
        "pagination-parameters-valid": _MALFORMED,
        "json-content-type": (415, INVALID_PARAMETERS),
        "message-is-bounded": _MALFORMED,
        "body-party-belongs-to-partner": _OCPI_ERROR,
        "object-id-matches-url": _OCPI_ERROR,
        "command-token-belongs-to-partner": _OCPI_ERROR,
        "credentials-roles-as-onboarded": _OCPI_ERROR,
        "callback-host-on-allow-list": _OCPI_ERROR,
        "credentials-url-on-allow-list": (200, UNUSABLE_CLIENT_API),
    }
)


def refusal(control: str) -> tuple[int, int]:
    """(HTTP status, OCPI status) of a refusal by `control`.

    What a message says wrongly (the integrity layer) is an OCPI error; the rest is forbidden.
    """
    if control not in REFUSALS and CONTROLS[control].layer is Layer.INTEGRITY:
        return _OCPI_ERROR
    return REFUSALS.get(control, OTHERWISE)
