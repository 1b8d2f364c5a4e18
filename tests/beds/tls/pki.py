"""Certificates for the bed: a CA of trustme's, and leaves that are wrong in every way there is."""

from __future__ import annotations

import ipaddress
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import trustme
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.x509 import ocsp
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

NAME = "cpo.example.com"
NOW = datetime.now(UTC).replace(microsecond=0)
Key = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey | ed25519.Ed25519PrivateKey
Digest = hashes.SHA224 | hashes.SHA256 | hashes.SHA384 | hashes.SHA512
Build = Callable[[x509.CertificateBuilder], x509.CertificateBuilder]


@dataclass(frozen=True, slots=True)
class Authority:
    """A CA: its certificate and key, and the intermediates between it and the root."""

    certificate: x509.Certificate
    key: Key
    above: tuple[x509.Certificate, ...] = ()


@dataclass(frozen=True, slots=True)
class Served:
    """The files that a server needs. `chain` holds the leaf first, `above` what follows it."""

    chain: str
    above: str
    key: str
    certificates: tuple[x509.Certificate, ...]


def ec_key() -> ec.EllipticCurvePrivateKey:
    """A fresh key on secp256r1."""
    return ec.generate_private_key(ec.SECP256R1())


_RSA: dict[int, rsa.RSAPrivateKey] = {}


def rsa_key(bits: int = 2048) -> rsa.RSAPrivateKey:
    """One key a size: they are slow to make."""
    if bits not in _RSA:
        _RSA[bits] = rsa.generate_private_key(65537, bits)
    return _RSA[bits]


class Pki:
    """Issues certificates into a folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        authority = trustme.CA(key_type=trustme.KeyType.ECDSA)
        self.root = Authority(
            x509.load_pem_x509_certificate(authority.cert_pem.bytes()),
            _key(authority.private_key_pem.bytes()),
        )
        self.ca_file = str(folder / "ca.pem")
        authority.cert_pem.write_to_path(self.ca_file)
        self.middle = self.authority(self.root, "Bed Issuing CA")
        self.stranger = self.authority(None, "Stranger CA")
        self.good = self.served("good", self.leaf())

    def authority(self, above: Authority | None, name: str, build: Build | None = None) -> Authority:
        """A CA below `above`; without one, a root of its own."""
        key = ec_key()
        subject = _name(name)
        issuer = above.certificate.subject if above else subject
        builder = (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(issuer)
            .serial_number(x509.random_serial_number())
            .not_valid_before(NOW - timedelta(days=30))
            .not_valid_after(NOW + timedelta(days=1500))
            .public_key(key.public_key())
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        )
        signer = above.key if above else key
        builder = builder.add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(signer.public_key()), critical=False
        )
        if build is None:
            build = as_ca
        certificate = build(builder).sign(signer, hashes.SHA256())
        return Authority(certificate, key, () if above is None else (certificate, *above.above))

    def leaf(
        self,
        *,
        names: Sequence[str] = (NAME,),
        subject: str = "",
        key: Key | None = None,
        by: Authority | None = None,
        begins: int = -10,
        ends: int = 80,
        build: Build | None = None,
        digest: Digest | None = None,
    ) -> tuple[x509.Certificate, Key]:
        """A server certificate; `begins` and `ends` are days from now, `build` adds or breaks something."""
        key = key or ec_key()
        by = by or self.middle
        alternative: list[x509.GeneralName] = []
        for name in names:
            try:
                alternative.append(x509.IPAddress(ipaddress.ip_address(name)))
            except ValueError:
                alternative.append(x509.DNSName(name))
        builder = (
            x509.CertificateBuilder()
            .subject_name(_name(subject or (names[0] if names else NAME)))
            .issuer_name(by.certificate.subject)
            .serial_number(x509.random_serial_number())
            .not_valid_before(NOW + timedelta(days=begins))
            .not_valid_after(NOW + timedelta(days=ends))
            .public_key(key.public_key())
            .add_extension(
                x509.AuthorityKeyIdentifier.from_issuer_public_key(by.key.public_key()), critical=False
            )
        )
        if alternative:
            builder = builder.add_extension(x509.SubjectAlternativeName(alternative), critical=False)
        builder = (build or for_servers)(builder)
        edwards = isinstance(by.key, ed25519.Ed25519PrivateKey)  # which chooses its own hash
        return builder.sign(by.key, None if edwards else digest or hashes.SHA256()), key

    def served(
        self,
        name: str,
        leaf: tuple[x509.Certificate, Key],
        above: Sequence[x509.Certificate] | None = None,
    ) -> Served:
        """Write a leaf and what a server sends after it (the issuing CA unless told otherwise)."""
        certificate, key = leaf
        chain = (certificate, *(self.middle.above if above is None else above))
        return self.written(name, chain, key)

    def written(self, name: str, chain: Sequence[x509.Certificate], key: Key) -> Served:
        """Write a chain in exactly this order."""
        key_file = self.folder / f"{name}.key"
        key_file.write_bytes(
            key.private_bytes(
                serialization.Encoding.PEM,
                serialization.PrivateFormat.PKCS8,
                serialization.NoEncryption(),
            )
        )
        chain_file, above_file = self.chain_file(name, chain), self.chain_file(f"{name}.above", chain[1:])
        return Served(chain_file, above_file, str(key_file), tuple(chain))

    def chain_file(self, name: str, chain: Sequence[x509.Certificate]) -> str:
        """The path of a file with `chain` as PEM."""
        file = self.folder / f"{name}.pem"
        file.write_bytes(b"".join(c.public_bytes(serialization.Encoding.PEM) for c in chain))
        return str(file)

    def ocsp(
        self,
        name: str,
        certificate: x509.Certificate,
        *,
        days: tuple[int, int] = (-1, 6),
        revoked: bool = False,
    ) -> str:
        """An OCSP response file about `certificate`."""
        status = ocsp.OCSPCertStatus.REVOKED if revoked else ocsp.OCSPCertStatus.GOOD
        builder = ocsp.OCSPResponseBuilder().add_response(
            cert=certificate,
            issuer=self.middle.certificate,
            algorithm=hashes.SHA256(),
            cert_status=status,
            this_update=NOW + timedelta(days=days[0]),
            next_update=NOW + timedelta(days=days[1]),
            revocation_time=NOW - timedelta(days=2) if revoked else None,
            revocation_reason=x509.ReasonFlags.key_compromise if revoked else None,
        )
        builder = builder.responder_id(ocsp.OCSPResponderEncoding.HASH, self.middle.certificate)
        file = self.folder / f"{name}.ocsp"
        response = builder.sign(self.middle.key, hashes.SHA256())
        file.write_bytes(response.public_bytes(serialization.Encoding.DER))
        return str(file)


def for_servers(builder: x509.CertificateBuilder) -> x509.CertificateBuilder:
    """What a TLS server's certificate needs."""
    return builder.add_extension(
        x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False
    ).add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)


