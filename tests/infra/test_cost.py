"""What a stack costs is written from what it declares."""

from __future__ import annotations

import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest

from infra.cost import by_size, page
from infra.prices import BY_USE, monthly, priced
from infra.program_run.deployment import Record
from infra.sizes import SIZES

ROOT = Path(__file__).resolve().parents[2]


@cache
def declared() -> dict[str, tuple[Record, ...]]:
    return dict(by_size())


def test_the_table_of_costs_is_what_the_program_declares() -> None:
    written = (ROOT / "docs" / "cost.md").read_text(encoding="utf-8")
    assert written == page(declared()), "run `python -m infra.cost docs/cost.md`"


def test_a_small_stack_costs_less_and_every_line_of_the_bill_counts_something() -> None:
    assert list(declared()) == list(SIZES)
    assert monthly(declared()["small"]) < 0.7 * monthly(declared()["standard"])
    for records in declared().values():
        assert [price.what for price, count in priced(records) if not count] == []


def test_what_costs_by_use_is_named_by_types_that_are_declared() -> None:
    kinds = {record.type for record in declared()["standard"]}
    assert {kind for types in BY_USE.values() for kind in types} <= kinds


@pytest.mark.parametrize("arguments", [[], ["nowhere/at/all/cost.md"], ["one", "two"]])
def test_a_wrong_argument_is_one_line_and_exit_code_2(arguments: list[str]) -> None:
    command = [sys.executable, "-m", "infra.cost", *arguments]
    run = subprocess.run(command, capture_output=True, text=True, cwd=ROOT, timeout=120, check=False)
    assert run.returncode == 2
    assert run.stderr.startswith("rampart: error: ")
    assert run.stderr.count("\n") == 1
