"""The reference OCPI service: right envelopes, statuses and pages, and objects that keep to their version."""

from __future__ import annotations

import asyncio
import json
import time
from typing import Any

import pytest

from hardening.ocpi import Shape, validate
from hardening.requests.header_names import HOP_SIGNATURE_HEADER, KIND_HEADER, PARTNER_HEADER
from hardening.requests.hop_signature import Hop, signature
from hardening.requests.sample_messages import CDR, SESSION
from hardening.requests.samples import CPO, EMSP, PARTNERS
from infra.lab.ocpi_service.objects import objects
from infra.lab.ocpi_service.service import PAGE_LIMIT, OcpiService
from infra.runtime.http_service import HttpRequest

KEY = b"a key of thirty-two bytes or more"
OBJECTS = {
    "locations": "Location",
    "sessions": "Session",
    "cdrs": "CDR",
    "tariffs": "Tariff",
    "tokens": "Token",
}


@pytest.fixture
def service() -> OcpiService:
    return OcpiService("https://ocpi.lab.example", {partner.name: partner for partner in PARTNERS}, KEY)


def _signed(method: str, target: str, partner: str, body: bytes) -> dict[str, str]:
    hop = Hop(method=method, target=target, partner=partner, kind="C", body=body)
    signed = signature(KEY, hop, int(time.time()))
    return {PARTNER_HEADER: partner, KIND_HEADER: "C", HOP_SIGNATURE_HEADER: signed}


def _call(
    service: OcpiService, method: str, target: str, partner: str = EMSP.name, body: Any = None
) -> tuple[int, dict[str, Any], dict[str, str]]:
    content = b"" if body is None else json.dumps(body).encode()
    headers = {**_signed(method, target, partner, content), "x-request-id": "one"}
    answer = asyncio.run(service.answer(HttpRequest(method, target, headers, content)))
    assert answer.headers["x-request-id"] == "one"
    return answer.status, json.loads(answer.body), dict(answer.headers)


@pytest.mark.parametrize("version", ["2.1.1", "2.2.1", "2.3.0"])
@pytest.mark.parametrize("module", [*OBJECTS])
def test_every_object_and_every_list_keeps_to_its_version(version: str, module: str) -> None:
    rows = objects(version)[module]
    assert rows
    for row in rows:
        content = json.dumps(row).encode()
        assert validate(content, version=version, object_type=OBJECTS[module]) == []


@pytest.mark.parametrize("version", ["2.2.1", "2.3.0"])
def test_a_page_is_an_envelope_of_its_version(service: OcpiService, version: str) -> None:
    for module in ("locations", "sessions", "cdrs", "tariffs"):
        _, body, _ = _call(service, "GET", f"/ocpi/{version}/sender/{module}")
        kind, shape = OBJECTS[module], Shape.RESPONSE_LIST
        content = json.dumps(body).encode()
        assert validate(content, version=version, object_type=kind, shape=shape) == []


def test_version_details_and_credentials_keep_to_their_version(service: OcpiService) -> None:
    for target, kind in (("/ocpi/2.2.1", "VersionDetails"), ("/ocpi/2.2.1/credentials", "Credentials")):
        _, body, _ = _call(service, "GET", target)
        content = json.dumps(body["data"]).encode()
        assert validate(content, version="2.2.1", object_type=kind) == []


def test_pages_follow_each_other_and_miss_nothing(service: OcpiService) -> None:
    target, seen = "/ocpi/2.2.1/sender/locations?limit=1000", []
    while target:
        status, body, headers = _call(service, "GET", target)
        assert status == 200
        assert len(body["data"]) <= PAGE_LIMIT == int(headers["x-limit"])
        assert headers["x-total-count"] == "120"
        seen += [location["id"] for location in body["data"]]
        link = headers.get("link", "")
        target = link[1 : link.index(">")].removeprefix("https://ocpi.lab.example") if link else ""
    assert len(seen) == len(set(seen)) == 120


def test_dates_are_from_inclusive_to_exclusive_and_stay_in_the_link(service: OcpiService) -> None:
    rows = objects("2.2.1")["locations"]
    start, end = rows[10]["last_updated"], rows[100]["last_updated"]
    target = f"/ocpi/2.2.1/sender/locations?date_from={start}&date_to={end}"
    _, body, headers = _call(service, "GET", target)
    assert body["data"][0]["id"] == rows[10]["id"]
    assert headers["x-total-count"] == "90"
    assert "date_from=" in headers["link"]
    assert "date_to=" in headers["link"]