def for_clients(builder: x509.CertificateBuilder) -> x509.CertificateBuilder:
    """What a TLS client's certificate needs."""
    return builder.add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.CLIENT_AUTH]), critical=False)


def must_staple(builder: x509.CertificateBuilder) -> x509.CertificateBuilder:
    """RFC 7633."""
    return for_servers(builder).add_extension(
        x509.TLSFeature([x509.TLSFeatureType.status_request]), critical=False
    )


def as_ca(builder: x509.CertificateBuilder) -> x509.CertificateBuilder:
    """What a CA's certificate needs."""
    usage = x509.KeyUsage(
        digital_signature=False,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=True,
        crl_sign=True,
        encipher_only=False,
        decipher_only=False,
    )
    return builder.add_extension(
        x509.BasicConstraints(ca=True, path_length=None), critical=True
    ).add_extension(usage, critical=True)


def as_ca_with_subject_key(builder: x509.CertificateBuilder) -> x509.CertificateBuilder:
    """A leaf as a CA: `Pki.authority` adds the subject key identifier itself."""
    key = builder._public_key
    assert isinstance(key, ec.EllipticCurvePublicKey)
    identifier = x509.SubjectKeyIdentifier.from_public_key(key)
    return as_ca(builder).add_extension(identifier, critical=False)


def for_other_names(builder: x509.CertificateBuilder) -> x509.CertificateBuilder:
    """A CA that may certify names of another domain only."""
    constraints = x509.NameConstraints([x509.DNSName("elsewhere.example")], None)
    return as_ca(builder).add_extension(constraints, critical=True)


def _name(text: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text[:64])])


def _key(pem: bytes) -> Key:
    key = serialization.load_pem_private_key(pem, None)
    assert isinstance(key, ec.EllipticCurvePrivateKey)
    return key
