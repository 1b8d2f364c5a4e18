"""Options of `rampart token` and `rampart partner`: where tokens are kept, who is asked, where one goes."""

from __future__ import annotations

import functools
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import click

from infra.stack_target import write_target
from infra.tokens.custody import Custody, gateway_of, open_custody, told

_PATH = click.Path(path_type=Path)
_CUSTODY = (
    click.option("--store", type=_PATH, help="A SQLite token store, of a guard without AWS."),
    click.option("--vault", type=_PATH, help="The SQLite file of its secrets, for rotations with partners."),
    click.option("--guard", type=_PATH, help="The guard.toml of a guard: its stores, registry and partners."),
    click.option("--stack", default="", help="A stack on AWS, of the project here: its table and secrets."),
    click.option("--target", type=_PATH, help="A target file instead: `rampart lab up` writes one."),
    click.option("--partners", type=_PATH, default=Path("partners"), show_default=True, help="The registry."),
)
_HANDS = (
    click.option("--to-file", "file", type=_PATH, help="Write the token to a new file (mode 0600)."),
    click.option("--to-secret", "secret", is_flag=True, help="Keep it in Secrets Manager; nobody sees it."),
)
_GATEWAY = (
    click.option("--gateway", help="host:port to ask until it refuses. Default: the target's."),
    click.option("--ca", default="", help="The CAs of the gateway (PEM)."),
    click.option("--witness", help="Ask it as this partner, whose networks this machine's address is in."),
)
dry_run_option = click.option("--dry-run", is_flag=True, help="Say what would be done, and do nothing.")


def custody_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Give a command the options that say where the tokens are kept."""
    command = _of_stack(told(command))
    for option in reversed(_CUSTODY):
        command = option(command)
    return command


def _of_stack(command: Callable[..., Any]) -> Callable[..., Any]:
    """Let `--stack` stand for the target file that is written from the state of that stack."""

    @functools.wraps(command)
    def wrapped(*, stack: str, **asked: Any) -> Any:
        if stack and asked["target"]:
            raise click.UsageError("--stack and --target: give one of them")
        if stack:
            scratch = tempfile.TemporaryDirectory(prefix="rampart-stack-")
            folder = click.get_current_context().with_resource(scratch)
            asked["target"] = write_target(Path.cwd(), Path(folder), stack)
        return command(**asked)

    return wrapped


def gateway_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Give a command the options that say which gateway is asked, and as whom."""
    for option in reversed(_GATEWAY):
        command = option(command)
    return command


def custody_and_gateway(asked: Mapping[str, Any]) -> Custody:
    """The custody that was asked for, with what `gateway_options` say. Raises ConfigError."""
    custody = open_custody(asked)
    if asked["gateway"]:
        custody = replace(custody, gateway=gateway_of(asked["gateway"], asked["ca"]))
    return replace(custody, witness=custody.partner(asked["witness"]) if asked["witness"] else None)


def hands_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Give a command the options that say where a token goes; without one, to the terminal."""
    for option in reversed(_HANDS):
        command = option(command)
    return command
