"""Intended against declared: an untouched stack shows nothing, and whatever is edited in the state shows."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from hardening.checks import Status
from hardening.controls import CONTROLS, Severity
from hardening.registry.reader import read_registry
from infra.intended import intended
from scanners.intent.compare import compare
from scanners.intent.records import Intent
from scanners.intent.scan import judge
from scanners.policy.stack import SECRET, UNKNOWN, Resource, Stack
from scanners.policy.stack_file import read_stack
from tests.own_stack import ROOT, state_with
from tests.scanners.intent.weakenings import STRANGER, WEAKENINGS, Weakening

STACK = "test"


@cache
def declared_text() -> str:
    return state_with(STACK, read_registry(ROOT / "partners"))


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with `declared.json`, and `intended.json` that was written for it."""
    folder = tmp_path_factory.mktemp("intent")
    (folder / "declared.json").write_text(declared_text())
    (folder / "intended.json").write_text(intended(ROOT, folder / "declared.json", lab=True))
    return folder


@pytest.fixture(scope="module")
def today(files: Path) -> Stack:
    return read_stack(files / "intended.json")


def state() -> Any:
    return json.loads(declared_text())


def stack_of(document: Any, folder: Path) -> Stack:
    file = folder / "edited.json"
    file.write_text(json.dumps(document))
    return read_stack(file)


def failed(intent: Intent, declared: Stack) -> dict[str, str]:
    """Where -> control, of each failure."""
    return {f.where: f.control for f in judge(intent, declared) if f.status is Status.FAIL}


def test_an_untouched_stack_is_as_intended(today: Stack, files: Path) -> None:
    declared = read_stack(files / "declared.json")
    intent = compare(today, declared)
    findings = list(judge(intent, declared))
    assert len(intent.present) == len(today.resources)
    shown = (intent.differences, intent.undecided, intent.missing, intent.extra, intent.replaced)
    assert shown == ((), (), (), (), ())
    assert {f.status for f in findings} == {Status.PASS, Status.NOT_APPLICABLE}


@pytest.mark.parametrize("weakening", WEAKENINGS, ids=lambda w: f"{w.type.split(':')[-1]}-{w.path}")
def test_each_weakening_of_the_state_is_found_with_its_path(
    weakening: Weakening, today: Stack, tmp_path: Path
) -> None:
    document = state()
    edited = weakening.weaken(document["deployment"]["resources"])
    declared = stack_of(document, tmp_path)
    intent = compare(today, declared)
    found = {d.urn for d in intent.differences if d.property.startswith(weakening.path)}
    assert found == set(edited)
    assert failed(intent, declared)


def test_all_weakenings_at_once_are_found_by_the_program_run_on_the_weakened_state(tmp_path: Path) -> None:
    """The answers come from the weakened file itself: an edit of an input does not spoil what is intended."""
    document = state()
    edited = {(urn, w.path) for w in WEAKENINGS for urn in w.weaken(document["deployment"]["resources"])}
    declared = stack_of(document, tmp_path)
    (tmp_path / "intended.json").write_text(intended(ROOT, tmp_path / "edited.json", lab=True))
    intent = compare(read_stack(tmp_path / "intended.json"), declared)
    tops = {(d.urn, d.property.split(".")[0].split("[")[0]) for d in intent.differences}
    assert tops == {(urn, path.split(".")[0]) for urn, path in edited}


def edits(value: Any) -> Iterator[Any]:
    """The value with one leaf changed."""
    if isinstance(value, bool):
        yield not value
    elif isinstance(value, int | float):
        yield value + 1
    elif isinstance(value, str):
        yield f"{value}x"
    elif isinstance(value, list | tuple):
        yield [*value, "more"]
        for number, item in enumerate(value):
            for other in edits(item):
                yield [*value[:number], other, *value[number + 1 :]]
    elif isinstance(value, dict):
        yield {**value, "more": True}
        for name, item in value.items():
            for other in edits(item):
                yield {**value, name: other}


def alone(stack: Stack, resource: Resource) -> Stack:
    return replace(stack, resources=(resource,))


