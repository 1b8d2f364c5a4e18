"""A rule as a check: it asks the books, and judges by what they say."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from hardening.checks import Check, Verdicts, check
from scanners.reconcile.books import Books, one_line
from scanners.reconcile.rules import BY_NAME

Cases = Mapping[str, Books]


def rule_check(
    module: str, rule: str, good: Books, bad: Cases, also_good: Cases | None = None
) -> Check[Books]:
    """The check of a rule, as one of `module`; `bad` has books for each of its clauses."""
    control = BY_NAME[rule].control if rule in BY_NAME else "totals-match-the-tariff"
    judge = _judge_of(rule)
    judge.__module__ = module
    return check(control, good=good, bad=bad, also_good=also_good)(judge)


def _judge_of(rule: str) -> Callable[[Books], Verdicts]:
    def judge(books: Books) -> Verdicts:
        rows = books.rows(rule)
        judged = books.judged(rule)
        for row in rows:
            yield row.where, one_line(f"expected {row.expected}, found {row.found}")
        more = books.count(rule) - len(rows)
        if more > 0:
            yield rule, f"{more:,} more places, which are counted and not named (--limit)"
        if judged and not rows:
            yield f"{judged:,} judged", None

    judge.__name__ = rule
    return judge
