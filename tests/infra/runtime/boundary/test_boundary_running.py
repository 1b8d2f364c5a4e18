"""The boundary in a guard as its user starts it: behind TLS, Envoy and policy service, and after a kill."""

from __future__ import annotations

import json
from collections.abc import Iterator

import psutil
import pytest
from click.testing import CliRunner
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_pem_private_key

from hardening.requests.sample_messages import CDR, TOKEN
from infra.runtime.boundary.ledger_commands import ledger
from tests.beds.guard import GuardBed, guard_bed, wait_until

LIST, CDRS = "/ocpi/2.2.1/sender/cdrs", "/ocpi/2.2.1/receiver/cdrs"


@pytest.fixture(scope="module")
def bed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[GuardBed]:
    with guard_bed(tmp_path_factory.mktemp("guard")) as up:
        yield up


def _says(data: object) -> bytes:
    return json.dumps({"status_code": 1000, "timestamp": "2026-01-15T12:00:00Z", "data": data}).encode()


def test_a_foreign_cdr_on_a_page_of_forty_does_not_leave_and_is_alarmed(bed: GuardBed) -> None:
    own = [{**CDR, "id": f"CDR-{number}"} for number in range(39)]
    foreign = {**CDR, "id": "FOREIGN-7", "cdr_token": {**CDR["cdr_token"], "party_id": "EMZ"}}
    try:
        bed.upstream.says = _says([*own, foreign])
        status, said = bed.get(LIST, bed.headers("example-emsp"))
        assert (status, said["status_code"]) == (500, 3000)
        bed.upstream.says = _says(own)
        assert bed.get(LIST, bed.headers("example-emsp"))[1]["data"] == own
    finally:
        bed.upstream.says = b""
    wait_until(lambda: "answers-hold-the-askers-objects" in bed.log(), bed)
    assert "FOREIGN-7" not in bed.log()


def test_a_cdr_is_delivered_once_also_after_every_boundary_was_killed(bed: GuardBed) -> None:
    def delivered() -> int:
        return sum(path == CDRS for _, path, _ in bed.upstream.seen)

    def boundaries() -> set[int]:
        return {
            one.pid
            for one in psutil.Process(bed.process.pid).children()
            if one.status() != psutil.STATUS_ZOMBIE and "infra.runtime.boundary" in one.cmdline()
        }

    try:
        bed.upstream.says = b'{"status_code":1000,"timestamp":"2026-01-15T12:00:00Z"}'
        first = bed.post(CDRS, "example-cpo", json.dumps(CDR).encode())
        before = boundaries()
        assert (first[0], len(before)) == (200, 2)
        for pid in before:
            psutil.Process(pid).kill()
        wait_until(lambda: len(boundaries() - before) == 2, bed)
        # Envoy asks them in turn: both have to be up.
        wait_until(lambda: all(bed.get(LIST, bed.headers("example-emsp"))[0] == 200 for _ in range(6)), bed)
        # Of 503 a sender knows that he has to come again, as under load one of Envoy's threads may still say.
        wait_until(lambda: bed.post(CDRS, "example-cpo", json.dumps(CDR).encode()) == first, bed)
        other = bed.post(CDRS, "example-cpo", json.dumps({**CDR, "remark": "another"}).encode())
        assert (other[0], other[1]["status_code"]) == (200, 2001)
    finally:
        bed.upstream.says = b""
    assert delivered() == 1


def test_the_ledger_of_a_running_guard_is_asked_with_the_keys_that_it_made(bed: GuardBed) -> None:
    taken = {**CDR, "id": "CDR-7", "session_id": "SES-7"}
    try:
        bed.upstream.says = b'{"status_code":1000,"timestamp":"2026-01-15T12:00:00Z"}'
        wait_until(lambda: bed.post(CDRS, "example-cpo", json.dumps(taken).encode())[0] == 200, bed)
    finally:
        bed.upstream.says = b""
    pem = load_pem_private_key((bed.folder / "receipt.pem").read_bytes(), None).public_key()
    public = bed.folder / "receipt.pub.pem"
    public.write_bytes(pem.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo))
    where = ("--ledger", str(bed.folder / "ledger.sqlite"))
    shown = CliRunner().invoke(ledger, ["show", "CDR-7", *where, "--key", str(public)], standalone_mode=False)
    assert shown.return_value == 0
    assert shown.stdout.rstrip().endswith("signed")
    day = taken["last_updated"][:10]
    listed = CliRunner().invoke(ledger, ["digests", "example-cpo", day, *where], standalone_mode=False)
    assert "CDR-7" in {one["id"] for one in json.loads(listed.stdout)["cdrs"]}
    assert {(bed.folder / name).stat().st_mode & 0o777 for name in ("receipt.pem", "pseudonym.key")} == {
        0o600
    }


def test_what_is_printed_on_a_card_does_not_leave_and_its_uid_does(bed: GuardBed) -> None:
    card = {**TOKEN, "party_id": "LAB", "uid": "CARD-9", "visual_number": "NL 000 9"}
    try:
        bed.upstream.says = _says([card])
        _, said = bed.get("/ocpi/2.2.1/sender/tokens", bed.headers("example-cpo"))
        assert said["data"] == [{name: card[name] for name in card if name != "visual_number"}]
        _, said = bed.get("/ocpi/2.2.1/sender/tokens", bed.headers("example-hub"))
        assert said["data"][0]["uid"] == "CARD-9"
        assert said["data"][0]["contract_id"] != card["contract_id"]
    finally:
        bed.upstream.says = b""