def test_any_property_edited_removed_or_added_is_found_with_path_and_severity(today: Stack) -> None:
    """Every leaf of every input of every resource: generated from the stack, not from the checks."""
    seen = set()
    for resource in today.resources:
        if not resource.custom or resource.type.startswith("pulumi:"):
            continue
        changed = [
            (name, {**resource.inputs, name: new}) for name, v in resource.inputs.items() for new in edits(v)
        ]
        changed += [(n, {k: v for k, v in resource.inputs.items() if k != n}) for n in resource.inputs]
        changed += [("notOurs", {**resource.inputs, "notOurs": False})]
        for name, inputs in changed:
            intent = compare(alone(today, resource), alone(today, replace(resource, inputs=inputs)))
            if name in resource.ignore_changes:
                assert intent.differences == (), name
                continue
            (found,) = intent.differences
            assert found.urn == resource.urn
            assert found.property.split(".")[0].split("[")[0] == name
            assert CONTROLS[found.control].severity
        seen.add(resource.type)
    assert seen == {r.type for r in today.resources if r.custom and not r.type.startswith("pulumi:")}


def test_a_partner_taken_out_of_the_registry_shows_as_extra_resources_and_changed_routes(
    files: Path, tmp_path: Path
) -> None:
    project = tmp_path / "project"
    (project / "partners").mkdir(parents=True)
    (project / f"Pulumi.{STACK}.yaml").write_bytes((ROOT / f"Pulumi.{STACK}.yaml").read_bytes())
    partners = sorted((ROOT / "partners").glob("*.yaml"))
    for kept in partners[1:]:
        (project / "partners" / kept.name).write_bytes(kept.read_bytes())
    text = intended(project, files / "declared.json", lab=True)
    (tmp_path / "intended.json").write_text(text)
    declared = read_stack(files / "declared.json")
    intent = compare(read_stack(tmp_path / "intended.json"), declared)
    gone = partners[0].stem
    kinds = {urn.split("::")[-2].rsplit("$", 1)[-1] for urn in intent.extra if gone in urn}
    assert kinds >= {
        "aws:apigateway/apiKey:ApiKey",
        "aws:apigateway/usagePlan:UsagePlan",
        "aws:secretsmanager/secret:Secret",
    }
    changed = {
        (d.urn.split("::")[-2].rsplit("$", 1)[-1], d.property.split(".")[0]) for d in intent.differences
    }
    assert ("aws:apigateway/restApi:RestApi", "policy") in changed or (
        "aws:apigateway/restApi:RestApi",
        "body",
    ) in changed
    assert set(failed(intent, declared).values()) >= {"nothing-left-over"}


def test_a_resource_that_is_gone_or_foreign_or_moved_shows(today: Stack) -> None:
    one, two, *rest = [r for r in today.resources if r.type == "aws:kms/key:Key"]
    foreign = replace(one, urn=one.urn.replace(one.name, "foreign"), name="foreign")
    moved = replace(two, urn=two.urn.replace("rampart:data:EncryptionKeys$", ""))
    declared = replace(today, resources=(foreign, moved, *rest))
    intent = compare(replace(today, resources=(one, two, *rest)), declared)
    assert intent.missing == (one.urn,)
    assert intent.extra == (foreign.urn,)
    assert [(each.intended, each.declared) for each in intent.replaced] == [(two.urn, moved.urn)]
    assert failed(intent, declared) == {
        one.urn: "nothing-undeployed",
        foreign.urn: "nothing-left-over",
        moved.urn: "nothing-left-over",
    }


def test_protection_and_an_explicit_provider_count(today: Stack) -> None:
    key = next(r for r in today.resources if r.type == "aws:kms/key:Key")
    urn = key.provider.rsplit("::", 1)[0].replace("default", "elsewhere")
    other = replace(key, protect=not key.protect, provider=f"{urn}::id")
    intent = compare(alone(today, key), alone(today, other))
    assert {d.property for d in intent.differences} == {"(protect)", "(provider)"}


