"""`rampart partner list|offboard|rotate-due`: the partners of the registry, with their tokens."""

from __future__ import annotations

import time
from datetime import datetime, timedelta
from functools import partial
from typing import Any

import click

from hardening.cli import Exit, say
from hardening.errors import CollectError, ConfigError
from hardening.registry.partners import Partner
from hardening.registry.reader import read_registry
from hardening.rotation.connection import OUTBOUND, Stage
from hardening.rotation.result import End
from hardening.rotation.standing import standing
from infra.tokens.custody import ROTATION_DAYS, Custody, now, open_custody
from infra.tokens.due import Rotated, is_cut_off, is_due, rotate_all
from infra.tokens.issue import Hands
from infra.tokens.offboarding import entry_of, remove_entry, still_honoured
from infra.tokens.options import custody_and_gateway, custody_options, gateway_options
from infra.tokens.revoke import revoke_partner
from infra.tokens.rotate import rotate_partner, tell_end

_days = click.option(
    "--days", type=click.IntRange(1, 30), default=ROTATION_DAYS, show_default=True, help="Rotation, in days."
)


@click.command("list")
@custody_options
@_days
def list_partners(days: int, **asked: Any) -> None:
    """List the partners: name, environment, parties, health of their tokens.

    Without a store or a target, the registry alone.
    """
    if not any(asked[kept] for kept in ("store", "vault", "target", "guard")):
        for one in read_registry(asked["partners"]):
            click.echo("\t".join((one.name, one.environment, " ".join(map(str, one.parties)), "-")))
        return
    custody = open_custody(asked)
    for one in custody.partners:
        parties = " ".join(map(str, one.parties))
        click.echo(
            "\t".join((one.name, one.environment, parties, health(custody, one, timedelta(days=days))))
        )


def health(custody: Custody, partner: Partner, rotation: timedelta) -> str:
    """One line on a partner's tokens: what it has, and what is due."""
    at = now()
    rows = [standing(record, at, rotation) for record in custody.records.of_partner(partner.name)]
    alive = [row for row in rows if row.state in ("offered", "active", "retiring")]
    if not alive:
        return "no token"
    told = [f"{row.kind} {row.state}" for row in sorted(alive, key=lambda row: (row.kind, row.state))]
    if any(row.rotation_due and row.rotation_due <= at for row in alive):
        told.append("rotation is overdue")
    used = max((row.last_used for row in alive if row.last_used), default=None)
    told.append(f"last used {used:%Y-%m-%d}" if used else "no use noted")
    return ", ".join(told)


@click.command("rotate-due")
@custody_options
@_days
@click.option("--workers", type=click.IntRange(1, 64), default=4, show_default=True,
              help="At a time; on AWS one.")  # fmt: skip
@click.option("--dry-run", is_flag=True, help="List who is due, and do nothing.")
def rotate_due(days: int, workers: int, dry_run: bool, **asked: Any) -> Exit:
    """Rotate every partner whose token is older than the rotation, or whose last rotation was cut off.

    A partner that never registered is named: a person brings it its token (`rampart token rotate`). On AWS
    each waits for the rotation function and its end; Ctrl-C ends the run after it, and the next run goes on.
    """
    custody = open_custody(asked)
    at, rotation = now(), timedelta(days=days)
    absent, wanted = _due_of(custody, at, rotation)
    for one in absent:
        say(f"{one.name}: has no secrets here: deploy it, or take its entry away")
    by_hand = [one for one in wanted if not _is_registered(custody, one)]
    for one in by_hand:
        say(f"{one.name}: due, and not registered: `rampart token rotate {one.name}`")
    wanted = [one for one in wanted if one not in by_hand]
    if dry_run:
        for one in wanted:
            say(f"{one.name}: due")
        return Exit.HOLDS
    start = time.monotonic()
    ended: list[Rotated] = []
    # The function makes one exchange at a time, and throttles whoever comes meanwhile.
    workers = 1 if custody.deployed is not None else workers
    rotate = partial(rotate_partner, custody, hands=Hands(), anew=False)
    for result in rotate_all(wanted, rotate, workers):
        ended.append(result)
        say(str(result))
    failed = [result for result in ended if not result.done]
    seconds = time.monotonic() - start
    say(f"{len(ended) - len(failed)} rotated, {len(failed)} not, {len(by_hand)} by hand, in {seconds:.1f} s")
    return Exit.FAILS if failed or by_hand or absent else Exit.HOLDS


