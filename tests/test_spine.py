"""The spine: checks can pass and fail, controls are verified or explained, what builds them exists."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from hardening.checks import Check, Finding, Status
from hardening.controls import CONTROLS, Control, Layer
from scanners.catalogue import ControlRow, checks_by_subject, control_rows
from scanners.policy.checks import stack_checks
from scanners.policy.stack import Resource, Stack
from tests.own_stack import own_stack

ROOT = Path(__file__).resolve().parent.parent
CHECKS = [
    pytest.param(check, id=f"{subject}-{check.name}")
    for subject, checks in checks_by_subject().items()
    for check in checks
]
STACKS = ("test", "production")


def _statuses(check: Check[Any], subject: Any) -> set[Status]:
    return {finding.status for finding in check.run(subject)}


@pytest.mark.parametrize("check", CHECKS)
def test_every_check_passes_its_good_subject(check: Check[Any]) -> None:
    statuses = _statuses(check, check.good)
    assert Status.PASS in statuses
    assert not statuses & {Status.FAIL, Status.ERROR}, check.run(check.good)
    for case, subject in check.also_good.items():
        assert not _statuses(check, subject) & {Status.FAIL, Status.ERROR}, (case, check.run(subject))


@pytest.mark.parametrize("check", CHECKS)
def test_every_check_fails_each_of_its_bad_subjects(check: Check[Any]) -> None:
    assert check.bad
    for case, subject in check.bad.items():
        statuses = _statuses(check, subject)
        assert Status.FAIL in statuses, (case, check.run(subject))
        assert Status.ERROR not in statuses, (case, check.run(subject))


@pytest.mark.parametrize("check", CHECKS)
def test_what_a_check_cannot_verify_is_an_error(check: Check[Any]) -> None:
    for case, subject in check.unverifiable.items():
        assert Status.ERROR in _statuses(check, subject), (case, check.run(subject))


@pytest.mark.parametrize("kind", ["request", "message", "tls"])
def test_no_check_fails_what_is_good_for_another_check(kind: str) -> None:
    """Of whole subjects: a sample stack holds one layer only, and lacks the others' resources."""
    checks = checks_by_subject()[kind]
    for subject in {id(one.good): one.good for one in checks}.values():
        assert {one.name for one in checks if Status.FAIL in _statuses(one, subject)} == set()


def test_check_names_are_unique_within_a_subject() -> None:
    for subject, checks in checks_by_subject().items():
        names = [check.name for check in checks]
        assert len(names) == len(set(names)), subject


@pytest.mark.parametrize("row", control_rows(), ids=lambda row: row.control.id)
def test_every_control_is_verified_or_says_why_a_person_must(row: ControlRow) -> None:
    written = f"{row.control.id}: write its check (scanners/policy/checks/ for a stack), or `manual`"
    assert row.verified_by or row.control.manual, written


@pytest.mark.parametrize("control", CONTROLS.values(), ids=lambda control: control.id)
def test_every_control_is_a_slug_with_a_promise_a_citation_and_frameworks(control: Control) -> None:
    assert re.fullmatch(r"[a-z][a-z0-9]*(-[a-z0-9]+)+", control.id)
    assert control.promise.endswith(".")
    assert control.citation
    assert control.frameworks


def test_every_layer_has_controls() -> None:
    assert {control.layer for control in CONTROLS.values()} == set(Layer)


def _component_classes() -> Iterator[str]:
    for file in (ROOT / "infra").rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ClassDef) and any("ComponentResource" in ast.dump(b) for b in node.bases):
                yield node.name


def test_what_builds_a_control_is_a_component_of_ours() -> None:
    named = {name for control in CONTROLS.values() for name in control.infra}
    assert named - set(_component_classes()) == set()


def test_every_component_builds_some_control() -> None:
    named = {name for control in CONTROLS.values() for name in control.infra}
    assert set(_component_classes()) - named == set()


def _judged(stack: Stack) -> Iterator[Finding]:
    for check in stack_checks():
        yield from check.run(stack)


@pytest.mark.parametrize("name", STACKS)
def test_our_own_stack_has_no_fail_and_no_error(name: str) -> None:
    found = [f for f in _judged(own_stack(name)) if f.status in (Status.FAIL, Status.ERROR)]
    assert found == []


def test_every_control_that_stack_checks_verify_is_verified_on_our_own_stack() -> None:
    passed = {f.control for f in _judged(own_stack("test")) if f.status is Status.PASS}
    assert {check.control for check in stack_checks()} - passed == set()


def _components(stack: Stack, urn: str) -> Iterator[str]:
    """The classes of the components around a resource, from the inside out."""
    resource = stack.get(urn)
    while resource is not None and resource.parent:
        resource = stack.get(resource.parent)
        if resource is not None and not resource.custom:
            yield resource.type.rpartition(":")[2]


def test_what_a_check_looks_at_was_built_by_what_its_control_names() -> None:
    stack = own_stack("test")
    for finding in _judged(stack):
        around = set(_components(stack, finding.where.partition("#")[0]))
        # Everything that can be marked is; no component in particular.
        if around and finding.control != "environments-named":
            assert around & set(CONTROLS[finding.control].infra), finding