@pytest.mark.parametrize(
    ("path", "edit"),
    [
        ("(provider)", {"provider": "urn:pulumi:test::rampart::pulumi:providers:aws::default-foreign::id"}),
        ("(parent)", {"parent": "urn:pulumi:test::rampart::pulumi:pulumi:Stack::rampart-test"}),
        ("(retainOnDelete)", {"retain_on_delete": True}),
        ("(external)", {"external": True}),
        ("(type)", {"type": "aws:kms/nothing:Nothing"}),
        ("(component)", {"custom": False}),
    ],
)
def test_what_stands_beside_the_inputs_counts(path: str, edit: dict[str, Any], today: Stack) -> None:
    """Each would take the resource out of the eyes of the checks, or give it to another account."""
    key = next(r for r in today.resources if r.type == "aws:kms/key:Key")
    intent = compare(alone(today, key), alone(today, replace(key, **edit)))
    assert [d.property for d in intent.differences] == [path]
    assert failed(intent, today)


def default_provider(stack: Stack) -> Resource:
    (found,) = stack.of_type("pulumi:providers:aws")
    return found


def told(stack: Stack, **inputs: Any) -> Stack:
    """The stack whose default provider is told otherwise, and was made by another version of its plugin."""
    own = default_provider(stack)
    other = replace(
        own,
        urn=own.urn.replace(own.name, "default_7_23_0"),
        name="default_7_23_0",
        inputs={**own.inputs, "version": "7.23.0", **inputs},
    )
    return replace(stack, resources=tuple(other if r is own else r for r in stack.resources))


ELSEWHERE = "https://elsewhere.example"


@pytest.mark.parametrize(
    ("path", "inputs"),
    [
        ("region", {"region": "us-east-1"}),
        ("assumeRoles", {"assumeRoles": f'[{{"roleArn":"arn:aws:iam::{STRANGER}:role/deploy"}}]'}),
        ("endpoints", {"endpoints": [{"sts": ELSEWHERE}]}),
        ("allowedAccountIds", {"allowedAccountIds": json.dumps([STRANGER])}),
        ("profile", {"profile": "a-stranger"}),
        ("accessKey", {"accessKey": SECRET}),
        ("skipRegionValidation", {"skipRegionValidation": "false"}),
        ("__internal", {"__internal": {"pluginDownloadURL": ELSEWHERE}}),
        ("(protect)", {}),
    ],
)
def test_a_default_provider_that_is_told_otherwise_is_found(
    path: str, inputs: dict[str, Any], today: Stack
) -> None:
    declared = told(today, **inputs)
    if not inputs:
        own = default_provider(declared)
        protected = tuple(replace(r, protect=True) if r is own else r for r in declared.resources)
        declared = replace(declared, resources=protected)
    intent = compare(today, declared)
    (found,) = intent.differences
    assert (found.urn, found.property.split("[")[0].split(".")[0]) == (default_provider(declared).urn, path)
    assert CONTROLS[found.control].severity is Severity.CRITICAL
    assert list(failed(intent, declared)) == [f"{found.urn}#{found.property}"]
    assert (intent.missing, intent.extra, intent.replaced) == ((), (), ())


def test_a_default_provider_in_another_form_or_version_is_the_same(today: Stack) -> None:
    """Older engines keep texts, younger ones values; the version is the plugin's of the machine."""
    declared = told(today, skipCredentialsValidation=False, skipRegionValidation=True)
    assert compare(today, declared).differences == ()


def test_a_default_provider_that_is_gone_or_of_a_package_nobody_uses_shows(today: Stack) -> None:
    own = default_provider(today)
    without = replace(today, resources=tuple(r for r in today.resources if r is not own))
    assert compare(today, without).missing == (own.urn,)
    assert compare(without, today).extra == (own.urn,)


