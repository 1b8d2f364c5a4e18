"""What the deep scan (sslyze) saw of an address. Facts only."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final


@dataclass(frozen=True, slots=True, kw_only=True)
class Deep:
    """One question of the deep scan. `vulnerable` is None when it could not tell; `detail` says why."""

    question: str
    vulnerable: bool | None
    detail: str = ""


EXTENDED_MASTER_SECRET: Final = "extended master secret"  # noqa: S105  (an extension, not a secret)
SECURE_RENEGOTIATION: Final = "secure renegotiation"
COMPRESSION: Final = "compression"
EARLY_DATA: Final = "early data"


@dataclass(frozen=True, slots=True, kw_only=True)
class SecondScan:
    """What sslyze saw of the same address, beside this audit.

    `suites` maps each version that it finished to the suites it was accepted with, and `marks` each of the
    features above to whether it is there. `groups` is None if it did not finish them. `leaves` are digests of
    the certificates sent. `unanswered` says what it did not complete, and why.
    """

    suites: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    marks: Mapping[str, bool] = field(default_factory=dict)
    groups: tuple[str, ...] | None = None
    leaves: tuple[str, ...] = ()
    unanswered: tuple[str, ...] = ()
