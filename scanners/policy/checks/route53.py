"""Checks of the zone and the resolver: signatures, who may issue certificates, and records of queries.

Sources: RFC 4033 (DNSSEC), RFC 8659 (CAA); Route 53 Developer Guide, "Configuring DNSSEC signing", "Query
logging" and "Resolver query logging".
"""

from __future__ import annotations

import re
from typing import Final

from hardening.checks import Verdicts, check
from scanners.policy.checks.kms import KEY
from scanners.policy.checks.reading import attached, items, points_at, read, verdict
from scanners.policy.checks.vpc import VPC
from scanners.policy.samples.names import NAMES
from scanners.policy.samples.sample_stack import aws, plus, weaken, without
from scanners.policy.stack import Resource, Stack

ZONE: Final = "aws:route53/zone:Zone"
_SIGNING: Final = "aws:route53/hostedZoneDnsSec:HostedZoneDnsSec"
_SIGNING_KEY: Final = "aws:route53/keySigningKey:KeySigningKey"
_GROUP: Final = "aws:cloudwatch/logGroup:LogGroup"
_CONFIG: Final = "aws:route53/resolverQueryLogConfig:ResolverQueryLogConfig"
_LINK: Final = "aws:route53/resolverQueryLogConfigAssociation:ResolverQueryLogConfigAssociation"
_CERTIFICATE: Final = "aws:acm/certificate:Certificate"
_ISSUE: Final = re.compile(r'^\d+ issue "(.+)"$')
# Who issues for ACM (ACM User Guide, "Certification Authority Authorization (CAA) problems").
_AMAZON: Final = frozenset({"amazon.com", "amazontrust.com", "awstrust.com", "amazonaws.com"})


def _public(stack: Stack) -> list[Resource]:
    """The zones that the world can see: a private one belongs to VPCs, and is not signed."""
    return [zone for zone in stack.of_type(ZONE) if not items(zone, "vpcs")]


@check(
    "zone-signed",
    good=NAMES,
    bad={
        "not signing": weaken(NAMES, "signing-zone", "signingStatus", "NOT_SIGNING"),
        "no signing": without(NAMES, "signing-zone"),
        "no key": without(NAMES, "key-zone"),
        "the key is inactive": weaken(NAMES, "key-zone", "status", "INACTIVE"),
        "a foreign key": weaken(NAMES, "key-zone", "keyManagementServiceArn", "arn:elsewhere"),
    },
    also_good={
        "a private zone": weaken(without(NAMES, "signing-zone"), "zone-1", "vpcs", [{"vpcId": "vpc-1"}])
    },
)
def zones_are_signed(stack: Stack) -> Verdicts:
    """DNSSEC signing is on, with an active key-signing key of ours."""
    for zone in _public(stack):
        signing = attached(stack, zone, _SIGNING, "hostedZoneId")
        on = any(read(each, "signingStatus") == "SIGNING" for each in signing)
        keys = [
            k for k in attached(stack, zone, _SIGNING_KEY, "hostedZoneId") if read(k, "status") == "ACTIVE"
        ]
        ours = any(points_at(k, "keyManagementServiceArn", each) for k in keys for each in stack.of_type(KEY))
        yield verdict(zone.urn, on and ours, "the zone is not signed with a key of this stack")


@check(
    "certificate-authorities-named",
    good=NAMES,
    bad={
        "no record": without(NAMES, "caa"),
        "of another type": weaken(NAMES, "caa", "type", "TXT"),
        "issues nothing": weaken(NAMES, "caa", "records", ['0 iodef "mailto:x@ocpi.example"']),
        "not who issues ours": weaken(
            plus(NAMES, aws("acm/certificate:Certificate", "cert-1")),
            "caa",
            "records",
            ['0 issue "elsewhere.example"'],
        ),
    },
    also_good={"who issues ours": plus(NAMES, aws("acm/certificate:Certificate", "cert-1"))},
)
def zones_name_their_certificate_authorities(stack: Stack) -> Verdicts:
    """A CAA record names who may issue certificates: without one, everybody may."""
    for zone in _public(stack):
        records = attached(stack, zone, "aws:route53/record:Record", "zoneId")
        lines = [str(line) for r in records if read(r, "type") == "CAA" for line in items(r, "records")]
        issuers = {found.group(1) for line in lines if (found := _ISSUE.match(line))}
        ours = not stack.of_type(_CERTIFICATE) or issuers <= _AMAZON
        yield verdict(zone.urn, bool(issuers) and ours, "no CAA record names who may issue, and nobody else")


@check(
    "name-queries-logged",
    good=NAMES,
    bad={
        "of the zone": without(NAMES, "queries-zone"),
        "of the zone, elsewhere": weaken(NAMES, "queries-zone", "cloudwatchLogGroupArn", "arn:elsewhere"),
        "of the VPC": without(NAMES, "queries-vpc"),
        "of the VPC, by nothing": without(NAMES, "queries"),
        "of the VPC, elsewhere": weaken(NAMES, "queries", "destinationArn", "arn:elsewhere"),
    },
)
def queries_of_names_are_logged(stack: Stack) -> Verdicts:
    """What the world asks the zone, and what the VPC asks the resolver, goes to a log group of this stack."""
    groups = stack.of_type(_GROUP)
    for zone in _public(stack):
        logs = attached(stack, zone, "aws:route53/queryLog:QueryLog", "zoneId")
        kept = any(points_at(log, "cloudwatchLogGroupArn", group) for log in logs for group in groups)
        yield verdict(zone.urn, kept, "queries of the zone are not logged in this stack")
    kept_by = [c for c in stack.of_type(_CONFIG) if any(points_at(c, "destinationArn", g) for g in groups)]
    for vpc in stack.of_type(VPC):
        links = attached(stack, vpc, _LINK, "resourceId")
        kept = any(points_at(link, "resolverQueryLogConfigId", c) for link in links for c in kept_by)
        yield verdict(vpc.urn, kept, "queries of the VPC are not logged in this stack")
