"""Checks of what Secrets Manager says of partners' secrets: their rotation, and who may read them."""

from __future__ import annotations

from dataclasses import replace

from hardening.checks import Verdicts, check
from scanners.books.records import TokenBooks
from scanners.books.samples import BOOKS, DENY, SECRET


@check(
    "secrets-rotate-monthly",
    good=BOOKS,
    bad={
        "never": replace(BOOKS, secrets=(replace(SECRET, rotates=False),)),
        "seldom": replace(BOOKS, secrets=(replace(SECRET, rotation_days=90),)),
        "at no stated time": replace(BOOKS, secrets=(replace(SECRET, rotation_days=None),)),
    },
    also_good={"an empty one waits": replace(BOOKS, secrets=(replace(SECRET, filled=False),))},
)
def secret_rotates_by_itself(books: TokenBooks) -> Verdicts:
    """Each secret with a version rotates by itself, at least every 30 days."""
    for secret in books.secrets:
        if secret.filled:
            often = secret.rotates and 0 < (secret.rotation_days or 0) <= 30
            yield secret.name, None if often else "does not rotate every 30 days by itself"


@check(
    "secrets-closed-to-strangers",
    good=BOOKS,
    bad={
        "no policy": replace(BOOKS, secrets=(replace(SECRET, policy=None),)),
        "everybody is denied": replace(
            BOOKS, secrets=(replace(SECRET, policy={"Statement": [{"Effect": "Deny", "Principal": "*"}]}),)
        ),
        "nobody is denied": replace(BOOKS, secrets=(replace(SECRET, policy={"Statement": []}),)),
        "everybody is allowed": replace(
            BOOKS,
            secrets=(replace(SECRET, policy={"Statement": [DENY, {"Effect": "Allow", "Principal": "*"}]}),),
        ),
    },
    also_good={
        "what is not there": replace(BOOKS, secrets=(replace(SECRET, exists=False),)),
        "one role is allowed": replace(
            BOOKS,
            secrets=(
                replace(SECRET, policy={"Statement": [{"Effect": "Allow", "Principal": {"AWS": "x"}}, DENY]}),
            ),
        ),
    },
)
def secret_names_its_readers(books: TokenBooks) -> Verdicts:
    """The policy of each secret denies reading to all but those that it names, and allows nobody else."""
    for secret in books.secrets:
        if secret.exists:
            statements = (secret.policy or {}).get("Statement") or []
            wide = [one for one in statements if one.get("Effect") == "Allow" and _anybody(one)]
            denies = [one for one in statements if one.get("Effect") == "Deny" and "ArnNotEquals" in str(one)]
            problem = "anybody may read it" if wide else "does not name its readers"
            yield secret.name, None if denies and not wide else problem


def _anybody(statement: dict[str, object]) -> bool:
    return statement.get("Principal") in ("*", {"AWS": "*"})
