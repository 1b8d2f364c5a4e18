"""Undeclared live resources that are not drift: one table, each entry with its reason."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from scanners.drift.records import Live, Unseen


@dataclass(frozen=True, slots=True)
class Exclusion:
    """Undeclared resources of `type` for which `covers` is true are left out, for this reason."""

    type: str
    reason: str
    covers: Callable[[Live], bool]


def _always(_: Live) -> bool:
    return True


@dataclass(frozen=True, slots=True)
class _Fact:
    """Whether a property that the reader found holds; one that could not be read does not."""

    name: str

    def __call__(self, live: Live) -> bool:
        return not isinstance(live.has(self.name), Unseen) and bool(live.has(self.name))


EXCLUSIONS: Final = (
    Exclusion("aws:ec2/vpc:Vpc", "the account's default VPC, which AWS makes", _Fact("isDefault")),
    Exclusion("aws:ec2/subnet:Subnet", "part of the account's default VPC", _Fact("inDefaultVpc")),
    Exclusion(
        "aws:ec2/internetGateway:InternetGateway", "part of the account's default VPC", _Fact("inDefaultVpc")
    ),
    Exclusion("aws:ec2/routeTable:RouteTable", "part of the account's default VPC", _Fact("inDefaultVpc")),
    Exclusion("aws:ec2/defaultRouteTable:DefaultRouteTable", "AWS makes one with every VPC", _always),
    Exclusion("aws:ec2/defaultNetworkAcl:DefaultNetworkAcl", "AWS makes one with every VPC", _always),
    Exclusion("aws:ec2/defaultSecurityGroup:DefaultSecurityGroup", "AWS makes one with every VPC", _always),
    Exclusion("aws:kms/key:Key", "a key that AWS manages", _Fact("awsManaged")),
    Exclusion(
        "aws:kms/alias:Alias", "an alias that AWS manages", lambda live: live.key.startswith("alias/aws/")
    ),
    Exclusion(
        "aws:iam/role:Role",
        "IAM Identity Center makes it for a permission set",
        lambda live: str(live.has("path")).startswith("/aws-reserved/"),
    ),
    Exclusion(
        "aws:iam/samlProvider:SamlProvider",
        "IAM Identity Center lets its people in by it",
        _Fact("ofIdentityCenter"),
    ),
    Exclusion(
        "aws:iam/serviceLinkedRole:ServiceLinkedRole",
        "AWS makes one for each service that needs it, and only AWS can change it",
        _always,
    ),
    Exclusion("aws:route53/zone:Zone", "Cloud Map made it for a namespace", _Fact("ofNamespace")),
    Exclusion("aws:route53/zone:Zone", "another AWS service owns it", _Fact("ownedBy")),
    Exclusion("aws:route53/record:Record", "part of a zone that an AWS service keeps", _Fact("ownedBy")),
    Exclusion(
        "aws:route53/resolverFirewallRuleGroup:ResolverFirewallRuleGroup",
        "another account shares it",
        _Fact("shared"),
    ),
    Exclusion(
        "aws:route53/resolverFirewallDomainList:ResolverFirewallDomainList",
        "a list that AWS manages",
        _Fact("managedBy"),
    ),
    Exclusion(
        "aws:secretsmanager/secret:Secret", "another AWS service owns and rotates it", _Fact("owningService")
    ),
    Exclusion(
        "aws:cfg/rule:Rule",
        "another AWS service (Security Hub, conformance packs) owns it",
        _Fact("createdBy"),
    ),
    Exclusion(
        "aws:ebs/encryptionByDefault:EncryptionByDefault",
        "how every region begins",
        lambda live: not live.has("enabled"),
    ),
    Exclusion(
        "aws:cloudwatch/metricAlarm:MetricAlarm",
        "Application Auto Scaling keeps it for a scaling policy, which is compared itself",
        _Fact("ofScalingPolicy"),
    ),
    Exclusion("aws:cloudwatch/eventBus:EventBus", "each region has one", _Fact("ofTheRegion")),
    Exclusion("aws:cloudwatch/eventRule:EventRule", "another AWS service owns it", _Fact("managedBy")),
)


# What must be known of a resource before it can be said to be AWS's own.
FACTS: Final = frozenset(each.covers.name for each in EXCLUSIONS if isinstance(each.covers, _Fact))


def exclusion(live: Live) -> str:
    """Why an undeclared resource is not drift, or an empty string if it is."""
    return next((e.reason for e in EXCLUSIONS if e.type == live.type and e.covers(live)), "")


def undecided(live: Live) -> str:
    """Why nobody can say whether an undeclared resource is drift, or an empty string."""
    facts = (
        live.has(e.covers.name) for e in EXCLUSIONS if e.type == live.type and isinstance(e.covers, _Fact)
    )
    return "" if exclusion(live) else next((fact.reason for fact in facts if isinstance(fact, Unseen)), "")
