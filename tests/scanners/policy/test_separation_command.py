"""`rampart audit separation`: what two environments share is a failure; the same file twice is a fault."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from click.testing import CliRunner

from hardening.checks import Status
from hardening.cli import Exit
from hardening.errors import ConfigError
from scanners.policy.checks import separation_checks
from scanners.policy.checks.separation import Stacks
from scanners.policy.separation_command import separation
from tests.own_stack import own_stack


def _exported(file: Path, cidr: str, environment: str) -> str:
    def resource(kind: str, name: str, **inputs: Any) -> Mapping[str, Any]:
        urn = f"urn:pulumi:{environment}::rampart::{kind}::{name}"
        tags = {"rampart:environment": environment}
        return {
            "urn": urn,
            "type": kind,
            "custom": True,
            "id": f"{name}-{environment}",
            "inputs": {**inputs, "tags": tags},
        }

    resources = [resource("aws:ec2/vpc:Vpc", "vpc", cidrBlock=cidr)]
    file.write_text(json.dumps({"version": 3, "deployment": {"manifest": {}, "resources": resources}}))
    return str(file)


def test_our_own_environments_share_nothing() -> None:
    stacks = Stacks(own_stack("production"), own_stack("test"))
    found = [f for check in separation_checks() for f in check.run(stacks)]
    assert {f.status for f in found} == {Status.PASS}, [f for f in found if f.status is not Status.PASS]


def test_two_environments_that_share_nothing_hold(tmp_path: Path) -> None:
    production = _exported(tmp_path / "production.json", "10.40.0.0/16", "production")
    test = _exported(tmp_path / "test.json", "10.41.0.0/16", "test")
    result = CliRunner().invoke(separation, [production, test], standalone_mode=False)
    assert result.return_value is Exit.HOLDS


def test_overlapping_networks_fail_and_are_named(tmp_path: Path) -> None:
    production = _exported(tmp_path / "production.json", "10.40.0.0/16", "production")
    test = _exported(tmp_path / "test.json", "10.40.128.0/20", "test")
    result = CliRunner().invoke(separation, [production, test, "--format", "json"], standalone_mode=False)
    assert result.return_value is Exit.FAILS
    assert "urn:pulumi:test::rampart::aws:ec2/vpc:Vpc::vpc" in result.stdout


def test_the_same_file_twice_is_a_fault(tmp_path: Path) -> None:
    file = _exported(tmp_path / "stack.json", "10.40.0.0/16", "test")
    result = CliRunner().invoke(separation, [file, file], standalone_mode=False)
    assert isinstance(result.exception, ConfigError)
