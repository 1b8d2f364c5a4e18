"""Settings are read strictly: every fault at once, and nothing that weakens the stack."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from hardening.errors import ConfigError
from infra.setting_rules import RETENTIONS
from infra.settings import Settings, from_pulumi, json_schema, load

ROOT = Path(__file__).resolve().parents[2]
STACKS = ("lab", "test", "production")


def valid() -> dict[str, Any]:
    config = yaml.safe_load((ROOT / "Pulumi.test.yaml").read_text(encoding="utf-8"))["config"]
    return {key.split(":", 1)[1]: value for key, value in config.items()}


def problems(**changes: Any) -> tuple[str, ...]:
    with pytest.raises(ConfigError) as caught:
        Settings.read({**valid(), **changes}, "Pulumi.x.yaml")
    assert caught.value.hint
    return caught.value.problems


@pytest.mark.parametrize("stack", STACKS)
def test_the_example_stacks_are_valid(stack: str) -> None:
    assert load(stack, ROOT).environment in ("test", "production")


def test_test_and_production_are_different_environments_with_different_names() -> None:
    test, production = load("test", ROOT), load("production", ROOT)
    assert test.environment != production.environment
    assert test.domain != production.domain


def test_what_is_not_written_is_secure() -> None:
    settings = Settings.read(valid(), "x")
    assert settings.log_retention_days >= 365
    assert settings.object_lock_days >= 365
    assert settings.rotation_days <= 30
    assert settings.guard_tasks >= 2


def test_terms_of_objectives_are_checked_and_the_stack_tells_them() -> None:
    [fault] = problems(objectives={"availability": {"percent": 101}})
    assert fault.startswith("Pulumi.x.yaml: objectives: expected a mapping of objectives (availability,")
    terms = {"latency": {"limit": 500, "percent": 99.5}}
    assert Settings.read({**valid(), "objectives": terms}, "x").objectives == terms
    written = {f"rampart:{key}": str(value) for key, value in valid().items()} | {
        "rampart:objectives": str(terms)
    }
    assert from_pulumi({**written, "aws:region": "eu-central-1"}, "x").objectives == terms


def schema_faults(**changes: Any) -> list[str]:
    """What the schema has against the valid settings with these changes."""
    written = {
        "region" if key == "region" else f"rampart:{key}": value
        for key, value in {**valid(), **changes}.items()
    }
    config = {"aws:region": written.pop("region"), "other:key": [1], **written}
    validator = jsonschema_rs.validator_for(json_schema())
    return [error.message for error in validator.iter_errors({"config": config})]


@pytest.mark.parametrize("stack", STACKS)
def test_the_schema_takes_the_example_stacks(stack: str) -> None:
    document = yaml.safe_load((ROOT / f"Pulumi.{stack}.yaml").read_text(encoding="utf-8"))
    assert jsonschema_rs.validator_for(json_schema()).is_valid(document)


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("domain", "OCPI example"),
        ("rotationDays", 90),
        ("guardImage", "guard:latest"),
        ("colour", "blue"),
        ("alarmEmails", []),
        ("alarmEmails", [f"a{number}@example.com" for number in range(11)]),
        ("detectionRegions", ["eu-central-1", "eu-central-1", "eu-central-1"]),
        ("reserveConcurrency", "yes"),
        ("logRetentionDays", 30),
        ("objectives", {"speed": {"percent": 99}}),
    ],
)
def test_what_the_schema_refuses_is_refused(key: str, value: object) -> None:
    assert len(schema_faults()) == 0
    assert schema_faults(**{key: value})
    assert problems(**{key: value})


def test_every_fault_has_a_line_with_file_key_and_what_was_expected() -> None:
    found = problems(
        domain="OCPI example",
        rotationDays=90,
        guardImage="guard:latest",
        colour="blue",
        alarmEmails=[],
    )
    assert found == (
        "Pulumi.x.yaml: colour: unknown key",
        "Pulumi.x.yaml: domain: expected a host name in lower case, such as ocpi.example.com, "
        "found 'OCPI example'",
        "Pulumi.x.yaml: alarmEmails: expected a list of one to ten mail addresses, found []",
        "Pulumi.x.yaml: guardImage: expected an image pinned by digest (name@sha256:...), "
        "found 'guard:latest'",
        "Pulumi.x.yaml: rotationDays: expected a whole number from 1 to 30, found 90",
    )


def test_a_missing_key_is_named_with_what_it_should_be() -> None:
    values = valid()
    del values["domain"]
    with pytest.raises(ConfigError) as caught:
        Settings.read(values, "Pulumi.x.yaml")
    assert caught.value.problems == (
        "Pulumi.x.yaml: domain: missing; expected a host name in lower case, such as ocpi.example.com",
    )


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("availabilityZones", ["eu-central-1a"]),
        ("availabilityZones", ["eu-central-1a", "eu-central-1a"]),
        ("availabilityZones", ["eu-central-1a", "us-east-1a"]),
        ("availabilityZones", "eu-central-1a"),
        ("vpcCidr", "8.8.0.0/16"),
        ("vpcCidr", "10.0.0.0/8"),
        ("vpcCidr", 10),
        ("trustedPrincipals", ["*"]),
        ("trustedPrincipals", ["arn:aws:iam::123456789012:root"]),
        ("trustedPrincipals", ["arn:aws:iam::123456789012:role/*"]),
        ("replicaRegion", "eu-central-1"),
        ("environment", "staging"),
        ("logRetentionDays", True),
        ("guardTasks", "2"),
        ("hostedZone", "z1"),
    ],
)
def test_a_value_that_would_weaken_the_stack_is_refused_with_its_key(key: str, value: object) -> None:
    (line,) = problems(**{key: value})
    assert line.startswith(f"Pulumi.x.yaml: {key}: expected ")


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("alarmEmails", [f"ops-{number}@example.com" for number in range(11)]),
        ("alarmEmails", ['"ops"@example.com']),
        ("trustedPrincipals", [f"arn:aws:iam::111122223333:role/{'r' * 60}{number}" for number in range(20)]),
    ],
    ids=["mails to eleven", "a quote in a DNS record", "more than a trust policy holds"],
)
def test_a_list_that_aws_would_refuse_is_refused_with_its_key(key: str, value: list[str]) -> None:
    (problem,) = problems(**{key: value})
    assert problem.startswith(f"Pulumi.x.yaml: {key}: expected ")


@given(st.integers().filter(lambda days: days not in RETENTIONS))
def test_any_retention_that_is_not_a_year_or_more_is_refused(days: int) -> None:
    assert "logRetentionDays" in problems(logRetentionDays=days)[0]


@given(st.one_of(st.none(), st.text(max_size=20), st.lists(st.integers(), max_size=3), st.floats()))
def test_no_value_of_a_wrong_type_is_taken_for_a_number(value: object) -> None:
    assert "rotationDays" in problems(rotationDays=value)[0]


def test_pulumi_hands_over_strings_and_they_mean_the_same() -> None:
    config = yaml.safe_load((ROOT / "Pulumi.test.yaml").read_text(encoding="utf-8"))["config"]
    as_strings = {
        key: value if isinstance(value, str) else yaml.safe_dump(value) for key, value in config.items()
    }
    assert from_pulumi({**as_strings, "rampart:rotationDays": "7"}, "x").rotation_days == 7
    assert from_pulumi(as_strings, "x") == load("test", ROOT)


@pytest.mark.parametrize("text", ["", "[]", "config: 1", "config: {a: [", "\t- x"])
def test_a_file_that_is_no_settings_file_is_one_line(text: str, tmp_path: Path) -> None:
    (tmp_path / "Pulumi.x.yaml").write_text(text, encoding="utf-8")
    with pytest.raises(ConfigError) as caught:
        load("x", tmp_path)
    (line,) = caught.value.problems
    assert line.startswith("Pulumi.x.yaml:1: ")
    assert "\n" not in line


def test_a_stack_without_a_file_says_which_file(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"Pulumi\.nowhere\.yaml: no such file"):
        load("nowhere", tmp_path)


def test_its_hint_names_a_file_that_is_there(tmp_path: Path) -> None:
    with pytest.raises(ConfigError) as nothing:
        load("test", tmp_path)
    (tmp_path / "Pulumi.lab.yaml").write_text("config: {}", encoding="utf-8")
    with pytest.raises(ConfigError) as another:
        load("test", tmp_path)
    assert "rampart init" in nothing.value.hint
    assert "copy Pulumi.lab.yaml" in another.value.hint


def test_a_trusted_role_brings_no_second_factor_so_the_settings_say_where_it_is_proved() -> None:
    (problem,) = problems(identityProviderMfa="")
    assert "identityProviderMfa: expected where administrators" in problem
    unsaid = {key: value for key, value in valid().items() if key != "identityProviderMfa"}
    with pytest.raises(ConfigError) as caught:
        Settings.read(unsaid, "Pulumi.x.yaml")
    assert "platform-security brings no second factor with it" in caught.value.problems[0]
    users = {**unsaid, "trustedPrincipals": ["arn:aws:iam::123456789012:user/ada"]}
    assert Settings.read(users, "Pulumi.x.yaml").identity_provider_mfa == ""
