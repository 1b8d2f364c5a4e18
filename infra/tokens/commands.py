"""`rampart token`: issue, look at, rotate and revoke the tokens that partners call us with."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import click

from hardening.cli import Exit, say
from hardening.errors import CollectError, ConfigError
from hardening.requests.token_file import read_token
from hardening.rotation.result import End
from hardening.rotation.standing import Standing
from infra.tokens.custody import ROTATION_DAYS, Custody, now, open_custody
from infra.tokens.issue import Hands, hand_over, issue_to
from infra.tokens.options import (
    custody_and_gateway,
    custody_options,
    dry_run_option,
    gateway_options,
    hands_options,
)
from infra.tokens.revoke import revocable, revoke_partner
from infra.tokens.rotate import ours_of, outbound_token, register_partner, rotate_partner
from infra.tokens.status import document, standings

_PATH = click.Path(path_type=Path)


@click.group()
def token() -> None:
    """Issue, look at, rotate and revoke credentials tokens."""


@token.command()
@click.argument("partner")
@click.option("--kind", type=click.Choice(["A", "C"]), default="A", show_default=True,
              help="A registers, C is in use at once.")  # fmt: skip
@custody_options
@hands_options
@dry_run_option
def issue(partner: str, kind: str, dry_run: bool, **asked: Any) -> None:
    """Make a token for PARTNER: 256 random bits, shown once on a terminal, or put where nobody sees it.

    On AWS the rotation function has made the one that registers, and this hands it over.
    """
    custody = open_custody(asked, new=not dry_run)
    hands, known = Hands(asked["file"], asked["secret"]), custody.partner(partner)
    if dry_run:
        say(f"would issue a token of kind {kind} for {partner} ({known.environment})")
        return
    if not custody.reads_secrets:
        hand_over(custody, known, kind, hands)
        say(f"{partner}: its registration token was handed over")
        return
    made = issue_to(custody, known, kind, hands)
    say(f"{partner}: token {made.digest[:12]} of kind {kind} is honoured")


@token.command()
@click.argument("partner", required=False)
@custody_options
@click.option("--days", type=click.IntRange(1, 30), default=ROTATION_DAYS, show_default=True,
              help="How often tokens are rotated.")  # fmt: skip
@click.option("--format", "form", type=click.Choice(["table", "json"]), default="table", show_default=True)
def status(partner: str | None, days: int, form: str, **asked: Any) -> None:
    """Show every token: its state, age, next rotation, overlap and end. No token is read.

    Columns: partner, start of the digest, kind, state, age, next rotation, end of the overlap, end, use.
    """
    custody = open_custody(asked)
    partners = [custody.partner(partner)] if partner else list(custody.partners)
    if form == "json":
        click.echo(document(custody, partners, timedelta(days=days)), nl=False)
        return
    rows = list(standings(custody, partners, timedelta(days=days)))
    for row in rows:
        click.echo("\t".join(_cells(row)))
    for name in sorted({one.name for one in partners} - {row.partner for row in rows}):
        say(f"{name}: has no token")


def _cells(row: Standing) -> tuple[str, ...]:
    age = "age unknown" if row.age is None else f"{row.age.days} days"
    due = f"rotation {row.rotation_due:%Y-%m-%d}" if row.rotation_due else "-"
    overlap = f"overlap until {row.overlap_ends:%H:%M:%S}Z" if row.overlap_ends else "-"
    use = "never used" if row.unused else "no use noted"
    if row.last_used is not None:
        use = f"used {row.last_used:%Y-%m-%d %H}h"
    ends = f"ends {row.expires:%Y-%m-%d}"
    return (row.partner, row.token, row.kind, row.state, age, due, overlap, ends, use)


@token.command()
@click.argument("partner")
@custody_options
@hands_options
@dry_run_option
def rotate(partner: str, dry_run: bool, **asked: Any) -> Exit:
    """Change the tokens of PARTNER, both directions in one exchange with it.

    A partner that never registered gets a new token, which its contact brings it; the old one ends with the
    first call with the new one.
    """
    custody = open_custody(asked)
    known = custody.partner(partner)
    if dry_run:
        say(f"would rotate the tokens of {partner} ({known.environment})")
        return Exit.HOLDS
    result = rotate_partner(custody, known, Hands(asked["file"], asked["secret"]), anew=True)
    say(f"{partner}: {result.end}{f': {result.detail}' if result.detail else ''}")
    return _code(result.end)


def _code(end: End) -> Exit:
    """What a command ends with: an exchange in doubt, or not begun, is not verified."""
    if end is End.ROTATED:
        return Exit.HOLDS
    return Exit.UNVERIFIED if end is End.IN_DOUBT else Exit.FAILS


@token.command()
@click.argument("partner")
@click.option("--url", required=True, help="The versions endpoint that the partner handed us.")
@click.option("--token-file", "token_file", type=_PATH, required=True,
              help="The token that it handed us, which only registers (mode 0600).")  # fmt: skip
@custody_options
@click.option("--to-file", "file", type=_PATH, help="Write the token that it gives us to a new file (0600).")
@click.option("--roles", type=_PATH,
              help="With --stack: who we are (JSON list of role, country_code, party_id, ...).")  # fmt: skip
@dry_run_option
def register(partner: str, url: str, dry_run: bool, **asked: Any) -> Exit:
    """Register with PARTNER by POST credentials: from then on both sides have tokens of their own.

    Needs --guard, which says who we are, or --target and --roles: on AWS the rotation function does it. Run
    it again after any failure: a partner that is registered stays.
    """
    custody = open_custody(asked, new=not dry_run)
    known, token_a = custody.partner(partner), read_token(asked["token_file"])
    if asked["roles"]:
        custody = replace(custody, ours=ours_of(custody, asked["roles"]))
    if asked["file"] and not custody.reads_secrets:
        raise ConfigError("--to-file: on AWS no person reads a token that is in use")
    if asked["file"] and asked["file"].exists():
        raise ConfigError(f"--to-file {asked['file']}: is there already; expected a new file")
    if dry_run:
        say(f"would register with {partner} ({known.environment}) at {url}")
        return Exit.HOLDS
    result = register_partner(custody, known, url, token_a)
    say(f"{partner}: {'registered' if result.end is End.ROTATED else result.end}"
        f"{f': {result.detail}' if result.detail else ''}")  # fmt: skip
    if result.end is End.ROTATED and asked["file"]:
        Hands(asked["file"]).take(custody, known, outbound_token(custody, known))
    return _code(result.end)


@token.command()
@click.argument("partner", required=False)
@click.option("--all", "everyone", is_flag=True, help="Every partner of the registry; to be confirmed.")
@click.option("--reason", required=True, help="Why; it is written beside the time.")
@custody_options
@gateway_options
@dry_run_option
def revoke(partner: str | None, everyone: bool, reason: str, dry_run: bool, **asked: Any) -> Exit:
    """End every token of PARTNER now, and say when the gateway first refused."""
    if bool(partner) == everyone:
        raise ConfigError("expected a partner or --all")
    custody = custody_and_gateway(asked)
    chosen = [custody.partner(partner)] if partner else list(custody.partners)
    if dry_run:
        for one in chosen:
            say(f"would revoke {len(revocable(custody, one))} tokens of {one.name} ({one.environment})")
        return Exit.HOLDS
    if everyone:
        _confirmed(custody)
    return max((_revoked(custody, one.name, reason) for one in chosen), default=Exit.HOLDS)


def _confirmed(custody: Custody) -> None:
    """A person types what ends. Raises ConfigError."""
    environments = sorted({one.environment for one in custody.partners})
    wanted = f"revoke {len(custody.partners)} partners of {' and '.join(environments)}"
    if click.prompt(f"This ends every connection. Type: {wanted}\n", err=True) != wanted:
        raise ConfigError("not confirmed: nothing was revoked", f"expected: {wanted}")


def _revoked(custody: Custody, name: str, reason: str) -> Exit:
    at = now().isoformat(timespec="seconds")
    try:
        done = revoke_partner(custody, custody.partner(name))
    except CollectError as error:
        say(f"error: {error.message}")
        say(f"hint: {error.hint or 'run it again once the gateway answers'}")
        return Exit.UNVERIFIED
    asked = "no gateway was asked"
    if done.refused_after is not None:
        asked = f"the gateway refused after {done.refused_after:.2f} s"
    say(f"{at} {name}: {done.tokens} tokens revoked ({reason}); {asked}")
    return Exit.HOLDS
