"""Our own stack as an earlier program declared it: what `docs/accepted-by-aws.md` names fails on it.

Each case gives one thing back to what it was, and the check of that line fails, which passes today.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import Any

import pytest

from hardening.checks import Status
from scanners.policy.checks import stack_checks
from scanners.policy.samples.sample_stack import ABSENT, weaken
from scanners.policy.stack import Resource, Stack
from tests.own_stack import ACCOUNT, ROOT, own_stack

Change = Callable[[Resource], Resource | None]
REGION = "eu-central-1"


def given_back(kind: str, name: str, change: Change) -> Callable[[Stack], Stack]:
    """The stack in which the resources of a type and name (`*`: all) are changed, or gone."""

    def given(stack: Stack) -> Stack:
        found: list[Resource] = []
        hit = False
        for resource in stack.resources:
            if resource.type == f"aws:{kind}" and name in ("*", resource.name):
                hit, changed = True, change(resource)
                found += [changed] if changed else []
            else:
                found.append(resource)
        assert hit, f"no {kind} called {name}"
        return replace(stack, resources=tuple(found))

    return given


def wrote(path: str, value: Any) -> Change:
    """An input with another value, which comes from no other resource; ABSENT: it is not written."""

    def change(resource: Resource) -> Resource:
        one = Stack("", "", (replace(resource, name="it"),))
        (changed,) = weaken(one, "it", path, value() if callable(value) else value).resources
        top = path.split(".")[0]
        linked = {key: urns for key, urns in resource.property_dependencies.items() if key != top}
        return replace(changed, name=resource.name, property_dependencies=linked)

    return change


def rewrote(path: str, edit: Callable[[Any], object]) -> Change:
    """An input that is JSON text, edited in place."""

    def change(resource: Resource) -> Resource:
        parsed = json.loads(resource.inputs[path])
        edit(parsed)
        return replace(resource, inputs={**resource.inputs, path: json.dumps(parsed)})

    return change


def said(path: str, now: str, then: str) -> Change:
    """An input that is text, with other words in it."""

    def change(resource: Resource) -> Resource:
        assert now in resource.inputs[path]
        return replace(resource, inputs={**resource.inputs, path: resource.inputs[path].replace(now, then)})

    return change


def hasty(resource: Resource) -> Resource:
    """Made without waiting for anything that it does not name."""
    return replace(resource, dependencies=())


def before_its_policy(resource: Resource) -> Resource:
    """Made as soon as its role is there."""
    linked = {
        key: tuple(urn for urn in urns if "rolePolicy" not in urn)
        for key, urns in resource.property_dependencies.items()
    }
    waits = tuple(urn for urn in resource.dependencies if "rolePolicy" not in urn)
    return replace(resource, property_dependencies=linked, dependencies=waits)


def unkept(resource: Resource) -> Resource:
    return replace(resource, protect=False, retain_on_delete=False)


def only_here(resource: Resource) -> Resource | None:
    return resource if resource.inputs.get("region") in (None, REGION) else None


def _daily(resource: Resource) -> Resource:
    """An alarm that looks at one day."""
    day = {"period": 86_400, "evaluationPeriods": 1, "datapointsToAlarm": 1}
    return replace(resource, inputs={**resource.inputs, **day})


def statement(sid: str, **more: Any) -> Callable[[Any], None]:
    """More members of a policy's statement."""

    def edit(policy: Any) -> None:
        (found,) = (one for one in policy["Statement"] if one["Sid"] == sid)
        found.update(more)

    return edit


def add_model(body: Any) -> None:
    body["components"]["schemas"]["Old"] = {"type": "string", "nullable": True}


def input_of(kind: str, name: str, key: str, place: str = "inputs") -> Callable[[], Any]:
    """What our own stack says of one resource, once it is asked."""

    def found() -> Any:
        (one,) = (r for r in own_stack("test").of_type(f"aws:{kind}") if r.name == name)
        return getattr(one, place)[key]

    return found


ACL, POLICY, KEY = "ec2/networkAcl:NetworkAcl", "iam/rolePolicy:RolePolicy", "kms/key:Key"
API, ALARM = "apigateway/restApi:RestApi", "cloudwatch/metricAlarm:MetricAlarm"
FUNCTION, SERVICE = "lambda/function:Function", "ecs/service:Service"
MFA = {"Bool": {"aws:MultiFactorAuthPresent": "true"}}
INTERFACES = f"arn:aws:ec2:{REGION}:{ACCOUNT}"


