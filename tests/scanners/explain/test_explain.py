"""`rampart controls ID` explains any control, check or rule: what, why, how to mend it, and the source."""

from __future__ import annotations

import ast
import json
from typing import Any

import pytest
from click.testing import CliRunner

from hardening.checks import Check
from hardening.controls import CONTROLS
from hardening.controls.address import address_of
from hardening.errors import ConfigError
from scanners.catalogue import checks_by_subject
from scanners.controls_command import controls
from scanners.explain import checkov
from scanners.explain.checks import explain_check
from scanners.explain.explain import explain, explanations
from scanners.explain.pulumi_python import constructor
from scanners.policy.checkov.process import checkov_rules


def shown(*arguments: str) -> str:
    result = CliRunner().invoke(controls, arguments)
    assert result.exit_code == 0, result.exception
    return result.stdout


def test_a_rule_of_checkov_is_explained_by_its_id_and_by_the_name_of_its_check() -> None:
    text = shown("CKV_AWS_17")
    assert text == shown("RDSPubliclyAccessible") == shown("aws-baseline/ckv_aws_17")
    for part in (
        "publicly_accessible=False",
        "critical",
        "rule CKV_AWS_17",
        "https://",
        "why:",
        "mend:",
    ):
        assert part in text


def test_a_check_of_ours_is_mended_as_its_good_stack_is_declared() -> None:
    text = shown("a-trail-of-all-regions-is-running")
    assert "aws.cloudtrail.Trail(" in text
    assert "is_multi_region_trail=True" in text
    assert "AWS Security Hub CloudTrail.1" in text


def test_a_control_says_how_to_mend_it_too() -> None:
    assert "aws.ec2.Subnet(" in shown("tiers-span-zones")


def test_json_has_the_same() -> None:
    record = json.loads(shown("CKV_AWS_126", "--format", "json"))
    assert record["example"] == 'aws.ec2.Instance(\n    "example",\n    monitoring=True,\n)'


@pytest.mark.parametrize(
    ("misspelt", "near"),
    [
        ("CKV_AWS_20x", "CKV_AWS_20"),
        ("a-trail-of-all-region-is-running", "a-trail-of-all-regions-is-running"),
        ("RDSPubliclyAccessable", "RDSPubliclyAccessible"),
        ("tiers-span-zone", "tiers-span-zones"),
    ],
)
def test_an_unknown_id_names_what_is_near(misspelt: str, near: str) -> None:
    with pytest.raises(ConfigError) as raised:
        explain(misspelt)
    assert near in raised.value.hint


def test_what_nobody_knows_is_left_out_and_not_made_up() -> None:
    assert set(explanations(["CKV_AWS_17", "CKV_AWS_0"])) == {"CKV_AWS_17"}


def test_every_rule_of_checkov_has_an_explanation_whose_example_is_python() -> None:
    rules = checkov_rules()
    assert len(rules) > 400
    for rule in rules:
        found = checkov.explain_rule(rule)
        assert found.title, rule.id
        assert found.mend, rule.id
        ast.parse(found.example)


CHECKS = [(kind, one) for kind, found in checks_by_subject().items() for one in found]


@pytest.mark.parametrize(("kind", "check"), CHECKS, ids=lambda one: getattr(one, "name", one))
def test_every_check_of_ours_has_an_explanation_whose_example_is_python(kind: str, check: Check[Any]) -> None:
    found = explain_check(kind, check)
    assert found.what
    assert found.mend
    assert found.citation
    ast.parse(found.example)


def test_every_citation_is_published_somewhere() -> None:
    assert [one.id for one in CONTROLS.values() if not address_of(one.citation).startswith("https://")] == []


@pytest.mark.parametrize(
    ("token", "written"),
    [
        ("aws:s3/bucket:Bucket", "aws.s3.Bucket"),
        ("aws:lambda/function:Function", "aws.lambda_.Function"),
        ("aws:index/provider:Provider", "aws.Provider"),
    ],
)
def test_a_type_is_written_as_the_sdk_has_it(token: str, written: str) -> None:
    assert constructor(token) == written
