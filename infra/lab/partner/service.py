"""A partner's versions, version details and credentials module, as we call them (OCPI 2.2.1, 6 and 7)."""

from __future__ import annotations

import hmac
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from hardening.requests.modules import MODULES
from hardening.requests.tokens import decoded, issue
from infra.runtime.http_service import HttpRequest, HttpResponse, log

VERSIONS = ("2.1.1", "2.2.1", "2.3.0")
_ROOT = "/ocpi"


@dataclass(slots=True)
class PartnerService:
    """`tokens` maps a host to the tokens that open it: the newest one, and the one before it.

    `handed` maps a host to the token that it handed us: it opens discovery, and registers us as often as we
    like.
    """

    tokens: dict[str, list[str]]
    handed: Mapping[str, str]

    async def answer(self, asked: HttpRequest) -> HttpResponse:
        """The answer to one call: 401 for a host that is no partner's, or a token that is not the host's."""
        host = asked.headers.get("host", "").removesuffix(":443")
        presented = asked.headers.get("authorization", "").removeprefix("Token ")
        token = decoded(presented) or presented
        known, registers = _is_one(token, self.tokens.get(host, [])), _is_one(token, self._handed(host))
        log(level="info", event="called", host=host, method=asked.method, path=asked.target, known=known)
        if not (known or registers):
            return _envelope(401, 2000)
        return self._answer(asked, host, registers=registers)

    def _handed(self, host: str) -> list[str]:
        return [self.handed[host]] if host in self.handed else []

    def _answer(self, asked: HttpRequest, host: str, *, registers: bool) -> HttpResponse:
        root = f"https://{host}{_ROOT}"
        path = asked.target.partition("?")[0]
        if path == f"{_ROOT}/versions":
            return _envelope(200, 1000, [{"version": v, "url": f"{root}/{v}"} for v in VERSIONS])
        version, _, rest = path.removeprefix(f"{_ROOT}/").partition("/")
        if version not in VERSIONS or rest not in ("", "credentials"):
            return _envelope(404, 2000)
        if not rest:
            endpoints = [
                {"identifier": module, "role": "RECEIVER", "url": f"{root}/{version}/{module}"}
                for module in ("credentials", *MODULES)
            ]
            return _envelope(200, 1000, {"version": version, "endpoints": endpoints})
        if asked.method == "DELETE":
            self.tokens[host] = []
            return _envelope(200, 1000)
        if asked.method == "POST" and not registers:
            return _envelope(405, 2000)
        if asked.method in ("POST", "PUT"):
            return self._credentials(host, root, json.loads(asked.body))
        return _envelope(200, 1000, _own(root, "#NA"))

    def _credentials(self, host: str, root: str, theirs: dict[str, Any]) -> HttpResponse:
        if not theirs.get("token") or not theirs.get("url"):
            return _envelope(200, 2001)
        self.tokens[host] = [issue(), *self.tokens[host][:1]]
        return _envelope(200, 1000, _own(root, self.tokens[host][0]))


def _is_one(token: str, known: Iterable[str]) -> bool:
    return any(hmac.compare_digest(token.encode(), one.encode()) for one in known)


def _own(root: str, token: str) -> dict[str, Any]:
    return {"token": token, "url": f"{root}/versions"}


def _envelope(http: int, code: int, data: Any = None) -> HttpResponse:
    answer = {"status_code": code, "timestamp": datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")}
    return HttpResponse(http, json.dumps(answer if data is None else {**answer, "data": data}).encode())
