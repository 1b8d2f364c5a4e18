"""What a caller who is refused is answered: an OCPI envelope, with the ids of the call."""

from __future__ import annotations

import json
import uuid
from collections.abc import Mapping
from datetime import UTC, datetime

from hardening.requests.decision import Decision
from hardening.requests.header_names import OCPI_ERROR_MARK, REFUSED, UNAUTHENTICATED
from infra.runtime.http_messages import HttpRequest, HttpResponse

_IDS = ("x-request-id", "x-correlation-id")


def refused(asked: HttpRequest, decision: Decision) -> HttpResponse:
    """The answer for Envoy, which turns `OCPI_ERROR_MARK` back into 200."""
    status = OCPI_ERROR_MARK if decision.http_status == 200 else decision.http_status
    message = UNAUTHENTICATED if decision.http_status == 401 else f"{REFUSED}: {decision.control}"
    envelope = {
        "status_code": decision.ocpi_status,
        "status_message": message,
        "timestamp": datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
    }
    later = {"retry-after": str(decision.retry_after)} if decision.retry_after else {}
    return HttpResponse(status, json.dumps(envelope).encode(), {**_ids(asked.headers), **later})


def _ids(headers: Mapping[str, str]) -> dict[str, str]:
    """The message ids to repeat (OCPI 2.2.1, 4.1.3); a new request id where the call had none."""
    given = {name: headers.get(name, "") for name in _IDS}
    kept = {name: value for name, value in given.items() if value.isascii() and value.isprintable() and value}
    return {"x-request-id": str(uuid.uuid4()), **kept}
