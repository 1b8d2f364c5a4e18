"""The partner registry is read strictly: every fault is one line, and all files load or none."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Callable
from dataclasses import fields
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest
import yaml
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st

from hardening.cli import Exit, exit_code
from hardening.controls import Layer
from hardening.errors import ConfigError
from hardening.registry.command import partner
from hardening.registry.partners import Partner
from hardening.registry.reader import read_registry
from hardening.registry.rules import KEYS, json_schema
from hardening.registry.secrets_in_files import looks_secret
from hardening.requests import tokens
from hardening.requests.samples import PARTNERS
from hardening.yaml_file import read_yaml

GOOD: dict[str, Any] = yaml.safe_load(Path("partners/example-emsp.yaml").read_text(encoding="utf-8"))


def _written(folder: Path, name: str = "example-emsp", **changes: Any) -> Path:
    document = {**GOOD, "name": name, **changes}
    kept = {key: value for key, value in document.items() if value is not ...}
    (folder / f"{name}.yaml").write_text(yaml.safe_dump(kept), encoding="utf-8")
    return folder


def _faults(folder: Path) -> tuple[str, ...]:
    with pytest.raises(ConfigError) as error:
        read_registry(folder)
    assert exit_code(error.value) is Exit.USAGE
    return error.value.problems


def test_the_projects_own_registry_is_that_of_the_samples() -> None:
    assert read_registry(Path("partners")) == PARTNERS


@pytest.mark.parametrize(
    ("key", "value", "expected"),
    [
        ("name", "Example", "name"),
        ("tls_pins", [7], "is a value of type int; expected"),
        ("environment", "staging", "one of test, production"),
        ("parties", [], "is empty"),
        ("parties", "NL*EMX", "is text"),
        ("parties", [{"country_code": False, "party_id": "EMX", "role": "EMSP"}], "two letters"),
        ("parties", [{"country_code": "NL", "party_id": "EMXX", "role": "EMSP"}], "three letters or digits"),
        ("parties", [{"country_code": "NL", "party_id": "EMX", "role": "eMSP"}], "one of CPO"),
        ("parties", [{"country_code": "NL", "party_id": "EMX"}], "missing"),
        ("parties", [{**GOOD["parties"][0], "colour": "blue"}], "unknown key"),
        ("parties", GOOD["parties"] * 2, "appears twice"),
        ("versions", ["2.2"], "one of 2.1.1"),
        ("versions", [2.2], "one of 2.1.1"),
        ("versions", [], "is empty"),
        ("modules", {}, "is empty"),
        ("modules", ["cdrs"], "is a list"),
        ("modules", {"parking": ["read"]}, "unknown module"),
        ("modules", {"cdrs": ["admin"]}, "a list of read, write"),
        ("modules", {"cdrs": "read"}, "a list of read, write"),
        ("modules", {"cdrs": []}, "a list of read, write"),
        ("networks", [], "is empty"),
        ("networks", ["0.0.0.0/0"], "the whole internet"),
        ("networks", ["::/0"], "the whole internet"),
        ("networks", ["10.0.0.0/8"], "too wide"),
        ("networks", ["10.16.0.0/19"], "too wide; expected /20 or narrower"),
        ("networks", ["2001:db8::/29"], "too wide"),
        ("networks", ["2001:db8::/47"], "too wide; expected /48 or narrower"),
        ("networks", ["::ffff:198.51.100.0/120"], "is not a network"),
        ("networks", ["203.0.113.7/28"], "without host bits"),
        ("networks", ["nowhere"], "is not a network"),
        ("networks", [7], "of type int"),
        ("callback_hosts", ["https://ocpi.emsp.example"], "DNS names"),
        ("callback_hosts", ["*.emsp.example"], "DNS names"),
        ("callback_hosts", ["127.0.0.1"], "DNS names"),
        ("callback_hosts", ["localhost"], "DNS names"),
        ("callback_hosts", ["ocpi.localhost"], "DNS names"),
        ("networks", ["203.0.113.7", "203.0.113.7/32"], "appears twice"),
        ("callback_hosts", ["ocpi.emsp.example:0"], "DNS names"),
        ("callback_hosts", ["ocpi.emsp.example:70000"], "DNS names"),
        ("callback_hosts", ["ocpi.emsp.example", "OCPI.emsp.example.:443"], "appears twice"),
        ("auth_encoding", "plain", "one of base64, raw"),
        ("requests_per_minute", 0, "from 1 to 600000"),
        ("requests_per_minute", True, "is true or false"),
        ("requests_per_day", "many", "is text"),
        ("tls_pins", ["short"], "SHA-256"),
        (
            "tls_exceptions",
            [{"control": "token-known", "reason": "because it is so", "expires": "soon"}],
            "one of",
        ),
        (
            "tls_exceptions",
            [{"control": "x", "reason": "because it is so", "expires": datetime(2027, 1, 1, tzinfo=UTC)}],
            "a day, YYYY-MM-DD",
        ),
        ("warn_only_rules", ["Not A Rule"], "rule names"),
        ("accept", ["zero-offset"], "is a list"),
        ("accept", {"anything": "because it is so"}, "accept.anything: no such leniency"),
        ("accept", {"zero-offset": "why"}, "accept.zero-offset: expected the reason"),
        ("accept", {"zero-offset": None}, "accept.zero-offset: expected the reason"),
        ("accept", {"zero-offset": "          "}, "accept.zero-offset: expected the reason"),
        ("contacts", ["nobody"], "e-mail"),
        ("networks", ..., "missing"),
        ("callback_hosts", ..., "missing"),
    ],
)
def test_a_wrong_value_is_one_line_with_file_key_and_what_was_expected(
    tmp_path: Path, key: str, value: Any, expected: str
) -> None:
    faults = _faults(_written(tmp_path, **{key: value}))
    about = [fault for fault in faults if re.search(rf"/(example-emsp|Example)\.yaml:\d+: {key}", fault)]
    assert about, faults
    assert any(expected in fault for fault in about), about
    assert all("\n" not in fault for fault in faults)


def test_an_unknown_key_is_named(tmp_path: Path) -> None:
    [fault] = _faults(_written(tmp_path, colour="blue"))
    assert "colour: unknown key; expected one of name" in fault


@pytest.mark.parametrize("key", ["token", "api_key", "Authorization", "client-secret", "password"])
def test_a_key_that_holds_a_token_is_refused_and_its_value_never_shown(tmp_path: Path, key: str) -> None:
    secret = tokens.issue()
    faults = _faults(_written(tmp_path, **{key: secret}))
    assert any(f"{key}: a token in clear" in fault for fault in faults)
    assert not any(secret in fault for fault in faults)


def test_any_token_that_we_issue_looks_like_one() -> None:
    for _ in range(1000):
        token = tokens.issue()
        assert looks_secret(token)
        assert looks_secret(tokens.header(token))


@pytest.mark.parametrize(
    "value",
    [
        "ebf3b399-779f-4497-9b9d-ac6ad3cc44d2",
        "9f86d081884c7d659a2feaa0c55ad015",
        "IpbJOXxkxOAuKR92z0nEcmVF3Qw09VG7I7d",
        "Token abc",
        "bearer abc",
    ],
)
def test_usual_forms_of_tokens_look_like_one(value: str) -> None:
    assert looks_secret(value)


@pytest.mark.parametrize(
    "value",
    [
        "example-emsp",
        "charge-point-operator-2024-test1",
        "ocpi-gateway-eu-west-1-prod-01",
        "security-operations-centre@operator.example",
        "the certificate was renewed late, as agreed on 2026-03-01",
        "2001:db8:1234:5678:9abc:def0:1234:0/112",
        "203.0.113.0/28",
    ],
)
def test_names_networks_and_sentences_do_not(value: str) -> None:
    assert not looks_secret(value)


@pytest.mark.parametrize(
    "host", ["a1b2c3d4e5f67890a1b2c3d4.elb.example", "x9-1234567890abcdef-1.cloud.example:8443"]
)
def test_hosts_with_generated_names_are_hosts(tmp_path: Path, host: str) -> None:
    [read] = read_registry(_written(tmp_path, callback_hosts=[host]))
    assert [str(one) for one in read.callback_hosts] == [host]


def test_a_token_in_the_place_of_a_host_or_a_file_is_refused_unquoted(tmp_path: Path) -> None:
    secret = tokens.issue()
    faults = _faults(_written(tmp_path, callback_hosts=[secret], tls_ca_file=secret))
    assert {fault.split(": ")[1] for fault in faults} == {"callback_hosts[0]", "tls_ca_file"}
    assert not any(secret in fault for fault in faults)


def test_a_token_among_ordinary_values_is_found(tmp_path: Path) -> None:
    secret = tokens.issue()
    faults = _faults(_written(tmp_path, contacts=["security@emsp.example", secret]))
    assert any("contacts[1]: a token in clear" in fault for fault in faults)
    assert not any(secret in fault for fault in faults)


def test_a_party_in_two_files_is_refused(tmp_path: Path) -> None:
    _written(tmp_path)
    faults = _faults(_written(tmp_path, "second-emsp"))
    assert len(faults) == 1
    assert re.search(r"second-emsp\.yaml:\d+: parties\[0\]: NL\*EMX EMSP belongs to", faults[0])


def test_a_party_may_be_in_test_and_in_production(tmp_path: Path) -> None:
    _written(tmp_path)
    assert len(read_registry(_written(tmp_path, "second-emsp", environment="production"))) == 2


def test_every_fault_of_every_file_is_told_at_once(tmp_path: Path) -> None:
    _written(tmp_path, auth_encoding="plain", networks=["0.0.0.0/0"], colour="blue")
    _written(tmp_path, "second-emsp", versions=["9.9"])
    (tmp_path / "third.yaml").write_text("name: [", encoding="utf-8")
    faults = _faults(tmp_path)
    assert {fault.split(": ")[1] for fault in faults} >= {
        "auth_encoding",
        "networks[0]",
        "colour",
        "versions[0]",
    }
    assert sum("third.yaml:1: expected valid YAML" in fault for fault in faults) == 1
    assert any("parties[0]" in fault for fault in faults), "duplicates are found beside other faults"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("name: a\nname: b\n", "odd.yaml:2: name: the key appears twice (first on line 1)"),
        ("- a\n- b\n", "expected a mapping"),
        ("", "expected a mapping"),
        ("name: !!python/object/apply:os.system [id]\n", "expected valid YAML"),
        ("\x00", "expected valid YAML"),
        ("? [a]\n: b\n", "expected valid YAML"),
    ],
)
def test_a_file_that_is_no_plain_mapping_is_one_line(tmp_path: Path, text: str, expected: str) -> None:
    (tmp_path / "odd.yaml").write_text(text, encoding="utf-8")
    [fault] = _faults(tmp_path)
    assert expected in fault


def test_a_file_that_is_no_text_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "odd.yaml").write_bytes(b"\xff\xfe\x00name")
    [fault] = _faults(tmp_path)
    assert "expected readable UTF-8 text" in fault


def test_a_folder_without_partners_means_nobody_and_is_refused(tmp_path: Path) -> None:
    assert "at least one partner file" in _faults(tmp_path)[0]
    assert "at least one partner file" in _faults(tmp_path / "missing")[0]


def test_a_module_that_no_contracted_version_has_is_refused(tmp_path: Path) -> None:
    [fault] = _faults(_written(tmp_path, versions=["2.1.1"], modules={"chargingprofiles": ["write"]}))
    assert "modules.chargingprofiles: is in none of the versions" in fault


def test_partner_check_lists_what_each_partner_contracted() -> None:
    result = CliRunner().invoke(partner, ["check", "partners"])
    assert result.exit_code == 0
    assert "example-emsp\ttest\tNL*EMX:EMSP\t2.2.1,2.3.0" in result.stdout


def test_the_json_schema_takes_our_own_partner_files_and_has_every_key() -> None:
    printed = json.loads(CliRunner().invoke(partner, ["schema"]).stdout)
    assert printed == json_schema()
    validator = jsonschema_rs.validator_for(printed)
    for file in Path("partners").glob("*.yaml"):
        assert validator.is_valid(read_yaml(file).data)
    assert {one["$comment"] for one in printed["properties"].values()} <= set(Layer)
    # The text of `tls_ca_file` travels with the registry: no file names it.
    assert set(printed["properties"]) == set(KEYS) == {f.name for f in fields(Partner)} - {"tls_authority"}


@pytest.mark.parametrize(
    "changes",
    [
        {"environment": "staging"},
        {"parties": []},
        {"versions": ["2.2"]},
        {"modules": {"parking": ["read"]}},
        {"networks": ["nowhere"]},
        {"callback_hosts": ["https://ocpi.emsp.example"]},
        {"requests_per_minute": 0},
        {"tls_pins": ["short"]},
        {"warn_only_rules": ["Not A Rule"]},
        {"accept": {"anything": "because it is so"}},
        {"accept": {"zero-offset": "why"}},
        {"contacts": ["nobody"]},
        {"colour": "blue"},
    ],
)
def test_the_json_schema_refuses_what_the_rules_refuse(changes: dict[str, Any], tmp_path: Path) -> None:
    assert not jsonschema_rs.validator_for(json_schema()).is_valid({**GOOD, **changes})
    assert _faults(_written(tmp_path, **changes))


_MUTATIONS: list[Callable[[dict[str, Any], Any], dict[str, Any]]] = [
    lambda document, value: {**document, "parties": value},
    lambda document, value: {**document, "networks": value},
    lambda document, value: {**document, "modules": value},
    lambda document, value: {**document, "callback_hosts": [value]},
    lambda document, value: {**document, "tls_exceptions": [value]},
]
_anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)


@settings(max_examples=80, deadline=None)
@given(mutate=st.sampled_from(_MUTATIONS), value=_anything)
def test_any_value_gives_faults_or_a_partner_never_a_crash(
    tmp_path_factory: pytest.TempPathFactory, mutate: Callable[..., dict[str, Any]], value: Any
) -> None:
    folder = tmp_path_factory.mktemp("partners")
    (folder / "example-emsp.yaml").write_text(yaml.safe_dump(mutate(GOOD, value)), encoding="utf-8")
    partners, problems = _read(folder)
    assert problems or (partners[0].networks and partners[0].parties)
    assert all("\n" not in problem for problem in problems)


def _read(folder: Path) -> tuple[tuple[Partner, ...], tuple[str, ...]]:
    try:
        return read_registry(folder), ()
    except ConfigError as error:
        return (), error.problems


def test_a_broken_registry_ends_the_command_with_2_and_one_line_a_fault(tmp_path: Path) -> None:
    _written(tmp_path, networks=["0.0.0.0/0"], versions=[2.2], token="x", modules={"parking": ["read"]})
    ended = subprocess.run(
        [sys.executable, "-m", "hardening.cli", "partner", "check", str(tmp_path)],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert ended.returncode == 2
    assert ended.stdout == ""
    *errors, hint = ended.stderr.splitlines()
    assert len(errors) == 4
    assert all(line.startswith(f"rampart: error: {tmp_path}/example-emsp.yaml:") for line in errors)
    assert hint.startswith("rampart: hint: ")
