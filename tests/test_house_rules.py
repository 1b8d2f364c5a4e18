"""The rules of the house that a machine can keep: arrows, sizes, names, and what must never be written."""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
PACKAGES = ("hardening", "infra", "scanners")
FILES = sorted(file for package in PACKAGES for file in (ROOT / package).rglob("*.py"))
FOLDERS = sorted({file.parent.relative_to(ROOT).as_posix() for file in FILES})
TESTS = sorted((ROOT / "tests").rglob("*.py"))
Function = ast.FunctionDef | ast.AsyncFunctionDef
TEXTS = sorted(
    file
    for pattern in (
        "*.md",
        "*.toml",
        "*.yaml",
        "requirements.lock",
        "docs/**/*.md",
        "partners/*",
        "examples/*",
        ".github/**/*",
        ".pre-commit-config.yaml",
        ".ci/*",
        "**/*.j2",
    )
    for file in ROOT.glob(pattern)
    if file.is_file() and ".venv" not in file.parts
)

LONGEST_MODULE = 250  # lines
LONGEST_FUNCTION = 40  # lines
MOST_ARGUMENTS = 7
MOST_BY_POSITION = 6

# A package of ours -> the packages of ours that it may not import.
ARROWS = {"hardening": {"infra", "scanners"}, "infra": {"scanners"}, "scanners": {"infra"}}
# What reaches the network, AWS, other programs or the clock; `hardening` decides, and does not look.
IMPURE = {
    "boto3",
    "botocore",
    "moto",
    "pulumi",
    "pulumi_aws",
    "requests",
    "socket",
    "ssl",
    "subprocess",
    "http.client",
}
CLOCKS = {"now", "today", "utcnow", "time_ns", "monotonic"}

EMPTY_WORDS = {
    "manager",
    "helper",
    "helpers",
    "util",
    "utils",
    "base",
    "handler",
    "engine",
    "framework",
    "common",
    "misc",
}
# Where AWS's own term holds such a word.
AWS_TERMS = {"base_path_mapping", "secrets_manager", "secrets_manager_cases"}


def _tree(file: Path) -> ast.Module:
    return ast.parse(file.read_text(encoding="utf-8"))


def _name(file: Path) -> str:
    return file.relative_to(ROOT).as_posix()


