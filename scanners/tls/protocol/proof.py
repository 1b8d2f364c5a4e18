"""Checks that a server holds the key of the certificate that it shows: the signature of its handshake."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed448, ed25519, padding, rsa

from scanners.tls.protocol.codepoints import SIGNATURES

_HASHES: Final[dict[str, Callable[[], hashes.HashAlgorithm]]] = {
    "md5": hashes.MD5,
    "sha1": hashes.SHA1,
    "sha224": hashes.SHA224,
    "sha256": hashes.SHA256,
    "sha384": hashes.SHA384,
    "sha512": hashes.SHA512,
}


def unproven(leaf: bytes, scheme: int, signature: bytes, content: bytes) -> str:
    """Empty if `signature` over `content` is by the key of `leaf` (DER), else the reason."""
    name = SIGNATURES.get(scheme, "")
    digest = _HASHES.get(name.rsplit("_", 1)[-1], hashes.SHA256)()
    try:
        key = x509.load_der_x509_certificate(leaf).public_key()
        if isinstance(key, rsa.RSAPublicKey) and name.startswith("rsa_pss"):
            key.verify(signature, content, padding.PSS(padding.MGF1(digest), digest.digest_size), digest)
        elif isinstance(key, rsa.RSAPublicKey) and name.startswith("rsa_pkcs1"):
            key.verify(signature, content, padding.PKCS1v15(), digest)
        elif isinstance(key, ec.EllipticCurvePublicKey) and name.startswith("ecdsa"):
            key.verify(signature, content, ec.ECDSA(digest))
        elif isinstance(key, ed25519.Ed25519PublicKey | ed448.Ed448PublicKey) and name.startswith("ed"):
            key.verify(signature, content)
        else:
            return "the server signs with an algorithm that does not fit its certificate"
    except UnsupportedAlgorithm:
        return "this audit does not know the kind of the certificate's key, and cannot verify its signature"
    except ValueError:
        return "the certificate or its key does not parse"
    except InvalidSignature:
        return "the server did not prove that it holds the certificate's key"
    return ""
