"""Many partners' rotations in one run: side by side, each for itself, and again where it was cut off.

What is due follows from the records, so a run that was killed is taken up by the next.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass
from datetime import datetime, timedelta

from hardening.errors import RampartError
from hardening.registry.partners import Partner
from hardening.rotation.connection import INBOUND, OUTBOUND, Vault
from hardening.rotation.records import OFFERED, TokenRecord
from hardening.rotation.result import End, Result
from hardening.rotation.standing import standing

# What a rotation ended in where it could not even say so.
Rotate = Callable[[Partner], Result]


@dataclass(frozen=True, slots=True)
class Rotated:
    """How the rotation of one partner ended; `crash` names what went wrong on our side."""

    partner: str
    result: Result | None
    crash: str = ""

    @property
    def done(self) -> bool:
        """Whether both sides have new tokens."""
        return self.result is not None and self.result.end is End.ROTATED

    def __str__(self) -> str:
        if self.result is None:
            return f"{self.partner}: {self.crash}"
        detail = f": {self.result.detail}" if self.result.detail else ""
        return f"{self.partner}: {self.result.end}{detail}"


def is_due(records: Iterable[TokenRecord], now: datetime, rotation: timedelta) -> bool:
    """Whether a token in use is older than `rotation`, of unknown age, or its rotation was cut off."""
    in_use = [one for one in records if one.kind == "C" and one.honoured(now)]
    if any(one.state == OFFERED for one in in_use):
        return True
    dues = [standing(one, now, rotation).rotation_due for one in in_use if one.state != "retiring"]
    return any(due is None or due <= now for due in dues)


def is_cut_off(vault: Vault) -> bool:
    """Whether an exchange ended between the partner's answer and our last word on it.

    The records of such a partner are in order, but what it gave us is not in use yet, and what is in use may
    be dead there.
    """
    return any(vault.waits(direction) for direction in (INBOUND, OUTBOUND))


def rotate_all(partners: Iterable[Partner], rotate: Rotate, workers: int) -> Iterator[Rotated]:
    """Rotate each of `partners`, `workers` at a time; a failure of one is no failure of another."""
    pool = ThreadPoolExecutor(workers)
    try:
        running = [pool.submit(_rotated, partner, rotate) for partner in partners]
        for future in as_completed(running):
            yield future.result()
    finally:
        # Who ends the run waits for the exchanges that are under way, and for no others.
        pool.shutdown(cancel_futures=True)


def _rotated(partner: Partner, rotate: Rotate) -> Rotated:
    try:
        return Rotated(partner.name, rotate(partner))
    except RampartError as error:
        return Rotated(partner.name, None, error.message)
    except Exception as crash:  # the outer edge of one partner's rotation: the others go on
        return Rotated(partner.name, None, type(crash).__name__)