def cases() -> Iterator[tuple[int, str, Callable[[Stack], Stack]]]:
    """(number of the line, check, the stack as it was)."""
    locked = input_of("s3/bucket:Bucket", "trail", "bucket")
    notices = input_of("sns/topic:Topic", "trail-files", "arn", "outputs")
    workloads = input_of("iam/policy:Policy", "boundary", "policy")
    channel = "cfg/deliveryChannel:DeliveryChannel"
    yield 1, "the-history-can-be-delivered", given_back(channel, "*", wrote("s3BucketName", locked))
    trail = given_back("cloudtrail/trail:Trail", "*", hasty)
    yield 3, "the-trail-waits-for-its-topics-policy", trail
    rules = input_of(ACL, "guard", "ingress")
    yield (
        4,
        "access-lists-stay-within-the-quota",
        given_back(ACL, "guard", wrote("ingress", lambda: rules() * 5)),
    )
    yield 5, "models-use-what-api-gateway-knows", given_back(API, "*", rewrote("body", add_model))
    named = said("policy", f"{INTERFACES}:*/*", f"{INTERFACES}:network-interface/*")
    yield 5, "functions-may-delete-their-interfaces", given_back(POLICY, "authorizer", named)
    early = given_back(FUNCTION, "authorizer", before_its_policy)
    yield 5, "roles-are-complete-before-they-are-used", early
    yield 5, "workloads-wait-for-their-network", given_back(SERVICE, "guard", hasty)
    blind = said("policy", "logs:DescribeLogGroups", "logs:DescribeLogStreams")
    yield 5, "flow-logs-may-find-their-group", given_back(POLICY, "flow-logs", blind)
    tunnel = wrote("environment.variables.HTTPS_PROXY", "http://egress.internal:3128")
    yield 6, "nobody-opens-a-tunnel", given_back(FUNCTION, "rotation", tunnel)
    yield (
        7,
        "services-wait-until-their-tasks-run",
        given_back(SERVICE, "*", wrote("waitForSteadyState", ABSENT)),
    )
    own = statement("Events", Condition={"StringEquals": {"aws:SourceAccount": ACCOUNT}})
    yield 9, "event-rules-can-use-the-topics-key", given_back(KEY, "messages", rewrote("policy", own))
    of_ours = {"ArnLike": {"aws:SourceArn": f"arn:aws:events:{REGION}:{ACCOUNT}:rule/rampart-test-*"}}
    limited = rewrote("policy", statement("Events", Condition=of_ours))
    yield 9, "event-rules-may-publish", given_back("sns/topicPolicy:TopicPolicy", "alarms", limited)
    mail = given_back("sns/topicSubscription:TopicSubscription", "*", wrote("topic", notices))
    yield 10, "notices-of-files-reach-nobody-by-mail", mail
    chain = wrote("firewallDomainRedirectionAction", ABSENT)
    allowed = given_back("route53/resolverFirewallRule:ResolverFirewallRule", "allowed", chain)
    yield 11, "aliases-of-listed-names-resolve", allowed
    apart = rewrote("body", lambda body: body.pop("x-amazon-apigateway-policy"))
    yield 12, "the-policy-is-part-of-the-document", given_back(API, "*", apart)
    untold = given_back("apigateway/deployment:Deployment", "*", wrote("triggers", ABSENT))
    yield 12, "a-changed-document-is-deployed", untold
    second = rewrote("assumeRolePolicy", statement("Roles", Condition=MFA))
    yield 13, "roles-are-not-asked-for-mfa", given_back("iam/role:Role", "operator", second)
    numbers = wrote("pattern", "{ $.status = 429 }")
    filters = given_back("cloudwatch/logMetricFilter:LogMetricFilter", "throttled", numbers)
    yield 14, "filters-compare-texts-with-texts", filters
    everywhere = given_back(ALARM, "firewall-blocks", wrote("dimensions.Region", ABSENT))
    yield 14, "firewall-alarms-name-their-region", everywhere
    another = given_back(ALARM, "firewall-blocks", wrote("dimensions.WebACL", "rampart-test-firewall"))
    yield 14, "firewall-alarms-name-the-metric-of-the-acl", another
    yield 15, "edge-tls-policy-modern", given_back(API, "*", wrote("securityPolicy", ABSENT))
    people = given_back("iam/policy:Policy", "people-boundary", wrote("policy", workloads))
    yield 16, "the-boundary-lets-readers-audit", people
    lifecycle = "s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration"
    old = given_back(lifecycle, "code", wrote("rules.0.expiration", {"days": 400}))
    yield 16, "what-is-declared-does-not-expire", old
    yield 17, "keys-outlive-what-is-locked", given_back(KEY, "logs", unkept)
    yield 17, "locked-buckets-outlive-the-stack", given_back("s3/bucket:Bucket", "trail", unkept)
    yield 17, "tables-are-protected", given_back("dynamodb/table:Table", "tokens", unkept)
    yield 17, "keys-of-stores-are-protected", given_back(KEY, "secrets", unkept)
    images = given_back("ecr/repository:Repository", "*", wrote("forceDelete", True))
    yield 17, "zones-and-images-are-not-deleted-unasked", images
    for held in (
        "no-person-makes-a-program-read-tokens",
        "people-read-registration-tokens-only",
        "people-change-tokens-in-named-ways-only",
        "no-person-silences-what-watches",
    ):
        yield 18, held, people
    open_to = wrote("cidrIpv4", input_of("ec2/vpc:Vpc", "vpc", "cidrBlock"))
    rule = "vpc/securityGroupIngressRule:SecurityGroupIngressRule"
    yield 19, "tasks-behind-the-balancer-admit-it-alone", given_back(rule, "balancer-to-guard", open_to)
    watched = given_back("guardduty/detector:Detector", "*", only_here)
    yield 20, "threats-are-detected-in-every-region", watched
    collected = given_back("securityhub/account:Account", "*", only_here)
    yield 20, "findings-are-collected-in-every-region", collected
    crowd = given_back("wafv2/webAcl:WebAcl", "ocpi", wrote("rules", _set_for_each_of_a_crowd))
    yield 4, "references-stay-within-the-quota", crowd
    daily = given_back(ALARM, "backups-missing", _daily)
    yield 22, "missing-backups-are-alarmed", daily
    copied = given_back(ALARM, "copies-missing", lambda _: None)
    yield 22, "missing-backups-are-alarmed", copied
    lost = given_back(ALARM, "guardduty-undelivered", lambda _: None)
    yield 22, "undelivered-messages-are-alarmed", lost
    unheard = given_back("cloudwatch/eventRule:EventRule", "backups-failed", lambda _: None)
    yield 22, "failed-backups-are-told-to-people", unheard


