"""`rampart guard serve`: a real guard before a small service, which knows nothing of AWS."""

from __future__ import annotations

import contextlib
import http.client
import os
import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import quote

import psutil
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from hardening.errors import ConfigError
from hardening.requests.client_key import client_key
from hardening.requests.header_names import (
    CERTIFICATE_HEADER,
    HOP_SIGNATURE_HEADER,
    KIND_HEADER,
    PARTNER_HEADER,
)
from hardening.requests.hop_signature import Hop, is_genuine
from infra.runtime.guard.serve import check_settings
from infra.runtime.guard.settings import EXPECTED, read_settings
from infra.runtime.policy_service.sqlite_store import SqliteTokenStore
from infra.runtime.policy_service.stores import TokenRecord
from tests.beds.guard import HOP_KEY, GuardBed, guard_bed, wait_until, write_configuration

LIST = "/ocpi/2.2.1/sender/locations?limit=2"
CARD = "/ocpi/2.2.1/receiver/tokens/FR/EMY/CARD-1"
TOKENS = "/ocpi/2.2.1/sender/tokens?limit=2"


@pytest.fixture(scope="module")
def bed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[GuardBed]:
    with guard_bed(tmp_path_factory.mktemp("guard")) as up:
        yield up


@pytest.fixture
def own_bed(tmp_path: Path) -> Iterator[GuardBed]:
    """A guard for a test that changes or ends it."""
    with guard_bed(tmp_path) as up:
        yield up


def test_a_contracted_call_reaches_the_service_with_proof_of_who_called(bed: GuardBed) -> None:
    assert bed.get(LIST, bed.headers("example-emsp"))[0] == 200
    method, target, headers = bed.upstream.seen[-1]
    hop = Hop(method=method, target=target, partner="example-emsp", kind="C")
    assert (headers[PARTNER_HEADER], headers[KIND_HEADER]) == ("example-emsp", "C")
    assert is_genuine(HOP_KEY, hop, headers[HOP_SIGNATURE_HEADER], int(time.time()))
    assert "authorization" not in headers


@pytest.mark.parametrize(
    ("path", "partner", "status"),
    [("/ocpi/2.2.1/sender/hubclientinfo", "example-emsp", 403), (LIST, "", 401), ("/admin", "", 404)],
)
def test_any_other_call_is_refused_and_never_reaches_it(
    bed: GuardBed, path: str, partner: str, status: int
) -> None:
    before = len(bed.upstream.seen)
    assert bed.get(path, bed.headers(partner) if partner else {})[0] == status
    assert len(bed.upstream.seen) == before


def test_more_calls_than_contracted_are_429_and_cost_nobody_else_an_answer(bed: GuardBed) -> None:
    """Ten at once are ten seconds' worth of sixty a minute; of one module two at once were contracted."""
    file = bed.partners / "example-hub.yaml"
    whole = file.read_text(encoding="utf-8")
    rates = "[{module: tokens, burst: 2, per_minute: 2, per_day: 1000}]"
    held = re.sub(r"requests_per_minute: \d+", f"requests_per_minute: 60\nmodule_rates: {rates}", whole)
    assert held != whole
    read = bed.registries()
    file.write_text(held, encoding="utf-8")
    wait_until(lambda: bed.registries() == read + 2, bed)
    hub = bed.headers("example-hub")
    try:
        with ThreadPoolExecutor(20) as pool:
            cards = list(pool.map(lambda _: _get(bed, CARD, hub), range(4)))
            lists = list(pool.map(lambda _: _get(bed, LIST, hub), range(20)))
        assert sorted(status for status, _ in cards) == [200, 200, 429, 429]
        assert {status for status, _ in lists} == {200, 429}
        assert sum(status == 200 for status, _ in lists) < 10
        assert all(int(later) >= 1 for status, later in (*cards, *lists) if status == 429)
        assert [_get(bed, LIST, bed.headers("example-emsp"))[0] for _ in range(10)] == [200] * 10
        counted = bed.metrics() + bed.metrics(1)
        assert 'module="tokens",control="plan-per-partner"' in counted
    finally:
        file.write_text(whole, encoding="utf-8")
        wait_until(lambda: bed.registries() == read + 4, bed)


