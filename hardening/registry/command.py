"""`rampart partner`: the partner registry."""

from __future__ import annotations

from pathlib import Path

import click

from hardening.cli import say
from hardening.registry.partners import Partner
from hardening.registry.reader import read_registry


@click.group()
def partner() -> None:
    """Check the partner registry."""


@partner.command()
@click.argument("folder", type=click.Path(path_type=Path), default=Path("partners"))
def check(folder: Path) -> None:
    """Read every partner file of FOLDER (default: partners) and name every fault at once."""
    partners = read_registry(folder)
    for one in partners:
        click.echo(_line(one))
    say(f"{len(partners)} partner file{'s' if len(partners) != 1 else ''} without a fault")


def _line(one: Partner) -> str:
    parties = " ".join(f"{party}:{party.role}" for party in one.parties)
    modules = " ".join(f"{name}:{'+'.join(accesses)}" for name, accesses in one.modules.items())
    return "\t".join((one.name, one.environment, parties, ",".join(one.versions), modules))
