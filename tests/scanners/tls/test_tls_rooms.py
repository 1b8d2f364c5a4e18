"""The rooms of the TLS audit: wire code knows nothing of the audit, checks look at facts only."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

TLS = Path(__file__).resolve().parents[3] / "scanners" / "tls"
OURS = "scanners.tls"


def files(room: str) -> list[Path]:
    found = sorted((TLS / room).glob("*.py"))
    assert found, f"scanners/tls/{room} holds no module"
    return found


def imports(file: Path) -> Iterator[str]:
    """Every module that `file` imports; `from a import b` gives `a.b`, as b may be a module."""
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{file.name}: imports are absolute"
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def is_allowed(module: str, *rooms: str) -> bool:
    """Whether `module` is the standard library's, cryptography's, or of one of `rooms`."""
    if module.split(".")[0] in {*sys.stdlib_module_names, "cryptography"}:
        return True
    return any(module.startswith(f"{room}.") for room in rooms)


@pytest.mark.parametrize("file", files("protocol"), ids=lambda file: file.name)
def test_wire_code_imports_only_the_standard_library_cryptography_and_itself(file: Path) -> None:
    assert [m for m in imports(file) if not is_allowed(m, f"{OURS}.protocol")] == []


@pytest.mark.parametrize("file", files("certificates"), ids=lambda file: file.name)
def test_certificate_code_neither_audits_nor_judges(file: Path) -> None:
    forbidden = (f"{OURS}.audit", f"{OURS}.checks")
    assert [m for m in imports(file) if m.startswith(forbidden)] == []


@pytest.mark.parametrize("file", files("audit"), ids=lambda file: file.name)
def test_collectors_do_not_judge(file: Path) -> None:
    forbidden = (f"{OURS}.checks", f"{OURS}.judge", "hardening.checks")
    assert [m for m in imports(file) if m.startswith(forbidden)] == []


@pytest.mark.parametrize("file", files("checks"), ids=lambda file: file.name)
def test_checks_do_not_collect(file: Path) -> None:
    forbidden = (f"{OURS}.audit", f"{OURS}.protocol.wire", "asyncio", "socket", "ssl", "subprocess")
    assert [m for m in imports(file) if m.startswith(forbidden)] == []


def test_an_import_of_the_audit_would_be_found(tmp_path: Path) -> None:
    """The fence itself: an import inside a function, of a package or of our own, is seen."""
    file = tmp_path / "wire.py"
    file.write_text("def look():\n    from hardening import errors\n    import msgspec\n", encoding="utf-8")
    assert [m for m in imports(file) if not is_allowed(m, f"{OURS}.protocol")] == [
        "hardening.errors",
        "msgspec",
    ]