def _imports(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "imports are absolute"
            yield node.module or ""


def _functions(tree: ast.AST) -> Iterator[Function]:
    for node in ast.walk(tree):
        if isinstance(node, Function):
            yield node


@pytest.mark.parametrize("file", FILES, ids=_name)
def test_arrows_point_at_hardening(file: Path) -> None:
    forbidden = ARROWS[file.relative_to(ROOT).parts[0]]
    assert {name for name in _imports(_tree(file)) if name.split(".")[0] in forbidden} == set()


@pytest.mark.parametrize("file", [f for f in FILES if "hardening" in f.parts], ids=_name)
def test_hardening_reaches_no_network_no_aws_and_no_other_program(file: Path) -> None:
    assert {name for name in _imports(_tree(file)) if name in IMPURE or name.split(".")[0] in IMPURE} == set()


@pytest.mark.parametrize(
    "file", [f for f in FILES if "hardening" in f.parts and not f.stem.endswith("commands")], ids=_name
)
def test_hardening_has_no_clock_of_its_own(file: Path) -> None:
    """Commands are the edge: they read the clock and hand the time in."""
    calls = [node.func for node in ast.walk(_tree(file)) if isinstance(node, ast.Call)]
    assert [call.attr for call in calls if isinstance(call, ast.Attribute) and call.attr in CLOCKS] == []


@pytest.mark.parametrize("file", FILES, ids=_name)
def test_modules_fit_a_few_screens(file: Path) -> None:
    assert len(file.read_text(encoding="utf-8").splitlines()) <= LONGEST_MODULE


@pytest.mark.parametrize("file", FILES, ids=_name)
def test_functions_fit_one_screen(file: Path) -> None:
    for function in _functions(_tree(file)):
        lines = (function.end_lineno or 0) - function.lineno + 1
        assert lines <= LONGEST_FUNCTION, f"{function.name}: {lines} lines"


@pytest.mark.parametrize("file", FILES, ids=_name)
def test_functions_take_few_arguments(file: Path) -> None:
    """click hands a command every option by name; only there may a list be longer."""
    for function in _functions(_tree(file)):
        arguments = [*function.args.posonlyargs, *function.args.args, *function.args.kwonlyargs]
        counted = [a for a in arguments if a.arg not in ("self", "cls")]
        decorators = " ".join(ast.unparse(d) for d in function.decorator_list)
        if "command" not in decorators and "option" not in decorators:
            by_name = len(function.args.kwonlyargs)
            assert len(counted) <= MOST_ARGUMENTS, function.name
            assert len(counted) - by_name <= MOST_BY_POSITION, function.name


@pytest.mark.parametrize("file", [*FILES, *TESTS], ids=_name)
def test_names_are_terms_of_the_field(file: Path) -> None:
    named = [file.stem]
    for node in ast.walk(_tree(file)):
        if isinstance(node, ast.ClassDef | Function):
            named.append(node.name)
    named = [name for name in named if not any(term in name for term in AWS_TERMS)]
    words = {name: set(re.findall(r"[A-Z]?[a-z]+\d*|[A-Z]+", name)) for name in named}
    assert [n for n, found in words.items() if {word.lower() for word in found} & EMPTY_WORDS] == []


def test_no_module_of_infra_shadows_the_standard_library() -> None:
    """Pulumi puts `infra/` first on the path."""
    names = {path.stem for path in (ROOT / "infra").iterdir() if path.is_dir() or path.suffix == ".py"}
    assert names & set(sys.stdlib_module_names) == set()


@pytest.mark.parametrize("file", [*FILES, *TESTS, *TEXTS], ids=_name)
def test_no_file_names_a_path_of_one_machine(file: Path) -> None:
    text = file.read_text(encoding="utf-8")
    # Written in two parts, so that this file does not name them either.
    for folder in ("wor" + "k/", "roo" + "t/", "hom" + "e/", "Use" + "rs/", "tm" + "p/brief"):
        assert not re.search(rf"(?<![\w.:}}*-])/{folder}", text), folder


@pytest.mark.parametrize("file", FILES, ids=_name)
def test_every_broad_except_says_why_or_raises_again(file: Path) -> None:
    lines = file.read_text(encoding="utf-8").splitlines()
    for node in ast.walk(_tree(file)):
        if isinstance(node, ast.ExceptHandler) and _is_broad(node.type):
            raised = any(isinstance(inner, ast.Raise) for inner in ast.walk(node))
            assert raised or "  # " in lines[node.lineno - 1], lines[node.lineno - 1].strip()


def _is_broad(caught: ast.expr | None) -> bool:
    return caught is None or ast.unparse(caught) in ("Exception", "BaseException")


_SUPPRESSED = re.compile(r"# (?:noqa: ([A-Z]+\d+)(?:, ?[A-Z]+\d+)*|type: ignore\[([\w-]+)[\w, -]*\])(.*)")


@pytest.mark.parametrize("file", [*FILES, *TESTS], ids=_name)
def test_every_suppressed_warning_says_why(file: Path) -> None:
    """On its line, on a comment above, or where the same warning is suppressed first in the file."""
    explained: set[str] = set()
    before = ""
    for line in file.read_text(encoding="utf-8").splitlines():
        if found := _SUPPRESSED.search(line):
            code = found.group(1) or found.group(2)
            if re.search(r"\w{3}", found.group(3)) or before.lstrip().startswith("#"):
                explained.add(code)
            assert code in explained, line.strip()
        before = line


def _public(body: list[ast.stmt], prefix: str = "") -> Iterator[tuple[str, ast.ClassDef | Function]]:
    """Public classes, functions and methods; not what a function holds, nor what Python calls (`__len__`)."""
    for node in body:
        if isinstance(node, ast.If | ast.Try):  # a definition for one platform or type checker only
            yield from _public([*node.body, *node.orelse], prefix)
        elif isinstance(node, ast.ClassDef | Function) and not node.name.startswith("_"):
            yield f"{prefix}{node.name}", node
            if isinstance(node, ast.ClassDef):
                yield from _public(node.body, f"{prefix}{node.name}.")


def _undocumented(file: Path) -> list[str]:
    tree = _tree(file)
    module = [] if not tree.body or ast.get_docstring(tree) else ["the module"]
    return module + [name for name, node in _public(tree.body) if not ast.get_docstring(node)]


@pytest.mark.parametrize("folder", FOLDERS)
def test_modules_and_public_definitions_say_what_they_are(folder: str) -> None:
    files = [file for file in FILES if _name(file.parent) == folder]
    silent = {_name(file): names for file in files if (names := _undocumented(file))}
    assert silent == {}, f"{sum(map(len, silent.values()))} without a docstring in {folder}"


def test_a_definition_without_a_docstring_is_noticed(tmp_path: Path) -> None:
    file = tmp_path / "silent.py"
    file.write_text(
        "def told():\n    'Says it.'\n    def inner(): ...\n"
        "class Silent:\n    def __len__(self): ...\n    def _own(self): ...\n    def asked(self): ...\n"
        "def _private(): ...\nasync def silent(): ...\n",
        encoding="utf-8",
    )
    assert _undocumented(file) == ["the module", "Silent", "Silent.asked", "silent"]


def test_no_lock_file_carries_addresses() -> None:
    ignored = (ROOT / ".gitignore").read_text(encoding="utf-8").split()
    for name in ("uv.lock", "pylock.toml"):
        assert name in ignored or not (ROOT / name).exists(), name
    lock = ROOT / "requirements.lock"
    assert "://" not in lock.read_text(encoding="utf-8")


@pytest.mark.parametrize("file", [*FILES, *TESTS, *TEXTS], ids=_name)
def test_no_file_names_a_download_address(file: Path) -> None:
    text = file.read_text(encoding="utf-8")
    for host in ("files.python" + "hosted.org", "py" + "pi.org/simple"):
        assert host not in text


WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))


@pytest.mark.parametrize("file", WORKFLOWS, ids=_name)
def test_a_workflow_pins_its_actions_and_may_only_read(file: Path) -> None:
    """Rights beyond reading are given to single jobs, never to the whole workflow."""
    text = file.read_text(encoding="utf-8")
    actions = re.findall(r"uses: (\S+)", text)
    assert actions
    assert [name for name in actions if not re.fullmatch(r"[\w./-]+@(v\d+|[0-9a-f]{40})", name)] == []
    assert re.search(r"^permissions:\n  contents: read\n\n", text, re.MULTILINE)


def test_pre_commit_downloads_nothing() -> None:
    text = (ROOT / ".pre-commit-config.yaml").read_text(encoding="utf-8")
    assert set(re.findall(r"repo: (\S+)", text)) == {"local"}
