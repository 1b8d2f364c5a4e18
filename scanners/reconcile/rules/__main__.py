"""`python -m scanners.reconcile.rules docs/reconciliation.md`: write the table of rules into a document."""

from __future__ import annotations

import sys
from pathlib import Path

from scanners.reconcile.rules import RULES, sql_of


def table() -> str:
    """The rules as Markdown, each with the first sentence of its file."""
    head = "| rule | control | needs | what breaks it |\n|---|---|---|---|\n"
    rows = (
        f"| `{one.name}` | `{one.control}` | {_option(one.needs)} | {_said(one.name)} |\n" for one in RULES
    )
    return head + "".join(rows)


def _option(needs: str) -> str:
    name = "counterpart" if needs == "statement" else needs
    return f"`--{name}`" if name else ""


def _said(rule: str) -> str:
    """The comment at the head of a rule."""
    lines = sql_of(rule).splitlines()
    comment = [line.removeprefix("-- ") for line in lines if line.startswith("-- ")]
    return " ".join(comment)


def written(document: str) -> str:
    """The document with the table between its marks."""
    begin, end = "<!-- rules -->\n", "<!-- /rules -->"
    head, _, rest = document.partition(begin)
    return head + begin + table() + end + rest.partition(end)[2]


if __name__ == "__main__":
    file = Path(sys.argv[1])
    file.write_text(written(file.read_text(encoding="utf-8")), encoding="utf-8")
