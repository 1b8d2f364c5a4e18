"""The guard as it runs: Envoy asks the policy service about every call, and refuses without an answer."""

from __future__ import annotations

import json
import os
import signal
import socket
import ssl
import statistics
import subprocess
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from hardening.envoy.configuration import EnvoySettings, envoy
from hardening.errors import ConfigError
from hardening.registry.reader import read_registry
from hardening.requests import tokens
from hardening.requests.samples import TOKEN_KINDS
from infra.lab.gateway import prepare
from infra.lab.processes import Process, is_alive
from infra.runtime.guard.envoy import envoy_binary
from scanners.probe.scan import scan
from tests.beds.gateway import GatewayBed, gateway_bed

LIST = "/ocpi/2.2.1/sender/locations?limit=2"


@pytest.fixture(scope="module")
def bed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[GatewayBed]:
    with gateway_bed(tmp_path_factory.mktemp("gateway")) as up:
        yield up


@pytest.fixture
def own_bed(tmp_path: Path) -> Iterator[GatewayBed]:
    """A gateway for a test that breaks it."""
    with gateway_bed(tmp_path) as up:
        yield up


def _end(process: Process) -> None:
    os.kill(process.pid, signal.SIGKILL)
    deadline = time.monotonic() + 5
    while is_alive(process) and time.monotonic() < deadline:
        time.sleep(0.02)


def test_a_contracted_call_is_served(bed: GatewayBed) -> None:
    status, headers, body = bed.call("GET", LIST, bed.as_partner("example-emsp"))
    assert status == 200
    assert body["status_code"] == 1000
    assert len(body["data"]) == 2
    assert headers["x-total-count"] == "120"
    assert headers["x-limit"] == "50"
    assert 'rel="next"' in headers["link"]


def test_a_call_without_a_token_is_401_in_an_ocpi_envelope(bed: GatewayBed) -> None:
    status, headers, body = bed.call("GET", "/ocpi/versions")
    assert status == 401
    assert body["status_code"] == 2000
    assert body["status_message"] == "authentication required"
    assert headers["content-type"].startswith("application/json")
    assert headers["x-request-id"]


@pytest.mark.parametrize("kind", [kind for kind in TOKEN_KINDS if kind != "current"])
def test_every_other_kind_of_token_is_401(bed: GatewayBed, kind: str) -> None:
    assert bed.call("GET", LIST, bed.as_partner(f"example-emsp:{kind}"))[0] == 401


def test_a_registration_token_opens_discovery_and_credentials(bed: GatewayBed) -> None:
    headers = bed.as_partner("example-emsp:registration")
    del headers["X-Correlation-ID"]
    assert bed.call("GET", "/ocpi/versions", headers)[0] == 200
    assert bed.call("GET", "/ocpi/2.2.1", headers)[0] == 200


def test_an_ocpi_error_of_the_guard_is_http_200_and_does_not_reach_the_service(bed: GatewayBed) -> None:
    """Envoy knows a 200 of the policy service as "let it through": the mark in between must not show."""
    headers = bed.as_partner("example-emsp", Content_Type="application/json")
    path = "/ocpi/2.2.1/receiver/tokens/NL/EMX/CARD-9"
    status, _, body = bed.call("PUT", path, headers, '{"uid":"CARD-9"}')
    assert (status, body["status_code"]) == (200, 2001)
    assert bed.call("GET", path, bed.as_partner("example-emsp"))[0] == 404


def test_headers_that_only_the_guard_may_write_are_dropped(bed: GatewayBed) -> None:
    forged = bed.as_partner("example-emsp", X_Rampart_Partner="example-cpo", X_Rampart_Source="198.51.100.20")
    _, _, body = bed.call("GET", "/ocpi/2.2.1", forged)
    listed = {endpoint["identifier"] for endpoint in body["data"]["endpoints"]}
    assert "commands" in listed, "it is still the eMSP"


def test_forwarded_addresses_of_a_peer_do_not_change_its_source(bed: GatewayBed) -> None:
    forged = bed.as_partner("example-emsp", X_Forwarded_For="192.0.2.66", Forwarded="for=192.0.2.66")
    assert bed.call("GET", LIST, forged)[0] == 200


def _until(bed: GatewayBed, status: int, path: str, headers: dict[str, str]) -> float:
    """Seconds until a call is answered with `status`."""
    begin = time.monotonic()
    while bed.call("GET", path, headers)[0] != status:
        assert time.monotonic() < begin + 40
    return time.monotonic() - begin


