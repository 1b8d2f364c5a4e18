"""Between guard and service: no byte of another's leaves, and no message is delivered twice or unsigned.

The service behind it is real, on loopback, and says whatever a test plants.
"""

from __future__ import annotations

import asyncio
import json
import sqlite3
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hardening.answers.pseudonyms import Pseudonyms
from hardening.ledger.entry import Change, Entry, Key
from hardening.ledger.trail import TrailLine
from hardening.registry.partners import Access
from hardening.requests.header_names import HOP_SIGNATURE_HEADER, KIND_HEADER, PARTNER_HEADER
from hardening.requests.hop_signature import hop_of, is_genuine, signature
from hardening.requests.idempotency import idempotency_key
from hardening.requests.routes import ROUTES, Operation, Route
from hardening.requests.sample_messages import CDR, START_SESSION
from hardening.requests.samples import CPO, EMSP, HUB
from infra.lab.ocpi_service.objects import objects
from infra.lab.ports import free_port
from infra.runtime.boundary.deliveries import Deliveries
from infra.runtime.boundary.own_sessions import OwnSessions
from infra.runtime.boundary.service import Boundary
from infra.runtime.boundary.service_client import ServiceClient
from infra.runtime.boundary.sqlite_ledger import SqliteLedger
from infra.runtime.http_service import HttpRequest, HttpResponse, listening
from tests.beds.ledgers import RECORDER

KEY = bytes(range(32))
PARTNERS = {one.name: one for one in (EMSP, CPO, HUB)}
CANARY = "kanarie7"
CDRS = "/ocpi/2.2.1/receiver/cdrs"
TAKEN = HttpResponse(201, b'{"status_code":1000,"timestamp":"2026-01-15T12:00:00Z"}')


@dataclass
class Service:
    """What stands behind: `says` answers, and `seen` is what reached it."""

    says: Callable[[HttpRequest], HttpResponse] = lambda _: TAKEN
    seen: list[HttpRequest] = field(default_factory=list)

    async def answer(self, asked: HttpRequest) -> HttpResponse:
        """Remember, then say."""
        self.seen.append(asked)
        return self.says(asked)


@dataclass
class Bed:
    """A boundary before a service, in an event loop of its own."""

    boundary: Boundary
    service: Service
    runner: asyncio.Runner

    def call(self, partner: str, method: str, target: str, body: bytes = b"") -> HttpResponse:
        """A call as the guard hands it on."""
        return self.runner.run(self.boundary.answer(signed(partner, method, target, body)))


def signed(partner: str, method: str, target: str, body: bytes = b"") -> HttpRequest:
    """A call that the guard let through."""
    path = target.partition("?")[0]
    again = idempotency_key(partner, method, path, {}, body)
    headers = {PARTNER_HEADER: partner, KIND_HEADER: "C", "host": "ocpi.lab.example"}
    headers |= {"x-rampart-idempotency-key": again} if again else {}
    now = int(datetime.now(UTC).timestamp())
    headers[HOP_SIGNATURE_HEADER] = signature(KEY, hop_of(method, target, headers, body), now)
    return HttpRequest(method, target, headers, body)


@pytest.fixture
def bed(tmp_path: Path) -> Iterator[Bed]:
    service = Service()
    with asyncio.Runner() as runner, ThreadPoolExecutor(4) as threads:
        server = listening(service.answer, "127.0.0.1", 0)
        port = runner.run(_entered(server))
        client = ServiceClient("127.0.0.1", port, seconds=5)
        boundary = Boundary(
            partners=PARTNERS,
            is_genuine=partial(is_genuine, KEY),
            service=client,
            deliveries=Deliveries(SqliteLedger(tmp_path / "ledger.sqlite"), RECORDER),
            ledger_threads=threads,
            our_hosts=frozenset({"ocpi.lab.example"}),
            pseudonyms=Pseudonyms(KEY),
            own_sessions=OwnSessions(client, partial(signature, KEY)),
        )
        yield Bed(boundary, service, runner)
        client.close()
        runner.run(_left(server))


async def _entered(server: Any) -> int:
    port: int = await server.__aenter__()
    return port


async def _left(server: Any) -> None:
    await server.__aexit__(None, None, None)


def envelope(data: object, **more: object) -> bytes:
    return json.dumps(
        {"status_code": 1000, "timestamp": "2026-01-15T12:00:00Z", "data": data, **more}
    ).encode()


