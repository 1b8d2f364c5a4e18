"""The registry as it is deployed: with the text of each partner's authority, as AWS has no such files."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from hardening.errors import ConfigError
from hardening.registry.partners import Partner
from hardening.registry.reader import read_registry

_HINT = "the authority's certificates in PEM, beside the partner's file"
# Some forty certificates: more is a bundle of public authorities, which trusts them all.
_MOST_BYTES = 65_536


def deployed_registry(folder: Path) -> tuple[Partner, ...]:
    """The partners of `folder`, each with what its `tls_ca_file`, a path in `folder`, holds.

    Raises ConfigError as `read_registry` does, and for a file that is missing or holds anything else.
    """
    return tuple(
        replace(one, tls_authority=_authority(folder, one)) if one.tls_ca_file else one
        for one in read_registry(folder)
    )


def with_ca_files_in(folder: Path, partners: tuple[Partner, ...]) -> tuple[Partner, ...]:
    """The same partners with `tls_ca_file`, which is a path in `folder`, as one from here."""
    return tuple(
        replace(one, tls_ca_file=str(folder / one.tls_ca_file)) if one.tls_ca_file else one
        for one in partners
    )


def _authority(folder: Path, partner: Partner) -> str:
    where = f"{folder}: {partner.name}: tls_ca_file: {partner.tls_ca_file}"
    try:
        with (folder / partner.tls_ca_file).open("rb") as file:
            text = file.read(_MOST_BYTES + 1)
    except OSError as error:
        raise ConfigError(f"{where}: {error.strerror}", _HINT) from None
    if len(text) > _MOST_BYTES or b"PRIVATE KEY" in text:
        raise ConfigError(f"{where}: expected certificates, no key, in {_MOST_BYTES} bytes at most", _HINT)
    try:
        found = x509.load_pem_x509_certificates(text)
    except ValueError:
        raise ConfigError(f"{where}: expected certificates in PEM", _HINT) from None
    # As they are understood: a comment in the file is not deployed.
    return "".join(one.public_bytes(Encoding.PEM).decode("ascii") for one in found)
