"""Mutations of the product code: what became of those that are drawn, and some that are killed once more."""

from __future__ import annotations

import ast
import subprocess
import sys

import pytest

from tests.mutation import survivors
from tests.mutation.code_areas import AREAS, ROOT, drawn
from tests.mutation.code_list import FILE, KILLED, LEAST, SURVIVING, found
from tests.mutation.mutations import mutations

SAMPLE = 6


def test_a_mutation_changes_one_place_and_can_be_read() -> None:
    module = "hardening/requests/tokens.py"
    before = ast.unparse(ast.parse((ROOT / module).read_text(encoding="utf-8"))).splitlines()
    every = list(mutations(ROOT, module))
    assert len({one.name for one in every}) == len(every) > 20
    for one in every:
        after = ast.unparse(ast.parse(one.source)).splitlines()
        assert len(after) == len(before)
        assert sum(old != new for old, new in zip(before, after, strict=True)) == 1, one.name


def test_five_hundred_mutations_of_the_security_path_are_judged() -> None:
    listed = survivors.read(FILE)
    assert len(listed[KILLED]) + len(survivors.reasons_by_name(listed[SURVIVING])) >= 500


def test_nine_of_ten_are_noticed_in_every_area() -> None:
    assert {name: row for name, row in found().items() if row.share < LEAST} == {}


def test_every_survivor_has_a_reason_and_the_list_is_of_the_code_as_it_is() -> None:
    listed = survivors.read(FILE)
    reasons = survivors.reasons_by_name(listed[SURVIVING])
    assert survivors.NO_REASON not in reasons.values()
    every = {one.name for area in AREAS.values() for one in drawn(area)}
    known = {*listed[KILLED], *reasons}
    assert len(known & every) >= 0.9 * len(known), "run `python -m tests.mutation new`"


@pytest.mark.slow
def test_some_that_were_killed_are_killed_again() -> None:
    command = [sys.executable, "-m", "tests.mutation", "sample", str(SAMPLE)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
