"""Hundreds of an attacker's calls against the running gateway: every answer is the right one."""

from __future__ import annotations

import http.client
import json
import secrets
import socket
import statistics
import time
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any, ClassVar

import pytest
import yaml

from hardening.controls import CONTROLS
from hardening.envoy.service_headers import SERVICE_HEADERS
from hardening.requests import tokens
from hardening.requests.header_names import IDEMPOTENCY_HEADER
from hardening.requests.hop_signature import Hop, hop_of, is_genuine
from hardening.requests.sample_messages import CDR, START_SESSION, TOKEN
from hardening.requests.trace import trace_id
from infra.lab.gateway import answers
from infra.lab.ports import free_port
from infra.lab.readiness import wait_until
from infra.runtime.guard.envoy import envoy_binary
from tests.beds.attacks import (
    FOREIGN,
    Answer,
    Attack,
    Family,
    calls_until_the_end,
    chunked,
    controls_by_request,
    send,
    send_http2,
)
from tests.beds.gateway import GatewayBed, gateway_bed
from tests.beds.http_server import http_server
from tests.infra.lab import attack_families, attack_messages
from tests.infra.lab.attack_families import CARD, LIST, calls
from tests.infra.lab.attack_messages import CDRS, FORGED, START, sent
from tests.infra.lab.defects import DEFECTS, Defect, table

SOURCES = (
    attack_families.paths,
    attack_families.methods,
    attack_families.strangers,
    attack_families.registration,
    attack_messages.names,
    attack_messages.texts,
    attack_messages.messages,
    attack_messages.owners,
    attack_messages.queries,
    attack_messages.wire,
    attack_messages.served,
)
LEAST = 700
OTHER_STATUSES = ("HEAD, whose answer has no body", "bodies beyond the bound, which HTTP has a status for")


@pytest.fixture(scope="module")
def bed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[GatewayBed]:
    with gateway_bed(tmp_path_factory.mktemp("attacked")) as up:
        # What attacks change must be there: it is then 200, and not 201.
        assert send(up, sent(up, "PUT", CARD, TOKEN)).status == 201
        yield up


def _families(bed: GatewayBed) -> list[Family]:
    return [one for source in SOURCES for one in source(bed)]


def _named(families: list[Family]) -> list[tuple[Family, Attack]]:
    """Every attack with an X-Request-ID of its own, where it has a printable one to change."""
    named = []
    for one in families:
        for number, attack in enumerate(one.attacks):
            name = f"{one.name.replace(' ', '-')}-{number}"
            headers = tuple((n, name if n == "X-Request-ID" else value) for n, value in attack.headers)
            named.append((one, replace(attack, headers=headers)))
    return named


def _logged(bed: GatewayBed, refused: set[str]) -> Mapping[str, str]:
    """The controls by request, once all of `refused` are there: the log is written after the answer."""
    deadline = time.monotonic() + 10
    while (
        not (refused - {""}) <= set(found := controls_by_request(bed.logs())) and time.monotonic() < deadline
    ):
        time.sleep(0.05)
    return found


def _assert_right(bed: GatewayBed, families: list[Family]) -> None:
    """Send every attack of `families`; each answer, and the control that the log names, is the right one."""
    named = _named(families)
    # Attacks before these may have kept a busy machine's policy from telling Envoy in time that it is well.
    patience = time.monotonic() + 20
    while send(bed, sent(bed, "PUT", CARD, TOKEN)).status != 200 and time.monotonic() < patience:
        time.sleep(0.2)
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda one: send(bed, one[1]), named))
    logged = _logged(
        bed, {dict(attack.headers).get("X-Request-ID", "") for one, attack in named if one.control}
    )
    wrong = [
        f"{one.name}: {attack.method} {attack.path[:90]} {attack.body[:60]!r}: {answer}, {control!r}"
        for (one, attack), answer in zip(named, answers, strict=True)
        for control in [logged.get(dict(attack.headers).get("X-Request-ID", ""), "")]
        if (answer.status, answer.ocpi) != (one.status, one.ocpi)
        or (control != one.control and dict(attack.headers).get("X-Request-ID"))
    ]
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("defect", [one for one in DEFECTS if one.families], ids=lambda one: one.name)
def test_a_defect_that_was_found_once_does_not_come_back(bed: GatewayBed, defect: Defect) -> None:
    families = [one for one in _families(bed) if one.name in defect.families]
    assert len(families) == len(defect.families), "every attack of the defect exists"
    assert all(one.attacks for one in families)
    _assert_right(bed, families)


