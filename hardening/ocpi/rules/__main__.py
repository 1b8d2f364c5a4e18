"""Write the tables of a document anew: `python -m hardening.ocpi.rules docs/messages.md`."""

from __future__ import annotations

import sys
from pathlib import Path

from hardening.ocpi.leniencies import LENIENCIES
from hardening.ocpi.rules import RULES


def table() -> str:
    """The rules as a Markdown table, in the order in which they are asked."""
    rows = [f"| `{one.control}` | {', '.join(one.objects)} | {one.needs} |\n" for one in RULES]
    return "| rule | objects | needs |\n|---|---|---|\n" + "".join(rows)


def leniency_table() -> str:
    """The leniencies as a Markdown table."""
    rows = [f"| `{one.name}` | {one.accepts} | {one.becomes or 'as it is'} |\n" for one in LENIENCIES]
    return "| leniency | accepts | is read |\n|---|---|---|\n" + "".join(rows)


def with_tables(text: str) -> str:
    """`text` with the current tables between their markers. Raises ValueError where a marker is missing."""
    for name, rows in (("rules", table()), ("leniencies", leniency_table())):
        begin, end = f"<!-- {name} -->\n", f"<!-- /{name} -->\n"
        before, rest = text.split(begin)
        _, after = rest.split(end)
        text = f"{before}{begin}{rows}{end}{after}"
    return text


if __name__ == "__main__":
    document = Path(sys.argv[1])
    document.write_text(with_tables(document.read_text(encoding="utf-8")), encoding="utf-8")
