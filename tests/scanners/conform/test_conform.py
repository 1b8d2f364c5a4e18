"""`rampart guard conform`: the reference service passes, and each seeded fault fails by its own name."""

from __future__ import annotations

import asyncio
import json
import select
import socket
import threading
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from hardening.checks import Finding, Status, checks_in
from hardening.cli import Exit
from hardening.controls import CONTROLS
from hardening.envoy.service_headers import SERVICE_HEADERS
from hardening.errors import CollectError
from hardening.registry.partners import Partner
from hardening.requests.header_names import HOP_SIGNATURE_HEADER, PARTNER_HEADER
from hardening.requests.hop_signature import hop_of, is_genuine, signature
from hardening.requests.samples import CPO, EMSP, PARTNERS
from infra.lab.ocpi_service.service import OcpiService
from infra.lab.ports import free_port
from infra.runtime.http_service import HttpRequest, HttpResponse, listening
from scanners.catalogue import control_rows
from scanners.conform import checks
from scanners.conform.calls import Signer, calls
from scanners.conform.command import conform
from scanners.conform.scan import EXCHANGE_CHECKS, Service, scan

KEY = bytes(range(32))
NOW = time.time
Answer = Callable[[HttpRequest], Awaitable[HttpResponse]]


def _reference() -> OcpiService:
    return OcpiService("https://ocpi.lab.example", {one.name: one for one in PARTNERS}, KEY)


@contextmanager
def _served(answer: Answer) -> Iterator[int]:
    """A service on loopback, in a thread of its own; its port."""
    loop = asyncio.new_event_loop()
    started, port, ended = threading.Event(), [0], asyncio.Event()

    async def run() -> None:
        async with listening(answer, "127.0.0.1", 0) as found:
            port[0] = found
            started.set()
            await ended.wait()

    thread = threading.Thread(target=lambda: loop.run_until_complete(run()))
    thread.start()
    started.wait(10)
    try:
        yield port[0]
    finally:
        loop.call_soon_threadsafe(ended.set)
        thread.join()
        loop.close()


def _findings(answer: Answer, partner: Partner = CPO) -> tuple[Finding, ...]:
    with _served(answer) as port:
        shown = calls(Signer(KEY, partner.name, int(NOW())), partner)
        return scan(Service("127.0.0.1", port), shown, partner.name)


def _failing(findings: tuple[Finding, ...]) -> set[str]:
    return {one.check for one in findings if one.status is Status.FAIL}


def test_the_reference_service_passes() -> None:
    findings = _findings(_reference().answer)
    assert _failing(findings) == set()
    assert not [one for one in findings if one.status is Status.ERROR]
    passed = {one.check for one in findings if one.status is Status.PASS}
    assert {one.name for one in EXCHANGE_CHECKS} <= passed
    assert "forged-calls-are-refused" in passed
    assert len([one for one in findings if one.check == "forged-calls-are-refused"]) == 12


def test_without_a_body_to_forge_the_promise_is_not_verified() -> None:
    findings = [one for one in _findings(_reference().answer, EMSP) if one.status is Status.ERROR]
    assert [one.control for one in findings] == ["service-believes-the-guard-only"]


def _signed_anew(asked: HttpRequest, **changes: object) -> HttpRequest:
    """The call as the reference service would have to see it in order to believe it."""
    shown = signature(KEY, hop_of(asked.method, asked.target, asked.headers, asked.body), int(NOW()))
    return replace(asked, headers={**asked.headers, HOP_SIGNATURE_HEADER: shown}, **changes)  # type: ignore[arg-type]  # by name


def _is_signed(asked: HttpRequest, at: int | None = None, **lies: Any) -> bool:
    """Whether the signature holds for the call with these `lies` in the place of what was sent."""
    hop = replace(hop_of(asked.method, asked.target, asked.headers, asked.body), **lies)
    header = asked.headers.get(HOP_SIGNATURE_HEADER, "")
    return is_genuine(KEY, hop, header, int(NOW()) if at is None else at)


async def _believes_the_header(asked: HttpRequest) -> HttpResponse:
    return await _reference().answer(_signed_anew(asked))


