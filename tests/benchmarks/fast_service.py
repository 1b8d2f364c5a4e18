"""`python -m tests.benchmarks.fast_service PORT`: a cheap service: one page of locations; it takes CDRs."""

from __future__ import annotations

import asyncio
import json
import sys

from infra.lab.ocpi_service.objects import objects
from infra.runtime.http_service import HttpRequest, HttpResponse, serve

_ENVELOPE = {"status_code": 1000, "timestamp": "2026-01-15T12:00:00Z"}
_PAGE = json.dumps({**_ENVELOPE, "data": list(objects("2.2.1")["locations"][:50])}).encode()
_HEADERS = {"x-total-count": "50", "x-limit": "50"}


async def _answer(asked: HttpRequest) -> HttpResponse:
    if asked.method == "GET":
        return HttpResponse(200, _PAGE, _HEADERS)
    return HttpResponse(200, json.dumps(_ENVELOPE).encode())


if __name__ == "__main__":
    asyncio.run(serve(_answer, "127.0.0.1", int(sys.argv[1])))
