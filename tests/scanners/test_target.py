"""A target file: what it may hold, and one line for what is none."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from hardening.errors import ConfigError
from scanners.target import Target

_WRITTEN = {"name": "production", "stack_file": "production.json", "region": "eu-central-1"}


def test_a_target_is_read_with_what_it_leaves_out(tmp_path: Path) -> None:
    file = tmp_path / "target.json"
    file.write_text(json.dumps(_WRITTEN), encoding="utf-8")
    assert Target.read(file) == Target(name="production", stack_file="production.json", region="eu-central-1")


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "not a target"),
        (b"[]", "not a target"),
        (b"\xff\xfe{", "not a target"),
        (b"[" * 100_000, "not a target"),
        (json.dumps({**_WRITTEN, "region": 3}).encode(), "not a target"),
        (json.dumps({**_WRITTEN, "regoin": "x"}).encode(), "regoin: not a key of a target"),
        (b'{"name": "production"}', "missing required field `stack_file`"),
    ],
)
def test_what_is_no_target_is_one_line(content: bytes, said: str, tmp_path: Path) -> None:
    file = tmp_path / "target.json"
    file.write_bytes(content)
    with pytest.raises(ConfigError) as caught:
        Target.read(file)
    (line,) = caught.value.problems
    assert line.startswith(f"{file}: ")
    assert said in line
    assert "\n" not in line


@pytest.mark.parametrize("name", ["", "nowhere.json"])
def test_a_target_that_cannot_be_opened_is_one_line(name: str, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"Is a directory|no such file"):
        Target.read(tmp_path / name)
