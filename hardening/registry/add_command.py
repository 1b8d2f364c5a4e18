"""`rampart partner add`: a new partner file, from options or by asking."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import click

from hardening.cli import say
from hardening.errors import ConfigError
from hardening.registry.draft import text_of, write_partner
from hardening.requests.modules import ROLES, VERSIONS

# Key of the file -> what a person is asked, and what is taken where nothing is said.
_ASKED = {
    "environment": ("Environment (test or production)", "test"),
    "parties": (f"Its parties, as NL*ABC:ROLE ({', '.join(ROLES)})", ""),
    "versions": (f"OCPI versions ({', '.join(VERSIONS)})", "2.2.1"),
    "modules": ("Modules, as locations:read or tokens:read+write", ""),
    "networks": ("Networks that it calls from (CIDR)", ""),
    "callback_hosts": ("Hosts that we call (host or host:port)", ""),
    "contacts": ("Who is called when a token is revoked (e-mail)", ""),
}


@click.command()
@click.argument("name")
@click.option("--environment", multiple=True, help="test or production.")
@click.option("--party", "parties", multiple=True, help="NL*ABC:ROLE. Repeatable.")
@click.option("--our-party", "our_parties", multiple=True, help="One of ours, as NL*ABC. Repeatable.")
@click.option("--version", "versions", multiple=True, help="An OCPI version. Repeatable.")
@click.option("--module", "modules", multiple=True, help="locations:read, tokens:read+write. Repeatable.")
@click.option("--network", "networks", multiple=True, help="A CIDR. Repeatable.")
@click.option("--callback-host", "callback_hosts", multiple=True, help="host or host:port. Repeatable.")
@click.option("--contact", "contacts", multiple=True, help="An e-mail address. Repeatable.")
@click.option("--encoding", type=click.Choice(["base64", "raw"]), default="base64", show_default=True)
@click.option("--partners", "folder", type=click.Path(path_type=Path), default=Path("partners"))
@click.option("--dry-run", is_flag=True, help="Show the file, and write nothing.")
def add(name: str, folder: Path, dry_run: bool, encoding: str, **given: Any) -> None:
    """Write the file of the new partner NAME. On a terminal, what no option says is asked.

    Nothing is written that `rampart partner check` would refuse.
    """
    answers = {key: _answer(key, given[key]) for key in _ASKED}
    document = {
        "name": name,
        "environment": answers["environment"][0] if answers["environment"] else "",
        "parties": [_party(text) for text in answers["parties"]],
        **({"our_parties": list(given["our_parties"])} if given["our_parties"] else {}),
        "versions": answers["versions"],
        "modules": dict(map(_module, answers["modules"])),
        "networks": answers["networks"],
        "callback_hosts": answers["callback_hosts"],
        "auth_encoding": encoding,
        **({"contacts": answers["contacts"]} if answers["contacts"] else {}),
    }
    file = write_partner(folder, document, dry_run=dry_run)
    if dry_run:
        click.echo(text_of(document), nl=False)
    say(f"would write {file}" if dry_run else f"wrote {file}; next: `rampart partner onboard {name}`")


def _answer(key: str, given: Iterable[str]) -> list[str]:
    """What options say of a key or, on a terminal, a person: several parted by blanks or commas."""
    found = list(given)
    if not found and sys.stdin.isatty():
        question, usual = _ASKED[key]
        found = click.prompt(question, default=usual, err=True).replace(",", " ").split()
    return found


def _party(text: str) -> dict[str, str]:
    country, star, rest = text.partition("*")
    party, colon, role = rest.partition(":")
    if not star or not colon:
        raise ConfigError(f"--party {text}: expected NL*ABC:ROLE")
    return {"country_code": country, "party_id": party, "role": role}


def _module(text: str) -> tuple[str, list[str]]:
    module, colon, accesses = text.partition(":")
    if not colon:
        raise ConfigError(f"--module {text}: expected module:read, module:write or module:read+write")
    return module, accesses.split("+")
