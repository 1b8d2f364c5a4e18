"""A new token for a partner: who may get one, and in which hands it may be put."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path

import click

from hardening.errors import ConfigError
from hardening.registry.partners import Partner
from hardening.requests.tokens import digest, issue
from hardening.rotation.connection import INBOUND, Secret
from hardening.rotation.records import ACTIVE, OFFERED, Change, Conflict, TokenRecord, offer, revoke
from infra.tokens.custody import Custody, now, terms_of
from infra.tokens.deployed import registration_token


@dataclass(frozen=True, slots=True)
class Hands:
    """Where a new token goes: a file (mode 0600), Secrets Manager unseen, or else the terminal, once."""

    file: Path | None = None
    secret: bool = False

    def check(self, custody: Custody) -> None:
        """Raises ConfigError where the token would be seen by others, or has nowhere to go."""
        if self.file and self.secret:
            raise ConfigError("expected --to-file or --to-secret, not both")
        if self.secret and custody.vault_of is None:
            raise ConfigError("--to-secret: there is no secrets store here", "--to-file FILE")
        if self.file and self.file.exists():
            raise ConfigError(f"--to-file {self.file}: is there already; expected a new file")
        if not self.file and not self.secret and not sys.stdout.isatty():
            raise ConfigError(
                "stdout is no terminal: a token is shown to a person, once", "--to-file FILE, or --to-secret"
            )

    def take(self, custody: Custody, partner: Partner, token: str) -> None:
        """Write the token where it goes, before anything honours it. Raises ConfigError."""
        if self.file:
            try:
                with os.fdopen(os.open(self.file, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "w") as file:
                    file.write(f"{token}\n")
            except OSError as error:
                raise ConfigError(f"--to-file {self.file}: {error.strerror}") from None
        elif self.secret and custody.vault_of is not None:
            custody.vault_of(partner).write_pending(INBOUND, Secret(token))

    def undo(self) -> None:
        """The token is honoured nowhere: take its file away."""
        if self.file:
            self.file.unlink(missing_ok=True)

    def done(self, custody: Custody, partner: Partner, token: str) -> None:
        """The token is honoured: make its secret the current one, or show it on the terminal."""
        if self.secret and custody.vault_of is not None:
            custody.vault_of(partner).promote(INBOUND)
        elif not self.file:
            click.echo(token)


def changes_for(
    records: Iterable[TokenRecord], new: TokenRecord, partner: Partner, *, follow: bool = False
) -> tuple[Change, ...]:
    """What honours a new token of `partner`.

    A registration token replaces the one before it at once. A token in use is issued where there is none or,
    with `follow`, beside the one in use, which retires on the first call with the new one.

    Raises ConfigError.
    """
    at = now()
    alive = [one for one in records if one.honoured(at)]
    in_use = [one for one in alive if one.kind == "C"]
    if in_use and not follow:
        raise ConfigError(
            f"{partner.name}: has a token in use", "`rampart token rotate` replaces it, `revoke` ends it"
        )
    if follow and not in_use:
        raise ConfigError(f"{partner.name}: has no token in use", "`rampart token issue` makes one")
    current = max(in_use, key=lambda one: (one.state == ACTIVE, one.expires), default=None)
    others = [one for one in alive if one is not current]
    made, *stands = offer(terms_of(partner), new, current, None, at)
    # Nobody confirms a token that was handed over: it is in use, unless it follows one that is.
    state = OFFERED if follow else ACTIVE
    return (Change(None, replace(made.after, state=state)), *stands, *revoke(others))


def issue_to(
    custody: Custody, partner: Partner, kind: str, hands: Hands, *, follow: bool = False
) -> TokenRecord:
    """Make, hand over and honour a token; what honours it. Raises ConfigError."""
    hands.check(custody)
    token = issue()
    new = TokenRecord(digest(token), partner.name, kind, OFFERED, "", 0)
    changes = changes_for(custody.records.of_partner(partner.name), new, partner, follow=follow)
    hands.take(custody, partner, token)
    try:
        custody.records.apply(changes)
    except Conflict:
        hands.undo()
        hint = "look at `rampart token status`, and try again"
        raise ConfigError(f"{partner.name}: its tokens changed at the same moment", hint) from None
    hands.done(custody, partner, token)
    return changes[0].after


def hand_over(custody: Custody, partner: Partner, kind: str, hands: Hands) -> None:
    """On AWS: hand over the token that registers, which the rotation function made. Raises ConfigError."""
    if kind != "A" or hands.secret:
        raise ConfigError(
            "on AWS a person hands over a token of kind A alone, and it is in its secret already"
        )
    hands.check(custody)
    token = registration_token(custody.secrets, custody.records, partner, now())
    hands.take(custody, partner, token)
    hands.done(custody, partner, token)
