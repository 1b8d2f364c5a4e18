"""The rules' files: each is one, the document names them all, and other dialects can say the same."""

from __future__ import annotations

from pathlib import Path

from hardening.controls import CONTROLS
from scanners.reconcile import rules
from scanners.reconcile.rules import RULES
from scanners.reconcile.rules.__main__ import written

FOLDER = Path(rules.__file__).parent
DOCUMENT = Path(__file__).parents[3] / "docs" / "reconciliation.md"


def test_every_file_is_a_rule_of_a_control_that_exists() -> None:
    assert {file.stem for file in FOLDER.glob("*.sql")} == {one.name for one in RULES}
    assert {one.control for one in RULES} <= set(CONTROLS)


def test_the_rules_in_the_document_are_those_of_the_code() -> None:
    """To mend it: `uv run python -m scanners.reconcile.rules docs/reconciliation.md`."""
    text = DOCUMENT.read_text(encoding="utf-8")
    assert written(text) == text