def _more_tokens(bed: GatewayBed, count: int) -> list[str]:
    """So many tokens of a partner, each with a record like that of its own token."""
    known = {"digest": {"S": tokens.digest(bed.token("example-cpo"))}}
    record = bed.dynamodb.get_item(TableName=bed.table, Key=known)["Item"]
    issued = [tokens.issue() for _ in range(count)]
    for token in issued:
        item = {**record, "digest": {"S": tokens.digest(token)}}
        bed.dynamodb.put_item(TableName=bed.table, Item=item)
    return issued


def _revocations(bed: GatewayBed, count: int) -> list[float]:
    """Seconds from each revocation in the store to the last call that was served after it."""
    path, headers = "/ocpi/2.2.1/sender/tokens", bed.as_partner("example-cpo")
    asked = {token: {**headers, "Authorization": tokens.header(token)} for token in _more_tokens(bed, count)}
    for each in asked.values():
        _until(bed, 200, path, each)
    revoked: dict[str, float] = {}
    for token in asked:
        bed.dynamodb.update_item(
            TableName=bed.table,
            Key={"digest": {"S": tokens.digest(token)}},
            UpdateExpression="SET #s = :s",
            ExpressionAttributeNames={"#s": "state"},
            ExpressionAttributeValues={":s": {"S": "revoked"}},
        )
        revoked[token] = time.monotonic()
    last = dict(revoked)
    # Until either worker refuses them: they ask the store each for itself.
    while time.monotonic() < max(revoked.values()) + 2.5:
        for token, each in asked.items():
            if bed.call("GET", path, each)[0] != 401:
                last[token] = time.monotonic()
    return [last[token] - revoked[token] for token in asked]


def test_a_revocation_counts_within_two_seconds(bed: GatewayBed) -> None:
    """A second of cache, and the time of a read."""
    assert max(_revocations(bed, 3)) < 2.0


@pytest.mark.slow
@pytest.mark.alone
def test_of_fifty_revocations_the_worst_counts_within_two_seconds(bed: GatewayBed) -> None:
    took = [seconds for _ in range(5) for seconds in _revocations(bed, 10)]
    print(
        f"\nrevocation to 401: worst {max(took):.2f} s, median {statistics.median(took):.2f} s of {len(took)}"
    )
    assert len(took) == 50
    assert max(took) < 2.0


def test_ids_come_back_in_answers_of_guard_envoy_and_service(bed: GatewayBed) -> None:
    headers = bed.as_partner("example-emsp")
    for path in (LIST, "/ocpi/2.2.1/sender/hubclientinfo", "/nothing", "/ocpi/a%2fb"):
        _, answered, _ = bed.call("GET", path, headers)
        assert answered["x-request-id"] == "request-1", path
        assert answered["x-correlation-id"] == "correlation-1", path


def test_no_answer_names_its_software(bed: GatewayBed) -> None:
    for path in (LIST, "/nothing", "/ocpi/a%2fb"):
        _, answered, body = bed.call("GET", path, bed.as_partner("example-emsp"))
        assert not {"server", "via", "x-powered-by"} & set(answered)
        assert "envoy" not in str(answered).lower() + str(body).lower()


def test_a_body_over_the_limit_is_413(bed: GatewayBed) -> None:
    headers = bed.as_partner("example-emsp", Content_Type="application/json")
    path = "/ocpi/2.2.1/receiver/tokens/NL/EMX/CARD-9"
    status, _, body = bed.call("PUT", path, headers, " " * 600_000)
    assert status == 413
    assert body["status_code"] == 2000


def test_headers_with_underscores_are_refused(bed: GatewayBed) -> None:
    """Servers behind a gateway may take `x_request_id` for `x-request-id`."""
    assert bed.call("GET", LIST, {**bed.as_partner("example-emsp"), "x_http_method": "PUT"})[0] == 400


def _handshake(bed: GatewayBed, low: ssl.TLSVersion, high: ssl.TLSVersion, ciphers: str = "") -> str:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.load_verify_locations(bed.target.ca_file)
    context.minimum_version, context.maximum_version = low, high
    if ciphers:
        context.set_ciphers(ciphers)
    with (
        socket.create_connection(("127.0.0.1", bed.port), 5) as raw,
        context.wrap_socket(raw, server_hostname=bed.target.server_name) as connection,
    ):
        chosen = connection.cipher()
        return chosen[0] if chosen else ""


