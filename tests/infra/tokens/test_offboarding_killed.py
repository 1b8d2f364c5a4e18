"""Kill -9 of `partner offboard` before each thing that it writes: run again, it ends."""

from __future__ import annotations

import json
import os
import shutil
import signal
import sys
from pathlib import Path

from click.testing import CliRunner

from hardening.cli import Exit, rampart
from hardening.registry.onboarding_files import attestation_file
from hardening.registry.reader import read_registry
from hardening.requests.tokens import digest
from hardening.rotation.connection import INBOUND, Secret
from hardening.rotation.records import TokenRecord
from infra.runtime.credentials.sqlite_vault import SqliteVault
from infra.runtime.policy_service.sqlite_store import SqliteTokenStore
from infra.tokens.custody import now

NAME = "example-emsp"
_MOST_WRITES = 60


def offboarding(folder: Path) -> list[str]:
    """A registry, stores and an attestation in `folder`, and the command that ends the partner."""
    shutil.copytree("partners", folder / "partners")
    store, vault = folder / "tokens.sqlite", folder / "vault.sqlite"
    record = TokenRecord(digest("inbound"), NAME, "C", "active", "test", int(now().timestamp()) + 3600)
    SqliteTokenStore(store).put(record)
    SqliteVault(vault, NAME).write_pending(INBOUND, Secret("inbound"))
    attestation = attestation_file(folder / "partners", NAME)
    attestation.parent.mkdir(exist_ok=True)
    attestation.write_text("{}", encoding="utf-8")
    places = {"--partners": folder / "partners", "--store": store, "--vault": vault}
    words = [word for name, place in places.items() for word in (name, str(place))]
    return ["partner", "offboard", NAME, "--reason", "contract ended", *words]


def killed(words: list[str], dies_at: int) -> bool:
    """Run the command in a process of its own that ends before its n-th write; whether it did."""
    left = dies_at

    def writes(event: str, arguments: tuple[object, ...]) -> bool:
        written = event == "open" and isinstance(arguments[1], str) and set(arguments[1]) & set("wax+")
        return bool(written) or event in ("os.mkdir", "os.rename", "os.remove", "sqlite3.connect")

    def hook(event: str, arguments: tuple[object, ...]) -> None:
        nonlocal left
        if writes(event, arguments):
            left -= 1
            if left == 0:
                os.kill(os.getpid(), signal.SIGKILL)

    child = os.fork()
    if child == 0:
        sys.addaudithook(hook)
        done = CliRunner().invoke(rampart, words, standalone_mode=False)
        os._exit(0 if done.return_value is Exit.HOLDS else 1)
    _, status = os.waitpid(child, 0)
    assert os.WIFSIGNALED(status) or os.WEXITSTATUS(status) == 0
    return os.WIFSIGNALED(status)


def test_a_killed_offboarding_ends_when_it_is_run_again(tmp_path: Path) -> None:
    kills = 0
    for number in range(1, _MOST_WRITES):
        folder = tmp_path / str(number)
        folder.mkdir()
        words = offboarding(folder)
        if not killed(words, number):
            break
        kills += 1
        again = CliRunner().invoke(rampart, words, standalone_mode=False)
        assert again.return_value is Exit.HOLDS, (number, again.output, again.exception)
        registry, kept = folder / "partners", folder / "partners" / "offboarded"
        assert NAME not in {one.name for one in read_registry(registry)}
        assert not attestation_file(registry, NAME).exists()
        states = {one.state for one in SqliteTokenStore(folder / "tokens.sqlite").of_partner(NAME)}
        assert states == {"revoked"}, number
        assert len(list(kept.glob("*.yaml"))) == len(list(kept.glob(f"*-{NAME}.json"))) == 1, number
        for record in kept.glob("*Z.json"):
            assert json.loads(record.read_text(encoding="utf-8"))["tokens"] == [digest("inbound")]
    assert 8 < kills < _MOST_WRITES - 1
