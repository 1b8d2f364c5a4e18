"""What a partner's token can do is what the checks let through, and nothing else."""

from __future__ import annotations

from click.testing import CliRunner

from hardening.cli import rampart
from hardening.registry.reach import reach, reach_rows
from hardening.requests.samples import CPO, EMSP, HUB


def test_the_table_of_an_emsp_is_its_contract() -> None:
    rows = {
        (version, module, interface, method) for version, module, interface, method, *_ in reach_rows(EMSP)
    }
    assert ("2.2.1", "locations", "sender", "GET") in rows
    assert ("2.3.0", "tokens", "receiver", "PUT") in rows
    assert ("2.2.1", "commands", "receiver", "POST") in rows
    assert {version for version, *_ in rows} == {"-", "2.2.1", "2.3.0"}
    assert {module for _, module, *_ in rows} == {*EMSP.modules, "versions", "modules", "credentials"}
    assert not [row for row in rows if row[2] == "receiver" and row[1] not in ("tokens", "commands")]


def test_a_party_of_two_role_partners_opens_what_its_role_owns() -> None:
    for one in reach(HUB):
        if one.route.module == "tokens" and one.parties:
            assert {party.role for party in one.parties} <= {"EMSP", "HUB"}
        if one.route.module == "locations" and one.parties:
            assert {party.role for party in one.parties} <= {"CPO", "HUB"}


def test_a_registration_token_opens_discovery_and_registration() -> None:
    for partner in (CPO, EMSP):
        opened = {(one.route.module, one.method) for one in reach(partner, "A")}
        assert opened == {("versions", "GET"), ("credentials", "POST")}


def test_the_command_prints_a_table_and_names_a_partner_that_is_none() -> None:
    shown = CliRunner().invoke(rampart, ["partner", "reach", "example-emsp"])
    assert shown.exit_code == 0
    assert (
        "2.2.1\ttokens\treceiver\tPUT\t/ocpi/2.2.1/receiver/tokens/{country_code}/{party_id}/{token_uid}\tNL*EMX:EMSP"
        in shown.stdout
    )
    unknown = CliRunner().invoke(rampart, ["partner", "reach", "nobody"])
    assert "no partner 'nobody'" in str(unknown.exception)