def _get(
    bed: GuardBed, path: str, headers: dict[str, str], certificate: Path | None = None
) -> tuple[int, str]:
    """The status, and when to come again. `certificate`: that of the client, with its key."""
    with contextlib.closing(bed.connection(certificate)) as connection:
        connection.request("GET", path, headers=headers)
        answer = connection.getresponse()
        answer.read()
        return answer.status, answer.getheader("retry-after", "")


def test_a_token_is_known_only_with_the_client_certificate_that_its_partner_contracted(
    bed: GuardBed, tmp_path: Path
) -> None:
    own, foreign = _client_certificate(tmp_path / "own.pem"), _client_certificate(tmp_path / "foreign.pem")
    certificate = own.read_text().partition("-----BEGIN PRIVATE")[0]
    pin = client_key(certificate)
    file = bed.partners / "example-cpo.yaml"
    whole = file.read_text(encoding="utf-8")
    read = bed.registries()
    file.write_text(f"{whole}\nclient_certificate_in: [{pin}]\n", encoding="utf-8")
    cpo, emsp = bed.headers("example-cpo"), bed.headers("example-emsp")
    try:
        wait_until(lambda: bed.registries() == read + 2, bed)
        wait_until(lambda: _get(bed, TOKENS, cpo, own)[0] == 200, bed)
        assert _get(bed, TOKENS, cpo, foreign)[0] == 401
        assert _get(bed, TOKENS, cpo)[0] == 401
        shown = {
            CERTIFICATE_HEADER: quote(certificate, safe=""),
            "X-Forwarded-Client-Cert": f"Hash={pin}",
        }
        assert _get(bed, TOKENS, {**cpo, **shown})[0] == 401
        assert _get(bed, TOKENS, {**cpo, **shown}, foreign)[0] == 401
        assert [_get(bed, LIST, emsp, one)[0] for one in (None, own, foreign)] == [200] * 3
        assert CERTIFICATE_HEADER not in bed.upstream.seen[-1][2]
    finally:
        file.write_text(whole, encoding="utf-8")
        wait_until(lambda: bed.registries() == read + 4, bed)


