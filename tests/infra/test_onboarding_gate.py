"""An entry with `require_onboarding` is deployed with a valid attestation, and not without one."""

from __future__ import annotations

import json
import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pulumi
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from hardening.registry.onboarding import Attestation, attested, entry_digest
from hardening.registry.onboarding_files import attestation_file
from hardening.yaml_file import read_yaml
from infra.project.program import declare
from infra.runtime.guard.registry import PartnersFolder

NAME = "example-emsp"


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project in which one entry wants an onboarding."""
    shutil.copytree("partners", tmp_path / "partners")
    entry = tmp_path / "partners" / f"{NAME}.yaml"
    entry.write_text(entry.read_text(encoding="utf-8") + "require_onboarding: true\n", encoding="utf-8")
    return tmp_path


def attest(folder: Path, ends: timedelta) -> None:
    """The onboarding of the entry as it is, signed with a key that the registry knows."""
    key, at = Ed25519PrivateKey.generate(), datetime.now(UTC)
    entry = entry_digest(read_yaml(folder / f"{NAME}.yaml").data)
    made = Attestation(
        partner=NAME, environment="test", entry=entry, issued=at, expires=at + ends, items={}, evidence={}
    )
    file = attestation_file(folder, NAME)
    file.parent.mkdir(exist_ok=True)
    file.write_text(attested(made, key), encoding="utf-8")
    public = key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    (file.parent / "security.pem").write_bytes(public)


@pytest.mark.parametrize(("ends", "refusal"), [(None, "no onboarding attestation"), (-1, "onboarding ended")])
def test_the_program_refuses_the_deployment(
    project: Path, ends: int | None, refusal: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    config = read_yaml(Path("Pulumi.test.yaml")).data["config"]
    texts = {key: value if isinstance(value, str) else json.dumps(value) for key, value in config.items()}
    monkeypatch.setenv("PULUMI_CONFIG", json.dumps(texts))
    monkeypatch.setattr(pulumi, "get_stack", lambda: "test")
    if ends is not None:
        attest(project / "partners", timedelta(days=ends))
    with pytest.raises(pulumi.RunError, match=f"{NAME}.yaml: .*{refusal}"):
        declare(project)


def test_a_standalone_guard_serves_the_others_until_the_partner_is_onboarded(
    project: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    served: list[set[str]] = []
    folder = PartnersFolder(
        project / "partners",
        "test",
        tmp_path / "published.json",
        lambda partners: served.append({one.name for one in partners}),
    )
    folder.take_over()
    assert NAME not in served[-1]
    assert served[-1]
    assert '"event":"not-onboarded"' in capsys.readouterr().out
    attest(project / "partners", timedelta(days=30))
    folder.look()
    folder.look()
    assert NAME in served[-1]
