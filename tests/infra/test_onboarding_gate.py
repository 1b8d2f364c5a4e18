"""An entry with `require_onboarding` is deployed with a valid attestation, and not without one."""

from __future__ import annotations

import asyncio
import json
import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pulumi
import pytest
import trustme
from click.testing import CliRunner
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from hardening.cli import rampart
from hardening.dsse import Unsigned
from hardening.registry.onboarding import Attestation, attested, read_attestation
from hardening.registry.onboarding_files import attestation_file, digest_in, not_onboarded, onboarding_ends
from hardening.registry.reader import read_registry
from hardening.yaml_file import read_yaml
from infra.project.program import declare
from infra.runtime.functions.partners_file import dump
from infra.runtime.guard.registry import PartnersFolder, replace_file
from infra.runtime.policy_service.current_policy import CurrentPolicy
from infra.runtime.policy_service.settings import policy_from, published_partners
from infra.runtime.policy_service.sqlite_store import SqliteTokenStore
from infra.runtime.published_registry import partners_from

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
    entry = digest_in(folder, read_yaml(folder / f"{NAME}.yaml").data)
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


def test_another_authority_under_the_same_name_ends_the_onboarding(project: Path) -> None:
    """Whoever changes the partner's CA file changes whom we take for it."""
    folder = project / "partners"
    with (folder / f"{NAME}.yaml").open("a", encoding="utf-8") as entry:
        entry.write("tls_ca_file: theirs.pem\n")
    (folder / "theirs.pem").write_text("one authority", encoding="utf-8")
    attest(folder, timedelta(days=30))
    assert not_onboarded(folder, datetime.now(UTC)) == {}
    (folder / "theirs.pem").write_text("another", encoding="utf-8")
    assert "was changed" in not_onboarded(folder, datetime.now(UTC))[folder / f"{NAME}.yaml"]
    (folder / "theirs.pem").unlink()
    assert "was changed" in not_onboarded(folder, datetime.now(UTC))[folder / f"{NAME}.yaml"]


def test_a_signed_time_without_its_zone_is_no_attestation() -> None:
    key, at = Ed25519PrivateKey.generate(), datetime(2026, 1, 1)
    made = Attestation(
        partner=NAME, environment="test", entry="", issued=at, expires=at, items={}, evidence={}
    )
    with pytest.raises(Unsigned, match="is no onboarding attestation"):
        read_attestation(attested(made, key), [key.public_key()])


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


