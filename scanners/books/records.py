"""Tokens, secrets and leniencies as `rampart token status` tells them; no value among them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any

from hardening.errors import CollectError

FORMAT = "rampart-token-status/2"


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenRow:
    """One token: `token` is the start of its digest, `age` in seconds (None: nobody knows).

    `last_used` is None where no use was noted.
    """

    partner: str
    environment: str
    token: str
    kind: str
    state: str
    age: float | None
    expires: datetime
    overlap_ends: datetime | None = None
    last_used: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SecretRow:
    """One secret of a partner and direction. `filled`: it has a version; `rotation_days` None: never."""

    name: str
    exists: bool
    filled: bool = False
    rotates: bool = False
    rotation_days: int | None = None
    last_rotated: datetime | None = None
    policy: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class LeniencyRow:
    """What a partner may write otherwise than its edition says, and why; `reason` "" for none given."""

    partner: str
    leniency: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenBooks:
    """All that was told at `at`, of one environment or of several."""

    at: datetime
    rotation_days: int
    partners: tuple[str, ...]
    tokens: tuple[TokenRow, ...] = ()
    secrets: tuple[SecretRow, ...] = ()
    leniencies: tuple[LeniencyRow, ...] = ()


def read_books(*texts: str) -> TokenBooks:
    """The books in status documents, one or more of them. Raises CollectError for any other text."""
    try:
        documents = [json.loads(text) for text in texts]
        if any(one["format"] != FORMAT for one in documents):
            raise ValueError
        return TokenBooks(
            at=datetime.fromisoformat(documents[0]["at"]),
            rotation_days=min(one["rotation_days"] for one in documents),
            partners=tuple(name for one in documents for name in one["partners"]),
            tokens=tuple(_row(TokenRow, row) for one in documents for row in one["tokens"]),
            secrets=tuple(_row(SecretRow, row) for one in documents for row in one["secrets"]),
            leniencies=tuple(_row(LeniencyRow, row) for one in documents for row in one["leniencies"]),
        )
    except (ValueError, KeyError, IndexError, TypeError):
        raise CollectError(f"expected documents of the format {FORMAT}", "`rampart token status`") from None


_TIMES = ("expires", "overlap_ends", "last_used", "last_rotated")


def _row(kind: Any, values: Mapping[str, Any]) -> Any:
    known = {field.name: values[field.name] for field in fields(kind) if field.name in values}
    times = {name: datetime.fromisoformat(known[name]) for name in _TIMES if known.get(name)}
    return kind(**{**known, **times})