def test_a_real_export_of_pulumi_is_as_intended_for_its_configuration(tmp_path: Path) -> None:
    """The form that the engine writes, for a program whose configuration says more than a region."""
    account = "111122223333"
    (tmp_path / "Pulumi.yaml").write_text("name: shop\nruntime: python\n")
    (tmp_path / "Pulumi.live.yaml").write_text(
        f"config:\n  aws:region: eu-central-1\n  aws:allowedAccountIds: ['{account}']\n"
        "  aws:maxRetries: 5\n  aws:defaultTags: {tags: {owner: platform}}\n"
    )
    (tmp_path / "__main__.py").write_text("import pulumi_aws as aws\naws.sqs.Queue('q', name='q')\n")
    prefix = "urn:pulumi:live::shop::"
    root = {"urn": f"{prefix}pulumi:pulumi:Stack::shop-live", "type": "pulumi:pulumi:Stack", "custom": False}
    inputs = {
        "__internal": {},
        "allowedAccountIds": f'["{account}"]',
        "defaultTags": '{"tags":{"owner":"platform"}}',
        "maxRetries": "5",
        "region": "eu-central-1",
        "skipCredentialsValidation": "false",
        "skipRegionValidation": "true",
        "version": "7.23.0",
    }
    type_ = "pulumi:providers:aws"
    provider = {"urn": f"{prefix}{type_}::default_7_23_0", "type": type_, "custom": True, "id": "1"}
    queue = {
        "urn": f"{prefix}aws:sqs/queue:Queue::q",
        "type": "aws:sqs/queue:Queue",
        "custom": True,
        "id": "url",
        "inputs": {"__defaults": [], "name": "q"},
        "parent": root["urn"],
        "provider": f"{provider['urn']}::1",
    }

    def found(**change: Any) -> list[str]:
        resources = [root, {**provider, "inputs": {**inputs, **change}}, queue]
        declared = stack_of({"version": 3, "deployment": {"resources": resources}}, tmp_path)
        (tmp_path / "intended.json").write_text(intended(tmp_path, tmp_path / "edited.json"))
        intent = compare(read_stack(tmp_path / "intended.json"), declared)
        assert (intent.missing, intent.extra, intent.undecided) == ((), (), ())
        return [d.property for d in intent.differences]

    assert found() == []
    assert found(allowedAccountIds=f'["{STRANGER}"]') == ["allowedAccountIds[0]"]
    assert found(profile="stranger", __defaults=["profile"]) == ["profile"]
    assert found(__internal={"envVarMappings": {"X": "AWS_PROFILE"}}) == ["__internal"]


@pytest.mark.parametrize("mark", ["initErrors", "taint", "delete", "pendingReplacement", "pending"])
def test_what_pulumi_did_not_finish_is_an_error(mark: str, today: Stack, tmp_path: Path) -> None:
    document = state()
    deployment = document["deployment"]
    key = next(r for r in deployment["resources"] if r["type"] == "aws:kms/key:Key")
    if mark == "pending":
        deployment["pending_operations"] = [{"resource": key, "type": "updating"}]
    elif mark == "delete":
        deployment["resources"].append({**key, "delete": True})
    else:
        key[mark] = ["it did not come up"] if mark == "initErrors" else True
    declared = stack_of(document, tmp_path)
    errors = [f for f in judge(compare(today, declared), declared) if f.status is Status.ERROR]
    assert [(f.where, f.control) for f in errors] == [(key["urn"], "nothing-undeployed")]


def test_a_provider_that_the_program_names_like_a_default_one_counts(today: Stack) -> None:
    own = default_provider(today)
    foreign = replace(own, urn=f"{own.urn}-foreign", name=f"{own.name}-foreign")
    intent = compare(today, replace(today, resources=(*today.resources, foreign)))
    assert intent.extra == (foreign.urn,)


def test_what_the_program_leaves_to_others_is_no_difference_and_to_leave_more_is_one(today: Stack) -> None:
    service = next(r for r in today.resources if r.type == "aws:ecs/service:Service")
    scaled = replace(service, inputs={**service.inputs, "desiredCount": 7})
    assert compare(alone(today, service), alone(today, scaled)).differences == ()
    more = replace(service, ignore_changes=(*service.ignore_changes, "enableExecuteCommand"))
    intent = compare(alone(today, service), alone(today, more))
    assert [d.property for d in intent.differences] == ["(ignoreChanges)"]


def secret(value: Any) -> tuple[Stack, Resource]:
    resource = Resource(
        urn="urn:pulumi:test::rampart::aws:ssm/parameter:Parameter::p",
        type="aws:ssm/parameter:Parameter",
        name="p",
        inputs={"value": value},
    )
    return Stack("test", "rampart", (resource,)), resource


def test_a_secret_is_only_known_to_be_one_and_its_end_shows_without_the_value() -> None:
    ours, _ = secret(SECRET)
    theirs, resource = secret("hunter2")
    assert compare(ours, ours).secrets == (f"{resource.urn}#value",)
    assert all("value" not in compared.properties for compared in compare(ours, ours).compared)
    intent = compare(ours, theirs)
    assert [d.property for d in intent.differences] == ["value"]
    assert "hunter2" not in repr(intent)