def test_every_other_answer_is_the_right_one(bed: GatewayBed) -> None:
    listed = {name for one in DEFECTS for name in one.families}
    _assert_right(bed, [one for one in _families(bed) if one.name not in listed])


def test_there_are_hundreds_of_attacks(bed: GatewayBed) -> None:
    assert sum(len(one.attacks) for one in _families(bed)) >= LEAST


def test_every_defect_has_an_attack_or_a_test_that_exists() -> None:
    for defect in DEFECTS:
        assert defect.families or defect.tests, defect.name
        for name in defect.tests:
            file, _, function = name.partition("::")
            assert f"\ndef {function}(" in Path(file).read_text(encoding="utf-8"), name


def test_the_guards_page_lists_the_defects() -> None:
    assert table() in Path("docs/guard.md").read_text(encoding="utf-8")


def test_a_connection_that_says_nothing_is_closed(bed: GatewayBed) -> None:
    """Five seconds for the handshake, however many wait."""
    silent = [socket.create_connection(("127.0.0.1", bed.port), 5) for _ in range(3)]
    begin = time.monotonic()
    for one in silent:
        one.settimeout(10)
        assert one.recv(1) == b""
        one.close()
    assert 4 < time.monotonic() - begin < 8


def test_the_right_answers_are_those_of_the_catalogue(bed: GatewayBed) -> None:
    for one in _families(bed):
        if one.control and one.name not in OTHER_STATUSES:
            assert (one.status, one.ocpi) == CONTROLS[one.control].refusal, one.name


def test_no_secret_and_no_card_of_an_attack_stands_in_a_log(bed: GatewayBed) -> None:
    card = "04A2B3C4D5E6F7"
    for path in (
        f"/ocpi/2.2.1/receiver/%74okens/NL/EMX/{card}",
        f"/ocpi/2.2.1/receiver/tokens/NL/EMX/%30{card[1:]}",
    ):
        assert send(bed, calls(bed).but(path=path)).status == 400
    logs = bed.logs()
    assert card not in logs
    assert card[1:] not in logs
    for token in json.loads(Path(bed.target.tokens_file).read_text(encoding="utf-8")).values():
        assert token not in logs


def test_http_2_without_a_length_is_served_and_judged(bed: GatewayBed) -> None:
    put = sent(bed, "PUT", CARD, TOKEN)
    assert send_http2(bed, put) == Answer(0, 1000)
    assert send_http2(bed, calls(bed)).ocpi == 1000
    refused = send_http2(bed, sent(bed, "PUT", CARD, {**TOKEN, "PARTY_ID": "ZZZ"}))
    assert refused.message == "refused: message-names-unambiguous"
    got = send_http2(bed, calls(bed).but(path=LIST, body=b"{}", method="GET"))
    assert got.ocpi == 2001


def test_a_connection_whose_calls_are_reset_at_once_ends_and_others_are_served(bed: GatewayBed) -> None:
    """Each such call costs us a question, a line of the log and a connection to a worker."""
    assert calls_until_the_end(bed, calls(bed), 200) <= 60
    assert send(bed, calls(bed)).status == 200