async def _believes_an_old_signature(asked: HttpRequest) -> HttpResponse:
    signed_at = int(asked.headers.get(HOP_SIGNATURE_HEADER, "t=0;").partition(";")[0].removeprefix("t="))
    return await _reference().answer(_signed_anew(asked) if _is_signed(asked, at=signed_at) else asked)


def _ignoring(field: str) -> Answer:
    """A service that does not hold one part of what was signed against the call."""

    async def answer(asked: HttpRequest) -> HttpResponse:
        lists = (asked.target, f"{asked.target.partition('?')[0]}?limit=1")
        guesses: dict[str, tuple[object, ...]] = {
            "body": (b"{}",),
            "idempotency": ("",),
            "kind": ("A",),
            "method": ("DELETE",),
            "partner": ("rampart-conform-nobody",),
            "target": (*lists, "/ocpi/versions?limit=2"),
        }
        genuine = any(_is_signed(asked, None, **{field: guess}) for guess in guesses[field])
        return await _reference().answer(_signed_anew(asked) if genuine else asked)

    return answer


async def _takes_the_first_partner(asked: HttpRequest) -> HttpResponse:
    last = asked.headers.get(PARTNER_HEADER, "").split(",")[-1].strip()
    return await _reference().answer(replace(asked, headers={**asked.headers, PARTNER_HEADER: last}))


async def _obeys_the_original_url(asked: HttpRequest) -> HttpResponse:
    meant = asked.headers.get("x-original-url", "")
    if not meant or not _is_signed(asked):
        return await _reference().answer(asked)
    return await _reference().answer(_signed_anew(replace(asked, target=meant)))


async def _obeys_the_override(asked: HttpRequest) -> HttpResponse:
    answer = await _reference().answer(asked)
    return replace(answer, body=b"") if "x-http-method-override" in asked.headers else answer


async def _takes_small_bodies_only(asked: HttpRequest) -> HttpResponse:
    return HttpResponse(413) if len(asked.body) > 100_000 else await _reference().answer(asked)


async def _echoes_no_ids(asked: HttpRequest) -> HttpResponse:
    answer = await _reference().answer(asked)
    return replace(answer, headers={k: v for k, v in answer.headers.items() if k != "x-request-id"})


async def _has_pages_of_its_own(asked: HttpRequest) -> HttpResponse:
    answer = await _reference().answer(asked)
    if answer.status == 404 and asked.method == "GET":
        return replace(answer, body=b"<h1>Not found</h1>")
    return answer


def _listing(change: Callable[[HttpRequest, HttpResponse], HttpResponse]) -> Answer:
    async def answer(asked: HttpRequest) -> HttpResponse:
        return change(asked, await _reference().answer(asked))

    return answer


def _without_total(_: HttpRequest, answer: HttpResponse) -> HttpResponse:
    return replace(answer, headers={k: v for k, v in answer.headers.items() if k != "x-total-count"})


def _first_page_again(asked: HttpRequest, answer: HttpResponse) -> HttpResponse:
    body = json.loads(answer.body)
    if "offset=" in asked.target and isinstance(body.get("data"), list):
        body["data"] = [{"id": "1"}, {"id": "2"}]
    return replace(answer, body=json.dumps(body).encode())


def _tells_of_other_modules(asked: HttpRequest, answer: HttpResponse) -> HttpResponse:
    return replace(answer, body=answer.body.replace(b'"tokens"', b'"commands"'))


SEEDED: dict[str, tuple[Answer, set[str]]] = {
    "believes the header": (_believes_the_header, {"forged-calls-are-refused"}),
    "believes an old signature": (_believes_an_old_signature, {"forged-calls-are-refused"}),
    **{
        f"does not hold the {field} against it": (_ignoring(field), {"forged-calls-are-refused"})
        for field in ("body", "idempotency", "kind", "method", "partner", "target")
    },
    "takes one of two partners": (_takes_the_first_partner, {"forged-calls-are-refused"}),
    "obeys X-Original-URL": (_obeys_the_original_url, {"other-headers-change-nothing"}),
    "obeys a method override": (_obeys_the_override, {"other-headers-change-nothing"}),
    "takes small bodies only": (_takes_small_bodies_only, {"largest-body-is-read"}),
    "repeats no ids": (_echoes_no_ids, {"ids-are-repeated"}),
    "has pages of its own": (_has_pages_of_its_own, {"answer-is-an-envelope"}),
    "does not count": (_listing(_without_total), {"list-is-paginated"}),
    "has one page": (_listing(_first_page_again), {"pages-follow-each-other"}),
    "lists other modules": (_listing(_tells_of_other_modules), {"discovery-is-the-contract"}),
}


