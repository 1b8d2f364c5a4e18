"""The configuration modules without a process: who is answered, and with what."""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from hardening.errors import ConfigError
from hardening.registry.partners import Partner
from hardening.requests.header_names import HOP_SIGNATURE_HEADER, KIND_HEADER, PARTNER_HEADER, TOKEN_HEADER
from hardening.requests.hop_signature import Hop, signature
from hardening.requests.samples import CPO, EMSP, HUB, PARTNERS
from hardening.requests.tokens import digest
from hardening.rotation.connection import Connection, Secret, Stage
from hardening.rotation.records import Conflict
from infra.runtime.credentials.service import CredentialsService
from infra.runtime.credentials.sqlite_vault import SqliteVault
from infra.runtime.http_service import HttpRequest, HttpResponse
from tests.beds.memory_connection import HOST, NOW, Platform, connection, registered

KEY = b"h" * 32
ORIGIN = "https://us.example"
ROLE = {"role": "CPO", "country_code": "NL", "party_id": "LAB", "business_details": {"name": "We"}}
CREDENTIALS = "/ocpi/2.2.1/credentials"


def _service(made: Callable[[Partner], Connection] | None = None) -> CredentialsService:
    by_name = {one.name: one for one in PARTNERS}
    connections = made or (lambda partner: connection(Platform(), partner))
    return CredentialsService(ORIGIN, (ROLE,), by_name, KEY, connections, lambda: NOW)


def _asked(
    target: str, partner: str = EMSP.name, method: str = "GET", body: bytes = b"", token: str = ""
) -> HttpRequest:
    """A call as the guard hands it on."""
    hop = Hop(method=method, target=target, partner=partner, kind="C", body=body, token=token)
    told = {PARTNER_HEADER: partner, KIND_HEADER: "C", TOKEN_HEADER: token, "x-request-id": "r-1"}
    signed = {HOP_SIGNATURE_HEADER: signature(KEY, hop, int(NOW.timestamp()))}
    return HttpRequest(method, target, {**told, **signed}, body)


def _answered(service: CredentialsService, asked: HttpRequest) -> tuple[HttpResponse, Any]:
    response = asyncio.run(service.answer(asked))
    return response, json.loads(response.body).get("data")


def _seen(target: str, partner: Partner) -> Any:
    service = _service()
    service.partners = {partner.name: partner}
    response, data = _answered(service, _asked(target, partner.name))
    assert response.status == (404 if data is None else 200)
    return data


def test_a_partner_sees_the_versions_of_its_contract() -> None:
    for partner in (EMSP, CPO):
        versions = [{"version": one, "url": f"{ORIGIN}/ocpi/{one}"} for one in partner.versions]
        assert _seen("/ocpi/versions", partner) == versions


def test_a_partner_sees_the_endpoints_of_its_modules_in_our_role_and_of_that_version_alone() -> None:
    details = _seen("/ocpi/2.2.1", EMSP)
    assert details["version"] == "2.2.1"
    found = {(one["identifier"], one["role"], one["url"]) for one in details["endpoints"]}
    root = f"{ORIGIN}/ocpi/2.2.1"
    sent = ("locations", "tariffs", "sessions", "cdrs")
    assert found == {
        ("credentials", "SENDER", f"{root}/credentials"),
        *((module, "SENDER", f"{root}/sender/{module}") for module in sent),
        *((module, "RECEIVER", f"{root}/receiver/{module}") for module in ("tokens", "commands")),
    }
    assert len(details["endpoints"]) == len(found)
    charges = replace(CPO, modules={**CPO.modules, "chargingprofiles": CPO.modules["cdrs"]})
    assert "chargingprofiles" in {one["identifier"] for one in _seen("/ocpi/2.2.1", charges)["endpoints"]}
    old = _seen("/ocpi/2.1.1", charges)["endpoints"]
    assert all(set(one) == {"identifier", "url"} and "/ocpi/2.1.1/" in one["url"] for one in old)
    modules = [one["identifier"] for one in old]
    assert sorted(modules) == sorted({"credentials", *CPO.modules})


