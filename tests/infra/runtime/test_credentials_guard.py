"""The configuration modules served by the guard, with a partner's platform that registers and rotates.

Envoy, policy service, credentials module and egress guard are processes; no OCPI service runs behind.
"""

from __future__ import annotations

import asyncio
import contextlib
import http.client
import json
import sqlite3
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from hardening.cli import Exit, rampart
from hardening.errors import ConfigError
from hardening.requests import tokens
from hardening.requests.header_names import HOP_SIGNATURE_HEADER, KIND_HEADER, PARTNER_HEADER
from hardening.requests.hop_signature import Hop, signature
from hardening.requests.samples import EMSP
from hardening.rotation.connection import Outcome
from hardening.rotation.registration import register
from hardening.rotation.result import End
from hardening.rotation.starter import rotate
from infra.runtime.credentials.service import CredentialsService
from infra.runtime.guard.settings import read_settings
from infra.runtime.http_messages import HttpRequest
from tests.beds.credentials_guard import PARTNER, ROLE, CredentialsBed, credentials_bed
from tests.beds.guard import write_configuration


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[CredentialsBed]:
    with credentials_bed(tmp_path_factory.mktemp("guard")) as bed:
        yield bed


@pytest.fixture
def bed(running: CredentialsBed) -> CredentialsBed:
    """Nobody is registered."""
    running.peer.told(
        takes=[], presents="", registered=False, fault="", token_a="token-a-of-the-peer", calls=[]
    )
    for file, table in (("tokens.sqlite", "tokens"), ("vault.sqlite", "secrets")):
        if (running.folder / file).exists():
            opened = sqlite3.connect(running.folder / file, timeout=60)
            with contextlib.closing(opened) as connection, connection:
                connection.execute(f"DELETE FROM {table}")  # noqa: S608  (two constants)
    running.until_served()
    return running


def registered(bed: CredentialsBed) -> str:
    """The partner registers with a token that only registers: the token that it calls with afterwards."""
    bed.peer.told(presents=bed.issue("A"))
    assert bed.peer.told(act="rotate")["done"] == 1000
    return str(bed.peer.told()["presents"])


def both_talk(bed: CredentialsBed) -> None:
    assert bed.peer.told(act="call")["done"] == 200
    connection = bed.connection()
    assert connection.call("GET", bed.peer.versions, bed.outbound(), None).outcome is Outcome.DONE


def test_a_partner_registers_and_both_talk(bed: CredentialsBed) -> None:
    first = bed.issue("A")
    assert bed.call("GET", "/ocpi/versions", first)[0] == 200
    assert bed.call("GET", "/ocpi/2.2.1/credentials", first)[0] == 401
    bed.peer.told(presents=first)
    assert bed.peer.told(act="rotate")["done"] == 1000
    second = bed.peer.told()["presents"]
    assert second != first
    both_talk(bed)
    status, envelope = bed.call("GET", "/ocpi/2.2.1/credentials", second)
    assert (status, envelope["status_code"]) == (200, 1000)
    assert envelope["data"] == {"url": f"{bed.url}/ocpi/versions", "token": "#NA", "roles": [ROLE]}
    assert bed.call("POST", "/ocpi/2.2.1/credentials", second, bed_credentials(bed))[0] == 405


def bed_credentials(bed: CredentialsBed) -> dict[str, object]:
    party = {"country_code": "NL", "party_id": "EMX"}
    role = {"role": "EMSP", "business_details": {"name": "Peer"}, **party}
    return {"token": "a-token-of-the-peer", "url": bed.peer.versions, "roles": [role]}


def test_a_partner_rotates_and_its_old_token_ends_soon_after_its_first_call_with_the_new_one(
    bed: CredentialsBed,
) -> None:
    old = registered(bed)
    outbound = bed.outbound()
    assert bed.peer.told(act="rotate")["done"] == 1000
    both_talk(bed)
    assert bed.outbound() != outbound
    record = bed.store.find(tokens.digest(old))
    assert record is not None
    assert record.state == "retiring"


def test_we_register_and_rotate_through_the_egress_guard(bed: CredentialsBed) -> None:
    ours = {"url": f"{bed.url}/ocpi/versions", "roles": [ROLE]}
    result = register(bed.connection(), ours, bed.peer.versions, "token-a-of-the-peer")
    assert result.end is End.ROTATED, result
    both_talk(bed)
    before = bed.peer.told()["presents"]
    assert rotate(bed.connection()).end is End.ROTATED
    assert bed.peer.told()["presents"] != before
    both_talk(bed)


def test_both_sides_may_start_at_once(bed: CredentialsBed) -> None:
    registered(bed)
    bed.peer.told(fault="starts too")
    assert rotate(bed.connection()).end is End.ROTATED
    both_talk(bed)


def test_delete_ends_the_connection_within_the_bound_of_a_revocation(bed: CredentialsBed) -> None:
    token = registered(bed)
    assert bed.call("DELETE", "/ocpi/2.2.1/credentials", token)[0] == 200
    time.sleep(1.1)
    assert bed.call("GET", "/ocpi/versions", token)[0] == 401


def test_versions_and_details_are_those_of_the_contract(bed: CredentialsBed) -> None:
    token = registered(bed)
    _, versions = bed.call("GET", "/ocpi/versions", token)
    assert [one["version"] for one in versions["data"]] == list(bed.partner.versions)
    for one in versions["data"]:
        status, details = bed.call("GET", one["url"].removeprefix(bed.url), token)
        assert status == 200
        found = {(two["identifier"], two["role"]) for two in details["data"]["endpoints"]}
        assert ("credentials", "SENDER") in found
        assert {name for name, _ in found} <= {"credentials", *bed.partner.modules}
    _, modules = bed.call("GET", "/ocpi/2.2.1/modules", token)
    assert {one["identifier"] for one in modules["data"]["modules"]} == set(bed.partner.modules)
    as_cpo, as_sender = (_modules_as(bed, role, token) for role in ("cpo", "SENDER"))
    assert "tokens" in as_cpo <= set(bed.partner.modules)
    assert "tokens" not in as_sender
    assert "locations" in as_sender <= as_cpo
    assert bed.call("GET", "/ocpi/admin/2.2.1/modules", token)[0] == 404