def _set_for_each_of_a_crowd() -> list[Any]:
    sets = [{"ipSetReferenceStatement": {"arn": f"arn:set-{number}"}} for number in range(23)]
    groups = [{"managedRuleGroupStatement": {"vendorName": "AWS", "name": str(n)}} for n in range(5)]
    statements = [{"notStatement": {"statements": [{"orStatement": {"statements": sets}}]}}, *groups, *sets]
    return [{"name": str(n), "priority": n, "statement": one} for n, one in enumerate(statements)]


CASES = {f"{n}-{number}: {held}": (number, held, was) for n, (number, held, was) in enumerate(cases())}


def statuses(stack: Stack, held: str) -> set[Status]:
    """What the check, or each check of the control, says of the stack."""
    asked = [one for one in stack_checks() if held in (one.name, one.control)]
    assert asked, held
    return {finding.status for one in asked for finding in one.run(stack)}


@pytest.mark.parametrize("name", CASES)
def test_the_program_as_it_was_fails_the_check_that_todays_passes(name: str) -> None:
    _, held, was = CASES[name]
    today = own_stack("test")
    assert statuses(today, held) == {Status.PASS}
    assert Status.FAIL in statuses(was(today), held)


def test_every_line_that_a_check_holds_has_such_a_case() -> None:
    table = (ROOT / "docs" / "accepted-by-aws.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| (\d+) \|.*\| ([^|]*) \|$", table, re.MULTILINE)
    lines: Mapping[str, list[str]] = {
        f"{number} {held}": [name for name in re.findall(r"`([^`]+)`", held) if "::" not in name]
        for number, held in rows
    }
    assert len(lines) > 20
    shown = {held for _, held, _ in CASES.values()}
    assert [line for line, names in lines.items() if names and not shown & set(names)] == []
