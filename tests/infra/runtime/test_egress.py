"""The egress guard on loopback against partners that are hostile: real TLS, real sockets."""

from __future__ import annotations

import base64
import contextlib
import hashlib
import http.client
import json
import os
import socket
import ssl
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest
import trustme
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from hardening.egress.callers import FATE_HEADER, Asked, signed
from hardening.registry.callback_host import CallbackHost
from hardening.registry.partners import Partner
from hardening.requests.samples import EMSP
from hardening.requests.tokens import header
from hardening.rotation.connection import Outcome, Secret
from infra.lab.ports import free_port
from infra.runtime.credentials.sqlite_vault import SqliteVault
from infra.runtime.egress.partner_client import MOST_BYTES
from infra.runtime.functions.partner_calls import calls_through
from tests.beds.egress_guard import KEYS, RunningEgress, running_egress

NAME = "ocpi.emsp.example"
OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}"


@dataclass
class Host:
    """A partner's host: what it was sent, and what it answers (bytes, or a function of the socket)."""

    port: int
    pin: str
    folder: Path
    answer: Any = OK
    heard: list[bytes] = field(default_factory=list)

    def partner(self, **contract: Any) -> Partner:
        host = (CallbackHost(NAME, self.port),)
        return replace(EMSP, **{"callback_hosts": host, "tls_ca_file": "ca.pem", **contract})

    @property
    def elsewhere(self) -> dict[str, str]:
        return {f"{NAME}:{self.port}": f"127.0.0.1:{self.port}"}