def _modules_as(bed: CredentialsBed, role: str, token: str) -> set[str]:
    _, envelope = bed.call("GET", f"/ocpi/{role}/2.2.1/modules", token)
    return {one["identifier"] for one in envelope["data"]["modules"]}


@pytest.mark.parametrize(
    ("change", "http", "ocpi"),
    [
        ({"url": "https://169.254.169.254/versions"}, 200, 3001),
        ({"roles": []}, 200, 2001),
        ({"token": "has a blank"}, 200, 2001),
    ],
)
def test_credentials_that_may_not_be_are_refused_and_nothing_changes(
    change: dict[str, object], http: int, ocpi: int, bed: CredentialsBed
) -> None:
    token = registered(bed)
    outbound = bed.outbound()
    status, envelope = bed.call("PUT", "/ocpi/2.2.1/credentials", token, {**bed_credentials(bed), **change})
    assert (status, envelope["status_code"]) == (http, ocpi)
    assert bed.outbound() == outbound
    both_talk(bed)


def test_a_partner_whose_new_token_does_not_work_there_keeps_the_old_one(bed: CredentialsBed) -> None:
    token = registered(bed)
    status, envelope = bed.call("PUT", "/ocpi/2.2.1/credentials", token, bed_credentials(bed))
    assert (status, envelope["status_code"]) == (200, 3001)
    both_talk(bed)


def test_what_is_no_configuration_module_is_left_to_the_service(bed: CredentialsBed) -> None:
    assert bed.call_once("GET", "/ocpi/2.2.1/sender/locations", registered(bed))[0] in (404, 503)


def test_nobody_but_the_guard_is_heard_by_the_module(bed: CredentialsBed) -> None:
    token = registered(bed)
    module = http.client.HTTPConnection("127.0.0.1", bed.egress_port - 1, timeout=10)
    headers = {
        "x-rampart-partner": PARTNER,
        "x-rampart-token-kind": "C",
        "x-rampart-token": tokens.digest(token),
    }
    module.request("DELETE", "/ocpi/2.2.1/credentials", headers=headers)
    assert module.getresponse().status == 401
    module.close()
    both_talk(bed)


def test_no_token_is_in_any_log(bed: CredentialsBed) -> None:
    token = registered(bed)
    assert rotate(bed.connection()).end is End.ROTATED
    state = bed.peer.told()
    log = bed.log()
    assert '"event":"credentials"' in log
    for secret in (token, bed.outbound(), *state["takes"], state["presents"]):
        assert secret not in log
        assert tokens.encoded(secret) not in log


def _command(bed: CredentialsBed, *words: str) -> Result:
    guard = ["--guard", str(bed.folder / "guard.toml")]
    return CliRunner().invoke(rampart, [*words, *guard], standalone_mode=False)


def test_a_command_registers_with_a_partner_and_offboarding_tells_it(bed: CredentialsBed) -> None:
    token_a = bed.folder / "theirs"
    token_a.write_text("token-a-of-the-peer", encoding="utf-8")
    token_a.chmod(0o600)
    where = ["--url", bed.peer.versions, "--token-file", str(token_a)]
    done = _command(bed, "token", "register", PARTNER, *where)
    assert done.return_value is Exit.HOLDS, done.output
    both_talk(bed)
    entry = bed.folder / "partners" / f"{PARTNER}.yaml"
    text = entry.read_text(encoding="utf-8")
    gateway = ["--gateway", bed.url.removeprefix("https://"), "--ca", bed.peer.ca_file]
    try:
        done = _command(bed, "partner", "offboard", PARTNER, "--reason", "contract ended", *gateway)
        assert done.return_value is Exit.HOLDS, done.output
        assert "the gateway refused after" in done.output
        assert bed.peer.told()["registered"] is False
        assert bed.peer.told(act="call")["done"] == 401
        kept = json.loads(next((bed.folder / "partners" / "offboarded").glob("*.json")).read_text())
        assert kept["partner_told"]["end"] == "ended"
    finally:
        entry.write_text(text, encoding="utf-8")


def test_a_wrong_table_is_one_line(tmp_path: Path) -> None:
    for table in ('{ origin = "http://x" }', '{ origin = "https://x", our_roles = [], vault = "v" }', '"x"'):
        with pytest.raises(ConfigError, match="credentials: expected a table"):
            read_settings(write_configuration(tmp_path, "http://127.0.0.1:1", {"credentials": table}))


def test_a_partner_that_may_use_no_version_is_told_so_by_an_empty_list() -> None:
    key, now = b"k" * 32, 1_767_225_600
    partner = replace(EMSP, versions=())
    hop = Hop(method="GET", target="/ocpi/versions", partner=partner.name, kind="C")
    headers = {PARTNER_HEADER: hop.partner, KIND_HEADER: hop.kind}
    headers[HOP_SIGNATURE_HEADER] = signature(key, hop, now)
    service = CredentialsService(
        "https://ocpi.example",
        (),
        {partner.name: partner},
        key,
        connection=lambda _: pytest.fail("nothing is exchanged"),
        clock=lambda: datetime.fromtimestamp(now, UTC),
    )
    answer = asyncio.run(service.answer(HttpRequest(hop.method, hop.target, headers, b"")))
    assert (answer.status, json.loads(answer.body)["data"]) == (200, [])
