"""A denied detail costs the property or the row that it serves, and nothing else of its type."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest

from scanners.drift.account import View
from scanners.drift.compare import compare
from scanners.drift.declared import Declared
from scanners.drift.readers import READERS
from scanners.drift.reading import read, read_tasks
from scanners.drift.records import Drift
from scanners.policy.stack import Resource
from tests.beds.aws_account import REGION, Account, declare, emulated_account, stack_of
from tests.beds.aws_faults import Fault, view_through
from tests.scanners.drift import ecs_cases, route53_cases, waf_cases
from tests.scanners.drift.acm_cases import certificate_case
from tests.scanners.drift.cloudtrail_cases import trail_case
from tests.scanners.drift.dynamodb_cases import table_case
from tests.scanners.drift.sqs_cases import queue_case

# The call that is denied, and what is then not known: a type and its property (an empty one is all of them).
DENIED = {
    "dynamodb.DescribeTable": {("Table", "")},
    "dynamodb.DescribeTimeToLive": {("Table", "ttl")},
    "dynamodb.DescribeContinuousBackups": {
        ("Table", "pointInTimeRecovery"),
        ("Table", "pointInTimeRecovery.recoveryPeriodInDays"),
    },
    "dynamodb.GetResourcePolicy": {("Table", "policy")},
    "cloudtrail.GetTrailStatus": {("Trail", "enableLogging")},
    "cloudtrail.GetEventSelectors": {("Trail", "eventSelectors"), ("Trail", "advancedEventSelectors")},
    "cloudtrail.GetInsightSelectors": {("Trail", "insightSelectors")},
    "cloudtrail.ListTags": {("Trail", "tags")},
    "sqs.GetQueueAttributes": {("Queue", "")},
    "ecs.DescribeClusters": {("Cluster", "")},
    "ecs.DescribeTaskDefinition": {("TaskDefinition", "")},
    "ecs.DescribeServices": {("Service", "")},
    "route-53.GetDNSSEC": {("Zone", "signing"), ("Zone", "signingKeys")},
    "route-53.ListQueryLoggingConfigs": {("Zone", "queryLog")},
    "route-53.ListTagsForResource": {("Zone", "tags")},
    "servicediscovery.ListNamespaces": set(),
    "wafv2.GetWebACL": {("WebAcl", "")},
    "wafv2.ListLoggingConfigurations": {
        ("WebAcl", name) for name in ("logDestinations", "redactedFields", "loggingFilter")
    },
    "wafv2.GetIPSet": {("IpSet", "")},
    "acm.DescribeCertificate": {("Certificate", "")},
}
SERVICES = ("dynamodb", "cloudtrail", "sqs", "ecs", "route53", "wafv2", "acm")


@dataclass
class Bed:
    """An account with one of each, a fault before it, and what a sound reading of it finds."""

    resources: tuple[Resource, ...]
    view: View
    fault: Fault
    _sound: list[Drift] = field(default_factory=list)

    @property
    def sound(self) -> Drift:
        """The drift while every call is answered."""
        if not self._sound:
            self._sound.append(self.drift(""))
        return self._sound[0]

    def drift(self, operation: str) -> Drift:
        """The drift while this call is denied."""
        self.fault.operation = operation
        declared = Declared(stack_of(*self.resources), REGION)
        used = tuple(reader for reader in READERS if reader.service in SERVICES)
        tasks = tuple(read_tasks(declared, used))
        return compare(declared, read(self.view.afresh(), tasks, lambda _, __: None), used)


def made(account: Account) -> tuple[Resource, ...]:
    cases = (table_case, trail_case, queue_case, ecs_cases.service_case, certificate_case)
    found = [resource for case in cases for resource in case(account)]
    found += [*route53_cases.record_case(account), *waf_cases.acl_case(account), waf_cases.ip_set(account)]
    # The service's own, which its case does not declare.
    task = account.ecs.describe_task_definition(taskDefinition="guard")["taskDefinition"]
    arn = task["taskDefinitionArn"]
    found.append(declare("aws:ecs/taskDefinition:TaskDefinition", "guard", task, arn=arn))
    return tuple({resource.urn: resource for resource in found}.values())


@pytest.fixture(scope="module")
def bed() -> Iterator[Bed]:
    with emulated_account() as account:
        resources = made(account)
        account.route53.create_hosted_zone(Name="stray.example", CallerReference="stray")
        fault = Fault()
        yield Bed(resources, view_through(account, fault), fault)


def test_the_account_is_as_declared_while_every_call_is_answered(bed: Bed) -> None:
    assert (bed.sound.changes, bed.sound.unread) == ((), ())
    assert all(presence.found for presence in bed.sound.presences)
    assert {one.type for one in bed.sound.unmanaged} >= {"aws:route53/zone:Zone"}
    assert set(DENIED) <= set(bed.fault.calls)


@pytest.mark.parametrize("operation", DENIED)
def test_a_denied_detail_costs_only_what_it_serves(bed: Bed, operation: str) -> None:
    drift = bed.drift(operation)
    unread = [one for one in drift.unread if one.urn]
    assert {(one.type.rsplit(":", 1)[-1], one.property) for one in unread} == DENIED[operation]
    assert (drift.changes, drift.presences) == ((), bed.sound.presences)
    assert drift.listed == bed.sound.listed
    without = {one.urn for one in unread}
    assert [one for one in drift.compared if one.urn not in without] == [
        one for one in bed.sound.compared if one.urn not in without
    ]


def test_what_may_be_an_aws_services_own_is_not_called_unmanaged(bed: Bed) -> None:
    """Whether Cloud Map made a zone is not known, where its namespaces cannot be listed."""
    drift = bed.drift("servicediscovery.ListNamespaces")
    assert "aws:route53/zone:Zone" not in {one.type for one in drift.unmanaged}
    unlisted = {one.type: one.reason for one in drift.unread if not one.urn}
    assert unlisted["aws:route53/zone:Zone"].endswith("ListNamespaces: AccessDeniedException")


def test_a_denied_call_is_made_once(bed: Bed) -> None:
    """However many rows it serves: what is denied once is denied for all of them."""
    bed.fault.calls.clear()
    bed.drift("wafv2.ListLoggingConfigurations")
    assert bed.fault.calls["wafv2.ListLoggingConfigurations"] == 1
