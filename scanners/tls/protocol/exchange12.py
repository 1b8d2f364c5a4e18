"""The client's part of a key exchange of TLS 1.2: on a curve, in a field of the server's, with static RSA."""

from __future__ import annotations

import os
import secrets
from typing import Final

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import padding, rsa

from scanners.tls.protocol.key_agreement import COMPLETED_GROUPS, agree, key_share, new_curve_key
from scanners.tls.protocol.protection12 import Completed
from scanners.tls.protocol.server_hello import Flight, Malformed, Reader

# Without those of ML-KEM and the finite fields of TLS 1.3, which are code points above them.
_CURVES: Final = frozenset(group for group in COMPLETED_GROUPS if group < 34)


def exchangeable(suite: Completed, flight: Flight) -> bool:
    """Whether this client can exchange keys as the server's `flight` has it."""
    if suite.exchange == "ECDHE":
        return flight.key_exchange.group in _CURVES
    if suite.exchange == "DHE":
        # Exponents in larger fields would hold up every other audit.
        return bool(flight.key_exchange.parameters) and flight.key_exchange.prime.bit_length() <= 8192
    return isinstance(_leaf_key(flight), rsa.RSAPublicKey)


def exchanged(suite: Completed, flight: Flight) -> tuple[bytes, bytes]:
    """The shared secret, and the body of our ClientKeyExchange (RFC 5246, 7.4.7). Raises Malformed."""
    exchange = flight.key_exchange
    if suite.exchange == "ECDHE":
        key = new_curve_key(exchange.group)
        share = key_share(key)
        return agree(key, exchange.share), bytes([len(share)]) + share
    if suite.exchange == "DHE":
        secret, share = _in_field(exchange.parameters, exchange.share)
        return secret, _long(share)
    public = _leaf_key(flight)
    if not isinstance(public, rsa.RSAPublicKey):
        raise Malformed("static RSA without a key of RSA")
    secret = b"\x03\x03" + os.urandom(46)
    try:
        return secret, _long(public.encrypt(secret, padding.PKCS1v15()))
    except ValueError:
        raise Malformed("a key of RSA that is too short to exchange a secret") from None


def _leaf_key(flight: Flight) -> object:
    try:
        return x509.load_der_x509_certificate(flight.chain[0]).public_key()
    except (ValueError, IndexError, UnsupportedAlgorithm):
        return None


def _in_field(parameters: bytes, share: bytes) -> tuple[bytes, bytes]:
    """The shared secret and our public value, in a field that the server chose (RFC 5246, 7.4.3 and 8.1.2).

    Raises Malformed.
    """
    reader = Reader(parameters)
    prime, generator = (int.from_bytes(reader.vector(2), "big") for _ in range(2))
    public = int.from_bytes(share, "big")
    if not 1 < public < prime - 1:
        raise Malformed("a key share that is no point of its group")
    exponent = secrets.randbits(512) | 1 << 511
    return _bytes(pow(public, exponent, prime)), _bytes(pow(generator, exponent, prime))


def _bytes(number: int) -> bytes:
    return number.to_bytes((number.bit_length() + 7) // 8, "big")


def _long(data: bytes) -> bytes:
    return len(data).to_bytes(2, "big") + data
