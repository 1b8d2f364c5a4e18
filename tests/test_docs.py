"""The documents tell the truth: commands parse, links lead somewhere, tables equal the code."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from hardening.cli import COMMANDS, Exit, rampart
from hardening.controls import CONTROLS
from scanners.catalogue import checks_by_subject, control_rows
from scanners.controls_command import markdown

ROOT = Path(__file__).resolve().parent.parent
DOCUMENTS = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), *(ROOT / "examples").glob("*.md")])
DECISIONS = ROOT / "docs" / "decisions"
RECORDS = sorted(set(DECISIONS.glob("*.md")) - {DECISIONS / "README.md"})
LONGEST_RECORD = 40  # lines


def _name(file: Path) -> str:
    return file.relative_to(ROOT).as_posix()


def _commands(file: Path) -> Iterator[str]:
    """The `rampart ...` lines of a document's code blocks, indented or fenced, and in `backticks`."""
    text = file.read_text(encoding="utf-8")
    fenced = False
    for line in text.splitlines():
        if line.lstrip().startswith("```"):
            fenced = not fenced
        elif fenced or line.startswith("    "):
            found = re.match(r"\s*(?:\$ )?(?:.*\buv run )?(rampart(?: .*)?)$", line)
            if found and "|" not in found.group(1):
                yield found.group(1)


WRITTEN = sorted({(_name(file), line) for file in DOCUMENTS for line in _commands(file)})


@pytest.mark.parametrize(("file", "line"), WRITTEN)
def test_every_command_in_the_documents_parses(file: str, line: str) -> None:
    words = shlex.split(line, comments=True)[1:]
    words = words[: next((i for i, word in enumerate(words) if word in (">", "2>", "&&", ";")), len(words))]
    _parse(rampart, words)


def _parse(command: click.Command, words: list[str]) -> None:
    """Raise where a command or an option does not exist; what a value stands for is not looked at."""
    context = click.Context(command, **command.context_settings)
    if isinstance(command, click.Group) and words and not words[0].startswith("-"):
        inner = command.get_command(context, words[0])
        if inner is not None:
            _parse(inner, words[1:])
            return
        assert not command.list_commands(context) or command.invoke_without_command, f"no command {words[0]}"
    command.make_parser(context).parse_args(words)


def test_a_misspelt_option_is_noticed() -> None:
    with pytest.raises(click.NoSuchOption):
        _parse(rampart, ["controls", "--fromat", "json"])
    with pytest.raises(AssertionError, match="no command audti"):
        _parse(rampart, ["audti"])


@pytest.mark.parametrize("file", DOCUMENTS, ids=_name)
def test_every_link_to_a_file_leads_somewhere(file: Path) -> None:
    text = re.sub(r"```.*?```", "", file.read_text(encoding="utf-8"), flags=re.DOTALL)
    targets = re.findall(r"\]\(([^)#\s]+)(?:#[^)]*)?\)", text)
    local = [target for target in targets if "://" not in target]
    assert [target for target in local if not (file.parent / target).exists()] == []


def test_the_catalogue_in_the_documents_is_the_code() -> None:
    mend = "docs/controls.md: run `uv run rampart controls --format markdown > docs/controls.md`"
    written = (ROOT / "docs" / "controls.md").read_text(encoding="utf-8")
    assert written == markdown(control_rows()), mend


def test_the_command_prints_what_the_document_holds() -> None:
    result = CliRunner().invoke(rampart, ["controls", "--format", "markdown"])
    assert result.exit_code == 0
    assert result.stdout == (ROOT / "docs" / "controls.md").read_text(encoding="utf-8")


def test_the_exit_codes_in_the_readme_are_those_of_the_code() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| (\d+) \| .+ \|$", readme, re.MULTILINE)
    assert sorted(map(int, rows)) == sorted(code.value for code in Exit)


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_shows_its_help(name: str) -> None:
    result = CliRunner().invoke(rampart, [name, "--help"])
    assert result.exit_code == 0
    assert "Usage:" in result.stdout


@pytest.mark.parametrize("file", DOCUMENTS, ids=_name)
def test_controls_that_documents_name_exist(file: Path) -> None:
    """A slug behind `rampart controls` or `control:` is one of the catalogue."""
    text = file.read_text(encoding="utf-8")
    named = re.findall(r"(?:rampart controls|control:) ([a-z]+(?:-[a-z0-9]+)+)", text)
    assert [slug for slug in named if slug not in CONTROLS] == []


@pytest.mark.parametrize("record", RECORDS, ids=_name)
def test_a_decision_is_short_has_three_parts_and_is_in_the_index(record: Path) -> None:
    text = record.read_text(encoding="utf-8")
    assert len(text.splitlines()) <= LONGEST_RECORD
    assert re.findall(r"^## (.+)$", text, re.MULTILINE) == ["Context", "Decision", "Consequences"]
    index = (DECISIONS / "README.md").read_text(encoding="utf-8")
    assert f"[{text.splitlines()[0].removeprefix('# ')}]({record.name})" in index


def test_what_aws_accepts_is_held_by_checks_and_tests_that_exist() -> None:
    table = (ROOT / "docs" / "accepted-by-aws.md").read_text(encoding="utf-8")
    rows = [line.strip("| ").split(" | ") for line in table.splitlines() if re.match(r"\| \d+ \|", line)]
    assert sorted({int(number) for number, *_ in rows}) == list(range(1, 23))
    known = {*CONTROLS, *(one.name for one in checks_by_subject()["stack"])}
    for _, what, held in rows:
        names = re.findall(r"`([^`]+)`", held)
        assert names, what
        for name in names:
            file, _, test = name.partition("::")
            if test:
                assert f"def {test}(" in (ROOT / file).read_text(encoding="utf-8"), name
            else:
                assert name in known, name