def test_a_standalone_guard_takes_a_partner_out_when_its_onboarding_ends(
    project: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    at, published = [datetime.now(UTC)], tmp_path / "published.json"
    attest(project / "partners", timedelta(days=30))
    folder = PartnersFolder(project / "partners", "test", published, lambda _: None, lambda: at[0])
    folder.take_over()
    (ends,) = onboarding_ends(project / "partners", at[0]).values()
    folder.look()
    assert NAME in published_partners(published, "test")
    # What breaks the folder keeps the old registry, but not past its end.
    (project / "partners" / "broken.yaml").write_text("name: [", encoding="utf-8")
    folder.look()
    folder.look()
    at[0] = ends - timedelta(seconds=1)
    folder.look()
    assert NAME in published_partners(published, "test")
    at[0] = ends
    folder.look()
    left = published_partners(published, "test")
    assert left
    assert NAME not in left
    assert '"event":"not-onboarded"' in capsys.readouterr().out
    before = published.stat().st_mtime_ns
    folder.look()
    assert published.stat().st_mtime_ns == before, "it is published once"


def test_the_check_of_the_registry_says_which_onboarded_partner_wants_no_onboarding(project: Path) -> None:
    """Whoever takes the key away takes the gate away: the reviewer of that change hears of it."""
    folder, entry = project / "partners", project / "partners" / f"{NAME}.yaml"
    attest(folder, timedelta(days=30))
    assert "was onboarded" not in CliRunner().invoke(rampart, ["partner", "check", str(folder)]).output
    entry.write_text(entry.read_text(encoding="utf-8").replace("require_onboarding: true\n", ""), "utf-8")
    told = CliRunner().invoke(rampart, ["partner", "check", str(folder)])
    assert told.exit_code == 0
    warned = [line for line in told.output.splitlines() if "was onboarded" in line]
    assert len(warned) == 1
    assert f"{NAME}.yaml" in warned[0]


def test_an_attestation_that_is_to_come_does_not_hold(project: Path) -> None:
    """Under a clock that was set back, an onboarding would never end. Two clocks differ by minutes."""
    partners = project / "partners"
    attest(partners, timedelta(days=30))
    now = datetime.now(UTC)
    fault = not_onboarded(partners, now - timedelta(days=31))[partners / f"{NAME}.yaml"]
    assert "is to come" in fault
    assert not_onboarded(partners, now - timedelta(minutes=4)) == {}
    assert set(not_onboarded(partners, now - timedelta(minutes=6))) == {partners / f"{NAME}.yaml"}


def test_a_standalone_guard_judges_the_folder_anew_when_its_clock_is_set(
    project: Path, tmp_path: Path
) -> None:
    """A machine may start with an old clock, and hear the time later."""
    file, at = tmp_path / "published.json", [datetime.now(UTC)]
    attest(project / "partners", timedelta(days=30))
    folder = PartnersFolder(project / "partners", "test", file, lambda _: None, lambda: at[0])
    right = at[0]
    at[0] = right - timedelta(days=365)
    folder.take_over()
    assert NAME not in published_partners(file, "test")
    folder.look()
    at[0] = right
    folder.look()
    assert NAME in published_partners(file, "test")
    at[0] = right - timedelta(days=1)
    folder.look()
    assert NAME not in published_partners(file, "test")


def test_when_the_onboarding_of_the_last_partner_ends_nobody_is_served(project: Path, tmp_path: Path) -> None:
    at, file = [datetime.now(UTC)], tmp_path / "published.json"
    attest(project / "partners", timedelta(days=30))
    for entry in (project / "partners").glob("*.yaml"):
        if entry.stem != NAME:
            entry.unlink()
    folder = PartnersFolder(project / "partners", "test", file, lambda _: None, lambda: at[0])
    folder.take_over()
    variables = {"RAMPART_PARTNERS_FILE": str(file)}
    assert set(partners_from(variables, "test")) == {NAME}
    at[0] += timedelta(days=31)
    folder.look()
    assert partners_from(variables, "test") == {}


def test_a_standalone_guard_takes_a_partner_out_when_its_authority_changes(
    project: Path, tmp_path: Path
) -> None:
    file, partners = tmp_path / "published.json", project / "partners"
    trustme.CA().cert_pem.write_to_path(partners / "theirs.pem")
    with (partners / f"{NAME}.yaml").open("a", encoding="utf-8") as entry:
        entry.write("tls_ca_file: theirs.pem\n")
    attest(partners, timedelta(days=30))
    folder = PartnersFolder(partners, "test", file, lambda _: None)
    folder.take_over()
    assert NAME in published_partners(file, "test")
    trustme.CA().cert_pem.write_to_path(partners / "theirs.pem")
    folder.look()
    folder.look()
    assert NAME not in published_partners(file, "test")


def test_when_the_attestation_of_the_last_partner_is_withdrawn_nobody_is_served(
    project: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file, partners = tmp_path / "published.json", project / "partners"
    attest(partners, timedelta(days=30))
    for entry in partners.glob("*.yaml"):
        if entry.stem != NAME:
            entry.unlink()
    folder = PartnersFolder(partners, "test", file, lambda _: None)
    folder.take_over()
    assert set(published_partners(file, "test")) == {NAME}
    attestation_file(partners, NAME).unlink()
    folder.look()
    folder.look()
    assert published_partners(file, "test") == {}
    assert '"event":"not-onboarded"' in capsys.readouterr().out


def test_deleting_the_only_partner_file_is_a_fault_and_leaves_the_partner_served(
    project: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file, partners = tmp_path / "published.json", project / "partners"
    for entry in partners.glob("*.yaml"):
        if entry.stem != "example-cpo":
            entry.unlink()
    folder = PartnersFolder(partners, "test", file, lambda _: None)
    folder.take_over()
    (partners / "example-cpo.yaml").unlink()
    folder.look()
    folder.look()
    assert set(published_partners(file, "test")) == {"example-cpo"}
    assert '"event":"registry-refused"' in capsys.readouterr().out


def test_a_policy_service_serves_nobody_any_more_where_nobody_is_published(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file, tokens = tmp_path / "published.json", tmp_path / "tokens.sqlite"
    replace_file(file, dump(read_registry(Path("partners"))))
    SqliteTokenStore(tokens)
    variables = {"RAMPART_ENVIRONMENT": "test", "RAMPART_PARTNERS_FILE": str(file)}
    current = CurrentPolicy(policy_from({**variables, "RAMPART_TOKEN_FILE": str(tokens)}), str(file))

    async def followed() -> str:
        following, said = asyncio.create_task(current.follow()), ""
        await asyncio.sleep(0)
        replace_file(file, dump(()))
        for _ in range(200):
            await asyncio.sleep(0.05)
            said += capsys.readouterr().out
            if "registry" in said:
                break
        following.cancel()
        return said

    said = asyncio.run(followed())
    assert '"event":"registry"' in said
    assert '"partners":0' in said
