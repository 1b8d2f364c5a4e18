"""The egress guard's certificates: renewed while it runs, and their end told in time."""

from __future__ import annotations

import asyncio
import json
import socket
import ssl
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import trustme
from moto.server import ThreadedMotoServer

from hardening.egress.callers import client_certificate_secret
from hardening.errors import ConfigError
from hardening.filter_patterns import matches
from infra.lab.clients import Clients
from infra.observability.log_filters import task_filters
from infra.runtime.egress.certificates import OwnCertificate, days_left, ending, in_secrets, watch
from infra.runtime.http_messages import HttpRequest, HttpResponse
from infra.runtime.http_service import listening

NOW = datetime.now(UTC)


def issued(authority: trustme.CA, days: float, name: str = "localhost") -> str:
    """A certificate with its key that ends in so many days."""
    made = authority.issue_cert(name, not_after=NOW + timedelta(days=days))
    return made.private_key_and_cert_chain_pem.bytes().decode()


def test_a_renewed_certificate_is_served_to_connections_that_are_opened_after_it() -> None:
    authority, now = trustme.CA(), {}
    now["text"] = issued(authority, 40)
    own = OwnCertificate(lambda: now["text"])
    trust = ssl.create_default_context(cadata=authority.cert_pem.bytes().decode())

    async def served() -> list[str]:
        async with listening(_answer, "127.0.0.1", 0, tls=own.context) as port:
            before = await asyncio.to_thread(_ends, port, trust)
            now["text"] = issued(authority, 400)
            own.renewed()
            return [before, await asyncio.to_thread(_ends, port, trust)]

    before, after = asyncio.run(served())
    assert before != after


async def _answer(_: HttpRequest) -> HttpResponse:
    return HttpResponse(200)


def _ends(port: int, trust: ssl.SSLContext) -> str:
    with (
        socket.create_connection(("127.0.0.1", port)) as plain,
        trust.wrap_socket(plain, server_hostname="localhost") as connection,
    ):
        found = connection.getpeercert() or {}
        return str(found["notAfter"])


def test_a_renewal_that_is_no_certificate_leaves_the_one_in_use() -> None:
    authority, now = trustme.CA(), {}
    good = now["text"] = issued(authority, 40)
    own = OwnCertificate(lambda: now["text"])
    chain, _, key = issued(authority, 40).partition("-----BEGIN CERTIFICATE-----")
    for wrong in ("", "no certificate", f"{chain}{good[good.index('-----BEGIN CERT') :]}", key):
        now["text"] = wrong
        with pytest.raises(ConfigError, match="the egress guard's certificate"):
            own.renewed()
    trust = ssl.create_default_context(cadata=authority.cert_pem.bytes().decode())

    async def served() -> str:
        async with listening(_answer, "127.0.0.1", 0, tls=own.context) as port:
            return await asyncio.to_thread(_ends, port, trust)

    assert asyncio.run(served())


@pytest.mark.parametrize(("days", "told"), [(45, False), (31.5, False), (29, True), (1, True), (-3, True)])
def test_a_certificate_is_told_of_thirty_days_before_its_end(days: float, told: bool) -> None:
    text = issued(trustme.CA(), days) if days > 0 else _ended()
    found = list(ending({"client us": lambda: text}, NOW if days > 0 else NOW + timedelta(days=4)))
    assert [name for name, _, _ in found] == (["client us"] if told else [])


def _ended() -> str:
    return issued(trustme.CA(), 1)


def test_the_first_end_of_a_chain_counts() -> None:
    authority = trustme.CA()
    chain = authority.cert_pem.bytes().decode() + issued(authority, 12)
    assert days_left(chain, NOW) in (11, 12)


def test_one_that_cannot_be_read_is_told_of_too() -> None:
    def missing() -> str:
        raise ConfigError("rampart/test/internal/x: ResourceNotFoundException")

    found = list(ending({"a": missing, "b": lambda: "no certificate"}, NOW))
    assert [(name, days) for name, days, _ in found] == [("a", None), ("b", None)]
    assert "ResourceNotFound" in found[0][2]


def test_what_the_guard_says_of_an_end_is_what_the_alarm_counts(
    capfd: pytest.CaptureFixture[str],
) -> None:
    async def one_round() -> None:
        running = asyncio.create_task(watch(lambda: {"authority": lambda: issued(trustme.CA(), 5)}))
        async with asyncio.timeout(20):
            while not said:
                await asyncio.sleep(0.01)
                said.extend(capfd.readouterr().out.splitlines())
        running.cancel()

    said: list[str] = []
    asyncio.run(one_round())
    (line,) = map(json.loads, said)
    assert (line["certificate"], line["level"]) == ("authority", "error")
    group: Any = None
    (alarm,) = (one for one in task_filters(group, group) if one.name == "certificate-ends")
    assert matches(alarm.pattern, line)
    assert not matches(alarm.pattern, {**line, "event": "egress"})
    # Told once an hour: the alarm holds for as long as the certificate is not renewed.
    assert alarm.seconds == 7200


def test_on_aws_each_certificate_is_a_secret_of_its_own() -> None:
    emulator = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    emulator.start()
    try:
        host, port = emulator.get_host_and_port()
        client = Clients(f"http://{host}:{port}", "eu-central-1").get("secretsmanager")
        name = client_certificate_secret("test", "us-2026")
        client.create_secret(Name=name)
        read = in_secrets(client, "test")
        with pytest.raises(ConfigError, match=f"{name}: ResourceNotFoundException"):
            read("us-2026")
        client.put_secret_value(SecretId=name, SecretString="PEM")
        assert read("us-2026") == "PEM"
        client.put_secret_value(SecretId=name, SecretString="PEM of the next")
        assert read("us-2026") == "PEM of the next"
        with pytest.raises(ConfigError, match="another: ResourceNotFoundException"):
            read("another")
    finally:
        emulator.stop()