class _Recorder(BaseHTTPRequestHandler):
    """A service that keeps what reached it."""

    protocol_version = "HTTP/1.1"
    seen: ClassVar[list[tuple[dict[str, str], bytes]]] = []

    def do_PUT(self) -> None:
        length = int(self.headers.get("content-length", "0"))
        self.seen.append(({n.lower(): v for n, v in self.headers.items()}, self.rfile.read(length)))
        self.send_response(200)
        self.send_header("content-length", "0")
        self.end_headers()

    do_POST = do_PATCH = do_PUT

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@contextmanager
def _recorded(bed: GatewayBed) -> Iterator[GatewayBed]:
    """The same gateway before a service that keeps what reaches it."""
    with http_server(_Recorder) as server:
        configuration = _configuration(bed)
        _service_place(configuration)["port_value"] = server.server_port
        port = free_port()
        configuration["static_resources"]["listeners"][0]["address"]["socket_address"]["port_value"] = port
        file = bed.folder / f"recorded-{port}.yaml"
        file.write_text(json.dumps(configuration), encoding="utf-8")
        command = (str(envoy_binary()), "-c", str(file), "--concurrency", "1", "--disable-hot-restart")
        process = bed.children.start(f"recorded-{port}", (*command, "--file-flush-interval-msec", "50"))
        ca_file = bed.target.ca_file
        wait_until(process, lambda: answers(port, "/ocpi/versions", ca_file) == 401, 60)
        yield replace(bed, target=replace(bed.target, gateway=f"127.0.0.1:{port}"))


def test_only_listed_headers_reach_the_service_signed_and_with_a_length(bed: GatewayBed) -> None:
    put = sent(bed, "PUT", CARD, TOKEN)
    hostile = [
        (name, "1") for name in (*FORGED, "Accept-Encoding", "TE", "Trailer", "Idempotency-Key", "User-Agent")
    ]
    framed = put.but(*hostile, ("Transfer-Encoding", "chunked"), body=chunked(put.body))
    with _recorded(bed) as beside:
        assert send(beside, framed).status == 200
    headers, body = _Recorder.seen[-1]
    assert set(headers) <= set(SERVICE_HEADERS)
    assert body == put.body
    assert headers["x-rampart-partner"] == "example-emsp"
    hop = Hop(method="PUT", target=CARD, partner="example-emsp", kind="C", body=body)
    key = (bed.folder / "hop.key").read_bytes()
    assert is_genuine(key, hop, headers["x-rampart-signature"], int(time.time()))


def test_a_message_that_comes_again_has_the_same_signed_key(bed: GatewayBed) -> None:
    """A caller's own key never comes through; a CDR is one under its id, whatever its ids and text are."""
    cdr = sent(bed, "POST", CDRS, CDR, "example-cpo")
    start = sent(bed, "POST", START, START_SESSION)
    calls_made = (
        cdr,
        cdr.but(("X-Request-ID", "again"), (IDEMPOTENCY_HEADER, "1" * 64)),
        sent(bed, "POST", CDRS, {**CDR, "id": CDR["id"].lower(), "remark": "another text"}, "example-cpo"),
        start,
        start.but(("X-Correlation-ID", "again")),
        sent(bed, "POST", START, {**START_SESSION, "response_url": f"{START_SESSION['response_url']}8"}),
        sent(bed, "PUT", CARD, TOKEN),
    )
    with _recorded(bed) as beside:
        _Recorder.seen.clear()
        for one in calls_made:
            assert send(beside, one).status == 200, one
    keys = [headers.get(IDEMPOTENCY_HEADER, "") for headers, _ in _Recorder.seen]
    assert keys[0] == keys[1] == keys[2] != keys[3] == keys[4] != keys[5]
    assert keys[6] == ""
    assert all(len(key) == 64 for key in keys[:6])
    key = (bed.folder / "hop.key").read_bytes()
    for one, (headers, body) in zip(calls_made, _Recorder.seen, strict=True):
        hop, now = hop_of(one.method, one.path, headers, body), int(time.time())
        assert is_genuine(key, hop, headers["x-rampart-signature"], now)
        assert not is_genuine(key, replace(hop, idempotency="0" * 64), headers["x-rampart-signature"], now)


