"""Kinds that our stack has none of: what somebody made by hand is named, and looked into no further.

A row names the question that lists a kind (each service's API reference) and how Pulumi knows one of it.
Resources of these kinds that a stack declares are known by their id; their settings are not compared.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Final

from scanners.drift.account import View
from scanners.drift.declared import by
from scanners.drift.records import Live, ResourceReader

# A service that the account has never used may say so where it could say that it has nothing.
_NEVER_USED: Final = ("OptInRequired", "SubscriptionRequiredException")


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind. `listed` leads to the rows in an answer, `key` to the id in a row (empty: the row is it).

    `known` is the Pulumi output that equals the id. Rows with one of `gone` at `state` are left out.
    """

    type: str
    service: str
    operation: str
    listed: str
    key: str
    known: str = "id"
    state: str = ""
    gone: tuple[str, ...] = ()
    asked: Mapping[str, Any] = field(default_factory=dict)
    is_global: bool = False
    account: str = ""  # the member of the question that takes the account's number
    region: str = ""  # the one region that answers for all


def _rows(view: View, kind: Kind) -> Iterator[Live]:
    if not view.offers(kind.service):
        return
    whose = {kind.account: view.account()} if kind.account else {}
    there = view.narrowed_to((), kind.region)
    asked = {**kind.asked, **whose}
    for row in there.pages(kind.service, kind.operation, kind.listed, absent=_NEVER_USED, **asked):
        if not kind.state or _at(row, kind.state) not in kind.gone:
            key = _at(row, kind.key) if kind.key else row
            yield Live(kind.type, str(key), {}, "" if kind.is_global else view.region)


def _at(row: Any, path: str) -> Any:
    for name in path.split("."):
        row = row[name]
    return row


def reader_of(kind: Kind) -> ResourceReader:
    """The reader that lists a kind."""
    return ResourceReader(
        type=kind.type,
        service=kind.service,
        read=partial(_rows, kind=kind),
        key=by(*(() if kind.known == "id" else (kind.known,))),
        fields=(),
        is_global=kind.is_global,
    )