def test_tls_1_2_with_forward_secrecy_and_1_3_are_spoken(bed: GatewayBed) -> None:
    v12, v13 = ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3
    assert _handshake(bed, v12, v12).startswith("ECDHE-ECDSA-")
    assert _handshake(bed, v13, v13).startswith("TLS_")


@pytest.mark.parametrize(
    "ciphers", ["ECDHE-ECDSA-AES128-SHA", "ECDHE-ECDSA-AES256-SHA384", "AES128-GCM-SHA256"]
)
def test_suites_without_aead_or_forward_secrecy_are_refused(bed: GatewayBed, ciphers: str) -> None:
    v12 = ssl.TLSVersion.TLSv1_2
    with pytest.raises((ssl.SSLError, ConnectionError)):
        _handshake(bed, v12, v12, f"{ciphers}:@SECLEVEL=0")


def test_old_tls_is_refused(bed: GatewayBed) -> None:
    v11 = ssl.TLSVersion.TLSv1_1
    with pytest.raises((ssl.SSLError, ConnectionError)), pytest.warns(DeprecationWarning, match="TLSv1_1"):
        _handshake(bed, v11, v11, "ALL:@SECLEVEL=0")


def test_no_token_stands_in_a_log_or_in_the_table(bed: GatewayBed) -> None:
    bed.call("GET", LIST, bed.as_partner("example-emsp"))
    bed.call("GET", "/ocpi/2.2.1/sender/hubclientinfo", bed.as_partner("example-emsp"))
    logs = bed.logs()
    stored = json.dumps(bed.dynamodb.scan(TableName=bed.table)["Items"])
    assert '"policy":{"uid":"module-contracted"}' in logs
    for token in json.loads(Path(bed.target.tokens_file).read_text(encoding="utf-8")).values():
        for spelling in (token, tokens.encoded(token)):
            assert spelling not in logs
            assert spelling not in stored


def test_the_tokens_file_and_the_key_are_for_their_owner_only(bed: GatewayBed) -> None:
    for file in (Path(bed.target.tokens_file), bed.folder / "certificates" / "gateway.key"):
        assert file.stat().st_mode & 0o077 == 0


@pytest.mark.slow
def test_envoy_refuses_every_call_when_the_policy_service_is_down(own_bed: GatewayBed) -> None:
    headers = own_bed.as_partner("example-emsp")
    assert own_bed.call("GET", LIST, headers)[0] == 200
    _end(own_bed.process("policy"))
    _until(own_bed, 503, LIST, headers)
    status, answered, body = own_bed.call("GET", LIST, headers)
    assert status == 503
    assert body["status_code"] == 3000
    assert answered["x-request-id"] == "request-1"
    replayed = [f for f in scan(own_bed.target).findings if f.control == "module-contracted"]
    assert [finding.status for finding in replayed] == ["error"], "a refusal by a broken guard proves nothing"


def test_a_call_is_refused_when_the_token_store_does_not_answer(own_bed: GatewayBed) -> None:
    own_bed.emulator.stop()
    status, _, body = own_bed.call("GET", LIST, own_bed.as_partner("example-emsp"))
    assert status >= 500
    assert body["status_code"] == 3000


@pytest.mark.slow
def test_a_token_that_was_known_is_refused_once_the_store_is_gone(own_bed: GatewayBed) -> None:
    headers = own_bed.as_partner("example-emsp")
    assert own_bed.call("GET", LIST, headers)[0] == 200
    own_bed.emulator.stop()
    time.sleep(1.0)
    assert {own_bed.call("GET", LIST, headers)[0] // 100 for _ in range(4)} == {5}
    _until(own_bed, 503, "/healthz", {})


def _workers(bed: GatewayBed) -> list[psutil.Process]:
    return psutil.Process(bed.process("policy").pid).children()


@pytest.mark.slow
@pytest.mark.alone
@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGSTOP])
def test_a_worker_that_is_killed_or_stands_still_is_replaced(
    own_bed: GatewayBed, number: signal.Signals
) -> None:
    allowed, stranger = own_bed.as_partner("example-emsp"), own_bed.as_partner("example-emsp:revoked")
    _until(own_bed, 200, LIST, allowed)
    victim, other = _workers(own_bed)
    victim.send_signal(number)
    deadline = time.monotonic() + 60
    while victim in _workers(own_bed) or len(_workers(own_bed)) < 2:
        assert own_bed.call("GET", LIST, stranger)[0] in (401, 503)
        assert own_bed.call("GET", LIST, allowed)[0] in (200, 503)
        assert time.monotonic() < deadline
    assert other in _workers(own_bed)
    _until(own_bed, 200, LIST, allowed)
    assert '"event":"restart"' in own_bed.logs()