@pytest.mark.parametrize(
    ("role", "partner", "modules"),
    [
        ("cpo", EMSP, ("locations", "tariffs", "sessions", "cdrs", "tokens", "commands")),
        ("emsp", EMSP, ()),
        ("sender", EMSP, ("locations", "tariffs", "sessions", "cdrs")),
        ("RECEIVER", EMSP, ("tokens", "commands")),
        ("emsp", CPO, ("locations", "tariffs", "sessions", "cdrs", "tokens")),
        ("sender", CPO, ("tokens",)),
        ("cpo", CPO, ()),
    ],
)
def test_a_partner_sees_the_modules_that_it_contracted_with_us_in_a_role(
    role: str, partner: Partner, modules: tuple[str, ...]
) -> None:
    data = _seen(f"/ocpi/{role}/2.2.1/modules", partner)
    assert (data["version"], data["role"]) == ("2.2.1", role.upper())
    assert sorted(one["identifier"] for one in data["modules"]) == sorted(modules)
    for one in data["modules"]:
        assert one["access"] == [str(access) for access in partner.modules[one["identifier"]]]


def test_without_a_role_all_of_the_contract_is_seen_and_an_unknown_role_is_not_found() -> None:
    data = _seen("/ocpi/2.2.1/modules", HUB)
    assert "role" not in data
    assert {one["identifier"] for one in data["modules"]} == set(HUB.modules)
    assert _seen("/ocpi/nobody/2.2.1/modules", EMSP) is None


def test_a_call_that_the_guard_did_not_sign_is_nobodys() -> None:
    asked = _asked("/ocpi/versions")
    for unsigned in (
        replace(asked, headers={**asked.headers, PARTNER_HEADER: CPO.name}),
        replace(asked, headers={**asked.headers, HOP_SIGNATURE_HEADER: ""}),
        replace(asked, headers={}),
        replace(asked, target="/ocpi/versions?limit=1"),
        replace(asked, body=b"{}"),
    ):
        assert _answered(_service(), unsigned)[0].status == 401
    later = NOW + timedelta(minutes=2)
    late = _service()
    late.clock = lambda: later
    assert _answered(late, asked)[0].status == 401
    assert _answered(_service(), _asked("/ocpi/versions", "somebody"))[0].status == 401


@pytest.mark.parametrize(
    ("method", "target", "status"),
    [
        ("GET", "/ocpi/2.2.1/sender/locations", 404),
        ("GET", "/nowhere", 404),
        ("PUT", "/ocpi/versions", 405),
        ("PATCH", CREDENTIALS, 405),
    ],
)
def test_other_modules_and_methods_are_not_served(method: str, target: str, status: int) -> None:
    response, data = _answered(_service(), _asked(target, method=method))
    assert (response.status, data) == (status, None)
    assert response.headers == {"x-request-id": "r-1"}


def test_credentials_are_shown_in_the_form_of_the_version_that_is_called() -> None:
    def made(partner: Partner) -> Connection:
        found = connection(Platform(), partner)
        registered(found)
        return found

    asked = _asked(CREDENTIALS, token=digest("ours"))
    shown = {"url": f"{ORIGIN}/ocpi/versions", "token": "#NA"}
    assert _answered(_service(made), asked)[1] == {**shown, "roles": [ROLE]}
    old = _asked("/ocpi/2.1.1/credentials", CPO.name, token=digest("ours"))
    party = {name: value for name, value in ROLE.items() if name != "role"}
    assert _answered(_service(made), old)[1] == {**shown, **party}


def test_a_body_that_is_no_json_is_refused_and_a_defect_is_not_told() -> None:
    response, _ = _answered(_service(), _asked(CREDENTIALS, method="PUT", body=b"{", token=digest("ours")))
    assert (response.status, json.loads(response.body)["status_code"]) == (400, 2001)

    def broken(_: Partner) -> Connection:
        raise LookupError("a-secret")

    response, _ = _answered(_service(broken), _asked(CREDENTIALS, token=digest("ours")))
    assert (response.status, json.loads(response.body)["status_code"]) == (500, 3000)
    assert b"a-secret" not in response.body


