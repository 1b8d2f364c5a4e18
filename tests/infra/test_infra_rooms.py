"""The rooms of `infra/`: the architecture table equals the components, and the runtime needs no Pulumi."""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Iterator
from pathlib import Path

from tests.infra.test_program import COMPONENT_TYPES

ROOT = Path(__file__).resolve().parents[2]
INFRA = ROOT / "infra"
RUNTIME = sorted((INFRA / "runtime").rglob("*.py"))
# `| room | component | file | builds |`
_ROW = re.compile(r"^\| (\w+) \| `(\w+)` \| `(\w+\.py)` \| (.+) \|$", re.MULTILINE)
_FILE = re.compile(r"`([\w/]+\.py)`")


def _components() -> Iterator[tuple[str, str, str]]:
    """(room, class, file) of each component resource in the code."""
    for file in sorted(INFRA.glob("*/*.py")):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ClassDef) and "ComponentResource" in "".join(
                map(ast.unparse, node.bases)
            ):
                yield file.parent.name, node.name, file.name


def _rows() -> list[tuple[str, str, str, str]]:
    return _ROW.findall((ROOT / "docs/architecture.md").read_text(encoding="utf-8"))


def test_the_architecture_table_has_a_row_for_each_component_and_no_other() -> None:
    assert sorted(row[:3] for row in _rows()) == sorted(_components())


def test_each_component_class_is_a_component_type_of_the_stack() -> None:
    assert {f"rampart:{room}:{name}" for room, name, _ in _components()} == COMPONENT_TYPES


def test_every_file_that_the_architecture_table_names_exists() -> None:
    for room, _, _, builds in _rows():
        for name in _FILE.findall(builds):
            assert (INFRA / name if "/" in name else INFRA / room / name).is_file(), name


def _reached(files: list[Path]) -> set[str]:
    """Every module that these files import, directly or through modules of ours."""
    found: set[str] = set()
    pending = list(files)
    while pending:
        for name in _imported(pending.pop()):
            if name in found:
                continue
            found.add(name)
            source = ROOT / f"{name.replace('.', '/')}.py"
            package = ROOT / name.replace(".", "/") / "__init__.py"
            pending += [path for path in (source, package) if path.is_file()]
    return found


def _imported(file: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
            # `from package import module`
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def test_the_runtime_reaches_no_pulumi_and_no_lab() -> None:
    reached = _reached(RUNTIME)
    assert "infra.runtime.http_service" in reached, "the walk follows imports"
    assert {name for name in reached if name.split(".")[0].startswith("pulumi")} == set()
    assert {
        name for name in reached if name.startswith("infra.") and not name.startswith("infra.runtime")
    } == set()


def test_the_functions_need_no_package_that_lambda_lacks() -> None:
    """The archive carries no third-party package; Lambda's runtime has boto3 and botocore."""
    reached = _reached([file for file in RUNTIME if "functions" in file.parts])
    packages = {name.split(".")[0] for name in reached} - set(sys.stdlib_module_names)
    assert packages == {"boto3", "botocore", "hardening", "infra"}


def test_no_module_or_folder_that_pulumi_puts_on_the_path_has_a_standard_library_name() -> None:
    """Pulumi starts the folder `infra/`, so its modules would hide the library's."""
    names = {path.stem for path in INFRA.rglob("*") if path.suffix == ".py" or path.is_dir()}
    assert names & set(sys.stdlib_module_names) == set()
