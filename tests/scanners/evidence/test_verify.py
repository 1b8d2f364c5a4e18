"""`rampart evidence verify`: what was done to a folder of runs is named, and nothing else is."""

from __future__ import annotations

import io
import json
import shutil
import sys
import threading
from collections.abc import Callable
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)

from hardening import dsse
from hardening.checks import Finding, Status
from hardening.cli import Exit, main
from scanners.evidence.bundle import Run, write
from scanners.evidence.run_chain import last, links, runs_in
from scanners.evidence.seal import MANIFEST, STATEMENT, digest_of, read_manifest, seal
from scanners.evidence.statement import PAYLOAD_TYPE
from scanners.outcome import Outcome, decide
from scanners.target import Scan, Target
from scanners.waivers import Waivers

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)
KEY = Ed25519PrivateKey.generate()


def _run(hour: int) -> Run:
    target = Target(name="test", stack_file="stack.json", region="eu-central-1")
    scan = Scan((Finding("every-audit-completes", "policy", Status.PASS, "urn::a"),), {"a": "{}"})
    started = NOON + timedelta(hours=hour)
    outcome = decide(scan.findings, Waivers(), frozenset())
    return Run(target, {"policy": scan}, outcome, started, started + timedelta(seconds=5))


@pytest.fixture(scope="module")
def sealed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of four signed runs; each test gets a copy."""
    folder = tmp_path_factory.mktemp("sealed") / "evidence"
    for hour in range(4):
        write(_run(hour), folder, KEY)
    return folder


@pytest.fixture
def runs(sealed: Path, tmp_path: Path) -> list[Path]:
    """Four signed runs in one folder, the first first."""
    return runs_in(shutil.copytree(sealed, tmp_path / "evidence"))


@pytest.fixture
def public(tmp_path: Path) -> Path:
    return _public(KEY, tmp_path / "auditor.pem")


def _public(key: Ed25519PrivateKey, file: Path) -> Path:
    file.write_bytes(key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo))
    return file


@dataclass(frozen=True, slots=True)
class Ended:
    """How a command ended."""

    exit_code: object
    stdout: str
    stderr: str


def _rampart(*arguments: object) -> Ended:
    """Run the command line in this process, its outer edge too."""
    stdout, stderr, before = io.StringIO(), io.StringIO(), sys.argv
    sys.argv = ["rampart", *map(str, arguments)]
    try:
        with redirect_stdout(stdout), redirect_stderr(stderr), pytest.raises(SystemExit) as ended:
            main()
    finally:
        sys.argv = before
    return Ended(ended.value.code, stdout.getvalue(), stderr.getvalue())


def _verify(place: Path, *options: object) -> Ended:
    return _rampart("evidence", "verify", place, *options)


def _touch(run: Path) -> None:
    (run / "findings.csv").write_text("nothing", encoding="utf-8")


def _seal_anew(run: Path) -> None:
    """Touch a run, and seal it again as one who has the folder can."""
    manifest = read_manifest(run)
    _touch(run)
    (run / STATEMENT).unlink()
    facts = {name: value for name, value in manifest.items() if name not in ("format", "files", "previous")}
    seal(run, facts, manifest["previous"])


def _swap_manifests(run: Path) -> None:
    other = next(one for one in sorted(run.parent.glob("2026*")) if one != run)
    mine, its = (run / MANIFEST).read_bytes(), (other / MANIFEST).read_bytes()
    (run / MANIFEST).write_bytes(its)
    (other / MANIFEST).write_bytes(mine)


def _link_a_file(run: Path) -> None:
    outside = run.parent.parent / "outside.csv"
    outside.write_bytes((run / "findings.csv").read_bytes())
    (run / "findings.csv").unlink()
    (run / "findings.csv").symlink_to(outside)


def _link_a_folder(run: Path) -> None:
    outside = run.parent.parent / "outside"
    outside.mkdir()
    (run / "more").symlink_to(outside)


def _copy_in(run: Path) -> None:
    shutil.copytree(run, run.parent / "20260101T235959Z-test")


def _garble(run: Path) -> None:
    (run / MANIFEST).write_text("{", encoding="utf-8")


def _no_digests(run: Path) -> None:
    (run / MANIFEST).write_text('{"format": "rampart-evidence/1", "files": {"a": {}}}', encoding="utf-8")


def _rename(run: Path) -> None:
    run.rename(run.parent / "20260101T113000Z-test")


OPERATIONS: dict[str, tuple[Callable[[Path], None], str]] = {
    "a file is touched": (_touch, "findings.csv was touched at byte"),
    "a run is removed": (shutil.rmtree, "and no run here has that seal"),
    "a run is touched and sealed anew": (_seal_anew, "and no run here has that seal"),
    "two manifests are swapped": (_swap_manifests, "was sealed as"),
    "a file becomes a link": (_link_a_file, "findings.csv is a link: it was a file when it was sealed"),
    "a linked folder is added": (_link_a_folder, "more is a link"),
    "a copy is put in": (_copy_in, "both follow"),
    "a manifest is garbled": (_garble, "not JSON"),
    "a manifest loses its digests": (_no_digests, "files without digests: it was touched"),
    "a folder is renamed": (_rename, "was sealed as"),
}


@pytest.mark.parametrize("number", [0, 1, 2])
@pytest.mark.parametrize("operation", OPERATIONS)
def test_what_was_done_to_any_run_but_the_last_is_named(
    runs: list[Path], operation: str, number: int
) -> None:
    change, words = OPERATIONS[operation]
    assert _verify(runs[0].parent).exit_code == Exit.HOLDS
    change(runs[number])
    found = _verify(runs[0].parent)
    assert found.exit_code == Exit.FAILS, found.stdout
    assert words in found.stdout.replace("between bytes", "at byte")
    assert "as it was sealed" not in found.stdout


def test_the_last_run_is_held_by_the_seal_that_is_kept_elsewhere(runs: list[Path]) -> None:
    kept = digest_of(runs[3])
    assert _verify(runs[0].parent, "--digest", kept).exit_code == Exit.HOLDS
    _seal_anew(runs[3])
    assert _verify(runs[0].parent).exit_code == Exit.HOLDS, "nobody else can know"
    assert _verify(runs[0].parent, "--digest", kept).exit_code == Exit.FAILS


def test_the_last_run_removed_is_noticed_by_its_seal(runs: list[Path]) -> None:
    kept = digest_of(runs[3])
    shutil.rmtree(runs[3])
    found = _verify(runs[0].parent, "--digest", kept)
    assert (found.exit_code, "is not the run with the seal" in found.stdout) == (Exit.FAILS, True)


def test_all_runs_before_the_last_removed_is_noticed_in_their_folder(runs: list[Path]) -> None:
    for run in runs[:3]:
        shutil.rmtree(run)
    found = _verify(runs[3].parent)
    assert (found.exit_code, "no run here has that seal" in found.stdout) == (Exit.FAILS, True)


def test_a_signature_over_a_manifest_that_lost_its_counts_is_none(runs: list[Path], public: Path) -> None:
    manifest = {name: value for name, value in read_manifest(runs[3]).items() if name != "counts"}
    (runs[3] / MANIFEST).write_text(json.dumps(manifest), encoding="utf-8")
    found = _verify(runs[0].parent, "--key", public)
    assert (found.exit_code, "was signed for another run" in found.stdout) == (Exit.FAILS, True)


def test_an_archive_that_is_kept_elsewhere_is_named_by_its_last_seal(runs: list[Path]) -> None:
    before = digest_of(runs[0])
    shutil.rmtree(runs[0])
    assert _verify(runs[1].parent).exit_code == Exit.FAILS
    assert _verify(runs[1].parent, "--after", before).exit_code == Exit.HOLDS
    assert _verify(runs[1].parent, "--after", digest_of(runs[2])).exit_code == Exit.FAILS


def test_one_run_can_be_taken_out_and_verified_by_itself(runs: list[Path], tmp_path: Path) -> None:
    alone = shutil.copytree(runs[2], tmp_path / "elsewhere" / runs[2].name)
    assert _verify(alone).exit_code == Exit.HOLDS
    assert _verify(runs[2]).exit_code == Exit.HOLDS
    shutil.rmtree(runs[1])
    assert _verify(runs[2]).exit_code == Exit.FAILS


def test_a_run_sealed_anew_has_no_signature_that_holds(runs: list[Path], public: Path) -> None:
    assert _verify(runs[0].parent, "--key", public).exit_code == Exit.HOLDS
    _seal_anew(runs[3])
    found = _verify(runs[0].parent, "--key", public)
    assert (found.exit_code, "nobody signed this run" in found.stdout) == (Exit.FAILS, True)


def test_a_signature_of_another_run_or_key_is_none(runs: list[Path], public: Path, tmp_path: Path) -> None:
    other = _public(Ed25519PrivateKey.generate(), tmp_path / "other.pem")
    assert "is signed by no known key" in _verify(runs[0].parent, "--key", other).stdout
    (runs[3] / STATEMENT).write_bytes((runs[2] / STATEMENT).read_bytes())
    assert "was signed for another run" in _verify(runs[0].parent, "--key", public).stdout
    (runs[3] / STATEMENT).write_text("{}", encoding="utf-8")
    assert "is no DSSE envelope" in _verify(runs[0].parent, "--key", public).stdout


def test_a_run_that_judged_nothing_is_not_signed_as_passed(tmp_path: Path) -> None:
    folder, _ = write(replace(_run(0), outcome=Outcome(())), tmp_path, KEY)
    envelope = (folder / STATEMENT).read_text(encoding="utf-8")
    statement = json.loads(dsse.verified(envelope, PAYLOAD_TYPE, [KEY.public_key()]))
    assert statement["predicate"]["result"] == "FAILED"


def test_a_statement_says_what_was_found_and_over_which_manifest(runs: list[Path]) -> None:
    envelope = (runs[1] / STATEMENT).read_text(encoding="utf-8")
    statement = json.loads(dsse.verified(envelope, PAYLOAD_TYPE, [KEY.public_key()]))
    assert statement["subject"] == [{"name": MANIFEST, "digest": {"sha256": digest_of(runs[1])}}]
    assert statement["predicate"]["result"] == "PASSED"
    assert statement["predicate"]["previous"] == digest_of(runs[0])


def test_runs_that_are_built_at_once_do_not_fork_the_chain(tmp_path: Path) -> None:
    threads = [threading.Thread(target=write, args=(_run(hour), tmp_path)) for hour in (2, 0, 3, 1)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    verified = _verify(tmp_path)
    assert (verified.exit_code, verified.stdout.count("is as it was sealed")) == (Exit.HOLDS, 4)


def test_a_garbled_run_does_not_keep_the_next_from_being_sealed(runs: list[Path]) -> None:
    _garble(runs[1])
    folder, _ = write(_run(9), runs[0].parent)
    assert read_manifest(folder)["previous"] == digest_of(runs[3])
    assert last(links(runs[0].parent)) == folder


@pytest.mark.parametrize("text", ["", "-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n"])
def test_what_is_no_key_is_one_clear_line(runs: list[Path], tmp_path: Path, text: str) -> None:
    file = tmp_path / "key.pem"
    file.write_text(text, encoding="utf-8")
    refused = _verify(runs[0], "--key", file)
    assert (refused.exit_code, str(file) in refused.stderr) == (Exit.USAGE, True)
    missing = _verify(runs[0], "--key", tmp_path / "nowhere.pem")
    assert missing.exit_code == Exit.USAGE


def test_build_refuses_a_key_before_it_audits_anything(tmp_path: Path) -> None:
    target = tmp_path / "target.json"
    file = tmp_path / "key.pem"
    file.write_bytes(KEY.private_bytes(Encoding.Raw, PrivateFormat.Raw, NoEncryption()))
    refused = _rampart("evidence", "build", "--target", target, "--sign", file)
    assert refused.exit_code == Exit.USAGE
    assert "Ed25519 private key" in refused.stderr