# Whose objects are planted: a party that none of the partners has.
FOREIGN = {"country_code": "SE", "party_id": "ZZZ"}
KINDS = {
    "Location": "locations",
    "Session": "sessions",
    "CDR": "cdrs",
    "Tariff": "tariffs",
    "Token": "tokens",
}


def foreign(version: str, kind: str) -> dict[str, Any]:
    """An object of the third party's, with the canary in each of its texts that has no form of its own."""
    made = dict(objects(version)[KINDS[kind]][0])
    made["uid" if kind == "Token" else "id"] = CANARY
    made["unknown"] = [CANARY]
    if version != "2.1.1":
        made |= FOREIGN
        if "cdr_token" in made:
            made["cdr_token"] = {**made["cdr_token"], **FOREIGN, "uid": CANARY, "contract_id": CANARY}
    elif "auth_id" in made:
        made["auth_id"] = f"SE-ZZZ-C0{CANARY[:7]}"
    return made


def own(version: str, kind: str, number: int) -> dict[str, Any]:
    """One of the reference service's, which example-emsp may see."""
    return dict(objects(version)[KINDS[kind]][number])


def _planted(version: str, operation: Operation, how: str) -> HttpResponse:
    kind = operation.response
    owned = kind in KINDS
    data: object = None
    if owned:
        canary = foreign(version, kind)
        data = canary
        if operation.many:
            several = [own(version, kind, number) for number in range(20)]
            data = [canary] if how == "all are foreign" else [*several, canary, *several]
    plain = {} if not owned else {"data": data}
    said = {"status_code": 1000, "timestamp": "2026-01-15T12:00:00Z", **plain}
    headers = {"x-total-count": "41", "x-limit": "50"}
    if how == "a trace":
        return HttpResponse(500, f"Traceback: {CANARY}".encode(), {"content-type": "text/plain"})
    if how == "a redirect":
        return HttpResponse(302, b"", {"location": f"https://{CANARY}.example/"})
    if how == "a link":
        headers["link"] = f'<https://{CANARY}.example/ocpi?offset=9>; rel="next"'
        said.pop("data", None)
    if how == "a location":
        headers["location"] = f"https://{CANARY}.example/ocpi/1"
        said.pop("data", None)
    if how == "headers":
        headers |= {"set-cookie": CANARY, "x-internal": CANARY, "x-request-id": CANARY, "server": CANARY}
        said.pop("data", None)
    if how == "a refusal":
        said = {
            **said,
            "status_code": 2003,
            "data": [CANARY],
            "status_message": f"line\n{CANARY}",
            "x": CANARY,
        }
    if how == "the envelope":
        said |= {"debug": CANARY, "status_message": f"line\n{CANARY}"}
        said.pop("data", None)
    if how == "data of a write":
        said["data"] = {"id": CANARY}
    return HttpResponse(200, json.dumps(said).encode(), headers)


OPERATIONS = [(route, operation) for route in ROUTES if route.version for operation in route.operations]
PLANTS = (
    *("all are foreign", "one of forty-one", "a trace", "a redirect", "a link", "a location", "headers"),
    *("a refusal", "the envelope", "data of a write"),
)
VALUES = {"country_code": "NL", "party_id": "EMX", "role": "cpo"}


def _path(route: Route) -> str:
    return route.template.format(**{name: VALUES.get(name, "X-1") for name in route.parameters})


def _tells_of_nobody(route: Route, operation: Operation, how: str) -> bool:
    """What OCPI gives no owner is the service's own word: who is to be asked, for 2.1.1, of what is ours."""
    if how in ("all are foreign", "one of forty-one") and route.version == "2.1.1":
        return route.interface == "sender" and operation.response in ("Location", "Tariff", "Token")
    return how == "data of a write" and bool(operation.response)


@settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    call=st.sampled_from(OPERATIONS),
    how=st.sampled_from(PLANTS),
    partner=st.sampled_from(sorted(PARTNERS)),
    remove=st.booleans(),
    number=st.integers(0, 10**9),
)
def test_no_byte_of_anothers_leaves_by_whatever_route(
    bed: Bed, call: tuple[Route, Operation], how: str, partner: str, remove: bool, number: int
) -> None:
    route, operation = call
    if _tells_of_nobody(route, operation, how):
        return
    bed.service.says = lambda _: _planted(route.version, operation, how)
    bed.boundary = replace(bed.boundary, remove_foreign=remove)
    body = (
        json.dumps({**CDR, "id": f"C{number}", "session_id": f"S{number}"}).encode()
        if operation.body
        else b""
    )
    got = bed.call(partner, operation.method, _path(route), body)
    assert CANARY.encode() not in got.body
    assert CANARY not in json.dumps(dict(got.headers))
    assert got.status < 300 or got.status >= 400
    assert json.loads(got.body)["status_code"] >= 1000