@pytest.mark.slow
def test_health_goes_through_the_whole_path(own_bed: GatewayBed) -> None:
    for path in ("/healthz", "/healthz/path"):
        _until(own_bed, 200, path, {})
    assert own_bed.call("POST", "/healthz")[0] != 200
    _end(own_bed.process("ocpi"))
    _until(own_bed, 503, "/healthz/path", {})
    assert own_bed.call("GET", "/healthz")[0] == 200
    _end(own_bed.process("policy"))
    _until(own_bed, 503, "/healthz", {})


def _idle(bed: GatewayBed, count: int, source: str) -> list[socket.socket]:
    """Connections that say nothing; those that the gateway closes at once are among them."""
    return [
        socket.create_connection(("127.0.0.1", bed.port), 5, source_address=(source, 0)) for _ in range(count)
    ]


def test_silent_connections_of_a_stranger_take_no_partners_place(bed: GatewayBed) -> None:
    """Strangers share a limit; here they come from an address that is in no partner's network."""
    silent = _idle(bed, 1000, "127.0.0.9")
    try:
        for _ in range(5):
            begin = time.monotonic()
            assert bed.call("GET", LIST, bed.as_partner("example-emsp"))[0] == 200
            assert time.monotonic() - begin < 5.0, "one that has no place waits for ten"
    finally:
        for one in silent:
            one.close()


def test_forty_long_hostile_bodies_hold_up_nobody(bed: GatewayBed) -> None:
    body = '{"x":[' + ",".join(["{}"] * 19_000) + "]}" + " " * 400_000
    headers = bed.as_partner("example-cpo", Content_Type="application/json")
    attacks = [
        threading.Thread(target=bed.call, args=("POST", "/ocpi/2.2.1/receiver/cdrs", headers, body))
        for _ in range(40)
    ]
    for attack in attacks:
        attack.start()
    waits = []
    while any(attack.is_alive() for attack in attacks):
        begin = time.monotonic()
        assert bed.call("GET", LIST, bed.as_partner("example-emsp"))[0] == 200
        waits.append(time.monotonic() - begin)
    # The attacker and this test share the cores with the gateway; before, each waited for seconds.
    assert sorted(waits)[len(waits) // 2] < 1.0


@pytest.mark.slow
def test_a_gateway_whose_service_is_down_says_so_in_ocpi(own_bed: GatewayBed) -> None:
    _end(own_bed.process("ocpi"))
    status, _, body = own_bed.call("GET", LIST, own_bed.as_partner("example-emsp"))
    assert status == 503
    assert body["status_code"] == 3000


def test_the_labs_registry_adds_loopback_and_changes_nothing_else(tmp_path: Path) -> None:
    prepared = prepare(tmp_path, Path("partners"))
    for own, lab in zip(read_registry(Path("partners")), read_registry(prepared.partners), strict=True):
        assert lab.networks == (*own.networks, "127.0.0.1/32")
        assert lab.modules == own.modules
        assert lab.name == own.name


def test_a_broken_registry_stops_the_lab_before_anything_is_written(tmp_path: Path) -> None:
    partners = tmp_path / "partners"
    partners.mkdir()
    (partners / "x.yaml").write_text("name: [", encoding="utf-8")
    with pytest.raises(ConfigError):
        prepare(tmp_path / "lab", partners)
    assert not (tmp_path / "lab").exists()


def test_envoy_takes_the_configuration_for_a_guard_beyond_this_machine(
    bed: GatewayBed, tmp_path: Path
) -> None:
    certificates = bed.folder / "certificates"
    settings = EnvoySettings(
        server_names=("ocpi.example",),
        listen_host="0.0.0.0",
        listen_port=8443,
        certificate_file=str(certificates / "gateway.pem"),
        key_file=str(certificates / "gateway.key"),
        policy_host="127.0.0.1",
        policy_port=9000,
        service_host="service.internal",
        service_port=8443,
        service_ca_file=str(certificates / "ca.pem"),
        trusted_hops=2,
    )
    file = tmp_path / "envoy.yaml"
    file.write_text(envoy(settings), encoding="utf-8")
    looked = subprocess.run(
        [str(envoy_binary()), "--mode", "validate", "-c", str(file)],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert looked.returncode == 0, looked.stderr
