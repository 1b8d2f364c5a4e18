"""The command line: quick to start, one voice, documented exit codes."""

import subprocess
import sys
from pathlib import Path
from resource import RUSAGE_CHILDREN, getrusage

import click
import pytest

from hardening.cli import COMMANDS, Exit, exit_code, rampart
from hardening.errors import CollectError, ConfigError, CredentialsError


def run(*arguments: str, cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "hardening.cli", *arguments]
    return subprocess.run(command, capture_output=True, text=True, cwd=cwd, timeout=60, check=False)


def test_help_lists_every_command_and_the_exit_codes() -> None:
    shown = run("--help").stdout
    assert all(f"  {name} " in shown for name in COMMANDS)
    assert "3 something could not be verified" in " ".join(shown.split())


def test_help_takes_less_than_a_quarter_of_a_second() -> None:
    """Of a processor's time, which is all that it waits for: what else runs here changes nothing."""

    def seconds() -> float:
        before = getrusage(RUSAGE_CHILDREN)
        subprocess.run([sys.executable, "-m", "hardening.cli", "--help"], capture_output=True, check=True)
        after = getrusage(RUSAGE_CHILDREN)
        return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime

    assert min(seconds() for _ in range(5)) < 0.25


def test_help_imports_no_heavy_library() -> None:
    code = (
        "import sys; from click.testing import CliRunner; from hardening.cli import rampart; "
        "CliRunner().invoke(rampart, ['--help']); "
        "print([m for m in ('boto3', 'pulumi', 'checkov', 'msgspec', 'yaml', 'jinja2') if m in sys.modules])"
    )
    shown = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60
    )
    assert shown.stdout.strip() == "[]"


def test_what_no_file_can_be_called_is_one_line_and_exit_2() -> None:
    done = run("validate", "--version", "2.2.1", "--tariff", "x" * 5000, "-")
    other = run("reconcile", "x" * 5000, "y")
    for one in (done, other):
        assert one.returncode == Exit.USAGE
        assert "File name too long" in one.stderr
        assert "Traceback" not in one.stderr
        assert len(one.stderr) < 500


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_loads_and_has_the_help_that_the_list_promises(name: str) -> None:
    command = rampart.get_command(click.Context(rampart), name)
    assert isinstance(command, click.Command)
    assert command.help


@pytest.mark.parametrize(
    "arguments", [["audit"], ["audit", "drift"], ["evidence", "build"], ["evidence", "verify"]]
)
def test_a_missing_environment_is_one_line_a_hint_and_exit_2(arguments: list[str], tmp_path: Path) -> None:
    result = run(*arguments, cwd=tmp_path)
    assert result.returncode == Exit.USAGE
    assert result.stdout == ""
    error, hint = result.stderr.splitlines()
    assert error.startswith("rampart: error: ")
    assert hint.startswith("rampart: hint: ")
    assert list(tmp_path.iterdir()) == []


def test_options_before_the_audit_they_belong_to_are_refused() -> None:
    result = run("audit", "--format", "json", "drift")
    assert result.returncode == Exit.USAGE
    assert "options go after the audit" in result.stderr


def test_each_error_has_its_exit_code() -> None:
    assert exit_code(ConfigError("x")) is Exit.USAGE
    assert exit_code(CollectError("x")) is Exit.UNVERIFIED
    assert exit_code(CredentialsError("x")) is Exit.NO_CREDENTIALS