def _client_certificate(file: Path) -> Path:
    """A self-signed certificate and its key, in one file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name, now = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "partner")]), datetime.now(UTC)
    made = x509.CertificateBuilder(name, name, key.public_key(), 1, now, now + timedelta(days=1))
    private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    file.write_bytes(made.sign(key, hashes.SHA256()).public_bytes(Encoding.PEM) + private)
    return file


def test_client_certificates_behind_a_proxy_are_a_wrong_setting(tmp_path: Path) -> None:
    file = write_configuration(tmp_path, "http://127.0.0.1:8080", {"trusted_hops": "1"})
    entry = tmp_path / "partners" / "example-cpo.yaml"
    entry.write_text(f"{entry.read_text()}\nclient_certificate_in: [{'A' * 43}=]\n", encoding="utf-8")
    with pytest.raises(ConfigError, match="client_certificate_in"):
        check_settings(read_settings(file))


def test_a_revocation_in_the_store_counts_within_two_seconds(bed: GuardBed) -> None:
    headers = bed.headers("example-hub")
    assert bed.get("/ocpi/versions", headers)[0] == 200
    store = SqliteTokenStore(bed.folder / "tokens.sqlite")
    for one in store.of_partner("example-hub"):
        store.put(TokenRecord(one.digest, one.partner, one.kind, "revoked", one.environment, one.expires))
    time.sleep(2)
    assert bed.get("/ocpi/versions", headers)[0] == 401


def test_nothing_of_aws_is_imported() -> None:
    code = (
        "import sys, infra.runtime.guard.command, infra.runtime.policy_service.worker; "
        "print([m for m in ('boto3', 'botocore', 'pulumi', 'moto', 'infra.lab') if m in sys.modules])"
    )
    shown = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60
    )
    assert shown.stdout.strip() == "[]"


@dataclass(slots=True)
class Caller:
    """Calls again and again on connections that it keeps, and counts what became of the calls."""

    bed: GuardBed
    served: int = 0
    refused: list[int] = field(default_factory=list)
    lost: list[str] = field(default_factory=list)
    closed: bool = False

    def run(self, until: threading.Event) -> None:
        """Call until told, or until nobody listens any longer."""
        connection = self.bed.connection()
        while not until.is_set():
            try:
                if connection.sock is None:
                    connection.connect()
            except OSError:  # nothing was sent: no call
                self.closed = True
                return
            try:
                connection.request("GET", TOKENS, headers=self.bed.headers("example-cpo"))
                answer = connection.getresponse()
                answer.read()
            except (OSError, http.client.HTTPException) as error:
                self.lost.append(type(error).__name__)
                connection.close()
                continue
            if answer.status == 200:
                self.served += 1
            else:
                self.refused.append(answer.status)
            time.sleep(0.002)
        connection.close()


def _under_load(bed: GuardBed, callers: int) -> tuple[list[Caller], list[threading.Thread], threading.Event]:
    until = threading.Event()
    made = [Caller(bed) for _ in range(callers)]
    threads = [threading.Thread(target=one.run, args=(until,)) for one in made]
    for thread in threads:
        thread.start()
    wait_until(lambda: all(one.served > 3 for one in made), bed)
    return made, threads, until


@pytest.mark.slow
@pytest.mark.alone
def test_a_stop_under_load_loses_no_call(own_bed: GuardBed) -> None:
    own_bed.upstream.seconds = 0.1
    callers, threads, until = _under_load(own_bed, 8)
    children = psutil.Process(own_bed.process.pid).children(recursive=True)
    try:
        assert own_bed.stop() == 0
        for thread in threads:
            thread.join(20)
    finally:
        until.set()
    assert [one.lost for one in callers] == [[]] * 8
    assert [one.refused for one in callers] == [[]] * 8
    assert all(one.closed for one in callers), "the listener is closed for whoever comes anew"
    assert [child for child in children if child.is_running()] == []


@pytest.mark.slow
@pytest.mark.alone
def test_a_registry_is_reloaded_without_a_dropped_call(own_bed: GuardBed) -> None:
    """A partner is contracted for more, another comes, a third leaves; a broken file changes nothing."""
    callers, threads, until = _under_load(own_bed, 4)
    try:
        hub = own_bed.headers("example-hub")
        assert own_bed.get("/ocpi/2.2.1/sender/tariffs", hub)[0] == 403
        file = own_bed.partners / "example-hub.yaml"
        whole = file.read_text(encoding="utf-8")
        file.write_text(whole.replace("modules:\n", "modules:\n  tariffs: [read]\n"), encoding="utf-8")
        wait_until(lambda: own_bed.get("/ocpi/2.2.1/sender/tariffs", hub)[0] == 200, own_bed)

        emsp = own_bed.partners / "example-emsp.yaml"
        left = emsp.read_text(encoding="utf-8")
        emsp.unlink()
        wait_until(lambda: own_bed.get(LIST, own_bed.headers("example-emsp"))[0] == 401, own_bed)

        emsp.write_text(left.replace("environment: test", "environment: nowhere"), encoding="utf-8")
        wait_until(lambda: "rampart_guard_registry_refused 1" in own_bed.metrics(), own_bed)
        assert '"event":"registry-refused"' in own_bed.log()
        assert own_bed.get("/ocpi/2.2.1/sender/tariffs", hub)[0] == 200
        emsp.write_text(left, encoding="utf-8")
        wait_until(lambda: own_bed.get(LIST, own_bed.headers("example-emsp"))[0] == 200, own_bed)
        wait_until(lambda: "rampart_guard_registry_refused 0" in (_metrics(own_bed) or ""), own_bed)
    finally:
        until.set()
        for thread in threads:
            thread.join()
    assert [one.lost for one in callers] == [[]] * 4
    assert [one.refused for one in callers] == [[]] * 4


def test_a_worker_that_is_started_again_serves_the_registry_without_a_fault(bed: GuardBed) -> None:
    file = bed.partners / "example-emsp.yaml"
    whole = file.read_text(encoding="utf-8")
    file.write_text("name: [", encoding="utf-8")
    wait_until(lambda: "rampart_guard_registry_refused 1" in bed.metrics(), bed)
    worker = next(one for one in psutil.net_connections("tcp") if _listens(one, bed.policy_port))
    os.kill(int(worker.pid or 0), signal.SIGKILL)
    wait_until(lambda: "rampart_guard_registry_refused 1" in (_metrics(bed) or ""), bed)
    assert bed.get(LIST, bed.headers("example-emsp"))[0] == 200
    file.write_text(whole, encoding="utf-8")
    wait_until(lambda: "rampart_guard_registry_refused 0" in bed.metrics(), bed)


def _listens(connection: object, port: int) -> bool:
    return getattr(connection, "status", "") == psutil.CONN_LISTEN and connection.laddr.port == port  # type: ignore[attr-defined]  # psutil's tuple


def _metrics(bed: GuardBed) -> str | None:
    try:
        return bed.metrics()
    except OSError:
        return None


def test_a_guard_that_is_killed_leaves_nothing_behind(own_bed: GuardBed) -> None:
    children = psutil.Process(own_bed.process.pid).children(recursive=True)
    own_bed.process.kill()
    own_bed.process.wait()
    assert psutil.wait_procs(children, 10)[1] == []


def _check(file: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "hardening.cli", "guard", "serve", "--check", "--config", str(file)]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)


def test_check_prints_the_settings_and_starts_nothing(tmp_path: Path) -> None:
    shown = _check(write_configuration(tmp_path, "http://127.0.0.1:8080"))
    assert shown.returncode == 0, shown.stderr
    assert "upstream: 127.0.0.1:8080" in shown.stdout
    assert "no fault; 3 partners in test" in shown.stderr
    assert HOP_KEY.hex() not in shown.stdout


@pytest.mark.parametrize(
    ("changes", "line"),
    [
        ({"workers": "0"}, "workers: expected a whole number from 1 to 64"),
        ({"hop_key": ""}, "hop_key: missing; expected the path of a file of 32 random bytes"),
        ({"wokers": "2"}, "wokers: unknown key"),
        ({"upstream": '"http://192.0.2.1:80"'}, "upstream: the connection to the OCPI service must be TLS"),
        ({"upstream": '"https://service.internal"'}, "upstream_ca: missing; expected"),
        ({"upstream": '"http://127.0.0.1/api"'}, "upstream: expected the OCPI service, as https://host:port"),
        (
            {"server_names": '["other.example"]'},
            "server_names: other.example: the certificate does not name it",
        ),
        ({"key": '"hop.key"'}, "expected a private key in PEM"),
        ({"environment": '"production"'}, "no partner of the environment 'production'"),
        ({"hop_key": '"guard.toml.missing"'}, "RAMPART_HOP_KEY_FILE"),
        ({"listen": "8443"}, "listen: expected host:port"),
    ],
)
def test_a_wrong_setting_is_one_line_that_names_the_key(
    tmp_path: Path, changes: dict[str, str], line: str
) -> None:
    file = write_configuration(tmp_path, "http://127.0.0.1:8080", changes)
    with pytest.raises(ConfigError) as caught:
        check_settings(read_settings(file))
    assert any(line in one for one in caught.value.problems)


def test_a_configuration_that_is_missing_is_exit_2(tmp_path: Path) -> None:
    shown = _check(tmp_path / "guard.toml")
    assert shown.returncode == 2
    assert len(shown.stderr.splitlines()) == 2


def test_every_key_of_the_configuration_is_explained() -> None:
    page = Path("docs/standalone.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| `(\w+)` \| (.+?) \|$", page, re.MULTILINE)
    assert rows == list(EXPECTED.items())
