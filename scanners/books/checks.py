"""Checks of live tokens: their age, rotation, overlap, use, and who shares one."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from hardening.checks import Unverifiable, Verdicts, check
from scanners.books.records import SecretRow, TokenBooks, TokenRow

_ALIVE = ("offered", "active", "retiring")
_DAY = 86_400.0
# A rotation is begun once a day at most; so much later it is overdue.
_LATE = 1.0
_LONGEST_OVERLAP = timedelta(minutes=1440)
_MOST_ALIVE = 2
# Nobody fetched or used a token in so many days.
_UNUSED_DAYS = 14.0

_AT = datetime(2026, 1, 15, 12, 0, tzinfo=UTC)
_TOKEN = TokenRow(
    partner="example-emsp",
    environment="test",
    token="a" * 12,
    kind="C",
    state="active",
    age=10 * _DAY,
    expires=_AT + timedelta(days=50),
)
_READERS = {"ArnNotEquals": {"aws:PrincipalArn": ["arn:aws:iam::111111111111:role/rotation"]}}
_DENY = {
    "Effect": "Deny",
    "Principal": "*",
    "Action": ["secretsmanager:GetSecretValue"],
    "Resource": "*",
    "Condition": _READERS,
}
_SECRET = SecretRow(
    name="rampart/test/example-emsp/inbound",
    exists=True,
    filled=True,
    rotates=True,
    rotation_days=30,
    policy={"Version": "2012-10-17", "Statement": [_DENY]},
)
_BOOKS = TokenBooks(
    at=_AT, rotation_days=30, partners=("example-emsp",), tokens=(_TOKEN,), secrets=(_SECRET,)
)
_OLD = replace(
    _TOKEN, token="b" * 12, state="retiring", age=40 * _DAY, overlap_ends=_AT + timedelta(minutes=30)
)


def _with(*tokens: TokenRow) -> TokenBooks:
    return replace(_BOOKS, tokens=tokens)


def _alive(books: TokenBooks) -> Iterator[TokenRow]:
    yield from (token for token in books.tokens if token.state in _ALIVE)


def _where(token: TokenRow) -> str:
    return f"{token.environment}/{token.partner}/{token.token}"


@check(
    "secrets-rotate-monthly",
    good=_BOOKS,
    bad=_with(replace(_TOKEN, age=32 * _DAY)),
    also_good={
        "an old token ends with its overlap": _with(_TOKEN, _OLD),
        "one that only registers is not rotated": _with(replace(_TOKEN, kind="A", age=40 * _DAY)),
        "a revoked one is over": _with(replace(_TOKEN, state="revoked", age=40 * _DAY)),
    },
    unverifiable={"nobody knows its age": _with(replace(_TOKEN, age=None))},
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
        days = token.age / _DAY
        overdue = days > books.rotation_days + _LATE
        yield _where(token), f"{days:.0f} days old, and not rotated" if overdue else None
    if unknown:
        raise Unverifiable(unknown, "nobody knows when it was issued")


@check(
    "secrets-rotate-monthly",
    good=_BOOKS,
    bad={
        "never": replace(_BOOKS, secrets=(replace(_SECRET, rotates=False),)),
        "seldom": replace(_BOOKS, secrets=(replace(_SECRET, rotation_days=90),)),
        "at no stated time": replace(_BOOKS, secrets=(replace(_SECRET, rotation_days=None),)),
    },
    also_good={"an empty one waits": replace(_BOOKS, secrets=(replace(_SECRET, filled=False),))},
)
def secret_rotates_by_itself(books: TokenBooks) -> Verdicts:
    """Each secret with a version rotates by itself, at least every 30 days."""
    for secret in books.secrets:
        if secret.filled:
            often = secret.rotates and 0 < (secret.rotation_days or 0) <= 30
            yield secret.name, None if often else "does not rotate every 30 days by itself"


@check(
    "secret-per-partner-and-direction",
    good=_BOOKS,
    bad={
        "two environments": _with(_TOKEN, replace(_TOKEN, environment="production")),
        "two partners": _with(_TOKEN, replace(_TOKEN, partner="example-cpo")),
        "no secret": replace(_BOOKS, secrets=(replace(_SECRET, exists=False),)),
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
    good=_with(_TOKEN, _OLD),
    bad={
        "it goes on": _with(_TOKEN, replace(_OLD, overlap_ends=_AT + timedelta(days=3))),
        "three are alive": _with(_TOKEN, _OLD, replace(_TOKEN, token="c" * 12, state="offered")),
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
    good=_BOOKS,
    bad={
        "never used": _with(replace(_TOKEN, state="offered", age=15 * _DAY)),
        "never registered": _with(replace(_TOKEN, kind="A", age=15 * _DAY)),
        "no token": _with(),
    },
    also_good={"a new one": _with(replace(_TOKEN, state="offered", age=_DAY))},
    unverifiable={"nobody knows its age": _with(replace(_TOKEN, state="offered", age=None))},
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
        yield _where(token), "was never used" if token.age / _DAY > _UNUSED_DAYS else None
    having = {token.partner for token in _alive(books)}
    yield from ((name, None if name in having else "has no token") for name in books.partners)
    if unknown:
        raise Unverifiable(unknown, "nobody knows when it was issued")


@check(
    "secrets-closed-to-strangers",
    good=_BOOKS,
    bad={
        "no policy": replace(_BOOKS, secrets=(replace(_SECRET, policy=None),)),
        "everybody is denied": replace(
            _BOOKS, secrets=(replace(_SECRET, policy={"Statement": [{"Effect": "Deny", "Principal": "*"}]}),)
        ),
        "nobody is denied": replace(_BOOKS, secrets=(replace(_SECRET, policy={"Statement": []}),)),
        "everybody is allowed": replace(
            _BOOKS,
            secrets=(replace(_SECRET, policy={"Statement": [_DENY, {"Effect": "Allow", "Principal": "*"}]}),),
        ),
    },
    also_good={
        "what is not there": replace(_BOOKS, secrets=(replace(_SECRET, exists=False),)),
        "one role is allowed": replace(
            _BOOKS,
            secrets=(
                replace(
                    _SECRET, policy={"Statement": [{"Effect": "Allow", "Principal": {"AWS": "x"}}, _DENY]}
                ),
            ),
        ),
    },
)
def secret_names_its_readers(books: TokenBooks) -> Verdicts:
    """The policy of each secret denies reading to all but those that it names, and allows nobody else."""
    for secret in books.secrets:
        if secret.exists:
            statements = (secret.policy or {}).get("Statement", [])
            wide = [one for one in statements if one.get("Effect") == "Allow" and _anybody(one)]
            denies = [one for one in statements if one.get("Effect") == "Deny" and "ArnNotEquals" in str(one)]
            problem = "anybody may read it" if wide else "does not name its readers"
            yield secret.name, None if denies and not wide else problem


def _anybody(statement: dict[str, object]) -> bool:
    return statement.get("Principal") in ("*", {"AWS": "*"})
