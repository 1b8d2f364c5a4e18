"""Write what a stack costs at no traffic, by size: `python -m infra.cost docs/cost.md`.

The counts are those of the resources that the program declares for `Pulumi.production.yaml` and the
registry, in each size; the prices are those of `infra.prices`.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from hardening.cli import Exit
from hardening.registry.deployed import deployed_registry
from infra.preflight.look import declared
from infra.prices import AS_OF, HOURS, REGION, monthly, priced, used
from infra.program_run.deployment import Record
from infra.program_run.monitor import StackName
from infra.program_run.provision import SOURCE_ROOT
from infra.settings import load
from infra.sizes import SIZES

_STACK = "production"


def by_size() -> Mapping[str, tuple[Record, ...]]:
    """What the program declares in each size."""
    settings, partners = load(_STACK, SOURCE_ROOT), deployed_registry(SOURCE_ROOT / "partners")
    partners = tuple(replace(partner, environment=settings.environment) for partner in partners)
    return {
        size: declared(StackName("rampart", _STACK), replace(settings, size=size), partners) for size in SIZES
    }


def page(sizes: Mapping[str, tuple[Record, ...]]) -> str:
    """The whole document."""
    return "\n".join((*_head(), *_table(sizes), *_tail(sizes))) + "\n"


def _head() -> list[str]:
    return [
        "# What it costs to run",
        "",
        "Written by `python -m infra.cost docs/cost.md`; do not edit. US dollars a month at no traffic, for",
        f"two zones and three partners, at prices of {REGION} as we knew them on {AS_OF}, {HOURS} hours a",
        "month, before tax and discounts. They were noted by hand; the last column says where the same",
        "price was met again. None was read from AWS's own price pages: look there before you rely on one.",
        "`rampart:size` chooses; both sizes keep every control.",
        "",
    ]


def _table(sizes: Mapping[str, tuple[Record, ...]]) -> list[str]:
    names = list(sizes)
    lines = [
        "| what | one | " + " | ".join(f"{name}: count | {name}: dollars" for name in names) + " | seen |",
        "|---|--:|" + "--:|" * (2 * len(names)) + "---|",
    ]
    for rows in zip(*(priced(records) for records in sizes.values()), strict=True):
        price = rows[0][0]
        cells = (f"{count:g} | {price.dollars * count:.2f}" for _, count in rows)
        row = (price.what, f"{price.dollars:.2f} per {price.unit}", *cells, price.seen)
        lines.append(f"| {' | '.join(row)} |")
    sums = (f"| **{monthly(records):.0f}**" for records in sizes.values())
    return [*lines, "| **together** | | " + " | ".join(sums) + " | |"]


def _tail(sizes: Mapping[str, tuple[Record, ...]]) -> list[str]:
    every = list(dict.fromkeys(what for records in sizes.values() for what in used(records)))
    return [
        "",
        "## Availability",
        "",
        *(f"* **{name}**: {SIZES[name].availability}" for name in sizes),
        "",
        "## Not counted: what costs by use",
        "",
        *(f"* {what}" for what in every),
    ]


def main(arguments: list[str]) -> int:
    """Write the page to the file that the one argument names."""
    if len(arguments) != 1:
        print(
            "rampart: error: expected the file to write: python -m infra.cost docs/cost.md", file=sys.stderr
        )
        return Exit.USAGE
    text, file = page(by_size()), Path(arguments[0])
    try:
        file.write_text(text, encoding="utf-8")
    except OSError as error:
        print(f"rampart: error: {file}: {error.strerror}", file=sys.stderr)
        return Exit.USAGE
    return Exit.HOLDS


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
