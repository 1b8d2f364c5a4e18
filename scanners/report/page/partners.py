"""What a run says of each partner, layer by layer."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from hardening.controls import CONTROLS, Layer
from scanners.outcome import Row
from scanners.report.page.verdicts import of_rows


@dataclass(frozen=True, slots=True)
class Cell:
    """The judgements of one layer about one partner. `verdict` is empty where none says anything."""

    verdict: str
    judgements: int


@dataclass(frozen=True, slots=True)
class PartnerView:
    """One partner's line of the heat map."""

    name: str
    cells: Mapping[Layer, Cell]


def partner_views(partners: Mapping[str, tuple[str, ...]], rows: Iterable[Row]) -> tuple[PartnerView, ...]:
    """The heat map: partner by layer. `partners` maps each name to its callback hosts.

    A judgement is about a partner where its place names it or a host of it: a secret, a usage plan, an
    endpoint. What holds for all partners alike is in no line.
    """
    whose = named_partner(partners)
    about: dict[tuple[str, Layer], list[Row]] = defaultdict(list)
    for row in rows:
        partner = whose(row.finding.where)
        control = CONTROLS.get(row.finding.control)
        if partner and control:
            about[partner, control.layer].append(row)
    return tuple(
        PartnerView(name, {layer: _cell(about[name, layer]) for layer in Layer}) for name in sorted(partners)
    )


def named_partner(partners: Mapping[str, tuple[str, ...]]) -> Callable[[str], str]:
    """The function from a place to the partner that it names; empty where it names none."""
    names = {host: name for name, hosts in partners.items() for host in hosts}
    names |= {name: name for name in partners}
    # Of two names that begin alike the longer one is meant.
    every = "|".join(re.escape(name) for name in sorted(names, key=len, reverse=True))
    pattern = re.compile(rf"(?<![a-z0-9.-])({every})(?![a-z0-9.])") if every else None

    def whose(where: str) -> str:
        found = pattern.search(where) if pattern else None
        return names[found.group(1)] if found else ""

    return whose


def _cell(rows: list[Row]) -> Cell:
    return Cell(of_rows(rows), len(rows))
