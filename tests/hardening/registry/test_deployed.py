"""What of a partner's authority is deployed: its certificates, and nothing else of the file."""

from __future__ import annotations

from pathlib import Path

import pytest
import trustme
import yaml

from hardening.errors import ConfigError
from hardening.registry.deployed import deployed_registry, with_ca_files_in
from hardening.registry.reader import read_registry
from infra.runtime.functions import partners_file

ROOT = Path(__file__).resolve().parents[3]


def registry(folder: Path, content: bytes | None) -> Path:
    """A registry of one partner, whose CA file holds `content` (None: there is no file)."""
    document = yaml.safe_load((ROOT / "partners/example-emsp.yaml").read_text("utf-8"))
    (folder / "example-emsp.yaml").write_text(yaml.safe_dump({**document, "tls_ca_file": "their-ca.pem"}))
    if content is not None:
        (folder / "their-ca.pem").write_bytes(content)
    return folder


def test_the_certificates_travel_with_the_registry_and_its_digest(tmp_path: Path) -> None:
    one, other = (trustme.CA().cert_pem.bytes() for _ in range(2))
    (partner,) = deployed_registry(registry(tmp_path, b"# their two authorities\n" + one + other))
    assert partner.tls_authority.encode() == one + other
    (loaded,) = partners_file.load(partners_file.dump([partner]))
    assert loaded == partner
    assert partners_file.digest([partner]) != partners_file.digest(read_registry(tmp_path))


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (None, "No such file"),
        (b"", "certificates in PEM"),
        (b"their authority", "certificates in PEM"),
        (b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n", "certificates in PEM"),
        (trustme.CA().cert_pem.bytes() + b"-----BEGIN PRIVATE KEY-----", "no key"),
        (trustme.CA().cert_pem.bytes() + b"#" * 70_000, "65536 bytes"),
    ],
)
def test_any_other_file_is_one_line_with_the_partner_and_the_key(
    content: bytes | None, why: str, tmp_path: Path
) -> None:
    with pytest.raises(ConfigError, match=f"example-emsp: tls_ca_file: their-ca.pem: .*{why}") as refused:
        deployed_registry(registry(tmp_path, content))
    assert "PRIVATE" not in refused.value.message


def test_audits_look_for_the_file_where_the_deployment_does(tmp_path: Path) -> None:
    (partner,) = with_ca_files_in(tmp_path, read_registry(registry(tmp_path, None)))
    assert partner.tls_ca_file == str(tmp_path / "their-ca.pem")
