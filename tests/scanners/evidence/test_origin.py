"""A manifest says where its subject comes from; what nobody knows is empty, and never guessed."""

from __future__ import annotations

import subprocess
from dataclasses import replace
from pathlib import Path

import pytest

from scanners.evidence.origin import origin, owners_of, partners_of
from scanners.policy.stack import Resource, Stack
from scanners.target import Target

KEY = Resource(
    urn="urn:pulumi:prod::shop::aws:kms/key:Key::records",
    type="aws:kms/key:Key",
    name="records",
    inputs={"tags": {"owner": "ops"}},
    outputs={"arn": "arn:aws:kms:eu-central-1:111122223333:key/1"},
)
STACK = Stack("prod", "shop", (KEY,))


@pytest.fixture
def target(tmp_path: Path) -> Target:
    (tmp_path / "partners").mkdir()
    (tmp_path / "Pulumi.yaml").write_text("name: shop\n", encoding="utf-8")
    return Target(
        name="prod", stack_file="stack.json", region="eu-central-1",
        partners=str(tmp_path / "partners"), project=str(tmp_path),
    )  # fmt: skip


def test_what_cannot_be_known_is_empty(target: Target) -> None:
    told = origin(target, STACK, None)
    assert (told["account"], told["region"]) == ("111122223333", "eu-central-1")
    assert told["commit"] == ""
    assert told["inputs"]["registry"] == told["inputs"]["waivers"] == ""
    assert len(told["inputs"]["settings"]) == 64
    assert partners_of(replace(target, partners=str(Path(target.project) / "nowhere"))) == {}


def test_a_changed_setting_has_another_digest(target: Target) -> None:
    before = origin(target, STACK, None)["inputs"]
    (Path(target.project) / "Pulumi.prod.yaml").write_text("config: {}\n", encoding="utf-8")
    after = origin(target, STACK, None)["inputs"]
    assert before["settings"] != after["settings"]
    assert before["registry"] == after["registry"]


def test_a_project_with_changes_is_not_its_commit(target: Target) -> None:
    who = ["-c", "user.name=x", "-c", "user.email=x@example.org", "-c", "commit.gpgsign=false"]
    for words in (["init", "-q"], ["add", "."], [*who, "commit", "-qm", "first"]):
        subprocess.run(["git", "-C", target.project, *words], check=True)
    clean = origin(target, STACK, None)["commit"]
    assert len(clean) == 40
    (Path(target.project) / "Pulumi.yaml").write_text("name: other\n", encoding="utf-8")
    assert origin(target, STACK, None)["commit"] == f"{clean}-dirty"


def test_a_tag_names_the_owner() -> None:
    assert owners_of(STACK) == {KEY.urn: "ops"}
