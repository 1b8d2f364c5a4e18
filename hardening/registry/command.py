"""`rampart partner`: the partner registry."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import astuple
from pathlib import Path
from typing import Any

import click

from hardening.cli import LazyGroup, say
from hardening.errors import ConfigError
from hardening.ocpi.leniencies import LENIENCIES
from hardening.registry.onboarding_files import attested_in_vain
from hardening.registry.partners import Partner
from hardening.registry.reach import reach_rows
from hardening.registry.reader import read_registry
from hardening.registry.rules import json_schema
from hardening.registry.shares import as_document, shared_fields, unknown_cards
from hardening.yaml_file import read_yaml

# name -> (module:attribute, one line of help), loaded when asked for; those of infra look at stores.
PARTNER_COMMANDS = {
    "add": ("hardening.registry.add_command:add", "Write the file of a new partner."),
    "check": ("hardening.registry.command:check", "Name every fault of the registry."),
    "guide": ("infra.guide_command:guide", "What a partner has to know to connect, as Markdown."),
    "list": ("infra.tokens.partner_commands:list_partners", "Every partner, and how its tokens stand."),
    "offboard": ("infra.tokens.partner_commands:offboard", "End a partner: tokens, entry, and proof of it."),
    "onboard": ("scanners.onboarding.command:onboard", "Audit, probe, rehearse, sign, attest."),
    "reach": ("hardening.registry.command:reach", "List what a partner's token can do."),
    "rotate-due": ("infra.tokens.partner_commands:rotate_due", "Rotate every token whose time has come."),
    "shares": ("hardening.registry.command:shares", "What of our drivers each partner gets, and why."),
    "show": ("hardening.registry.command:show", "What is contracted with one partner, leniencies by name."),
    "schema": ("hardening.registry.command:schema", "Print the JSON Schema of a partner file."),
}


@click.group(cls=LazyGroup, table=PARTNER_COMMANDS)
def partner() -> None:
    """Check the partner registry, and look after the partners in it."""


@click.command()
@click.argument("folder", type=click.Path(path_type=Path), default=Path("partners"))
def check(folder: Path) -> None:
    """Read every partner file of FOLDER (default: partners) and name every fault at once."""
    partners = read_registry(folder)
    for one in partners:
        click.echo(_line(one))
    for file in attested_in_vain(folder):
        say(f"warning: {file}: was onboarded, and is deployed without that: `require_onboarding` is not true")
    for one in filter(unknown_cards, partners):
        say(f"warning: {one.name}: `shares` opens no `uid` of tokens: its chargers know no card of ours")
    say(f"{len(partners)} partner file{'s' if len(partners) != 1 else ''} without a fault")


@click.command()
@click.argument("name")
@click.option("--partners", "folder", type=click.Path(path_type=Path), default=Path("partners"))
@click.option("--token", "kind", type=click.Choice(["A", "C"]), default="C", show_default=True,
              help="A registers, C is in use.")  # fmt: skip
def reach(name: str, folder: Path, kind: str) -> None:
    """List what the token of the partner NAME can do, one operation a line.

    Columns: version, module, interface, method, path, and as which parties (- where the URL names none).
    """
    found = next((one for one in read_registry(folder) if one.name == name), None)
    if found is None:
        raise ConfigError(f"{folder}: no partner {name!r}", "`rampart partner check` lists them")
    for row in reach_rows(found, kind):
        click.echo("\t".join(row))


@click.command()
@click.argument("name", required=False)
@click.option("--partners", "folder", type=click.Path(path_type=Path), default=Path("partners"))
@click.option("--format", "form", type=click.Choice(["table", "json"]), default="table", show_default=True)
def shares(name: str | None, folder: Path, form: str) -> None:
    """List what identifies our drivers and goes to the partner NAME (default: to each), and why.

    Columns: partner, environment, version, module, field, how it goes (shared, pseudonym, left out, or of its
    own drivers alone), purpose, legal basis (GDPR Art. 6(1)).
    """
    found = [one for one in read_registry(folder) if name in (None, one.name)]
    if not found:
        raise ConfigError(f"{folder}: no partner {name!r}", "`rampart partner check` lists them")
    if form == "json":
        click.echo(json.dumps(as_document(found), indent=2))
        return
    for row in shared_fields(found):
        click.echo("\t".join(text or "-" for text in astuple(row)))


@click.command()
@click.argument("name")
@click.option("--partners", "folder", type=click.Path(path_type=Path), default=Path("partners"))
def show(name: str, folder: Path) -> None:
    """Print what the entry of the partner NAME says, a line a key, and what becomes of each leniency.

    A key that the entry leaves out is not shown.
    """
    found = _named(name, folder)
    for key, value in found.items():
        if key != "accept":
            click.echo(f"{key}: {json.dumps(value, default=str, ensure_ascii=False)}")
    agreed = found.get("accept", {})
    for one in LENIENCIES:
        if one.name in agreed:
            read = f"read {one.becomes}" if one.becomes else "passes as it is"
            click.echo(f"accept {one.name}: {one.accepts}; {read}; because: {agreed[one.name]}")


def _named(name: str, folder: Path) -> Mapping[str, Any]:
    """The entry of a partner as its file has it, in a registry without a fault. Raises ConfigError."""
    if all(one.name != name for one in read_registry(folder)):
        raise ConfigError(f"{folder}: no partner {name!r}", "`rampart partner check` lists them")
    for file in (folder / f"{name}.yaml", folder / f"{name}.yml"):
        if file.exists():
            document: Mapping[str, Any] = read_yaml(file).data
            return document
    raise ConfigError(f"{folder}: no file of {name!r}")


@click.command()
def schema() -> None:
    """Print the JSON Schema of a partner file, for editors."""
    click.echo(json.dumps(json_schema(), indent=2))


def _line(one: Partner) -> str:
    parties = " ".join(f"{party}:{party.role}" for party in one.parties)
    modules = " ".join(f"{name}:{'+'.join(accesses)}" for name, accesses in one.modules.items())
    return "\t".join((one.name, one.environment, parties, ",".join(one.versions), modules))
