"""Checks of the token store and the ledgers."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from hardening.checks import Verdicts, check
from scanners.policy.checks.reading import must_be, read, verdict
from scanners.policy.samples.data import DATA
from scanners.policy.samples.sample_stack import ABSENT, weaken
from scanners.policy.stack import Resource, Stack

TABLE: Final = "aws:dynamodb/table:Table"


def _token_tables(stack: Stack) -> Iterator[Resource]:
    """The tables keyed by `digest`; if none is, every table that calls itself a token store."""
    tables = stack.of_type(TABLE)
    yield from [
        t for t in tables if "token" in str(read(t, "name")).lower() or read(t, "hashKey") == "digest"
    ]


@check("tokens-stored-as-digests", good=DATA, bad=weaken(DATA, "table-tokens", "hashKey", "token"))
def token_store_is_keyed_by_digest(stack: Stack) -> Verdicts:
    """The hash key of the token table is `digest`: no token is stored in clear."""
    yield from must_be(_token_tables(stack), "hashKey", "digest")


@check("tokens-stored-as-digests", good=DATA, bad=weaken(DATA, "table-tokens", "ttl.enabled", False))
def token_store_forgets_expired_tokens(stack: Stack) -> Verdicts:
    """The token table has a time to live."""
    for table in _token_tables(stack):
        forgets = read(table, "ttl.enabled") is True and bool(read(table, "ttl.attributeName"))
        yield verdict(f"{table.urn}#ttl", forgets, "tokens do not expire")


@check("retention-bounded", good=DATA, bad=weaken(DATA, "table-cdrs", "ttl", ABSENT))
def ledgers_forget(stack: Stack) -> Verdicts:
    """Every table has a time to live."""
    for table in stack.of_type(TABLE):
        forgets = read(table, "ttl.enabled") is True and bool(read(table, "ttl.attributeName"))
        yield verdict(f"{table.urn}#ttl", forgets, "entries never expire")


@check("ledgers-recoverable", good=DATA, bad=weaken(DATA, "table-cdrs", "pointInTimeRecovery.enabled", False))
def ledgers_are_backed_up(stack: Stack) -> Verdicts:
    """Every table has point-in-time recovery."""
    yield from must_be(stack.of_type(TABLE), "pointInTimeRecovery.enabled", True)


@check(
    "ledgers-recoverable", good=DATA, bad=weaken(DATA, "table-tokens", "deletionProtectionEnabled", ABSENT)
)
def ledgers_survive_deletion(stack: Stack) -> Verdicts:
    """Every table has deletion protection."""
    yield from must_be(stack.of_type(TABLE), "deletionProtectionEnabled", True)
