"""Checks of the zone and the resolver: signatures, who may issue certificates, and records of queries.

Sources: RFC 4033 (DNSSEC), RFC 8659 (CAA); Route 53 Developer Guide, "Configuring DNSSEC signing", "Query
logging" and "Resolver query logging".
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

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
_RECORD: Final = "aws:route53/record:Record"
_SUBSCRIPTION: Final = "aws:sns/topicSubscription:TopicSubscription"
_PROPERTY: Final = re.compile(r'\d+\s+(\w+)\s+"?([^"]*)"?$')
# Who issues for ACM (ACM User Guide, "Certification Authority Authorization (CAA) problems").
_AMAZON: Final = frozenset({"amazon.com", "amazontrust.com", "awstrust.com", "amazonaws.com"})

_TOLD: Final = '0 iodef "mailto:security@ocpi.example"'


def _record(name: str, domain: str, lines: list[str]) -> Resource:
    return aws("route53/record:Record", name, zoneId="zone-1", name=domain, type="CAA", records=lines)


_CERTIFIED: Final = plus(NAMES, aws("acm/certificate:Certificate", "cert-1", domainName="ocpi.example"))


def _subscription(address: str) -> Resource:
    return aws("sns/topicSubscription:TopicSubscription", "mail", protocol="email", endpoint=address)


def _named(*lines: str) -> Stack:
    return weaken(_CERTIFIED, "caa", "records", list(lines))


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
        "of another name": weaken(NAMES, "caa", "name", "other.example"),
        "in another zone": weaken(NAMES, "caa", "zoneId", "zone-2"),
        "a certificate of another name": weaken(_CERTIFIED, "cert-1", "domainName", "elsewhere.example"),
        "another name on the certificate": weaken(
            _CERTIFIED, "cert-1", "subjectAlternativeNames", ["elsewhere.example"]
        ),
        "nothing says who issues": _named('0 issuewild ";"', _TOLD),
        "not a property": _named("issue amazon.com", _TOLD),
        "somebody else too": _named('0 issue "amazon.com"', '0 issue "elsewhere.example"', _TOLD),
        "somebody else, by wildcard": _named(
            '0 issue "amazon.com"', '0 issuewild "elsewhere.example"', _TOLD
        ),
        "not who issues ours": _named('0 issue ";"', _TOLD),
        "nobody is told": _named('0 issue "amazon.com"'),
        "told in no way that there is": _named('0 issue "amazon.com"', '0 iodef "security@ocpi.example"'),
        "whom no alarm reaches": plus(_CERTIFIED, _subscription("alarms@elsewhere.example")),
        "of a zone in another stack": without(_CERTIFIED, "caa", "zone-1"),
        "a closer name is open": plus(_CERTIFIED, _record("caa-guard", "guard.ocpi.example", [_TOLD])),
    },
    also_good={
        "who issues ours": _CERTIFIED,
        "who gets our alarms is told": plus(_CERTIFIED, _subscription("security@ocpi.example")),
        "told over HTTPS": plus(
            _named('0 issue "amazon.com"', '0 iodef "https://ocpi.example/refused"'),
            _subscription("alarms@ocpi.example"),
        ),
        "with parameters": _named('0 ISSUE "Amazon.com; validationmethods=dns-01"', _TOLD),
        "a full stop at the end, for a name beneath": weaken(
            weaken(_CERTIFIED, "caa", "name", "OCPI.example."), "cert-1", "domainName", "*.guard.ocpi.example"
        ),
        "of a private authority": weaken(
            weaken(_CERTIFIED, "cert-1", "domainName", "elsewhere.example"),
            "cert-1",
            "certificateAuthorityArn",
            "arn:aws:acm-pca:eu-central-1:123456789012:certificate-authority/1",
        ),
        "a private zone": weaken(without(NAMES, "caa"), "zone-1", "vpcs", [{"vpcId": "vpc-1"}]),
        "nobody, where nothing is issued": weaken(NAMES, "caa", "records", ['0 issue ";"', _TOLD]),
    },
)
def names_have_their_certificate_authorities(stack: Stack) -> Verdicts:
    """A CAA record names who may issue certificates, and whom to tell: without one, everybody may.

    The record of the closest name counts (RFC 8659, 3).
    """
    records = [record for record in stack.of_type(_RECORD) if read(record, "type") == "CAA"]
    certified, readers = list(_certified(stack)), _readers(stack)
    lines = {_name(read(r, "name")): [str(line) for line in items(r, "records")] for r in records}
    for record in records:
        here = lines[_name(read(record, "name"))]
        yield f"{record.urn}#records", _too_open(here, bool(certified)) or _untold(here, readers)
    for zone in _public(stack):
        inside = {_name(read(r, "name")) for r in records if points_at(r, "zoneId", zone)}
        yield verdict(zone.urn, _name(read(zone, "name")) in inside, "no CAA record is of the zone's name")
    for certificate, name in certified:
        issuers = _values(_closest(name, lines) or [], "issue")
        yield verdict(certificate.urn, bool(issuers & _AMAZON), f"no CAA record lets Amazon issue for {name}")


def _certified(stack: Stack) -> Iterator[tuple[Resource, str]]:
    """The certificates that a public authority issues for ACM, with each of their names."""
    for certificate in stack.of_type(_CERTIFICATE):
        if read(certificate, "domainName") and not read(certificate, "certificateAuthorityArn"):
            for name in (read(certificate, "domainName"), *items(certificate, "subjectAlternativeNames")):
                yield certificate, _name(name).removeprefix("*.")


def _name(written: Any) -> str:
    return str(written).lower().rstrip(".")


def _closest(name: str, lines: Mapping[str, list[str]]) -> list[str] | None:
    """The CAA lines of the name, or of the closest one above it (RFC 8659, 3)."""
    labels = name.split(".")
    above = (".".join(labels[place:]) for place in range(len(labels)))
    return next((lines[each] for each in above if each in lines), None)


def _values(lines: Iterable[str], tag: str) -> set[str]:
    """What the lines say under a tag, in small letters; of an issuer, its name without parameters."""
    found = (_PROPERTY.match(line) for line in lines)
    return {f.group(2).split(";")[0].strip().lower() for f in found if f and f.group(1).lower() == tag}


def _too_open(lines: list[str], certified: bool) -> str | None:
    issuers, by_wildcard = _values(lines, "issue"), _values(lines, "issuewild")
    if not issuers:
        return "it does not say who may issue, so everybody may"
    if certified and not (issuers | by_wildcard) - {""} <= _AMAZON:
        return "it lets an authority issue that issues no certificate of this stack"
    return None


def _readers(stack: Stack) -> set[str]:
    """The mail addresses that the stack's topics tell."""
    mailed = (each for each in stack.of_type(_SUBSCRIPTION) if read(each, "protocol") == "email")
    return {f"mailto:{read(each, 'endpoint')}".lower() for each in mailed}


def _untold(lines: list[str], readers: set[str]) -> str | None:
    told = _values(lines, "iodef")
    if not any(re.match("mailto:.+@|https?://", each) for each in told):
        return "nobody is told of a request that it refuses (iodef)"
    by_mail = {each for each in told if each.startswith("mailto:")}
    if readers and by_mail and not by_mail <= readers:
        return "its iodef is a mail address that gets no mail of this stack's topics"
    return None


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
