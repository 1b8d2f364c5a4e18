"""The lab's certificates: a CA of its own, and a leaf for each of its servers. Made anew for each lab."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

SERVER_NAME = "ocpi.lab.example"
# Longer than what the egress guard takes for an end that is near.
_LIFETIME = timedelta(days=60)
# How the name of a certificate begins that is shown to servers.
CLIENT = "client-"
_CLIENT = ExtendedKeyUsageOID.CLIENT_AUTH
# What a gateway without an emulator needs.
GATEWAY_ALONE: Mapping[str, Sequence[str]] = {"gateway": (SERVER_NAME, "127.0.0.1")}


@dataclass(frozen=True, slots=True)
class Certificate:
    """Absolute paths: the chain, and the key (mode 0600)."""

    chain_file: Path
    key_file: Path


@dataclass(frozen=True, slots=True)
class Certificates:
    """`ca_file` (an absolute path) is for those who verify; `of` holds a certificate for each server."""

    ca_file: Path
    of: Mapping[str, Certificate]


def make_certificates(folder: Path, servers: Mapping[str, Sequence[str]] = GATEWAY_ALONE) -> Certificates:
    """Make a CA, and a leaf for the names and addresses of each server. The CA's key is never written.

    A server that is named CLIENT and something is none: its leaf is for a client.
    """
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    now = datetime.now(UTC) - timedelta(minutes=5)
    ca_key = ec.generate_private_key(ec.SECP256R1())
    ca = _authority(ca_key, now)
    ca_file = folder / "ca.pem"
    ca_file.write_bytes(ca.public_bytes(serialization.Encoding.PEM))
    made = {}
    for server, names in servers.items():
        key = ec.generate_private_key(ec.SECP256R1())
        made[server] = Certificate(folder / f"{server}.pem", folder / f"{server}.key")
        purpose = _CLIENT if server.startswith(CLIENT) else ExtendedKeyUsageOID.SERVER_AUTH
        leaf = _leaf(key, ca, now, names, purpose).sign(ca_key, hashes.SHA256())
        made[server].chain_file.write_bytes(leaf.public_bytes(serialization.Encoding.PEM))
        write_private(made[server].key_file, _pem(key))
    return Certificates(ca_file, made)


def pem(made: Certificate) -> bytes:
    """Chain and key together, as `ssl.SSLContext.load_cert_chain` reads them from one file."""
    return made.chain_file.read_bytes() + made.key_file.read_bytes()


def _pem(key: ec.EllipticCurvePrivateKey) -> bytes:
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )


def write_private(file: Path, content: bytes) -> None:
    """Write a file that only its owner can read, from its first byte on."""
    file.unlink(missing_ok=True)
    descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as output:
        output.write(content)


def _name(common_name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common_name)])


def _alternative(name: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ip_address(name))
    except ValueError:
        return x509.DNSName(name)


def _authority(key: ec.EllipticCurvePrivateKey, now: datetime) -> x509.Certificate:
    name = _name("Rampart lab CA")
    return (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now)
        .not_valid_after(now + _LIFETIME)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_usage(signs_certificates=True), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .sign(key, hashes.SHA256())
    )


def _leaf(
    key: ec.EllipticCurvePrivateKey,
    ca: x509.Certificate,
    now: datetime,
    servers: Sequence[str],
    purpose: x509.ObjectIdentifier,
) -> x509.CertificateBuilder:
    names = x509.SubjectAlternativeName([_alternative(server) for server in servers])
    issuer_key = ca.extensions.get_extension_for_class(x509.SubjectKeyIdentifier).value
    issuer = x509.AuthorityKeyIdentifier.from_issuer_subject_key_identifier(issuer_key)
    return (
        x509.CertificateBuilder()
        .subject_name(_name(servers[0]))
        .issuer_name(ca.subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now)
        .not_valid_after(now + _LIFETIME)
        .add_extension(names, critical=False)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_usage(signs_certificates=False), critical=True)
        .add_extension(x509.ExtendedKeyUsage([purpose]), critical=False)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(issuer, critical=False)
    )


def _usage(*, signs_certificates: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not signs_certificates,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=signs_certificates,
        crl_sign=signs_certificates,
        encipher_only=False,
        decipher_only=False,
    )
