"""Checks of live tokens (age, rotation, overlap, use, sharing), and of what contracts let pass."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta

from hardening.checks import Unverifiable, Verdicts, check
from hardening.ocpi.leniencies import NAMES as LENIENCIES
from scanners.books.records import TokenBooks, TokenRow
from scanners.books.samples import AT, BOOKS, DAY, LENIENCY, OLD, SECRET, TOKEN, USED

_ALIVE = ("offered", "active", "retiring")
# A rotation is begun once a day at most; so much later it is overdue.
_LATE = 1.0
_LONGEST_OVERLAP = timedelta(minutes=1440)
_MOST_ALIVE = 2
# Nobody fetched or used a token, or a partner made no call, in so many days.
_UNUSED_DAYS = 14.0


def _with(*tokens: TokenRow) -> TokenBooks:
    return replace(BOOKS, tokens=tokens)


def _alive(books: TokenBooks) -> Iterator[TokenRow]:
    yield from (token for token in books.tokens if token.state in _ALIVE)


def _partner(token: TokenRow) -> str:
    return f"{token.environment}/{token.partner}"


def _where(token: TokenRow) -> str:
    return f"{_partner(token)}/{token.token}"


@check(
    "secrets-rotate-monthly",
    good=BOOKS,
    bad=_with(replace(TOKEN, age=32 * DAY)),
    also_good={
        "an old token ends with its overlap": _with(TOKEN, OLD),
        "one that only registers is not rotated": _with(replace(TOKEN, kind="A", age=40 * DAY)),
        "a revoked one is over": _with(replace(TOKEN, state="revoked", age=40 * DAY)),
    },
    unverifiable={"nobody knows its age": _with(replace(TOKEN, age=None))},
)
def token_is_rotated_in_time(books: TokenBooks) -> Verdicts:
    """No token in use is older than the rotation."""
    unknown = ""
    for token in _alive(books):
        if token.kind != "C" or token.state != "active":
            continue
        if token.age is None:
            unknown = _where(token)
            continue
        days = token.age / DAY
        overdue = days > books.rotation_days + _LATE
        yield _where(token), f"{days:.0f} days old, and not rotated" if overdue else None
    if unknown:
        raise Unverifiable(unknown, "nobody knows when it was issued")


@check(
    "secret-per-partner-and-direction",
    good=BOOKS,
    bad={
        "two environments": _with(TOKEN, replace(TOKEN, environment="production")),
        "two partners": _with(TOKEN, replace(TOKEN, partner="example-cpo")),
        "no secret": replace(BOOKS, secrets=(replace(SECRET, exists=False),)),
    },
)
def token_is_shared_by_nobody(books: TokenBooks) -> Verdicts:
    """No digest stands for two partners or environments, and each partner has its secrets."""
    owners: dict[str, set[str]] = defaultdict(set)
    for token in books.tokens:
        owners[token.token].add(f"{token.environment}/{token.partner}")
    for digest, names in owners.items():
        yield digest, f"is of {', '.join(sorted(names))}" if len(names) > 1 else None
    yield from ((one.name, None if one.exists else "is not there") for one in books.secrets)


@check(
    "rotation-overlap-bounded",
    good=_with(TOKEN, OLD),
    bad={
        "it goes on": _with(TOKEN, replace(OLD, overlap_ends=AT + timedelta(days=3))),
        "three are alive": _with(TOKEN, OLD, replace(TOKEN, token="c" * 12, state="offered")),
    },
)
def overlap_ends(books: TokenBooks) -> Verdicts:
    """An old token ends within a day, and no partner has more than two that open something."""
    alive: dict[str, int] = defaultdict(int)
    for token in _alive(books):
        alive[f"{token.environment}/{token.partner}"] += 1
        if token.overlap_ends is not None:
            long = token.overlap_ends - books.at > _LONGEST_OVERLAP
            yield _where(token), "lives beside its successor for more than a day" if long else None
    for partner, count in alive.items():
        yield partner, f"{count} tokens open something" if count > _MOST_ALIVE else None


@check(
    "unused-access-ends",
    good=BOOKS,
    bad={
        "never used": _with(replace(TOKEN, state="offered", age=15 * DAY)),
        "never registered": _with(replace(TOKEN, kind="A", age=15 * DAY)),
        "no token": _with(),
    },
    also_good={"a new one": _with(replace(TOKEN, state="offered", age=DAY))},
    unverifiable={"nobody knows its age": _with(replace(TOKEN, state="offered", age=None))},
)
def access_is_used(books: TokenBooks) -> Verdicts:
    """A token that was offered or registers is used within two weeks; a partner has a token at all."""
    unknown = ""
    for token in _alive(books):
        if token.state != "offered" and token.kind != "A":
            continue
        if token.age is None:
            unknown = _where(token)
            continue
        yield _where(token), "was never used" if token.age / DAY > _UNUSED_DAYS else None
    having = {token.partner for token in _alive(books)}
    yield from ((name, None if name in having else "has no token") for name in books.partners)
    if unknown:
        raise Unverifiable(unknown, "nobody knows when it was issued")


@check(
    "unused-access-ends",
    good=BOOKS,
    bad={
        "no call in three weeks": _with(replace(TOKEN, age=25 * DAY, last_used=AT - timedelta(days=21))),
        "no call at all": _with(replace(TOKEN, age=15 * DAY, last_used=None)),
        "another's call": _with(
            replace(TOKEN, partner="example-cpo"), replace(TOKEN, age=15 * DAY, last_used=None)
        ),
    },
    also_good={
        "a new token": _with(replace(TOKEN, age=DAY, last_used=None)),
        "its old token was used": _with(replace(TOKEN, age=20 * DAY, last_used=None), USED),
        "it only registers": _with(replace(TOKEN, kind="A", last_used=None)),
        "it is over": _with(replace(TOKEN, state="revoked", age=25 * DAY, last_used=None)),
    },
    unverifiable={"nobody knows its age": _with(replace(TOKEN, age=None, last_used=None))},
)
def partner_calls(books: TokenBooks) -> Verdicts:
    """A partner with a token in use calls at least every two weeks, with one of its tokens."""
    used: dict[str, datetime] = {}
    for token in books.tokens:
        if token.last_used is not None:
            last = used.get(_partner(token)) or token.last_used
            used[_partner(token)] = max(last, token.last_used)
    unknown = ""
    for token in books.tokens:
        if token.kind != "C" or token.state != "active":
            continue
        if _partner(token) in used:
            silent = books.at - used[_partner(token)]
        elif token.age is not None:
            silent = timedelta(seconds=token.age)
        else:
            unknown = _where(token)
            continue
        yield _where(token), "its partner makes no call" if silent.days > _UNUSED_DAYS else None
    if unknown:
        raise Unverifiable(unknown, "nobody knows when it was issued, and no use was noted")


@check(
    "leniency-is-agreed",
    good=BOOKS,
    bad={
        "no reason": replace(BOOKS, leniencies=(replace(LENIENCY, reason=" "),)),
        "no such leniency": replace(BOOKS, leniencies=(replace(LENIENCY, leniency="anything"),)),
    },
)
def leniency_has_a_reason(books: TokenBooks) -> Verdicts:
    """Each leniency of a partner is one that we know, and says why it was agreed: a line for each of them."""
    for one in books.leniencies:
        where = f"{one.partner}/{one.leniency}"
        if one.leniency not in LENIENCIES:
            yield where, "is no leniency that is known"
        else:
            yield where, None if one.reason.strip() else "says no reason"