@pytest.mark.parametrize("version", ["2.1.1", "2.2.1", "2.3.0"])
@pytest.mark.parametrize("kind", sorted(KINDS))
def test_a_list_of_the_askers_own_leaves_as_it_is(bed: Bed, version: str, kind: str) -> None:
    body = envelope([own(version, kind, number) for number in range(20)])
    headers = {"x-total-count": "40", "x-limit": "20", "link": '<https://ocpi.lab.example/n>; rel="next"'}
    bed.service.says = lambda _: HttpResponse(200, body, headers)
    # A CPO that may know our drivers' cards and contracts; an eMSP that gets what is its drivers'.
    asker = "example-cpo" if kind == "Token" else "example-emsp"
    got = bed.call(asker, "GET", f"/ocpi/{version}/sender/{KINDS[kind]}?limit=20")
    assert (got.status, got.body) == (200, body)
    assert {name: got.headers[name] for name in headers} == headers


def test_a_list_with_a_foreign_object_is_refused_or_passes_without_it(
    bed: Bed, capsys: pytest.CaptureFixture[str]
) -> None:
    several = [own("2.2.1", "CDR", number) for number in range(3)]
    body = envelope([several[0], foreign("2.2.1", "CDR"), *several[1:]])
    bed.service.says = lambda _: HttpResponse(200, body)
    path = "/ocpi/2.2.1/sender/cdrs"
    assert bed.call("example-emsp", "GET", path).status == 500
    bed.boundary = replace(bed.boundary, remove_foreign=True)
    got = bed.call("example-emsp", "GET", path)
    assert (got.status, json.loads(got.body)["data"]) == (200, several)
    alarms = [json.loads(line) for line in capsys.readouterr().out.splitlines() if "boundary-alarm" in line]
    assert [one["control"] for one in alarms] == ["answers-hold-the-askers-objects"] * 2
    assert [one["removed"] for one in alarms] == [1, 1]
    assert CANARY not in json.dumps(alarms)


def test_only_the_guard_is_served(bed: Bed) -> None:
    asked = signed("example-emsp", "GET", "/ocpi/2.2.1/sender/locations")
    for changed in (
        {HOP_SIGNATURE_HEADER: ""},
        {PARTNER_HEADER: "example-cpo"},
        {PARTNER_HEADER: "nobody"},
        {KIND_HEADER: "A"},
    ):
        forged = replace(asked, headers={**asked.headers, **changed})
        assert bed.runner.run(bed.boundary.answer(forged)).status == 401
    assert bed.service.seen == []


def _cdr(**changes: object) -> bytes:
    return json.dumps({**CDR, **changes}).encode()


def test_the_same_cdr_is_delivered_once_and_another_under_its_id_is_2001(
    bed: Bed, capsys: pytest.CaptureFixture[str]
) -> None:
    where = {"location": "https://ocpi.lab.example/ocpi/2.2.1/receiver/cdrs/CDR-1"}
    bed.service.says = lambda _: replace(TAKEN, headers=where)
    first = bed.call("example-cpo", "POST", CDRS, _cdr())
    again = bed.call("example-cpo", "POST", CDRS, _cdr())
    assert first.status == 201
    assert (again.status, again.body, dict(again.headers)) == (201, first.body, where)
    other = bed.call("example-cpo", "POST", CDRS, _cdr(total_energy=99))
    assert (other.status, json.loads(other.body)["status_code"]) == (200, 2001)
    assert len(bed.service.seen) == 1
    alarms = [json.loads(line) for line in capsys.readouterr().out.splitlines() if "boundary-alarm" in line]
    assert [one["control"] for one in alarms] == ["messages-count-once"]


def test_a_cdr_that_the_service_refused_may_come_in_other_words(bed: Bed) -> None:
    refused = HttpResponse(200, b'{"status_code":2001,"timestamp":"2026-01-15T12:00:00Z"}')
    bed.service.says = lambda _: refused
    assert json.loads(bed.call("example-cpo", "POST", CDRS, _cdr()).body)["status_code"] == 2001
    bed.service.says = lambda _: TAKEN
    assert bed.call("example-cpo", "POST", CDRS, _cdr(total_energy=99)).status == 201