def _log_lines(bed: GatewayBed, text: str, least: int) -> list[dict[str, Any]]:
    """The lines with this text of all logs, which are written now and then."""
    deadline = time.monotonic() + 30
    while len(found := [line for line in bed.logs().splitlines() if text in line]) < least:
        assert time.monotonic() < deadline, found
        time.sleep(0.05)
    return [json.loads(line) for line in found]


def test_one_trace_goes_through_gateway_guard_and_service(bed: GatewayBed) -> None:
    """W3C Trace Context: the caller's trace is taken over, without what vendors add; else one is begun."""
    own = secrets.token_hex(16)
    unreadable = [("traceparent", f"00-{own}-00f067aa0ba902b7-01"), ("traceparent", "\u00e9")]
    with _recorded(bed) as beside:
        given = sent(bed, "PUT", CARD, TOKEN).but(
            ("X-Request-ID", "traced-1"),
            ("traceparent", f"00-{own}-00f067aa0ba902b7-01"),
            ("tracestate", "x=1"),
        )
        assert send(beside, given).status == 200
        taken, _ = _Recorder.seen[-1]
        assert send(beside, sent(bed, "PUT", CARD, TOKEN).but(("X-Request-ID", "traced-2"))).status == 200
        begun, _ = _Recorder.seen[-1]
        assert send(beside, sent(bed, "PUT", CARD, TOKEN).but(*unreadable)).status == 200
        anew, _ = _Recorder.seen[-1]
    assert trace_id(anew) not in ("", own), "of two, neither"
    assert taken["traceparent"].split("-")[1] == own
    assert "tracestate" not in taken, "what a vendor added"
    lines = _log_lines(bed, '"traced-', 4)
    for name, headers in (("traced-1", taken), ("traced-2", begun)):
        trace = headers["traceparent"].split("-")[1]
        [gateway] = [line["trace"].split("-")[1] for line in lines if line.get("request_id") == name]
        [guard] = [
            line["trace"]["uid"]
            for line in lines
            if line.get("api", {}).get("request", {}).get("uid") == name
        ]
        assert (gateway, guard) == (trace, trace)
        assert headers["x-request-id"] == name


def test_the_service_does_not_believe_a_partner_header_without_the_guards_signature(bed: GatewayBed) -> None:
    port = _service_place(_configuration(bed))["port_value"]
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    connection.request("GET", "/ocpi/versions", headers={"x-rampart-partner": "example-emsp"})
    assert connection.getresponse().status == 401


def _configuration(bed: GatewayBed) -> dict[str, Any]:
    read: dict[str, Any] = yaml.safe_load((bed.folder / "envoy.yaml").read_text(encoding="utf-8"))
    return read


def _service_place(configuration: dict[str, Any]) -> dict[str, Any]:
    clusters = configuration["static_resources"]["clusters"]
    service = next(one for one in clusters if one["name"] == "ocpi_service")
    endpoint = service["load_assignment"]["endpoints"][0]["lb_endpoints"][0]["endpoint"]
    place: dict[str, Any] = endpoint["address"]["socket_address"]
    return place


def test_an_issued_token_from_a_foreign_network_looks_like_an_unknown_one_and_takes_as_long(
    bed: GatewayBed,
) -> None:
    good = Attack("GET", LIST, calls(bed).headers, source=FOREIGN)
    guess = good.but(("Authorization", tokens.header(tokens.issue())))
    took: dict[str, list[float]] = {"issued": [], "unknown": []}
    seen = set()
    for _ in range(15):
        for name, attack in (("issued", good), ("unknown", guess)):
            begun = time.perf_counter()
            seen.add(send(bed, attack))
            took[name].append(time.perf_counter() - begun)
    assert seen == {Answer(401, 2000, "authentication required")}
    medians = [statistics.median(times) for times in took.values()]
    assert abs(medians[0] - medians[1]) < 0.01
