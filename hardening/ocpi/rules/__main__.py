"""Write the table of the rules into a document: `python -m hardening.ocpi.rules docs/messages.md`."""

from __future__ import annotations

import sys
from pathlib import Path

from hardening.ocpi.rules import RULES

BEGIN, END = "<!-- rules -->\n", "<!-- /rules -->\n"


def table() -> str:
    """The rules as a Markdown table, in the order in which they are asked."""
    rows = [f"| `{one.control}` | {', '.join(one.objects)} | {one.needs} |\n" for one in RULES]
    return "| rule | objects | needs |\n|---|---|---|\n" + "".join(rows)


def with_table(text: str) -> str:
    """`text` with the current table between its two markers. Raises ValueError where a marker is missing."""
    before, rest = text.split(BEGIN)
    _, after = rest.split(END)
    return f"{before}{BEGIN}{table()}{END}{after}"


if __name__ == "__main__":
    document = Path(sys.argv[1])
    document.write_text(with_table(document.read_text(encoding="utf-8")), encoding="utf-8")
