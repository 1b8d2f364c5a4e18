"""`rampart partner guide`: what a partner has to know to connect, from a stack's settings or a guard.toml."""

from __future__ import annotations

import ipaddress
from datetime import UTC, datetime
from pathlib import Path

import click

from hardening.errors import ConfigError
from hardening.registry.guide import Us
from hardening.registry.guide import guide as render_guide
from hardening.registry.partners import Partner
from hardening.registry.reader import read_registry
from hardening.requests.checks.body import MOST_BODY_BYTES
from infra.settings import Settings, load
from infra.tokens.custody import OVERLAP_MINUTES, ROTATION_DAYS
from infra.tokens.standalone import guard_of

_PATH = click.Path(path_type=Path)
_PUBLIC_CA = "Its certificate is one of Amazon Trust Services; please do not pin it, as it renews by itself."
_OWN_CHAIN = "Its certificate is one of a public CA, or of the CA that we sent you."


@click.command()
@click.argument("name")
@click.option("--stack", help="The stack whose settings count (Pulumi.STACK.yaml in this folder).")
@click.option("--guard", type=_PATH, help="The guard.toml of a standalone guard.")
@click.option("--our-address", "addresses", multiple=True, required=True,
              help="A CIDR that we call from. Repeatable.")  # fmt: skip
@click.option("--page-limit", type=click.IntRange(1, 1000), help="Of a service behind a standalone guard.")
@click.option("--partners", type=_PATH, default=Path("partners"), show_default=True, help="The registry.")
def guide(
    name: str,
    stack: str | None,
    guard: Path | None,
    addresses: tuple[str, ...],
    page_limit: int | None,
    partners: Path,
) -> None:
    """Print, as Markdown, what the partner NAME has to know to connect to us."""
    networks = tuple(_network(text) for text in addresses)
    if stack and guard is None and page_limit is None:
        us = _of_stack(load(stack, Path()), networks)
    elif guard is not None and page_limit is not None and not stack:
        us = _of_guard(guard, networks, page_limit)
        partners = guard_of(guard)[0].partners
    else:
        raise ConfigError("expected --stack, or --guard with --page-limit", "--stack test")
    click.echo(render_guide(_partner(partners, name), us, datetime.now(UTC).date()), nl=False)


def _partner(folder: Path, name: str) -> Partner:
    found = next((one for one in read_registry(folder) if one.name == name), None)
    if found is None:
        raise ConfigError(f"{folder}: no partner {name!r}", "`rampart partner check` lists them")
    return found


def _of_stack(settings: Settings, addresses: tuple[str, ...]) -> Us:
    return Us(
        origin=f"https://{settings.domain}",
        certificate=_PUBLIC_CA,
        addresses=addresses,
        page_limit=settings.page_limit,
        body_kilobytes=settings.max_body_kilobytes,
        rotation_days=settings.rotation_days,
        overlap_minutes=settings.rotation_overlap_minutes,
    )


def _of_guard(file: Path, addresses: tuple[str, ...], page_limit: int) -> Us:
    return Us(
        origin=guard_of(file)[1].origin,
        certificate=_OWN_CHAIN,
        addresses=addresses,
        page_limit=page_limit,
        body_kilobytes=MOST_BODY_BYTES // 1024,
        rotation_days=ROTATION_DAYS,
        overlap_minutes=OVERLAP_MINUTES,
    )


def _network(text: str) -> str:
    try:
        return str(ipaddress.ip_network(text))
    except ValueError:
        raise ConfigError(f"--our-address {text}: expected a CIDR, as 198.51.100.7/32") from None