@pytest.mark.parametrize("fault", SEEDED)
def test_a_service_with_a_fault_fails_by_its_name(fault: str) -> None:
    answer, failing = SEEDED[fault]
    assert _failing(_findings(answer)) == failing


@contextmanager
def _one_at_a_time(port: int) -> Iterator[int]:
    """What stands at `port`, for one connection after the other."""
    listener = socket.create_server(("127.0.0.1", 0))

    def relay() -> None:
        with suppress(OSError):
            while True:
                caller, _ = listener.accept()
                with caller, socket.create_connection(("127.0.0.1", port)) as service, suppress(OSError):
                    other = {caller: service, service: caller}
                    while all(_passed_on(one, other[one]) for one in select.select([*other], [], [])[0]):
                        pass

    thread = threading.Thread(target=relay)
    thread.start()
    try:
        yield listener.getsockname()[1]
    finally:
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        thread.join()


def _passed_on(one: socket.socket, other: socket.socket) -> bool:
    data = one.recv(65_536)
    other.sendall(data)
    return bool(data)


def test_a_service_that_serves_one_connection_at_a_time_does_not_bear_looks() -> None:
    """Every call is answered as long as nobody else is connected."""
    with _served(_reference().answer) as port, _one_at_a_time(port) as narrow:
        shown = calls(Signer(KEY, CPO.name, int(NOW())), CPO)
        findings = scan(Service("127.0.0.1", narrow, patience=1.0), shown, CPO.name)
    assert _failing(findings) == {"silent-connections-cost-no-call"}


def test_a_service_that_is_gone_is_not_verified(tmp_path: Path) -> None:
    with pytest.raises(CollectError):
        scan(Service("127.0.0.1", free_port()), calls(Signer(KEY, CPO.name, 0), CPO), CPO.name)


def test_the_command_has_the_exit_codes_of_every_audit(tmp_path: Path) -> None:
    key = tmp_path / "hop.key"
    key.write_bytes(KEY)
    other = tmp_path / "other.key"
    other.write_bytes(bytes(32))

    def code(port: int, *options: str) -> int:
        words = [f"http://127.0.0.1:{port}", *options, "--partners", "partners"]
        return CliRunner().invoke(conform, words, standalone_mode=False).return_value  # type: ignore[no-any-return]  # click's

    given = ("--hop-key-file", str(key), "--partner", "example-cpo")
    with _served(_reference().answer) as port:
        assert code(port, *given) == Exit.HOLDS
        assert code(port, "--hop-key-file", str(other), "--partner", "example-cpo") == Exit.FAILS
    with _served(_believes_the_header) as port:
        assert code(port, *given) == Exit.FAILS


def test_no_finding_and_no_record_holds_the_key_or_a_signature() -> None:
    signer = Signer(KEY, CPO.name, 0)
    assert KEY.hex() not in repr(signer)
    assert repr(KEY) not in repr(signer)


PAGE = Path("docs/service-contract.md")


def test_the_page_lists_the_headers_that_reach_a_service() -> None:
    rows = [
        line.split("|")[1] for line in PAGE.read_text(encoding="utf-8").splitlines() if line.startswith("| `")
    ]
    named = {name.strip(" `").lower() for cell in rows for name in cell.split(",")}
    assert named == set(SERVICE_HEADERS)


def test_the_page_lists_what_is_tested() -> None:
    text = PAGE.read_text(encoding="utf-8")
    tested = {one.control for one in (*checks_in(checks), *EXCHANGE_CHECKS)}
    rows = dict(line.split(" | ", 1) for line in text.splitlines() if line.startswith("| rampart controls "))
    promised = {f"| rampart controls {slug}": f"{CONTROLS[slug].promise} |" for slug in tested}
    assert rows == promised


def test_the_catalogue_says_who_verifies_the_contract() -> None:
    row = next(one for one in control_rows() if one.control.id == "service-believes-the-guard-only")
    assert row.verified_by == ("service: forged-calls-are-refused",)
