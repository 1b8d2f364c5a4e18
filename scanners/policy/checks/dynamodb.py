"""Checks of the token store and the ledgers."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from hardening.checks import Unverifiable, Verdicts, check
from scanners.policy.checks.policies import policy_at
from scanners.policy.checks.reading import must_be, number, read, verdict
from scanners.policy.iam.policy import Statement
from scanners.policy.samples.data import DATA, TOKEN_USE, UNKNOWN_TABLE, changing_tokens, policy
from scanners.policy.samples.sample_stack import ABSENT, weaken
from scanners.policy.stack import Resource, Stack

TABLE: Final = "aws:dynamodb/table:Table"
_ROLE_POLICY: Final = "aws:iam/rolePolicy:RolePolicy"
# What a token's use, its rotation and its revocation change; and the key that names the record.
_STATE: Final = frozenset({"digest", "expires", "state", "used"})
_ATTRIBUTES: Final = "dynamodb:attributes"


def _granted(text: str) -> Stack:
    return weaken(TOKEN_USE, "policy-guard", "policy", text)


def _token_tables(stack: Stack) -> Iterator[Resource]:
    """The tables keyed by `digest`, and those that call themselves a token store."""
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


@check(
    "token-records-change-in-state-only",
    good=TOKEN_USE,
    bad={
        "no condition": _granted(changing_tokens()),
        "whose it is": _granted(changing_tokens("digest", "state", "partner")),
        "no attribute at all": _granted(changing_tokens("digest", "state", null="")),
        "another limit": _granted(changing_tokens("eu-central-1").replace("dynamodb:A", "aws:A")),
        "some of the attributes": _granted(changing_tokens("state").replace("ForAllValues:", "ForAnyValue:")),
        "every action": _granted(changing_tokens(action="dynamodb:Update*")),
    },
    also_good={
        "who makes tokens": _granted(
            policy(
                {
                    "Effect": "Allow",
                    "Action": ["dynamodb:PutItem", "dynamodb:UpdateItem"],
                    "Resource": "arn:table-tokens",
                }
            )
        ),
        "who only reads": _granted(changing_tokens(action="dynamodb:GetItem")),
    },
    unverifiable={"a table without an ARN": UNKNOWN_TABLE},
)
def who_makes_no_token_changes_its_state_alone(stack: Stack) -> Verdicts:
    """`UpdateItem` without `PutItem` names the attributes, and demands that there are some.

    DynamoDB Developer Guide, "Using IAM policy conditions for fine-grained access control". Without `Null`, a
    request without attributes meets `ForAllValues` (IAM User Guide, "Multivalued context keys").
    """
    for table in _token_tables(stack):
        arn = table.outputs.get("arn")
        if not isinstance(arn, str):
            raise Unverifiable(f"{table.urn}#arn", "the table's ARN is not known")
        for each in stack.of_type(_ROLE_POLICY):
            rules = policy_at(each, "policy").allowing
            changing = [rule for rule in rules if rule.covers("dynamodb:UpdateItem", arn)]
            if changing and not any(rule.covers("dynamodb:PutItem", arn) for rule in rules):
                limited = all(_in_state_only(rule) for rule in changing)
                yield verdict(f"{each.urn}#policy", limited, "may change whose token a record is")


def _in_state_only(rule: Statement) -> bool:
    about = [one for one in rule.conditions if one.key == _ATTRIBUTES]
    named = [one for one in about if one.operator == "stringequals" and one.quantifier == "forallvalues"]
    there = any(one.operator == "null" and one.values == ("false",) for one in about)
    return there and any(set(one.values) <= _STATE for one in named)


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


@check(
    "ledgers-recoverable",
    good=DATA,
    bad=weaken(DATA, "table-cdrs", "pointInTimeRecovery.recoveryPeriodInDays", 1),
)
def ledgers_go_back_a_month(stack: Stack) -> Verdicts:
    """What was damaged weeks ago can still be restored; 35 days are DynamoDB's own default."""
    for table in stack.of_type(TABLE):
        days = number(table, "pointInTimeRecovery.recoveryPeriodInDays")
        where = f"{table.urn}#pointInTimeRecovery"
        yield verdict(where, days is None or days >= 30, "less than 30 days can be brought back")


@check(
    "stores-closed-to-foreign-accounts", good=DATA, bad=weaken(DATA, "table-tokens", "streamEnabled", True)
)
def tables_have_no_stream(stack: Stack) -> Verdicts:
    """A stream is a second copy of every record, with rights of its own, and nothing here reads one."""
    readers = stack.of_type("aws:lambda/eventSourceMapping:EventSourceMapping")
    for table in stack.of_type(TABLE):
        off = read(table, "streamEnabled") in (None, False) or bool(readers)
        yield verdict(f"{table.urn}#streamEnabled", off, "a stream that nothing reads")
