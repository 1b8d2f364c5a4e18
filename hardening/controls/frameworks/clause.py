"""One clause of a framework, and how a control stands to it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum


class Relation(StrEnum):
    """How what a control asks stands to what a clause asks: three of the set relations of NIST IR 8477."""

    EQUAL = "equal"  # the control asks what the clause asks, no more and no less
    SUBSET = "subset"  # all that the control asks is a part of what the clause asks
    INTERSECTS = "intersects"  # they share a part, and each asks for something beside it


@dataclass(frozen=True, slots=True)
class Clause:
    """A clause that a control answers to: `framework` is a key of `STANDARDS`, `id` is one of its."""

    framework: str
    id: str
    relation: Relation

    def __str__(self) -> str:
        return f"{self.framework}:{self.id}"


def clauses(*, equal: str = "", subset: str = "", intersects: str = "") -> tuple[Clause, ...]:
    """Clauses by their relation, each written `framework:id` or `framework:id,id`, with spaces between."""
    written = ((Relation.EQUAL, equal), (Relation.SUBSET, subset), (Relation.INTERSECTS, intersects))
    return tuple(clause for relation, text in written for clause in _read(relation, text))


def cis_aws(*, equal: str = "", subset: str = "", intersects: str = "") -> tuple[Clause, ...]:
    """Recommendations of the CIS AWS Foundations Benchmark by their relation, with commas between."""
    by_relation = {"equal": equal, "subset": subset, "intersects": intersects}
    return clauses(**{relation: f"cis-aws:{ids}" for relation, ids in by_relation.items() if ids})


def _read(relation: Relation, text: str) -> Iterator[Clause]:
    for word in text.split():
        framework, _, ids = word.partition(":")
        yield from (Clause(framework, name, relation) for name in ids.split(","))


def told(answered: tuple[Clause, ...]) -> str:
    """Clauses in words: `equal cis-aws:4.3; subset of soc2:CC7.2; intersects nis2:21.2.b`."""
    words = {Relation.EQUAL: "equal", Relation.SUBSET: "subset of", Relation.INTERSECTS: "intersects"}
    parts = (
        (word, [str(one) for one in answered if one.relation is relation]) for relation, word in words.items()
    )
    return "; ".join(f"{word} {', '.join(named)}" for word, named in parts if named)
