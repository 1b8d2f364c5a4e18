"""Whether a server tells by its answer how an RSA-encrypted secret is padded (ROBOT; RFC 5246, 7.4.7.1).

Each message is wrong in its own way, and the Finished after it is garbage: a server must answer all alike. A
difference lets an attacker decrypt recorded sessions, with many messages more than are sent here.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import rsa

from scanners.tls.protocol.hello import HANDSHAKE, Offer, hello_record, record
from scanners.tls.protocol.server_hello import CERTIFICATE, SERVER_HELLO_DONE, Malformed, parse_certificates
from scanners.tls.protocol.wire import End, Ended, Wire

_SECRET: Final = b"\x03\x03" + bytes(range(46))
_GARBAGE: Final = b"\x14\x03\x03\x00\x01\x01" + record(HANDSHAKE, 0x0303, b"\x5a" * 64)


def _padding(size: int) -> bytes:
    return bytes(1 + byte % 255 for byte in os.urandom(size - 3 - len(_SECRET)))


# Padded secrets for a modulus of so many bytes: as it should be, and wrong in the ways of Böck, Somorovsky
# and Young (USENIX Security 2018, 3.1).
VARIANTS: Final[dict[str, Callable[[int], bytes]]] = {
    "as it should be": lambda size: b"\x00\x02" + _padding(size) + b"\x00" + _SECRET,
    "of another block type": lambda size: b"\x41\x17" + _padding(size) + b"\x00" + _SECRET,
    "with an early zero": lambda size: b"\x00\x02\x00" + _padding(size) + _SECRET,
    "without a zero": lambda size: b"\x00\x02" + _padding(size) + b"\x11" + _SECRET.replace(b"\x00", b"\x2a"),
    "of a wrong version": lambda size: b"\x00\x02" + _padding(size) + b"\x00\x02\x02" + _SECRET[2:],
}


async def answer_to(wire: Wire, offer: Offer, variant: str) -> str:
    """How the server ends a handshake of static RSA with this secret: an alert, a close, a reset, silence.

    Raises Ended where it does not get so far.
    """
    await wire.send(hello_record(offer))
    chain: tuple[bytes, ...] = ()
    kind = 0
    while kind != SERVER_HELLO_DONE:
        kind, body, _ = await wire.message()
        if kind == CERTIFICATE:
            chain = parse_certificates(body)
    key = x509.load_der_x509_certificate(chain[0]).public_key() if chain else None
    if not isinstance(key, rsa.RSAPublicKey):
        raise Malformed("static RSA without an RSA certificate")
    size = (key.key_size + 7) // 8
    numbers = key.public_numbers()
    padded = int.from_bytes(VARIANTS[variant](size), "big")
    sealed = pow(padded % numbers.n, numbers.e, numbers.n).to_bytes(size, "big")
    exchange = b"\x10" + (size + 2).to_bytes(3, "big") + size.to_bytes(2, "big") + sealed
    await wire.send(record(HANDSHAKE, 0x0303, exchange) + _GARBAGE)
    try:
        kind, payload = await wire.record()
    except Ended as ended:
        return ended.end.value if ended.end is not End.RESET else End.CLOSED.value
    return f"record {kind}: {payload[:2].hex()}"
