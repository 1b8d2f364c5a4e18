"""The boundary in a guard as its user starts it: behind TLS, Envoy and policy service, and after a kill."""

from __future__ import annotations

import json
from collections.abc import Iterator

import psutil
import pytest

from hardening.requests.sample_messages import CDR
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
