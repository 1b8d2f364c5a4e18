"""`python -m scanners.report.summary AUDIT CODE FINDINGS`: findings as Markdown, for a pull request."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from hardening.cli import Exit

_MOST: Final = 30
_ORDER: Final = ("critical", "high", "medium", "low")
_VERDICTS: Final = {
    Exit.HOLDS: "every control holds",
    Exit.FAILS: "a control does not hold",
    Exit.USAGE: "it could not begin: see the log",
    Exit.UNVERIFIED: "something could not be verified, so it is no pass",
    Exit.NO_CREDENTIALS: "no credentials",
}


def summary(audit: str, code: int, document: Mapping[str, Any] | None) -> str:
    """What came out: the verdict, the counts, and the worst findings, failures before errors.

    Without a document there are no findings to tell.
    """
    known = code in set(_VERDICTS)
    verdict = _VERDICTS[Exit(code)] if known else f"rampart ended with {code}, so nothing was verified"
    # By the first line the action finds its own comment again.
    lines = [f"<!-- rampart audit {audit} -->", f"### rampart audit {audit}: {verdict}", ""]
    if document is not None:
        counts = document["counts"]
        lines += [
            ", ".join(f"{name} {count}" for name, count in counts.items() if count) or "no findings",
            "",
        ]
        lines += _table([row for row in document["findings"] if _is_open(row)])
    return "\n".join(lines).rstrip() + "\n"


def _is_open(row: Mapping[str, Any]) -> bool:
    return row["status"] in ("fail", "error") and row["state"] == "open"


def _table(rows: list[Mapping[str, Any]]) -> Iterator[str]:
    if not rows:
        return
    yield "| | severity | control | where | what |"
    yield "|---|---|---|---|---|"
    worst = sorted(rows, key=lambda row: (row["status"] != "fail", _ORDER.index(row["severity"])))
    for row in worst[:_MOST]:
        cells = (row["status"], row["severity"], row["control"], row["where"], row["detail"])
        yield f"| {' | '.join(map(_cell, cells))} |"
    if len(rows) > _MOST:
        yield ""
        yield f"and {len(rows) - _MOST} more, in the SARIF."


def _cell(text: str) -> str:
    """Text of a finding names what others wrote: no character of it is Markdown or HTML."""
    shown = "".join(f"&#{ord(c)};" if c in "\\`*_[]<>|&!@#~" else c if c.isprintable() else " " for c in text)
    return shown[:2000]


def main(audit: str, code: str, file: str) -> int:
    """Print the summary."""
    place = Path(file)
    document = json.loads(place.read_text(encoding="utf-8")) if place.is_file() else None
    sys.stdout.write(summary(audit, int(code), document))
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:4]))
