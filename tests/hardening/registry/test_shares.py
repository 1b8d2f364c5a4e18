"""`shares` opens fields by name, with a purpose and a legal basis; and says what goes to whom, and why."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import yaml
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from hardening.errors import ConfigError
from hardening.registry.command import partner
from hardening.registry.partners import Share
from hardening.registry.personal_fields import PERSONAL
from hardening.registry.reader import read_registry
from hardening.registry.rules import partner_faults
from hardening.registry.shares import shared_fields, unknown_cards
from hardening.requests.samples import CPO, EMSP, HUB
from infra.runtime.functions.partners_file import dump, load

GOOD: dict[str, Any] = yaml.safe_load(Path("partners/example-cpo.yaml").read_text(encoding="utf-8"))
SHARE = GOOD["shares"][0]


def _faults(*shares: object) -> list[str]:
    return list(partner_faults({**GOOD, "shares": list(shares)}, stem="example-cpo"))


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"module": "tariffs"}, "shares[0].module: expected one of tokens, locations, sessions, cdrs"),
        ({"module": 7}, "shares[0].module: expected one of"),
        ({"fields": []}, "shares[0].fields: is empty"),
        ({"fields": "uid"}, "shares[0].fields: is text"),
        ({"fields": ["uid", 7]}, "shares[0].fields[1]: expected the name of a field"),
        ({"fields": ["issuer"]}, "shares[0].fields[0]: is closed in no version of tokens; expected uid,"),
        ({"purpose": "because"}, "shares[0].purpose: expected a purpose in words"),
        ({"purpose": "two\nlines of text"}, "shares[0].purpose: expected a purpose in words"),
        ({"purpose": 7}, "shares[0].purpose: expected a purpose in words"),
        ({"legal_basis": "we want to"}, "shares[0].legal_basis: expected one of consent, contract,"),
        ({"until": "2027"}, "shares[0].until: unknown key"),
    ],
)
def test_a_share_that_says_too_little_is_one_fault(change: dict[str, object], expected: str) -> None:
    found = _faults({**SHARE, **change})
    assert len(found) == 1, found
    assert found[0].startswith(expected)


@pytest.mark.parametrize("missing", ["module", "fields", "purpose", "legal_basis"])
def test_nothing_is_opened_without_saying_what_and_why(missing: str) -> None:
    found = _faults({key: value for key, value in SHARE.items() if key != missing})
    assert [one.partition(";")[0] for one in found] == [f"shares[0].{missing}: missing"]


def test_a_field_is_opened_once_and_of_a_contracted_module() -> None:
    twice = _faults(SHARE, {**SHARE, "fields": ["uid"], "purpose": "something else again"})
    assert twice == ["shares[1].fields[0]: was opened before; expected each field of a module once"]
    modules = {key: value for key, value in GOOD["modules"].items() if key != "tokens"}
    lacking = list(partner_faults({**GOOD, "modules": modules}, stem="example-cpo"))
    assert lacking == ["shares[0].module: tokens was not contracted; expected one of `modules`"]


_KEYS = st.sampled_from(["module", "fields", "purpose", "legal_basis", "x"]) | st.text()
_PLAIN = st.none() | st.booleans() | st.integers() | st.text()


@given(st.recursive(_PLAIN, lambda inner: st.lists(inner) | st.dictionaries(_KEYS, inner)))
def test_whatever_stands_there_is_a_fault_and_no_crash(value: object) -> None:
    found = list(partner_faults({**GOOD, "shares": value}, stem="example-cpo"))
    assert found or value == []


def test_a_published_registry_says_the_same() -> None:
    assert load(dump([CPO, EMSP, HUB])) == (CPO, EMSP, HUB)


def test_each_closed_field_of_each_module_that_is_open_has_its_row() -> None:
    rows = {(row.version, row.module, row.field): row for row in shared_fields([CPO])}
    assert rows["2.2.1", "tokens", "uid"].treatment == "shared"
    assert rows["2.2.1", "tokens", "uid"].purpose == SHARE["purpose"]
    assert rows["2.2.1", "tokens", "uid"].legal_basis == "contract"
    assert rows["2.2.1", "tokens", "visual_number"].treatment == "left out"
    assert ("2.1.1", "tokens", "contract_id") not in rows
    assert rows["2.1.1", "tokens", "auth_id"].treatment == "shared"
    closed = {(row.version, row.field): row.treatment for row in shared_fields([replace(CPO, shares=())])}
    assert closed["2.2.1", "uid"] == closed["2.1.1", "auth_id"] == "pseudonym"
    modules = {row.module for row in shared_fields([EMSP])}
    assert modules == {"locations", "sessions", "cdrs"}
    assert {row.treatment for row in shared_fields([EMSP]) if row.module == "cdrs"} == {"of its own drivers"}
    assert {row.field for row in shared_fields([EMSP]) if row.module == "locations"} == set(
        PERSONAL["locations"]["PublishTokenType"]
    )


def test_a_field_of_ours_that_was_opened_has_a_row_too() -> None:
    opened = replace(EMSP, shares=(Share("cdrs", ("driver_name",), "asked for by its drivers", "consent"),))
    rows = [row for row in shared_fields([opened]) if row.field == "driver_name"]
    assert [(row.version, row.treatment) for row in rows] == [("2.2.1", "shared"), ("2.3.0", "shared")]


def test_a_partner_whose_chargers_know_no_card_is_named(tmp_path: Path) -> None:
    assert not any(map(unknown_cards, (CPO, EMSP, HUB)))
    assert unknown_cards(replace(CPO, shares=()))
    document = {key: value for key, value in GOOD.items() if key != "shares"}
    (tmp_path / "example-cpo.yaml").write_text(yaml.safe_dump(document))
    said = CliRunner().invoke(partner, ["check", str(tmp_path)])
    assert said.exit_code == 0
    assert "warning: example-cpo: `shares` opens no `uid`" in said.stderr


def test_the_command_lists_one_partner_or_all_as_a_table_or_as_json() -> None:
    table = CliRunner().invoke(partner, ["shares", "example-cpo"]).stdout.splitlines()
    assert table[0].split("\t")[:6] == ["example-cpo", "test", "2.1.1", "tokens", "uid", "shared"]
    assert all(len(line.split("\t")) == 8 for line in table)
    every = json.loads(CliRunner().invoke(partner, ["shares", "--format", "json"]).stdout)
    assert every["form"] == "rampart-shares/1"
    assert {row["partner"] for row in every["fields"]} == {"example-cpo", "example-emsp", "example-hub"}
    nobody = CliRunner().invoke(partner, ["shares", "nobody"])
    assert isinstance(nobody.exception, ConfigError)
    assert "no partner 'nobody'" in nobody.exception.message


def test_a_registry_that_is_read_has_its_shares(tmp_path: Path) -> None:
    (tmp_path / "example-cpo.yaml").write_text(yaml.safe_dump(GOOD))
    assert read_registry(tmp_path)[0].shares == CPO.shares
