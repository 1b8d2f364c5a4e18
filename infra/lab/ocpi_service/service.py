"""OCPI calls to answers. The guard in front has decided who calls (a header) and whether it may."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qsl, urlencode

from hardening.registry.partners import Partner
from hardening.requests.header_names import HOP_SIGNATURE_HEADER
from hardening.requests.hop_signature import hop_of, is_genuine
from hardening.requests.routes import PREFIX, Match, match
from hardening.requests.statuses import CLIENT_ERROR, INVALID_PARAMETERS, SUCCESS, UNUSABLE_CLIENT_API
from hardening.rotation.discovery import Unusable
from infra.lab.ocpi_service.objects import OPERATOR, objects
from infra.lab.ocpi_service.registration import Registration
from infra.runtime.credentials.discovery import discovery
from infra.runtime.functions.hop_keys import HopKeys
from infra.runtime.http_service import HttpRequest, HttpResponse, log

# Where nobody sets another one (`Settings.page_limit`).
PAGE_LIMIT = 50
_IDS = ("x-request-id", "x-correlation-id")


@dataclass(slots=True)
class OcpiService:
    """What the service remembers: what partners pushed, by (partner, path), and who is gone.

    Without a `registration` it exchanges no credentials. `page_limit` is X-Limit: the most objects on a page,
    whatever a client asks for (OCPI 2.2.1, 4.1.5). The guard signs with `hop_key`, or with one of `hop_keys`.
    """

    origin: str
    partners: Mapping[str, Partner]
    hop_key: bytes
    pushed: dict[tuple[str, str], dict[str, Any]] = field(default_factory=dict)
    gone: set[str] = field(default_factory=set)
    registration: Registration | None = None
    page_limit: int = PAGE_LIMIT
    hop_keys: HopKeys | None = None

    async def answer(self, asked: HttpRequest) -> HttpResponse:
        """The answer to one call. It never raises: a defect is OCPI 3000."""
        try:
            # A registration calls the partner, which takes its time.
            waits = asked.method in ("POST", "PUT") and asked.target.endswith("/credentials")
            response = await asyncio.to_thread(self._answer, asked) if waits else self._answer(asked)
        except Exception as crash:  # the outer edge of this process
            log(level="error", event="crash", kind=type(crash).__name__)
            response = _envelope(500, 3000, message="internal error")
        ids = {name: asked.headers[name] for name in _IDS if asked.headers.get(name)}
        return HttpResponse(response.status, response.body, {**response.headers, **ids})

    def _answer(self, asked: HttpRequest) -> HttpResponse:
        path, _, query = asked.target.partition("?")
        partner = self._partner(asked)
        found = match(asked.method, path)
        if partner is None:
            return _envelope(401, CLIENT_ERROR, message="no partner named by the guard")
        if found is None:
            return _envelope(404, CLIENT_ERROR, message="no such path")
        if found.operation is None:
            return _envelope(405, CLIENT_ERROR, message="no such method")
        if found.route.module in ("versions", "modules"):
            data = discovery(self.origin, found, partner)
            if data is None:
                return _envelope(404, CLIENT_ERROR, message="no such role")
            return _envelope(200, SUCCESS, data)
        if found.route.module == "credentials":
            return self._credentials(found, partner, asked.body)
        if found.route.interface == "sender":
            return self._sender(found, path, query)
        return self._receiver(found, partner, path.rstrip("/"), asked.body)

    def _partner(self, asked: HttpRequest) -> Partner | None:
        """Who calls, if it was the guard that said so."""
        hop = hop_of(asked.method, asked.target, asked.headers, asked.body)
        shown = asked.headers.get(HOP_SIGNATURE_HEADER, "")
        now = int(datetime.now(UTC).timestamp())
        if self.hop_keys is not None:
            genuine = self.hop_keys.made(hop, shown, now)
        else:
            genuine = is_genuine(self.hop_key, hop, shown, now)
        return self.partners.get(hop.partner) if genuine else None

    def _credentials(self, found: Match, partner: Partner, body: bytes) -> HttpResponse:
        method = found.operation.method if found.operation else ""
        registered = partner.name not in self.gone
        if (method == "POST") == registered:
            return _envelope(405, CLIENT_ERROR, message="registered" if registered else "not registered")
        details = {"business_details": {"name": "Rampart lab"}, **OPERATOR}
        roles = [{"role": role, **details} for role in ("CPO", "EMSP")]
        version = found.route.version
        ours = {
            "url": f"{self.origin}{PREFIX}/versions",
            **(details if version == "2.1.1" else {"roles": roles}),
        }
        if method in ("POST", "PUT"):
            return self._registered(partner, json.loads(body), ours)
        if method == "DELETE":
            self.gone.add(partner.name)
            return _envelope(200, SUCCESS)
        # The token is kept as a digest only: #NA is sent where it is not known (OCPI 2.2.1, 4.1.4).
        return _envelope(200, SUCCESS, {"token": "#NA", **ours})

    def _registered(
        self, partner: Partner, theirs: Mapping[str, Any], ours: Mapping[str, Any]
    ) -> HttpResponse:
        if self.registration is None:
            return _envelope(200, UNUSABLE_CLIENT_API, message="the lab does not connect to partners")
        try:
            token = self.registration.exchanged(partner, theirs, ours)
        except Unusable as problem:
            log(level="warning", event="registration", partner=partner.name, detail=str(problem))
            return _envelope(200, problem.status, message="the client's API cannot be used")
        self.gone.discard(partner.name)
        return _envelope(200, SUCCESS, {"token": token, **ours})

    def _sender(self, found: Match, path: str, query: str) -> HttpResponse:
        if found.operation and found.operation.many:
            return self._page(found, path, query)
        owned = objects(found.route.version)
        ids = found.parameters
        if found.route.module == "locations":
            return _located(owned["locations"], ids)
        if found.route.module == "tokens":
            known = next((one for one in owned["tokens"] if one["uid"] == ids["token_uid"]), None)
            if known is None:
                # The text asks for both (OCPI 2.2.1, 12.2.2); 2.1.1 has no 2004.
                return _envelope(
                    404, 2001 if found.route.version == "2.1.1" else 2004, message="unknown token"
                )
            answer = {"allowed": "ALLOWED"} | ({} if found.route.version == "2.1.1" else {"token": known})
            return _envelope(200, SUCCESS, answer)
        if found.route.module == "sessions":
            return _envelope(200, SUCCESS, "ACCEPTED")
        return _envelope(200, SUCCESS)

    def _page(self, found: Match, path: str, query: str) -> HttpResponse:
        given = dict(parse_qsl(query))
        offset, limit = int(given.get("offset", "0")), int(given.get("limit", str(self.page_limit)))
        rows = [
            row
            for row in objects(found.route.version)[found.route.module]
            if given.get("date_from", "") <= row["last_updated"] < given.get("date_to", "9999")
        ]
        page = rows[offset : offset + min(limit, self.page_limit)]
        headers = {"x-total-count": str(len(rows)), "x-limit": str(self.page_limit)}
        after = offset + len(page)
        if page and after < len(rows):
            rest = urlencode({**given, "offset": after, "limit": min(limit, self.page_limit)})
            headers["link"] = f'<{self.origin}{path.rstrip("/")}?{rest}>; rel="next"'
        return _envelope(200, SUCCESS, page, headers=headers)

    def _receiver(self, found: Match, partner: Partner, path: str, body: bytes) -> HttpResponse:
        method = found.operation.method if found.operation else ""
        key = (partner.name, path)
        if found.route.module in ("commands", "chargingprofiles"):
            answer: dict[str, Any] = {"result": "ACCEPTED"}
            if found.route.version != "2.1.1":
                answer["timeout"] = 30
            return _envelope(200, SUCCESS, answer)
        if method == "POST":
            return self._new_cdr(partner, path, json.loads(body))
        if method != "PUT" and key not in self.pushed:
            return _envelope(404, CLIENT_ERROR, message="no such object")
        if method == "GET":
            return _envelope(200, SUCCESS, self.pushed[key])
        if method == "DELETE":
            del self.pushed[key]
            return _envelope(200, SUCCESS)
        value = json.loads(body)
        if method == "PATCH" and "last_updated" not in value:
            return _envelope(200, INVALID_PARAMETERS, message="PATCH without last_updated")
        created = key not in self.pushed
        self.pushed[key] = {**self.pushed.get(key, {}), **value} if method == "PATCH" else value
        return _envelope(201 if created else 200, SUCCESS)

    def _new_cdr(self, partner: Partner, path: str, cdr: dict[str, Any]) -> HttpResponse:
        """The same CDR again is no new one; another one under its id is refused (CDRs never change)."""
        key = (partner.name, f"{path}/{cdr['id']}")
        where = {"location": f"{self.origin}{key[1]}"}
        if key in self.pushed:
            same = self.pushed[key] == cdr
            code = SUCCESS if same else INVALID_PARAMETERS
            return _envelope(200, code, message="" if same else "another CDR has this id", headers=where)
        self.pushed[key] = cdr
        return _envelope(201, SUCCESS, headers=where)


def _located(locations: tuple[Mapping[str, Any], ...], ids: Mapping[str, str]) -> HttpResponse:
    found: Any = next((one for one in locations if one["id"] == ids["location_id"]), None)
    for parameter, children, key in (("evse_uid", "evses", "uid"), ("connector_id", "connectors", "id")):
        if found is not None and parameter in ids:
            found = next((one for one in found[children] if one[key] == ids[parameter]), None)
    return _envelope(200, SUCCESS, found) if found else _envelope(404, 2003, message="unknown location")


def _envelope(
    http: int, code: int, data: Any = None, *, message: str = "", headers: Mapping[str, str] | None = None
) -> HttpResponse:
    """OCPI 2.2.1, 4.1.7. `data` stays away where there is none."""
    answer: dict[str, Any] = {
        "status_code": code,
        "timestamp": datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
    }
    if message:
        answer["status_message"] = message
    if data is not None:
        answer["data"] = data
    return HttpResponse(http, json.dumps(answer, separators=(",", ":")).encode(), headers or {})
