"""What is in a region by AWS's own inventories, of whatever kind: ARNs, of kinds without a reader too.

Each inventory knows something that the others do not: the tagging API what has or had tags, Resource Explorer
what its index holds, Config what its recorder records. What one does not answer, another may.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Final

from scanners.drift.account import View
from scanners.drift.records import TAGGING, Inventories, Unseen
from scanners.drift.unanswered import BROKEN, reason

_AT_ONCE: Final = 8


def _by_tags(view: View) -> Iterator[str]:
    listed = view.pages("resourcegroupstaggingapi", "get_resources", "ResourceTagMappingList")
    return (each["ResourceARN"] for each in listed)


def _by_explorer(view: View) -> Iterator[str]:
    """By the region's default view; an aggregator's answers for all regions, and that is as well."""
    return (each["Arn"] for each in view.pages("resource-explorer-2", "list_resources", "Resources"))


def _by_config(view: View) -> Iterator[str]:
    """Each result is a JSON object of the properties that were asked for (Config, SelectResourceConfig)."""
    listed = view.pages("config", "select_resource_config", "Results", Expression="SELECT arn")
    return (found["arn"] for found in map(json.loads, listed) if found.get("arn"))


INVENTORIES: Final[Mapping[str, Callable[[View], Iterable[str]]]] = {
    TAGGING: _by_tags,
    "Resource Explorer": _by_explorer,
    "Config": _by_config,
}


def inventories(view: View, regions: Iterable[str]) -> Inventories:
    """What each inventory says of each region. Of an emulator only the tags: it has no other inventory."""
    named = {name: ask for name, ask in INVENTORIES.items() if not view.endpoint or ask is _by_tags}
    asked = [(name, region) for region in sorted(regions) for name in named]

    def one(question: tuple[str, str]) -> frozenset[str] | Unseen:
        name, region = question
        try:
            return frozenset(_own(view, named[name](view.narrowed_to((), region))))
        except BROKEN as error:
            return Unseen(reason(error))

    with ThreadPoolExecutor(_AT_ONCE if not view.endpoint else 1) as pool:
        return dict(zip(asked, pool.map(one, asked), strict=True))


def _own(view: View, arns: Iterable[str]) -> Iterator[str]:
    """Those of the account; what another one shares is not what anybody made here."""
    account = view.account()
    return (arn for arn in arns if _account_of(arn) in ("", account))


def _account_of(arn: str) -> str:
    parts: list[Any] = arn.split(":", 5)
    if len(parts) < 6 or parts[0] != "arn":
        raise ValueError("not an ARN")
    return str(parts[4])
