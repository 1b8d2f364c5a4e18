"""What controls answer to in frameworks: every clause has a control or a reason, and no id is made up."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from hardening.cli import rampart
from hardening.controls import CONTROLS, Control
from hardening.controls.frameworks.clause import Clause, Relation, clauses, told
from hardening.controls.standards import STANDARDS, Standard
from hardening.controls.standards.standard import ids, within
from scanners.frameworks import clause_rows, summary

ROOT = Path(__file__).resolve().parents[2]
NIST_CSF = ROOT.parent / "shared" / "data" / "oscal" / "csf-2.0.json"
ALL = pytest.mark.parametrize("standard", STANDARDS.values(), ids=lambda standard: standard.key)


@ALL
def test_every_clause_has_a_control_or_a_reason_and_no_control_names_another(standard: Standard) -> None:
    rows = clause_rows(standard)
    assert [row.clause for row in rows] == list(standard.clauses)
    assert all(bool(row.answers) != bool(row.not_assessed) for row in rows)
    assert len(set(standard.clauses)) == len(standard.clauses)


@ALL
def test_a_reason_names_clauses_that_there_are_and_none_that_is_answered(standard: Standard) -> None:
    answered = {row.clause for row in clause_rows(standard) if row.answers}
    for starts in standard.out_of_sight.values():
        for start in starts:
            covered = [clause for clause in standard.clauses if within(clause, start)]
            assert [clause for clause in covered if clause not in answered], start
            assert start not in answered


@pytest.mark.parametrize("control", CONTROLS.values(), ids=lambda control: control.id)
def test_a_control_stands_to_a_clause_in_one_way(control: Control) -> None:
    named = [str(clause) for clause in control.frameworks]
    assert sorted(set(named)) == sorted(named)


def test_a_clause_that_a_standard_does_not_have_is_a_fault() -> None:
    control = next(iter(CONTROLS.values()))
    wrong = dataclasses.replace(control, frameworks=clauses(subset="owasp-api:API11"))
    with pytest.raises(ValueError, match=rf"{control.id}: owasp-api has no API11"):
        clause_rows(STANDARDS["owasp-api"], (wrong,))


def test_a_clause_without_control_and_reason_is_a_fault() -> None:
    with pytest.raises(ValueError, match="API1: no control answers to it, and no reason is given"):
        clause_rows(STANDARDS["owasp-api"], ())


@pytest.mark.skipif(not NIST_CSF.exists(), reason="NIST's catalogue is not beside the project")
def test_the_subcategories_of_csf_are_those_of_nists_catalogue() -> None:
    catalogue = json.loads(NIST_CSF.read_text(encoding="utf-8"))
    assert set(STANDARDS["nist-csf"].clauses) == set(catalogue["subcategories"])


@pytest.mark.parametrize(
    ("key", "count"),
    [("nist-csf", 106), ("iso27001", 93), ("soc2", 61), ("owasp-api", 10), ("cis-aws", 63)],
)
def test_a_standard_has_as_many_clauses_as_it_is_known_for(key: str, count: int) -> None:
    assert len(STANDARDS[key].clauses) == count


def test_ids_are_written_short_and_read_whole() -> None:
    assert ids("A.6.1..3 PR.AA-09..11 7") == (
        "A.6.1",
        "A.6.2",
        "A.6.3",
        "PR.AA-09",
        "PR.AA-10",
        "PR.AA-11",
        "7",
    )
    assert within("6.7.2", "6.7")
    assert within("6.7", "6.7")
    assert not within("6.70", "6.7")


def test_clauses_are_told_by_their_relation() -> None:
    written = clauses(equal="cis-aws:4.3", intersects="pci:1.2.7,1.2.8")
    assert Clause("pci", "1.2.8", Relation.INTERSECTS) in written
    assert told(written) == "equal cis-aws:4.3; intersects pci:1.2.7, pci:1.2.8"


def test_a_standard_is_shown_clause_by_clause() -> None:
    shown = CliRunner().invoke(rampart, ["controls", "--framework", "cis-aws", "--format", "json"])
    assert shown.exit_code == 0
    by_clause = {row["clause"]: row for row in json.loads(shown.stdout)["clauses"]}
    assert by_clause["4.3"]["answers"] == [
        {"control": "root-login-alarmed", "relation": "equal", "part": "4.3"},
    ]
    assert by_clause["2.2.1"] == {
        "clause": "2.2.1",
        "answers": [],
        "not_assessed": "AWS services that the stack does not use",
    }
    table = CliRunner().invoke(rampart, ["controls", "--framework", "cis-aws", "--format", "markdown"]).stdout
    assert "| 4.3 | equal | root-login-alarmed |" in table
    assert "| 2.2.1 | not assessed | AWS services that the stack does not use |" in table


def test_a_standard_is_shown_whole() -> None:
    refused = CliRunner().invoke(rampart, ["controls", "keys-rotate", "--framework", "nis2"])
    assert refused.exit_code == 2
    assert "leave ID and --layer out" in refused.stderr


def test_the_table_of_the_documents_is_the_code() -> None:
    text = (ROOT / "docs" / "frameworks.md").read_text(encoding="utf-8")
    table = text.split("<!-- frameworks -->\n")[1].split("<!-- /frameworks -->")[0]
    expected = "\n".join(summary()) + "\n"
    assert table == expected, f"docs/frameworks.md: write this between the marks:\n{expected}"