NO_STATEMENTS = '{"Version": "2012-10-17", "Statement": []}'
# One setting of our own stack weakened: type, name, property, value, and the controls that then fail.
WEAKENED = [
    ("aws:ec2/subnet:Subnet", "guard-a", "mapPublicIpOnLaunch", True, {"no-public-addresses"}),
    ("aws:ec2/flowLog:FlowLog", "all", "trafficType", "ACCEPT", {"flow-logs-on"}),
    (
        "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule",
        "guard-to-service",
        "cidrIpv4",
        "0.0.0.0/0",
        {"no-ingress-from-world", "ingress-by-reference", "service-not-exposed"},
    ),
    ("aws:apigateway/domainName:DomainName", "*", "securityPolicy", "TLS_1_2", {"edge-tls-policy-modern"}),
    ("aws:apigateway/restApi:RestApi", "*", "disableExecuteApiEndpoint", False, {"no-execute-api-endpoint"}),
    ("aws:apigateway/restApi:RestApi", "*", "securityPolicy", "TLS_1_0", {"edge-tls-policy-modern"}),
    ("aws:apigateway/restApi:RestApi", "*", "policy", NO_STATEMENTS, {"policy-changes-take-effect"}),
    (
        "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule",
        "balancer-to-guard",
        "cidrIpv4",
        "10.40.0.0/16",
        {"only-the-gateway-calls-the-guard", "ingress-by-reference"},
    ),
    ("aws:lb/loadBalancer:LoadBalancer", "*", "internal", False, {"guard-behind-private-link"}),
    (
        "aws:wafv2/webAclAssociation:WebAclAssociation",
        "*",
        "resourceArn",
        "",
        {"firewall-before-every-stage"},
    ),
    ("aws:cloudtrail/trail:Trail", "*", "enableLogFileValidation", False, {"trail-unalterable"}),
    ("aws:cloudtrail/trail:Trail", "*", "isMultiRegionTrail", False, {"trail-complete"}),
    ("aws:cloudwatch/logGroup:LogGroup", "trail", "retentionInDays", 30, {"logs-retained"}),
    ("aws:dynamodb/table:Table", "tokens", "deletionProtectionEnabled", False, {"ledgers-recoverable"}),
    ("aws:ecs/service:Service", "guard", "desiredCount", 1, {"guard-redundant"}),
    ("aws:ecs/service:Service", "guard", "enableExecuteCommand", True, {"no-shell-into-workloads"}),
    ("aws:guardduty/detector:Detector", "*", "enable", False, {"threats-watched"}),
    ("aws:iam/role:Role", "admin", "maxSessionDuration", 43200, {"administrators-use-mfa"}),
    ("aws:iam/role:Role", "reader", "permissionsBoundary", "", {"administrators-bounded"}),
    ("aws:kms/key:Key", "secrets", "enableKeyRotation", False, {"keys-rotate"}),
    ("aws:kms/key:Key", "data", "deletionWindowInDays", 7, {"keys-guarded"}),
    ("aws:sns/topic:Topic", "*", "kmsMasterKeyId", "", {"data-under-own-keys"}),
    ("aws:ebs/encryptionByDefault:EncryptionByDefault", "*", "enabled", False, {"account-defaults-closed"}),
    ("aws:inspector2/enabler:Enabler", "*", "resourceTypes", ["EC2"], {"images-scanned-always"}),
    (
        "aws:cloudwatch/logMetricFilter:LogMetricFilter",
        "throttled",
        "pattern",
        "{ $.status = 429 }",
        {"alarms-can-count"},
    ),
    (
        "aws:cloudwatch/metricAlarm:MetricAlarm",
        "firewall-blocks",
        "dimensions",
        {"WebACL": "rampart-test-ocpi", "Rule": "ALL"},
        {"alarms-can-count"},
    ),
]


def _weakened(stack: Stack, kind: str, name: str, path: str, value: Any) -> Stack:
    def changed(resource: Resource) -> Resource:
        if resource.type != kind or name not in ("*", resource.name):
            return resource
        kept = {p: urns for p, urns in resource.property_dependencies.items() if p != path}
        inputs = {**resource.inputs, path: value}
        return replace(resource, inputs=inputs, property_dependencies=kept)

    assert any(r.type == kind and name in ("*", r.name) for r in stack.resources)
    return Stack(stack.name, stack.project, tuple(changed(r) for r in stack.resources))


@pytest.mark.parametrize(("kind", "name", "path", "value", "controls"), WEAKENED)
def test_weaken_one_setting_and_exactly_its_control_fails(
    kind: str, name: str, path: str, value: Any, controls: set[str]
) -> None:
    stack = _weakened(own_stack("test"), kind, name, path, value)
    found = {f.control for f in _judged(stack) if f.status in (Status.FAIL, Status.ERROR)}
    assert found == controls
