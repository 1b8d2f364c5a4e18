"""`rampart controls`: one control in full, a layer, JSON for programs, and a hint for a misspelt id."""

from __future__ import annotations

import json

from click.testing import CliRunner

from hardening.controls import CONTROLS, Layer
from hardening.errors import ConfigError
from scanners.controls_command import controls


def test_one_control_shows_what_builds_refuses_and_verifies_it() -> None:
    result = CliRunner().invoke(controls, ["token-a-only-registers"])
    assert result.exit_code == 0
    for word in ("builds:", "refuses:", "verifies:", "answers to:"):
        assert word in result.stdout
    assert CONTROLS["token-a-only-registers"].promise in result.stdout


def test_json_holds_every_control_with_its_links() -> None:
    records = json.loads(CliRunner().invoke(controls, ["--format", "json"]).stdout)
    assert [record["id"] for record in records] == list(CONTROLS)
    linked = next(record for record in records if record["id"] == "tiers-span-zones")
    assert linked["built_by"] == ["Network"]
    assert linked["verified_by"] == ["stack: tiers-span-zones", "intent: tiers-span-zones-as-intended"]


def test_a_layer_can_be_chosen() -> None:
    result = CliRunner().invoke(controls, ["--layer", "privacy", "--format", "json"])
    assert {record["layer"] for record in json.loads(result.stdout)} == {Layer.PRIVACY}


def test_the_table_has_one_line_a_control_and_cuts_nothing() -> None:
    lines = CliRunner().invoke(controls, []).stdout.splitlines()
    first_words = {line.split()[0] for line in lines if line.strip()}
    assert set(CONTROLS) <= first_words


def test_an_unknown_id_is_a_fault_with_a_hint() -> None:
    result = CliRunner().invoke(controls, ["tiers-span-zone"])
    assert isinstance(result.exception, ConfigError)
    assert "tiers-span-zones" in result.exception.hint