@pytest.mark.parametrize(
    ("sealed", "clear"),
    [(SECRET, "<secret>"), ([SECRET], ["<secret>"]), ({"key": SECRET}, {"key": "<secret>"})],
)
def test_a_text_that_spells_a_secret_is_none(sealed: Any, clear: Any) -> None:
    (ours, _), (theirs, _) = secret(sealed), secret(clear)
    assert len(compare(ours, theirs).differences) == 1


def test_unknown_on_both_sides_is_an_error() -> None:
    ours, resource = secret([UNKNOWN])
    findings = list(judge(compare(ours, ours), ours))
    assert [f.where for f in findings if f.status is Status.ERROR] == [f"{resource.urn}#value"]


def test_what_is_not_known_is_an_error() -> None:
    ours, _ = secret(UNKNOWN)
    theirs, resource = secret("known")
    findings = list(judge(compare(ours, theirs), theirs))
    assert [f.where for f in findings if f.status is Status.ERROR] == [f"{resource.urn}#value"]


def test_code_is_compared_by_content_and_not_by_where_it_lies(today: Stack, tmp_path: Path) -> None:
    document = state()
    for resource in document["deployment"]["resources"]:
        if "source" in resource.get("inputs", {}) and resource["type"].startswith("aws:s3/bucketObjectv2:"):
            members = resource["inputs"]["source"]["assets"]
            for member in members.values():
                if "path" in member:
                    member["path"] = f"/elsewhere{member['path']}"
    assert compare(today, stack_of(document, tmp_path)).differences == ()
    next(iter(m for m in members.values() if "path" in m))["hash"] = "0" * 64
    (found,) = compare(today, stack_of(document, tmp_path)).differences
    assert found.property == "source"


def test_what_the_provider_chose_is_no_difference(tmp_path: Path) -> None:
    """The engine writes the provider's defaults into the inputs, and their names beside them."""
    document = copy.deepcopy(state())
    for resource in document["deployment"]["resources"]:
        if resource["type"].startswith("aws:"):
            resource["inputs"] |= {
                "region": resource["inputs"].get("region", "eu-central-1"),
                "__defaults": ["region"],
            }
    declared = stack_of(document, tmp_path)
    (tmp_path / "intended.json").write_text(intended(ROOT, tmp_path / "edited.json", lab=True))
    assert compare(read_stack(tmp_path / "intended.json"), declared).differences == ()


def test_a_policy_that_says_an_element_twice_is_none(today: Stack) -> None:
    """Readers differ in which of the two counts, so neither does."""
    policy = next(r for r in today.resources if r.type == "aws:iam/policy:Policy")
    text = policy.inputs["policy"].replace('"Effect":', '"Effect": "Allow", "Effect":', 1)
    twice = replace(policy, inputs={**policy.inputs, "policy": text})
    intent = compare(alone(today, policy), alone(today, twice))
    assert [d.property for d in intent.differences] == ["policy"]


def test_a_provider_does_not_choose_policies(tmp_path: Path) -> None:
    """What the state calls a default is compared all the same, unless it is a flag, a number or a word."""
    document = state()
    role = next(r for r in document["deployment"]["resources"] if r["type"] == "aws:iam/role:Role")
    role["inputs"] |= {
        "managedPolicyArns": ["arn:aws:iam::aws:policy/AdministratorAccess"],
        "inlinePolicies": [{"name": "all", "policy": "{}"}],
        "assumeRolePolicy2": '{"Statement": []}',
        "notOurs": False,
        "__defaults": ["managedPolicyArns", "inlinePolicies", "assumeRolePolicy2", "notOurs"],
    }
    declared = stack_of(document, tmp_path)
    (tmp_path / "intended.json").write_text(intended(ROOT, tmp_path / "edited.json", lab=True))
    found = {
        d.property.split("[")[0]
        for d in compare(read_stack(tmp_path / "intended.json"), declared).differences
    }
    assert found >= {"managedPolicyArns", "inlinePolicies", "assumeRolePolicy2"}
    assert "notOurs" not in found