@pytest.fixture
def host(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Host]:
    asked: dict[str, Any] = getattr(request, "param", {})
    authority = trustme.CA()
    certificate = authority.issue_cert(asked.get("name", NAME))
    authority.cert_pem.write_to_path(tmp_path / "ca.pem")
    authority.issue_cert("client.example").private_key_and_cert_chain_pem.write_to_path(
        tmp_path / "us-2026.pem"
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    certificate.configure_cert(context)
    context.maximum_version = asked.get("version", ssl.TLSVersion.TLSv1_3)
    if asked.get("mutual"):
        authority.configure_trust(context)
        context.verify_mode = ssl.CERT_REQUIRED
    key = x509.load_pem_x509_certificate(certificate.cert_chain_pems[0].bytes()).public_key()
    spki = key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    with socket.create_server(("127.0.0.1", 0)) as server:
        found = Host(
            server.getsockname()[1], base64.b64encode(hashlib.sha256(spki).digest()).decode(), tmp_path
        )
        threading.Thread(target=_serve, args=(server, context, found), daemon=True).start()
        yield found


def _serve(server: Any, context: ssl.SSLContext, host: Host) -> None:
    while True:
        try:
            plain, _ = server.accept()
        except OSError:
            return
        threading.Thread(target=_one, args=(plain, context, host), daemon=True).start()


def _one(plain: Any, context: ssl.SSLContext, host: Host) -> None:
    try:
        with context.wrap_socket(plain, server_side=True) as connection:
            while data := connection.recv(65_536):
                host.heard.append(data)
                if callable(host.answer):
                    host.answer(connection)
                    return
                connection.sendall(host.answer)
    except OSError:
        """The caller broke off, which is what some tests want."""


@pytest.fixture
def egress(host: Host) -> Iterator[Callable[..., RunningEgress]]:
    with contextlib.ExitStack() as held:

        def start(
            seconds: float = 20.0, elsewhere: dict[str, str] | None = None, **contract: Any
        ) -> RunningEgress:
            there = host.elsewhere if elsewhere is None else elsewhere
            return held.enter_context(running_egress(host.folder, host.partner(**contract), there, seconds))

        yield start


def ask(
    there: RunningEgress, path: str = "/ocpi/versions", caller: str = "service", **changes: Any
) -> tuple[int, str, bytes]:
    """One call as a caller of ours makes it: status, fate, body."""
    headers = changes.get("headers", {"authorization": "Token eA=="} if caller != "service" else {})
    (port,) = there.egress.partners[EMSP.name].callback_hosts
    target = changes.get("target", f"/{EMSP.name}/{NAME}:{port.port}{path}")
    call = Asked(changes.get("method", "GET"), target, headers, changes.get("body", b""))
    proof = signed(caller, KEYS[caller], call, int(time.time()) + changes.get("moment", 0))
    connection = http.client.HTTPConnection(there.url.removeprefix("http://"), timeout=30)
    try:
        connection.request(call.method, call.path, call.body or None, {**headers, **proof})
        answer = connection.getresponse()
        return answer.status, str(answer.getheader(FATE_HEADER)), answer.read()
    finally:
        connection.close()


def hold(host: Host, token: str = "outbound-token") -> None:  # noqa: S107  (a test's)
    vault = SqliteVault(host.folder / "vault.sqlite", EMSP.name)
    vault.write_pending("outbound", Secret(token))
    vault.promote("outbound")


def test_a_service_that_holds_no_token_calls_the_partner_with_ours(host: Host, egress: Any) -> None:
    hold(host)
    there = egress()
    assert ask(there, "/ocpi/versions?limit=5") == (200, "answered", b"{}")
    sent = host.heard[0].decode()
    assert sent.startswith("GET /ocpi/versions?limit=5 HTTP/1.1\r\n")
    assert f"host: {NAME}:{host.port}\r\n" in sent.lower()
    assert header("outbound-token") in sent
    assert "x-rampart" not in sent.lower()


def test_a_new_token_is_used_at_the_latest_after_the_first_401(host: Host, egress: Any) -> None:
    hold(host)
    there = egress()
    host.answer = b"HTTP/1.1 401 No\r\nContent-Length: 0\r\n\r\n"
    assert ask(there)[0] == 401
    hold(host, "the-next-token")
    ask(there)
    assert header("the-next-token") in host.heard[-1].decode()


def test_our_token_is_looked_up_once_in_five_seconds(host: Host, egress: Any) -> None:
    hold(host)
    there = egress()
    looked_up: list[str] = []
    vault, now = there.egress.vault, int(time.time())

    def noting(name: str) -> Any:
        looked_up.append(name)
        return vault(name)

    there.egress.vault = noting
    for seconds, reads in ((0, 1), (0, 1), (4, 1), (5, 2), (9, 2)):
        there.egress.clock = lambda at=now + seconds: float(at)
        assert ask(there) == (200, "answered", b"{}")
        assert len(looked_up) == reads, seconds
    there.egress.clock = lambda: now - 10.0  # the machine's clock was put back
    assert ask(there)[0] == 200
    assert len(looked_up) == 3


def test_a_body_reaches_the_partner_byte_for_byte(host: Host, egress: Any) -> None:
    body = b'{"token": "b",  "url": "https://z\xc3\xbcrich.example"}'
    assert ask(egress(), caller="rotation", method="PUT", body=body)[1] == "answered"
    head, _, sent = b"".join(host.heard).partition(b"\r\n\r\n")
    assert sent == body
    assert f"content-length: {len(body)}\r\n" in head.decode().lower()


def test_the_machines_proxy_settings_do_not_lead_a_call_elsewhere(
    host: Host, egress: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    for name in ("NO_PROXY", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
    assert ask(egress(), caller="rotation")[:2] == (200, "answered")


def test_a_name_is_looked_up_anew_for_each_connection(host: Host, egress: Any) -> None:
    """Where a name leads is checked each time: no address of before is trusted."""
    addresses = dict(host.elsewhere)
    there = egress(elsewhere=addresses)
    assert ask(there, caller="rotation")[1] == "answered"
    addresses[f"{NAME}:{host.port}"] = f"127.0.0.1:{free_port()}"
    assert ask(there, caller="rotation")[:2] == (503, "unsent")
    assert len(host.heard) == 1


def test_before_registration_there_is_no_token_to_send(host: Host, egress: Any) -> None:
    status, fate, body = ask(egress())
    assert (status, fate) == (409, "refused")
    assert b"no registration" in body
    assert host.heard == []


@pytest.mark.parametrize(
    "target",
    [
        f"/{EMSP.name}/169.254.169.254/latest/meta-data",
        f"/{EMSP.name}/localhost/x",
        "/other/ocpi.emsp.example/x",
        f"/{EMSP.name}/{NAME}/../../x",
    ],
)
def test_what_is_not_on_the_list_does_not_leave(target: str, host: Host, egress: Any) -> None:
    status, fate, _ = ask(egress(), target=target, caller="rotation")
    assert (status, fate) in ((403, "refused"), (400, "refused"))
    assert host.heard == []


@pytest.mark.parametrize("method", ["CONNECT", "TRACE", "OPTIONS", "HEAD"])
def test_there_is_no_tunnel_and_no_other_method(method: str, host: Host, egress: Any) -> None:
    assert ask(egress(), method=method, caller="rotation")[0] in (400, 405)
    assert host.heard == []


def test_a_name_that_leads_to_this_machine_is_not_called(host: Host, egress: Any) -> None:
    """As after DNS rebinding: the name is on the list, its address is not public."""
    there = egress(elsewhere={}, callback_hosts=(CallbackHost("localhost", host.port),))
    status, fate, body = ask(
        there, caller="rotation", target=f"/{EMSP.name}/localhost:{host.port}/ocpi/versions"
    )
    assert (status, fate) == (403, "refused")
    assert b"not public" in body
    assert host.heard == []


@pytest.mark.parametrize(
    ("answer", "status", "fate", "detail"),
    [
        (b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n{}", 502, "in doubt", "TimeoutError"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 999999999\r\n\r\n", 502, "in doubt", "TimeoutError"),
        (
            b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 2\r\n\r\n{}",
            502,
            "in doubt",
            "encoded",
        ),
        (b"HTTP/1.1 200 OK\r\nX-A: " + b"a" * 20_000 + b"\r\n\r\n", 502, "in doubt", ""),
        (b"SSH-2.0-OpenSSH\r\n", 502, "in doubt", ""),
        (
            b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nContent-Length: 2\r\n\r\n2\r\n{}\r\n0\r\n\r\n",
            502,
            "",
            "",
        ),
    ],
)
def test_an_answer_that_cannot_be_read_is_in_doubt(
    answer: bytes, status: int, fate: str, detail: str, host: Host, egress: Any
) -> None:
    host.answer = answer
    got = ask(egress(seconds=1.0), caller="rotation", method="PUT", body=b"{}")
    assert got[0] == status
    assert got[1] in (fate, "in doubt")
    assert detail in got[2].decode()


def test_an_endless_answer_ends_at_a_bound(host: Host, egress: Any) -> None:
    def pour(connection: ssl.SSLSocket) -> None:
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 99999999999\r\n\r\n")
        for _ in range(2 * MOST_BYTES // 65_536):
            connection.sendall(b" " * 65_536)

    host.answer = pour
    status, fate, body = ask(egress(), caller="rotation")
    assert (status, fate) == (502, "in doubt")
    assert b"too long" in body


@pytest.mark.parametrize(("more", "fate"), [(0, "answered"), (1, "in doubt")])
def test_an_answer_of_eight_mebibytes_is_read_and_no_byte_more(
    more: int, fate: str, host: Host, egress: Any
) -> None:
    page = b" " * (8 * 1024 * 1024 + more)
    host.answer = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(page) + page
    got = ask(egress(), caller="rotation")
    assert got[1] == fate
    assert (got[2] == page) == (fate == "answered")


def test_an_answer_that_drips_ends_in_time(host: Host, egress: Any) -> None:
    def drip(connection: ssl.SSLSocket) -> None:
        for byte in OK * 50:
            connection.sendall(bytes([byte]))
            time.sleep(0.2)

    host.answer = drip
    began = time.monotonic()
    assert ask(egress(seconds=1.5), caller="rotation")[:2] == (502, "in doubt")
    assert time.monotonic() - began < 10


def test_a_redirect_is_answered_without_its_place_and_not_followed(host: Host, egress: Any) -> None:
    there = f"https://{NAME}:{host.port}/elsewhere".encode()
    host.answer = b"HTTP/1.1 307 No\r\nLocation: " + there + b"\r\nContent-Length: 0\r\n\r\n"
    assert ask(egress(), caller="rotation")[:2] == (307, "answered")
    assert len(host.heard) == 1


def test_headers_that_a_partner_smuggles_do_not_come_in(host: Host, egress: Any) -> None:
    host.answer = (
        b"HTTP/1.1 200 OK\r\nSet-Cookie: a\r\nX-Rampart-Egress: refused\r\nContent-Length: 2\r\n\r\n{}"
    )
    assert ask(egress(), caller="rotation") == (200, "answered", b"{}")


@pytest.mark.parametrize("host", [{"name": "other.example"}], indirect=True)
def test_another_names_certificate_ends_the_call_before_a_byte_is_sent(host: Host, egress: Any) -> None:
    assert ask(egress(), caller="rotation")[:2] == (503, "unsent")
    assert host.heard == []


def test_a_partners_own_authority_alone_is_trusted(host: Host, egress: Any) -> None:
    trustme.CA().cert_pem.write_to_path(host.folder / "other.pem")
    assert ask(egress(tls_ca_file="other.pem"), caller="rotation")[:2] == (503, "unsent")
    assert host.heard == []


def test_a_pin_that_holds_lets_the_call_through_and_another_does_not(host: Host, egress: Any) -> None:
    assert ask(egress(tls_pins=(host.pin,)), caller="rotation")[1] == "answered"
    assert ask(egress(tls_pins=("A" * 43 + "=",)), caller="rotation")[:2] == (503, "unsent")
    assert len(host.heard) == 1


@pytest.mark.parametrize("host", [{"version": ssl.TLSVersion.TLSv1_2}], indirect=True)
def test_a_partner_is_called_with_its_contracted_tls_version_at_least(host: Host, egress: Any) -> None:
    assert ask(egress(), caller="rotation")[1] == "answered"
    assert ask(egress(tls_min_version="1.3"), caller="rotation")[:2] == (503, "unsent")


@pytest.mark.parametrize("host", [{"mutual": True, "version": ssl.TLSVersion.TLSv1_2}], indirect=True)
def test_the_contracted_client_certificate_is_shown(host: Host, egress: Any) -> None:
    assert ask(egress(client_certificate_out="us-2026"), caller="rotation")[1] == "answered"
    assert ask(egress(), caller="rotation")[:2] == (503, "unsent")


@pytest.mark.parametrize("host", [{"mutual": True, "version": ssl.TLSVersion.TLSv1_2}], indirect=True)
def test_a_renewed_client_certificate_is_shown_without_a_new_start(host: Host, egress: Any) -> None:
    there = egress(client_certificate_out="us-2026")
    good = (host.folder / "us-2026.pem").read_bytes()
    trustme.CA().issue_cert("client.example").private_key_and_cert_chain_pem.write_to_path(
        host.folder / "us-2026.pem"
    )
    assert ask(there, caller="rotation")[:2] == (503, "unsent")
    (host.folder / "us-2026.pem").write_bytes(good)
    assert ask(there, caller="rotation")[:2] == (503, "unsent")
    there.egress.clock = lambda: time.time() + 61
    assert ask(there, caller="rotation", moment=61)[1] == "answered"


def test_a_renewed_certificate_costs_no_call_that_is_under_way_its_answer(host: Host, egress: Any) -> None:
    there, go = egress(client_certificate_out="us-2026"), threading.Event()

    def slow(connection: ssl.SSLSocket) -> None:
        assert go.wait(20)
        connection.sendall(OK)

    host.answer = slow
    fates: list[str] = []
    first = threading.Thread(target=lambda: fates.append(ask(there, caller="rotation")[1]))
    first.start()
    _until(lambda: len(host.heard) == 1)
    old = there.egress.clients[EMSP.name][2]
    host.answer = OK
    trustme.CA().issue_cert("client.example").private_key_and_cert_chain_pem.write_to_path(
        host.folder / "us-2026.pem"
    )
    there.egress.clock = lambda: time.time() + 61
    assert ask(there, caller="rotation", moment=61)[1] == "answered"
    assert there.egress.clients[EMSP.name][2] is not old
    assert not fates
    go.set()
    first.join(20)
    assert fates == ["answered"]
    _until(lambda: all(session.closed for session in old._sessions.values()))


def _until(condition: Callable[[], bool]) -> None:
    end = time.monotonic() + 20
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.01)


@pytest.mark.parametrize("content", [None, b"no certificate", b"\xff"])
def test_a_client_certificate_that_is_not_there_sends_nothing(
    content: bytes | None, host: Host, egress: Any
) -> None:
    (host.folder / "us-2026.pem").unlink()
    if content is not None:
        (host.folder / "us-2026.pem").write_bytes(content)
    status, fate, body = ask(egress(client_certificate_out="us-2026"), caller="rotation")
    assert (status, fate) == (503, "unsent")
    assert b"us-2026" in body
    assert host.heard == []


def test_an_authority_that_came_with_the_registry_counts_in_the_place_of_a_file(
    host: Host, egress: Any
) -> None:
    own = (host.folder / "ca.pem").read_text()
    assert ask(egress(tls_ca_file="not-here.pem", tls_authority=own), caller="rotation")[1] == "answered"
    other = trustme.CA().cert_pem.bytes().decode()
    assert ask(egress(tls_authority=other), caller="rotation")[:2] == (503, "unsent")
    assert ask(egress(tls_ca_file="not-here.pem"), caller="rotation")[:2] == (503, "unsent")


def test_one_slow_partners_calls_wait_and_more_than_that_are_refused(host: Host, egress: Any) -> None:
    host.answer = lambda connection: time.sleep(3)
    there = egress(seconds=2.5)
    fates: list[str] = []
    threads = [
        threading.Thread(target=lambda: fates.append(ask(there, caller="rotation")[1])) for _ in range(100)
    ]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert len(fates) == 100
    assert fates.count("refused") >= 100 - 16 - 64


def test_no_token_is_in_the_log(host: Host, egress: Any, capfd: pytest.CaptureFixture[str]) -> None:
    hold(host)
    there = egress()
    ask(there, "/ocpi/2.2.1/receiver/tokens/NL/EMX/012345678")
    ask(there, caller="rotation")
    time.sleep(0.2)
    out = capfd.readouterr().out
    assert '"event":"egress"' in out
    for secret in ("outbound-token", header("outbound-token"), "eA==", "012345678"):
        assert secret not in out


def test_a_rotation_calls_through_it_and_what_does_not_leave_is_in_doubt(host: Host, egress: Any) -> None:
    there = egress()
    call = calls_through(there.as_caller("rotation"), host.partner())
    url = f"https://{NAME}:{host.port}/ocpi/2.2.1/credentials"
    host.answer = b'HTTP/1.1 200 OK\r\nContent-Length: 32\r\n\r\n{"status_code": 1000, "data": 7}'
    assert call("PUT", url, "a-token", {"token": "b"}).data == 7
    assert header("a-token") in host.heard[-1].decode()
    for elsewhere in ("https://evil.example/", f"http://{NAME}:{host.port}/", f"{url}/../x"):
        assert call("PUT", elsewhere, "a-token", {}).outcome is Outcome.IN_DOUBT
    stranger = replace(there.as_caller("rotation"), key=lambda: b"x" * 32)
    assert calls_through(stranger, host.partner())("GET", url, "a", None).outcome is Outcome.IN_DOUBT
    nowhere = replace(there.as_caller("rotation"), url="http://127.0.0.1:9")
    assert calls_through(nowhere, host.partner())("GET", url, "a", None).outcome is Outcome.IN_DOUBT


def test_it_serves_over_tls_as_a_process_and_names_a_wrong_setting(tmp_path: Path) -> None:
    authority, port = trustme.CA(), free_port()
    authority.issue_cert("localhost").private_key_and_cert_chain_pem.write_to_path(tmp_path / "egress.pem")
    keys = {name: base64.b64encode(key).decode() for name, key in KEYS.items()}
    settings = {
        "RAMPART_ENVIRONMENT": "test",
        "RAMPART_PARTNERS": "partners",
        "RAMPART_EGRESS_PORT": str(port),
        "RAMPART_EGRESS_KEYS": json.dumps(keys),
        "RAMPART_EGRESS_CERTIFICATE": str(tmp_path / "egress.pem"),
        "RAMPART_VAULT_FILE": str(tmp_path / "vault.sqlite"),
    }
    command = [sys.executable, "-m", "infra.runtime.egress"]
    context = ssl.create_default_context(cadata=authority.cert_pem.bytes().decode())
    with subprocess.Popen(command, env={**os.environ, **settings}, stdout=subprocess.PIPE) as process:
        try:
            assert process.stdout is not None
            assert b"serving" in process.stdout.readline()
            deadline = time.monotonic() + 20
            while time.monotonic() < deadline:
                connection = http.client.HTTPSConnection("localhost", port, timeout=5, context=context)
                try:
                    connection.request("GET", "/healthz")
                    assert connection.getresponse().status == 200
                    break
                except ConnectionRefusedError:
                    time.sleep(0.05)
        finally:
            process.terminate()
    for wrong in (
        {"RAMPART_EGRESS_KEYS": "{}"},
        {"RAMPART_EGRESS_HOST": "0.0.0.0", "RAMPART_EGRESS_CERTIFICATE": ""},
    ):
        done = subprocess.run(
            command, env={**os.environ, **settings, **wrong}, capture_output=True, check=False
        )
        assert done.returncode == 2
        assert b"expected" in done.stdout
