"""Hybrid key exchange is completed, not only promised; and a share that is none breaks nothing."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, mlkem, x25519
from hypothesis import given
from hypothesis import strategies as st

from hardening.checks import Status
from scanners.tls import probes as p
from scanners.tls.audit.fleet import Limits, audit_endpoints
from scanners.tls.endpoint import Endpoint
from scanners.tls.judge import judge
from scanners.tls.observations import Answer, TlsScan
from scanners.tls.profiles import OWN
from scanners.tls.protocol.codepoints import POST_QUANTUM
from scanners.tls.protocol.key_agreement import COMPLETED_GROUPS, agree, key_share, new_key
from scanners.tls.protocol.server_hello import Malformed
from tests.beds.tls.bed import Bed
from tests.beds.tls.good_cases import GATEWAY
from tests.beds.tls.hellos import parse, relay
from tests.beds.tls.pki import NAME
from tests.beds.tls.servers import Envoy, Handler, Raw

HYBRID = "X25519MLKEM768"
UNKNOWN = 0x2A2A  # RFC 8701
MLKEM768, MLKEM1024 = 0x0201, 0x0202
X25519_MLKEM768, P256_MLKEM768, P384_MLKEM1024 = 0x11EC, 0x11EB, 0x11ED
X962 = (serialization.Encoding.X962, serialization.PublicFormat.UncompressedPoint)


@dataclass(frozen=True, slots=True)
class Gateways:
    """Envoy with a hybrid, Envoy without, and one in front of the first that never completes a hybrid."""

    bed: Bed
    ports: dict[str, int]

    def audited(self, name: str) -> TlsScan:
        endpoint = Endpoint(
            host="127.0.0.1",
            port=self.ports[name],
            server_name=NAME,
            ca_file=self.bed.pki.ca_file,
            plain_port=0,
            profile=OWN,
        )
        (scan,) = audit_endpoints([endpoint], Limits(rate=0))
        return scan


@pytest.fixture(scope="module")
def gateways() -> Iterator[Gateways]:
    with Bed() as bed:
        classical = {**GATEWAY, "ecdh_curves": ["X25519", "P-256"]}
        servers = {
            "hybrid": Envoy(served=bed.pki.good, parameters=GATEWAY),
            "classical": Envoy(served=bed.pki.good, parameters=classical),
        }
        ports = bed.start_all(servers)
        ports["promising"] = bed.start(Raw(_promising(ports["hybrid"])))
        yield Gateways(bed, ports)


def _promising(upstream: int) -> Handler:
    """Passes everything on, but hangs up after a hello that chooses a post-quantum group."""

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readexactly(5)
        body = await reader.readexactly(int.from_bytes(head[3:], "big")) if head[0] == 22 else b""
        if not body or not set(parse(body).listed(10)) - {UNKNOWN} <= POST_QUANTUM:
            await relay(reader, writer, upstream, head + body)
            return
        behind, onward = await asyncio.open_connection("127.0.0.1", upstream)
        onward.write(head + body)
        first = await behind.readexactly(5)
        writer.write(first + await behind.readexactly(int.from_bytes(first[3:], "big")))
        await writer.drain()
        onward.close()

    return handle


def verdict(scan: TlsScan) -> tuple[Status, str]:
    found = next(f for f in judge([scan]) if f.control == "tls-key-exchange-post-quantum")
    return found.status, found.detail


def test_a_hybrid_handshake_is_completed_and_its_certificate_proven(gateways: Gateways) -> None:
    scan = gateways.audited("hybrid")
    probe = scan.probes[p.POST_QUANTUM_GROUPS]
    assert probe.hello is not None
    assert probe.hello.group == HYBRID
    assert probe.hello.leaf_sha256
    assert probe.hello.signature
    assert verdict(scan) == (Status.PASS, "")


def test_a_server_without_hybrids_fails_where_one_is_required(gateways: Gateways) -> None:
    assert verdict(gateways.audited("classical"))[0] is Status.FAIL


def test_a_promise_that_is_not_kept_is_no_pass(gateways: Gateways) -> None:
    scan = gateways.audited("promising")
    assert scan.probes[p.TLS_1_3].answer is Answer.ACCEPTED
    status, detail = verdict(scan)
    assert status is Status.ERROR
    assert f"it chooses {HYBRID}, and then does not complete the handshake" in detail


def _answered(group: int, share: bytes) -> tuple[bytes, bytes]:
    """A server's share and secret for our share, by the words of the draft: each part on its own."""
    size = 1184 if group in (X25519_MLKEM768, P256_MLKEM768, MLKEM768) else 1568
    first = group in (X25519_MLKEM768, MLKEM768, MLKEM1024)
    ours, point = (share[:size], share[size:]) if first else (share[-size:], share[:-size])
    public = mlkem.MLKEM768PublicKey if size == 1184 else mlkem.MLKEM1024PublicKey
    secret, sealed = public.from_public_bytes(ours).encapsulate()
    own, agreed = _classical(group, point)
    return (sealed + own, secret + agreed) if first else (own + sealed, agreed + secret)


def _classical(group: int, point: bytes) -> tuple[bytes, bytes]:
    if group == X25519_MLKEM768:
        key = x25519.X25519PrivateKey.generate()
        return key.public_key().public_bytes_raw(), key.exchange(
            x25519.X25519PublicKey.from_public_bytes(point)
        )
    curve: ec.EllipticCurve
    if group in (P256_MLKEM768, P384_MLKEM1024):
        curve = ec.SECP256R1() if group == P256_MLKEM768 else ec.SECP384R1()
        own = ec.generate_private_key(curve)
        secret = own.exchange(ec.ECDH(), ec.EllipticCurvePublicKey.from_encoded_point(curve, point))
        return own.public_key().public_bytes(*X962), secret
    assert point == b""
    return b"", b""


@pytest.mark.parametrize("group", sorted(set(COMPLETED_GROUPS) & POST_QUANTUM))
def test_both_sides_of_each_hybrid_agree(group: int) -> None:
    key = new_key(group)
    share, secret = _answered(group, key_share(key))
    assert agree(key, share) == secret
    for wrong in (share[:-1], share + b"\x00", b"", share[:32]):
        with pytest.raises(Malformed):
            agree(key, wrong)


@given(st.binary(max_size=1700), st.sampled_from(COMPLETED_GROUPS))
def test_any_bytes_as_a_share_agree_on_something_or_are_malformed(share: bytes, group: int) -> None:
    try:
        secret = agree(new_key(group), share)
    except Malformed:
        return
    assert secret


def test_five_post_quantum_groups_can_be_completed() -> None:
    assert {MLKEM768, MLKEM1024, X25519_MLKEM768, P256_MLKEM768, P384_MLKEM1024} <= set(COMPLETED_GROUPS)
