"""HTTP and OCPI status codes, and the answers of refusals, chosen here and nowhere else.

OCPI 2.2.1, 4.1.2 (401), 4.1.6 (404, 2001), 4.1.7 and 5. From 2.3.0 edition 2 on, HTTP 401 and 403 are
allowed beside OCPI's own status; a valid message about an existing resource is answered with HTTP 200
and an OCPI error. See docs/divergences.md for where a refusal goes further than the specification.

Which refusal a control answers with is a field of the control (`hardening/controls`).
"""

from __future__ import annotations

from typing import NamedTuple

SUCCESS = 1000
CLIENT_ERROR = 2000
INVALID_PARAMETERS = 2001
SERVER_ERROR = 3000
UNUSABLE_CLIENT_API = 3001
UNSUPPORTED_VERSION = 3002
NO_MATCHING_ENDPOINTS = 3003


class Refusal(NamedTuple):
    """What a refused caller is answered: an HTTP status, and OCPI's in the body."""

    http_status: int
    ocpi_status: int


UNAUTHENTICATED = Refusal(401, CLIENT_ERROR)
FORBIDDEN = Refusal(403, CLIENT_ERROR)
NOT_FOUND = Refusal(404, CLIENT_ERROR)
METHOD_NOT_ALLOWED = Refusal(405, CLIENT_ERROR)
MEDIA_TYPE_UNSUPPORTED = Refusal(415, INVALID_PARAMETERS)
TOO_LARGE = Refusal(413, CLIENT_ERROR)
MALFORMED = Refusal(400, INVALID_PARAMETERS)
VERSION_NOT_CONTRACTED = Refusal(403, UNSUPPORTED_VERSION)
# What a message says wrongly is an OCPI error.
OCPI_ERROR = Refusal(200, INVALID_PARAMETERS)
CLIENT_API_UNUSABLE = Refusal(200, UNUSABLE_CLIENT_API)
# A check crashed, or could not be asked.
CRASHED = Refusal(500, SERVER_ERROR)
# Too much at once: the caller may come again.
TOO_MANY = Refusal(429, CLIENT_ERROR)
BUSY = Refusal(503, SERVER_ERROR)

# Refusals of a known partner's call with these HTTP statuses: the authorizer lets them on, as API Gateway
# could only answer 403, and the guard answers as OCPI requires.
LEFT_TO_THE_GUARD = frozenset({200, 400, 404, 405, 415})
