"""The functions' archive is compared by what is in it: from any folder, and as a refresh leaves it."""

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from hardening.registry.reader import read_registry
from infra.intended import intended
from infra.program_run.property_values import ARCHIVE, SIGNATURE, Archive, Asset, to_state
from scanners.intent.compare import compare
from scanners.policy.stack_file import read_stack
from tests.own_stack import ROOT, state_with

STACK = "test"
# What Pulumi's engine says of the two files below, `pulumi stack export` (`hash` of the archive).
OF_PULUMI = "9f02e9525ff20da8caa1893c15492d5e45444694a316f1cd92f701ad7042e493"


@pytest.fixture(scope="module")
def document() -> Any:
    return json.loads(state_with(STACK, read_registry(ROOT / "partners")))


def source(document: Any) -> Any:
    """The inputs of the object that is the archive of the functions."""
    (found,) = (
        resource["inputs"]
        for resource in document["deployment"]["resources"]
        if resource["urn"].endswith("bucketObjectv2:BucketObjectv2::functions")
    )
    return found


def differences(document: Any, folder: Path) -> list[str]:
    """The properties that differ, for a project that is a copy in `folder`."""
    project = folder / "copied" / "deeper"
    shutil.copytree(ROOT / "partners", project / "partners")
    shutil.copy(ROOT / f"Pulumi.{STACK}.yaml", project)
    (folder / "declared.json").write_text(json.dumps(document))
    (folder / "intended.json").write_text(intended(project, folder / "declared.json", lab=True))
    found = compare(read_stack(folder / "intended.json"), read_stack(folder / "declared.json"))
    return [one.property for one in found.differences]


def test_a_copied_project_intends_the_same_archive(document: Any, tmp_path: Path) -> None:
    assert differences(document, tmp_path) == []


def refreshed(document: Any, digest: str) -> Any:
    """The document with the archive as the engine leaves it after `pulumi refresh`."""
    copied = json.loads(json.dumps(document))
    source(copied)["source"] = {SIGNATURE: ARCHIVE, "assets": {}, "hash": digest}
    return copied


def test_an_archive_that_a_refresh_left_without_its_members_is_known_by_its_digest(
    document: Any, tmp_path: Path
) -> None:
    assert differences(refreshed(document, source(document)["source"]["hash"]), tmp_path) == []


def test_other_code_shows_after_a_refresh_too(document: Any, tmp_path: Path) -> None:
    assert differences(refreshed(document, "0" * 64), tmp_path) == ["source"]


def test_an_archive_has_the_digest_that_pulumi_gives_it(tmp_path: Path) -> None:
    (tmp_path / "one.py").write_text("print(1)\n")
    members = {"b/one.py": Asset(path=str(tmp_path / "one.py")), "a.txt": Asset(text="x" * 512)}
    assert to_state({"source": Archive(members)})["source"]["hash"] == OF_PULUMI


@pytest.mark.parametrize(
    "members",
    [
        {"folder": Archive({}, "folder")},
        {"lost.py": Asset(path="lost.py")},
        {"é.py": Asset(text="")},
        {"n" * 101: Asset(text="")},
    ],
    ids=["an archive in it", "a file that is gone", "another alphabet", "a long name"],
)
def test_no_digest_is_made_up_where_it_is_not_known(members: dict[str, Any]) -> None:
    assert "hash" not in to_state({"source": Archive(members)})["source"]
