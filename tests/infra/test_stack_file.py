"""One setting is written into a stack's file; every comment and every other line stays."""

from __future__ import annotations

from pathlib import Path

import pytest

from hardening.errors import ConfigError
from infra.settings import load
from infra.stack_file import write_settings

ROOT = Path(__file__).resolve().parents[2]
IMAGE = "registry.example/guard@sha256:" + "a" * 64


def copied(folder: Path) -> Path:
    file = folder / "Pulumi.lab.yaml"
    file.write_text((ROOT / "Pulumi.lab.yaml").read_text(encoding="utf-8"), encoding="utf-8")
    return file


def test_a_setting_is_replaced_on_its_line_and_nothing_else_changes(tmp_path: Path) -> None:
    file = copied(tmp_path)
    before = file.read_text().splitlines()
    write_settings(file, {"guardImage": IMAGE})
    after = file.read_text().splitlines()
    changed = [number for number, line in enumerate(after) if line != before[number]]
    assert len(after) == len(before)
    assert [after[number] for number in changed] == [f"  rampart:guardImage: {IMAGE}"]
    assert load("lab", tmp_path).guard_image == IMAGE


def test_a_setting_that_is_not_there_is_added_and_a_comment_on_its_line_stays(tmp_path: Path) -> None:
    file = tmp_path / "Pulumi.lab.yaml"
    file.write_text("# head\nconfig:\n    # what\n    rampart:domain: a.example # ours\n", encoding="utf-8")
    write_settings(file, {"phase": "complete", "domain": "b.example"})
    assert file.read_text() == (
        "# head\nconfig:\n    rampart:phase: complete\n    # what\n    rampart:domain: b.example # ours\n"
    )


@pytest.mark.parametrize(
    "text",
    ["config:\n  rampart:domain: |\n    a.example\n", "config: {rampart:domain: a.example}\n", "x: 1\n"],
    ids=["on several lines", "in one line", "no settings"],
)
def test_a_file_of_another_form_is_left_as_it_is(text: str, tmp_path: Path) -> None:
    file = tmp_path / "Pulumi.x.yaml"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(ConfigError, match=r"Pulumi\.x\.yaml"):
        write_settings(file, {"domain": "b.example"})
    assert file.read_text() == text
    assert [one.name for one in tmp_path.iterdir()] == ["Pulumi.x.yaml"]