def _due_of(custody: Custody, at: datetime, rotation: timedelta) -> tuple[list[Partner], list[Partner]]:
    """The partners whose secrets are not there, as they were not deployed yet; and those that are due."""
    missing = LookupError if custody.secrets is None else custody.secrets.exceptions.ResourceNotFoundException
    absent: list[Partner] = []
    wanted: list[Partner] = []
    for one in custody.partners:
        try:
            wanted += [one] if due(custody, one, at, rotation) else []
        except missing:
            absent.append(one)
    return absent, wanted


def due(custody: Custody, partner: Partner, at: datetime, rotation: timedelta) -> bool:
    """Whether a partner is to be rotated, by its records or as its last rotation was cut off.

    On AWS no person takes away what waits of a partner whose tokens were revoked: it is not due.
    """
    records = custody.records.of_partner(partner.name)
    if is_due(records, at, rotation):
        return True
    may_wait = custody.reads_secrets or any(one.kind == "C" and one.honoured(at) for one in records)
    return custody.vault_of is not None and may_wait and is_cut_off(custody.vault_of(partner))


def _is_registered(custody: Custody, partner: Partner) -> bool:
    if not custody.reads_secrets:
        return custody.secrets is not None  # the rotation function finds out
    if custody.vault_of is None:
        return False
    return custody.vault_of(partner).read(OUTBOUND, Stage.CURRENT) is not None


@click.command()
@click.argument("name")
@click.option("--reason", required=True, help="Why; it is kept.")
@custody_options
@gateway_options
@click.option("--dry-run", is_flag=True, help="Say what would be done, and do nothing.")
def offboard(name: str, reason: str, dry_run: bool, **asked: Any) -> Exit:
    """End the partner NAME: revoke its tokens, prove that the gateway refuses them, tell it, and take it off
    the registry.

    Its file and a record go to `offboarded/`. CDRs and logs stay for as long as their retention says.
    """
    custody = custody_and_gateway(asked)
    partner, folder = custody.partner(name), custody.registry
    entry = entry_of(folder, partner)
    if dry_run:
        say(f"would revoke the tokens of {name}, tell it by DELETE credentials, and move {entry}")
        return Exit.HOLDS
    if len(custody.partners) == 1:
        raise ConfigError(
            f"{entry}: is the last partner", "a registry has one at least: stop the guard instead"
        )
    try:
        revoked = revoke_partner(custody, partner)
    except CollectError as error:
        say(f"error: {error.message}; the entry stays until the gateway refuses")
        say(f"hint: {error.hint or 'run it again once the gateway answers'}")
        return Exit.UNVERIFIED
    left = still_honoured(custody, partner)
    if left:
        say(f"error: still honoured: {', '.join(left)}; the entry stays")
        return Exit.FAILS
    told = tell_end(custody, partner)
    if told.end is not End.ENDED:
        say(f"{name}: could not be told by DELETE credentials ({told.detail}): tell its contacts")
    record = remove_entry(folder, custody, partner, revoked, reason, told)
    answered = "no gateway was asked"
    if revoked.refused_after is not None:
        answered = f"the gateway refused after {revoked.refused_after:.2f} s"
    say(f"{name}: {revoked.tokens} tokens revoked, {answered}; kept: {record}")
    say("hint: `rampart up` takes it out of the deployed stack; a standalone guard reads the folder again")
    return Exit.HOLDS