def test_a_call_whose_tokens_keep_changing_is_tried_five_times() -> None:
    tries: list[str] = []

    class Changing:
        def find(self, key: str) -> Any:
            tries.append(key)
            raise Conflict

    def made(partner: Partner) -> Connection:
        return replace(connection(Platform(), partner), records=Changing())  # type: ignore[arg-type]  # no apply

    response, _ = _answered(_service(made), _asked(CREDENTIALS, token=digest("ours")))
    assert (response.status, json.loads(response.body)["status_code"]) == (503, 3000)
    assert len(tries) == 5


def test_exchanges_of_one_partner_follow_each_other_and_only_some_may_wait() -> None:
    going, most = [0], [0]
    gate = threading.Event()

    def made(partner: Partner) -> Connection:
        going[0] += 1
        most[0] = max(most[0], going[0])
        gate.wait(10)
        going[0] -= 1
        found = connection(Platform(), partner)
        registered(found)
        return found

    async def run() -> list[int]:
        service, asked = _service(made), _asked(CREDENTIALS, token=digest("ours"))
        calls = [asyncio.create_task(service.answer(asked)) for _ in range(6)]
        while not all(one.done() for one in calls[4:]):
            await asyncio.sleep(0.01)
        gate.set()
        return [one.status for one in await asyncio.gather(*calls)]

    assert asyncio.run(run()) == [200] * 4 + [503] * 2
    assert most == [1]


@pytest.fixture
def vault(tmp_path: Path) -> SqliteVault:
    return SqliteVault(tmp_path / "vault.sqlite", EMSP.name)


def test_a_vault_keeps_what_is_pending_current_and_before_for_each_partner_and_direction(
    vault: SqliteVault, tmp_path: Path
) -> None:
    first = Secret("first", f"{HOST}/credentials", {"url": ORIGIN}, modules=("cdrs",), registered=False)
    vault.write_pending("outbound", first)
    assert vault.read("outbound", Stage.PENDING) == first
    assert vault.read("outbound", Stage.CURRENT) is None
    for number in range(3):
        vault.write_pending("outbound", Secret(f"token-{number}"))
        vault.promote("outbound")
        vault.promote("outbound")
    assert vault.read("outbound", Stage.CURRENT) == Secret("token-2")
    assert vault.read("outbound", Stage.PREVIOUS) == Secret("token-1")
    assert vault.read("outbound", Stage.PENDING) is None
    vault.write_pending("outbound", Secret("not wanted"))
    vault.discard("outbound")
    vault.promote("outbound")
    assert vault.read("outbound", Stage.CURRENT) == Secret("token-2")
    assert vault.read("inbound", Stage.CURRENT) is None
    assert SqliteVault(tmp_path / "vault.sqlite", CPO.name).read("outbound", Stage.CURRENT) is None
    again = SqliteVault(tmp_path / "vault.sqlite", EMSP.name)
    assert again.read("outbound", Stage.CURRENT) == Secret("token-2")


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660, 0o610])
def test_a_vault_that_others_may_read_is_not_opened(vault: SqliteVault, tmp_path: Path, mode: int) -> None:
    file = tmp_path / "vault.sqlite"
    assert file.stat().st_mode & 0o777 == 0o600
    file.chmod(mode)
    with pytest.raises(ConfigError, match="others may read it"):
        SqliteVault(file, EMSP.name)


def test_a_vault_that_cannot_be_made_or_is_none_is_one_line(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="no vault"):
        SqliteVault(tmp_path / "none" / "vault.sqlite", EMSP.name)
    (tmp_path / "other").write_text("no database at all, but a text of some length\n" * 50, encoding="utf-8")
    with pytest.raises(ConfigError, match="no vault"):
        SqliteVault(tmp_path / "other", EMSP.name)
