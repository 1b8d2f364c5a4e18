"""The phases: a foundation, then everything on it; and what a change of settings or registry changes."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pulumi
import pytest
import yaml

from hardening.checks import Status, judge
from hardening.errors import ConfigError
from hardening.registry.partners import Partner
from hardening.registry.reader import read_registry
from infra.intended import Recorded
from infra.phases import COMPLETE, FOUNDATION, NEEDED, never_back, steps_left
from infra.program_run.deployment import Deployment
from infra.program_run.monitor import Created
from infra.settings import Settings, load
from infra.sizes import SMALL
from scanners.intent.compare import compare
from scanners.intent.records import Intent
from scanners.policy.checks import stack_checks
from scanners.policy.stack import Stack
from scanners.policy.stack_file import read_stack
from tests.own_stack import ROOT, Paper, deploy

PARTNERS = read_registry(ROOT / "partners")
ALL = load("test", ROOT)
FIRST = replace(ALL, phase=FOUNDATION, guard_image="", policy_image="", service_image="")
_ROOT = "urn:pulumi:test::rampart::pulumi:pulumi:Stack::rampart-test"


class Account:
    """An account that remembers: what stands is answered as it is, what is new is made on paper.

    After `most` new resources it fails, as an account whose credentials expire.
    """

    def __init__(self, state: str = "", most: int = 10_000) -> None:
        resources = json.loads(state)["deployment"]["resources"] if state else []
        self._recorded = Recorded({one["urn"]: one for one in resources})
        self._left = most
        self._paper = Paper()

    def create(self, urn: str, kind: str, inputs: Mapping[str, Any]) -> Created:
        standing = self._recorded.create(urn, kind, inputs)
        if standing.id:
            return standing
        self._left -= 1
        if self._left < 0:
            raise ConnectionAbortedError(urn)
        return self._paper.create(urn, kind, inputs)

    def read(self, kind: str, identifier: str) -> Created:
        return self._recorded.read(kind, identifier)

    def invoke(self, token: str, arguments: Mapping[str, Any]) -> Mapping[str, Any]:
        return self._paper.invoke(token, arguments)


def up(
    settings: Settings, partners: tuple[Partner, ...] = PARTNERS, state: str = "", most: int = 10_000
) -> str:
    """The state after an `up`, which may be interrupted."""
    deployment = Deployment(None, {"aws": "7.0.0"})
    try:
        deploy("test", settings, partners, Account(state, most), deployment)
    except ConnectionAbortedError:
        assert most < 10_000
    return deployment.text()


def stack_of(state: str) -> Stack:
    with TemporaryDirectory() as folder:
        file = Path(folder) / "stack.json"
        file.write_text(state, encoding="utf-8")
        return read_stack(file)


def changes(state: str, settings: Settings, partners: tuple[Partner, ...] = PARTNERS) -> Intent:
    """What the next `up` would do to a stack in this state."""
    return compare(stack_of(up(settings, partners, state)), stack_of(state))


def short(urns: tuple[str, ...]) -> set[str]:
    """`type::name` of each URN, without components."""
    found = {urn.split("::", 2)[2].rsplit("$", 1)[-1] for urn in urns}
    return {one for one in found if not one.startswith("rampart:")}


def changed(intent: Intent) -> set[str]:
    """`type::name#property` of each difference, but the stack's own outputs."""
    return {
        f"{next(iter(short((one.urn,))))}#{one.property.split('.')[0].split('[')[0]}"
        for one in intent.differences
        if "pulumi:pulumi:Stack" not in one.urn
    }


@cache
def complete() -> str:
    return up(ALL)


@cache
def foundation() -> str:
    return up(FIRST)


def outputs(state: str) -> Mapping[str, Any]:
    (root,) = [
        one for one in json.loads(state)["deployment"]["resources"] if one["type"] == "pulumi:pulumi:Stack"
    ]
    found: Mapping[str, Any] = root["outputs"]
    return found


def test_the_foundation_needs_neither_image_nor_delegation_and_says_what_comes_next() -> None:
    said = outputs(foundation())
    assert said["phase"] == FOUNDATION
    assert [line.split()[0] for line in said["next"]] == ["build", "put", "put", "delegate", "then"]
    assert "guardImage, policyImage, serviceImage" in said["next"][0]
    assert "rampart/test/internal/egress-certificate" in said["next"][1]
    assert "rampart/test/internal/service-certificate" in said["next"][2]
    assert set(said["repositories"]) == {"guard", "policy", "service"}
    kinds = {one.type for one in stack_of(foundation()).resources}
    assert kinds.isdisjoint(
        {
            "aws:acm/certificateValidation:CertificateValidation",
            "aws:ecs/service:Service",
            "aws:lambda/function:Function",
            "aws:apigateway/restApi:RestApi",
        }
    )
    assert {"aws:cloudtrail/trail:Trail", "aws:kms/key:Key", "aws:ecr/repository:Repository"} <= kinds


def test_the_foundation_keeps_every_promise_but_to_watch_calls_that_nobody_can_make_yet() -> None:
    findings = judge(stack_checks(), stack_of(foundation()))
    bad = {f.control for f in findings if f.status in (Status.FAIL, Status.ERROR)}
    assert bad == {
        "authentication-failures-alarmed",
        "cdr-volume-alarmed",
        "certificate-expiry-alarmed",  # the egress guard says when its own ends, once it runs
        "refusals-alarmed",
        "server-errors-alarmed",
        "unexpected-paths-alarmed",
    }


def test_a_complete_stack_has_nothing_left_to_do() -> None:
    assert outputs(complete())["phase"] == COMPLETE
    assert outputs(complete())["next"] == []
    assert steps_left(ALL) == ()


