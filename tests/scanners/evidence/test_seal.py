"""A sealed run cannot change without `verify` naming what changed, to the byte."""

import subprocess
import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hardening.errors import ConfigError
from scanners.evidence.seal import MANIFEST, SUMS, digest_of, faults, read_manifest, seal


@pytest.fixture
def run(tmp_path: Path) -> Path:
    folder = tmp_path / "run"
    (folder / "subjects").mkdir(parents=True)
    (folder / "findings.json").write_text('{"findings": []}', encoding="utf-8")
    (folder / "subjects" / "stack.json").write_bytes(bytes(range(256)) * 40)
    seal(folder, {"target": "test"}, previous="")
    return folder


def test_an_untouched_run_has_no_faults(run: Path) -> None:
    assert list(faults(run)) == []


@given(data=st.data())
@settings(max_examples=60, deadline=None)
def test_any_single_changed_byte_is_named(data: st.DataObject) -> None:
    with tempfile.TemporaryDirectory() as folder:
        run = Path(folder)
        content = data.draw(st.binary(min_size=1, max_size=10_000))
        (run / "subject").write_bytes(content)
        seal(run, {}, previous="")
        position = data.draw(st.integers(0, len(content) - 1))
        value = data.draw(st.integers(0, 255).filter(lambda v: v != content[position]))
        (run / "subject").write_bytes(content[:position] + bytes([value]) + content[position + 1 :])
        assert [(f.file, f.problem) for f in faults(run)] == [("subject", f"was touched at byte {position}")]


@given(data=st.data())
@settings(max_examples=60, deadline=None)
def test_any_change_at_all_is_a_fault(data: st.DataObject) -> None:
    with tempfile.TemporaryDirectory() as folder:
        run = Path(folder)
        content = data.draw(st.binary(max_size=200))
        (run / "subject").write_bytes(content)
        seal(run, {}, previous="")
        (run / "subject").write_bytes(
            data.draw(st.binary(max_size=200).filter(lambda other: other != content))
        )
        assert list(faults(run))


def test_missing_and_added_files_are_named(run: Path) -> None:
    (run / "findings.json").unlink()
    (run / "subjects" / "more.json").write_text("{}", encoding="utf-8")
    assert {(f.file, f.problem) for f in faults(run)} == {
        ("findings.json", "is missing"),
        ("subjects/more.json", "was not there when the run was sealed"),
    }


def test_a_touched_manifest_disagrees_with_the_sums(run: Path) -> None:
    manifest = run / MANIFEST
    manifest.write_text(manifest.read_text(encoding="utf-8").replace("test", "prod"), encoding="utf-8")
    assert [f.file for f in faults(run)] == [SUMS]


def test_sha256sum_of_coreutils_accepts_the_sums(run: Path) -> None:
    subprocess.run(["sha256sum", "--check", "--strict", "--quiet", SUMS], cwd=run, check=True)


def test_runs_form_a_chain(run: Path, tmp_path: Path) -> None:
    following = tmp_path / "next"
    following.mkdir()
    seal(following, {}, previous=digest_of(run))
    assert read_manifest(following)["previous"] == digest_of(run)


@pytest.mark.parametrize("text", ["", "{}", "[]", '{"format": "other"}'])
def test_what_was_never_sealed_is_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / MANIFEST).write_text(text, encoding="utf-8")
    with pytest.raises(ConfigError, match=r"manifest\.json"):
        list(faults(tmp_path))
    with pytest.raises(ConfigError, match=r"no manifest\.json"):
        list(faults(tmp_path / "nowhere"))
