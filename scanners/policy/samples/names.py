"""The sample's names: a signed zone and a VPC, whose queries are logged."""

from __future__ import annotations

from scanners.policy.samples.data import key
from scanners.policy.samples.sample_stack import aws, stack

NAMES = stack(
    key("zone"),
    aws("ec2/vpc:Vpc", "vpc-1", cidrBlock="10.0.0.0/16"),
    aws("cloudwatch/logGroup:LogGroup", "log-names", retentionInDays=400),
    aws("route53/zone:Zone", "zone-1", name="ocpi.example", forceDestroy=False),
    aws(
        "route53/hostedZoneDnsSec:HostedZoneDnsSec",
        "signing-zone",
        hostedZoneId="zone-1",
        signingStatus="SIGNING",
    ),
    aws(
        "route53/keySigningKey:KeySigningKey",
        "key-zone",
        hostedZoneId="zone-1",
        keyManagementServiceArn="arn:kms-zone",
        status="ACTIVE",
    ),
    aws(
        "route53/record:Record",
        "caa",
        zoneId="zone-1",
        name="ocpi.example",
        type="CAA",
        records=['0 issue "amazon.com"', '0 issuewild ";"', '0 iodef "mailto:security@ocpi.example"'],
    ),
    aws("route53/queryLog:QueryLog", "queries-zone", zoneId="zone-1", cloudwatchLogGroupArn="arn:log-names"),
    aws("route53/resolverQueryLogConfig:ResolverQueryLogConfig", "queries", destinationArn="arn:log-names"),
    aws(
        "route53/resolverQueryLogConfigAssociation:ResolverQueryLogConfigAssociation",
        "queries-vpc",
        resolverQueryLogConfigId="queries",
        resourceId="vpc-1",
    ),
)