def test_the_second_phase_adds_and_changes_nothing_of_the_first() -> None:
    intent = changes(foundation(), ALL)
    assert changed(intent) == set()
    assert short(intent.extra) == {
        "pulumi:providers:pulumi::default",
        "pulumi:pulumi:StackReference::organization/rampart/test",
    }
    assert intent.replaced == ()
    assert len(intent.missing) > 150
    assert "aws:ecs/service:Service::guard" in short(intent.missing)


def test_an_up_again_changes_nothing() -> None:
    for state, settings in ((foundation(), FIRST), (complete(), ALL)):
        intent = changes(state, settings)
        assert (changed(intent), intent.missing, intent.extra) == (set(), (), ())


@pytest.mark.parametrize("most", [20, 120])
def test_an_interrupted_second_phase_goes_on_where_it_stopped(most: int) -> None:
    partial = up(ALL, state=foundation(), most=most)
    standing = {one.urn for one in stack_of(partial).resources}
    assert len(standing) < len(stack_of(complete()).resources)
    resumed = stack_of(up(ALL, state=partial))
    intent = compare(resumed, stack_of(partial))
    assert changed(intent) == set()
    assert intent.extra == ()
    assert {one.urn for one in resumed.resources} == {one.urn for one in stack_of(complete()).resources}


def test_a_complete_stack_never_goes_back() -> None:
    with pytest.raises(pulumi.RunError, match="never goes back"):
        up(FIRST, state=complete())
    assert never_back(None, FOUNDATION) == never_back(FOUNDATION, FOUNDATION) == FOUNDATION
    assert never_back(FOUNDATION, COMPLETE) == never_back(COMPLETE, COMPLETE) == COMPLETE


@pytest.mark.parametrize("key", NEEDED)
def test_after_the_first_phase_a_missing_input_is_a_fault_and_no_smaller_stack(key: str) -> None:
    config = yaml.safe_load((ROOT / "Pulumi.test.yaml").read_text(encoding="utf-8"))["config"]
    own = {name.split(":", 1)[1]: value for name, value in config.items()}
    del own[key]
    with pytest.raises(ConfigError) as caught:
        Settings.read(own, "Pulumi.x.yaml")
    (line,) = caught.value.problems
    assert line.startswith(f"Pulumi.x.yaml: {key}: missing; expected")
    assert Settings.read({**own, "phase": FOUNDATION}, "Pulumi.x.yaml").phase == FOUNDATION


# What carries the registry, or its digest.
REGISTRY = {
    "aws:apigateway/deployment:Deployment::live#triggers",
    "aws:apigateway/restApi:RestApi::ocpi#body",
    "aws:ecs/taskDefinition:TaskDefinition::egress#containerDefinitions",
    "aws:ecs/taskDefinition:TaskDefinition::guard#containerDefinitions",
    "aws:ecs/taskDefinition:TaskDefinition::service#containerDefinitions",
    "aws:lambda/function:Function::authorizer#environment",
    "aws:lambda/function:Function::rotation#environment",
    "aws:s3/bucketObjectv2:BucketObjectv2::partners#content",
}


def test_a_new_partner_adds_what_is_its_own_and_opens_the_gates_to_it() -> None:
    first = PARTNERS[0]
    new = replace(first, name="newcomer", networks=("198.51.100.64/28",))
    intent = changes(complete(), ALL, (*PARTNERS, new))
    assert intent.extra == ()
    assert all("newcomer" in name for name in short(intent.missing)), short(intent.missing)
    assert changed(intent) == {
        *REGISTRY,
        "aws:apigateway/methodSettings:MethodSettings::all#settings",
        "aws:wafv2/ipSet:IpSet::partners#addresses",
    }


def test_a_changed_network_changes_the_gates_and_nothing_else() -> None:
    moved = replace(PARTNERS[0], networks=("198.51.100.64/28",))
    intent = changes(complete(), ALL, (moved, *PARTNERS[1:]))
    assert (intent.missing, intent.extra) == ((), ())
    assert changed(intent) == {*REGISTRY, "aws:wafv2/ipSet:IpSet::partners#addresses"}


def test_a_changed_size_changes_counts_only() -> None:
    intent = changes(complete(), replace(ALL, guard_tasks=3))
    assert (intent.missing, intent.extra) == ((), ())
    assert changed(intent) == {
        *(
            f"aws:appautoscaling/target:Target::{name}#{what}"
            for name in ("guard", "egress")
            for what in ("minCapacity", "maxCapacity")
        ),
        "aws:ecs/taskDefinition:TaskDefinition::guard#containerDefinitions",
    }


def test_a_smaller_stack_has_one_way_out_and_less_of_the_rest() -> None:
    intent = changes(complete(), replace(ALL, size=SMALL))
    assert intent.missing == ()
    assert short(intent.extra) == {"aws:ec2/eip:Eip::nat-b", "aws:ec2/natGateway:NatGateway::nat-b"}
    endpoints = ("ecr-api", "ecr-dkr", "guardduty-data", "logs", "secretsmanager", "ssm", "xray")
    assert changed(intent) == {
        "aws:ec2/route:Route::guard-out-b#natGatewayId",
        *(f"aws:appautoscaling/target:Target::{name}#maxCapacity" for name in ("egress", "guard", "service")),
        *(f"aws:ec2/vpcEndpoint:VpcEndpoint::{name}#subnetIds" for name in endpoints),
        *(
            f"aws:ecs/taskDefinition:TaskDefinition::{name}#{what}"
            for name in ("egress", "service")
            for what in ("cpu", "memory")
        ),
    }


def test_a_small_stack_keeps_every_promise() -> None:
    findings = judge(stack_checks(), stack_of(up(replace(ALL, size=SMALL))))
    assert [f for f in findings if f.status in (Status.FAIL, Status.ERROR)] == []