@pytest.mark.parametrize(
    "broken",
    [
        HttpResponse(500, b"oops"),
        HttpResponse(200, b'{"status_code":3000,"timestamp":"2026"}'),
        HttpResponse(503),
    ],
    ids=["a crash", "OCPI 3000", "nothing"],
)
def test_what_got_no_answer_is_delivered_again_and_nothing_takes_its_place(
    bed: Bed, broken: HttpResponse
) -> None:
    bed.service.says = lambda _: broken
    bed.call("example-cpo", "POST", CDRS, _cdr())
    bed.service.says = lambda _: TAKEN
    other = bed.call("example-cpo", "POST", CDRS, _cdr(total_energy=99))
    assert json.loads(other.body)["status_code"] == 2001
    assert bed.call("example-cpo", "POST", CDRS, _cdr()).status == 201
    keys = {one.headers["x-rampart-idempotency-key"] for one in bed.service.seen}
    assert (len(bed.service.seen), len(keys)) == (2, 1)


def test_a_write_whose_answer_may_not_leave_is_done_and_counts(bed: Bed) -> None:
    bed.service.says = lambda _: HttpResponse(
        201, envelope(foreign("2.2.1", "CDR")), {"location": "https://internal.example/7"}
    )
    got = bed.call("example-cpo", "POST", CDRS, _cdr())
    assert got.status == 201
    assert "data" not in json.loads(got.body)
    assert "location" not in got.headers
    assert bed.call("example-cpo", "POST", CDRS, _cdr()).body == got.body
    assert len(bed.service.seen) == 1


def test_a_command_runs_once(bed: Bed) -> None:
    bed.service.says = lambda _: HttpResponse(200, envelope({"result": "ACCEPTED", "timeout": 30}))
    path, body = "/ocpi/2.2.1/receiver/commands/START_SESSION", json.dumps(START_SESSION).encode()
    answers = [bed.call("example-emsp", "POST", path, body) for _ in range(3)]
    assert {one.status for one in answers} == {200}
    assert len(bed.service.seen) == 1


class DeadLedger:
    """A ledger that does not answer."""

    def find(self, key: Key) -> Entry | None:
        raise sqlite3.OperationalError("gone")

    def swap(self, *changes: Change, line: TrailLine | None = None) -> bool:
        raise sqlite3.OperationalError("gone")


def test_without_the_ledger_no_message_is_delivered_and_reads_are_served(bed: Bed) -> None:
    bed.boundary = replace(bed.boundary, deliveries=Deliveries(DeadLedger(), RECORDER))
    got = bed.call("example-cpo", "POST", CDRS, _cdr())
    assert (got.status, json.loads(got.body)["status_code"]) == (503, 3000)
    assert bed.service.seen == []
    bed.service.says = lambda _: HttpResponse(200, envelope([]))
    assert bed.call("example-emsp", "GET", "/ocpi/2.2.1/sender/locations").status == 200


def test_without_the_service_nothing_is_served_and_health_says_so(bed: Bed) -> None:
    bed.boundary = replace(bed.boundary, service=ServiceClient("127.0.0.1", free_port()))
    assert bed.call("example-emsp", "GET", "/ocpi/2.2.1/sender/locations").status == 503
    health = HttpRequest("GET", "/healthz", {}, b"")
    assert bed.runner.run(bed.boundary.answer(health)).status == 503


def test_every_operation_has_an_access_so_a_read_is_never_taken_for_a_write() -> None:
    """What reads is refused whole; a write is done, and loses what may not leave."""
    reads = {(one.method, one.access) for _, one in OPERATIONS if one.method == "GET"}
    assert reads == {("GET", Access.READ)}


def test_headers_of_the_connection_are_not_the_services(bed: Bed) -> None:
    bed.service.says = lambda _: HttpResponse(200, envelope([]))
    asked = signed("example-emsp", "GET", "/ocpi/2.2.1/sender/locations")
    sent: Mapping[str, str] = {**asked.headers, "connection": "close", "transfer-encoding": "chunked"}
    assert bed.runner.run(bed.boundary.answer(replace(asked, headers=sent))).status == 200
    assert set(bed.service.seen[0].headers) == set(asked.headers)