def test_discovery_lists_what_the_partner_contracted(service: OcpiService) -> None:
    _, versions, _ = _call(service, "GET", "/ocpi/versions")
    assert [entry["version"] for entry in versions["data"]] == [*EMSP.versions]
    for partner in (EMSP, CPO):
        _, details, _ = _call(service, "GET", "/ocpi/2.2.1", partner.name)
        listed = {endpoint["identifier"] for endpoint in details["data"]["endpoints"]}
        assert listed == {"credentials", *partner.modules}
        _, modules, _ = _call(service, "GET", "/ocpi/2.2.1/modules", partner.name)
        assert {entry["identifier"] for entry in modules["data"]["modules"]} == {*partner.modules}


def test_a_cdr_is_created_once_never_changed_and_found_by_its_location(service: OcpiService) -> None:
    target = "/ocpi/2.2.1/receiver/cdrs"
    status, _, headers = _call(service, "POST", target, CPO.name, CDR)
    assert status == 201
    where = headers["location"].removeprefix("https://ocpi.lab.example")
    assert _call(service, "GET", where, CPO.name)[1]["data"] == CDR
    again, body, _ = _call(service, "POST", target, CPO.name, CDR)
    assert (again, body["status_code"]) == (200, 1000)
    other, body, _ = _call(service, "POST", target, CPO.name, {**CDR, "total_energy": 1})
    assert (other, body["status_code"]) == (200, 2001)
    assert _call(service, "GET", where, CPO.name)[1]["data"] == CDR
    assert _call(service, "GET", where, EMSP.name)[0] == 404, "another partner's CDR is not there"


def test_pushed_objects_are_created_replaced_and_patched(service: OcpiService) -> None:
    target = "/ocpi/2.2.1/receiver/sessions/DE/CPX/SES-1"
    assert _call(service, "GET", target, CPO.name)[0] == 404
    assert _call(service, "PUT", target, CPO.name, SESSION)[0] == 201
    assert _call(service, "PUT", target, CPO.name, SESSION)[0] == 200
    _, body, _ = _call(service, "PATCH", target, CPO.name, {"kwh": 6})
    assert body["status_code"] == 2001, "a PATCH needs last_updated"
    patch = {"kwh": 6, "last_updated": "2026-01-15T12:00:00Z"}
    assert _call(service, "PATCH", target, CPO.name, patch)[0] == 200
    assert _call(service, "GET", target, CPO.name)[1]["data"]["kwh"] == 6


def test_an_unknown_token_is_404_and_2004(service: OcpiService) -> None:
    status, body, _ = _call(service, "POST", "/ocpi/2.2.1/sender/tokens/NOBODY/authorize", CPO.name)
    assert (status, body["status_code"]) == (404, 2004)
    known = objects("2.2.1")["tokens"][0]["uid"]
    status, body, _ = _call(service, "POST", f"/ocpi/2.2.1/sender/tokens/{known}/authorize", CPO.name)
    assert (status, body["data"]["allowed"]) == (200, "ALLOWED")


def test_registration_answers_as_the_credentials_module_says(service: OcpiService) -> None:
    target = "/ocpi/2.2.1/credentials"
    assert _call(service, "POST", target, body={})[0] == 405, "registered already"
    assert _call(service, "PUT", target, body={})[1]["status_code"] == 3001, "the lab calls nobody"
    assert _call(service, "DELETE", target)[1]["status_code"] == 1000
    assert _call(service, "DELETE", target)[0] == 405
    assert _call(service, "GET", target)[0] == 405
    assert _call(service, "POST", target, body={})[1]["status_code"] == 3001


def test_the_token_is_never_told(service: OcpiService) -> None:
    assert _call(service, "GET", "/ocpi/2.2.1/credentials")[1]["data"]["token"] == "#NA"


def test_who_is_not_named_by_the_guard_gets_nothing(service: OcpiService) -> None:
    assert _call(service, "GET", "/ocpi/versions", "")[0] == 401
    assert _call(service, "GET", "/ocpi/versions", "somebody")[0] == 401


def test_a_defect_is_ocpi_3000(service: OcpiService) -> None:
    target = "/ocpi/2.2.1/receiver/cdrs"
    asked = HttpRequest("POST", target, _signed("POST", target, CPO.name, b"not json"), b"not json")
    answer = asyncio.run(service.answer(asked))
    assert answer.status == 500
    assert json.loads(answer.body)["status_code"] == 3000
