"""The DNS zone of the gateway's domain: signed, and with every query logged."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from infra.component_context import ComponentContext
from infra.data.kms import KeyUse, customer_key, key_policy, log_groups_use
from infra.identity.iam_policies import Statement, allow, document, same_account, service

# Route 53 keeps signing keys and query logs here, whatever region the stack is in
# (Route 53 Developer Guide, "Working with customer managed keys for DNSSEC", "Public DNS query logging").
HOME = "us-east-1"


@dataclass(frozen=True, slots=True)
class HostedZoneArgs:
    """`existing` is the id of a zone that serves `domain` already; empty: one is created.

    `contact` is the mail address that an authority tells of a request which it refuses. It is public.
    """

    context: ComponentContext
    domain: str
    contact: str
    existing: str = ""


class HostedZone(pulumi.ComponentResource):
    """`zone_id` is the zone of our records; `name_servers` are those to delegate a new zone to.

    `ds_record` goes to the parent zone with them (Route 53 Developer Guide, "Establish a chain of trust").
    An existing zone is used, not managed.
    """

    zone_id: pulumi.Input[str]
    name_servers: pulumi.Input[Sequence[str]] = ()
    ds_record: pulumi.Input[str] = ""

    def __init__(self, name: str, args: HostedZoneArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("rampart:edge:HostedZone", name, None, opts)
        self._args = args
        self._child = pulumi.ResourceOptions(parent=self)
        self.zone_id = args.existing or self._zone()
        self._authorities()
        self.register_outputs({"zoneId": self.zone_id})

    def _zone(self) -> pulumi.Output[str]:
        zone = aws.route53.Zone(
            "zone",
            name=self._args.domain,
            comment="OCPI gateway",
            force_destroy=False,
            tags=self._args.context.environment.tags("zone"),
            opts=self._child,
        )
        self._sign(zone)
        self._log(zone)
        self.name_servers = zone.name_servers
        return zone.zone_id

    def _authorities(self) -> None:
        """Only the authority that issues our certificates may do so, and not for wildcards (RFC 8659)."""
        contact = f'0 iodef "mailto:{self._args.contact}"'
        aws.route53.Record(
            "caa",
            zone_id=self.zone_id,
            name=self._args.domain,
            type="CAA",
            ttl=3600,
            records=['0 issue "amazon.com"', '0 issuewild ";"', contact],
            opts=self._child,
        )

    def _sign(self, zone: aws.route53.Zone) -> None:
        environment = self._args.context.environment
        key = aws.kms.Key(
            "zone-signing",
            description="Signs the DNS zone",
            key_usage="SIGN_VERIFY",
            customer_master_key_spec="ECC_NIST_P256",
            deletion_window_in_days=30,
            is_enabled=True,
            policy=key_policy(environment, _dnssec_use(environment.account)),
            region=HOME,
            tags=environment.tags("zone-signing"),
            opts=self._child,
        )
        signing = aws.route53.KeySigningKey(
            "zone",
            name=environment.name("zone").replace("-", "_"),
            hosted_zone_id=zone.zone_id,
            key_management_service_arn=key.arn,
            status="ACTIVE",
            opts=self._child,
        )
        aws.route53.HostedZoneDnsSec(
            "zone",
            hosted_zone_id=zone.zone_id,
            signing_status="SIGNING",
            opts=pulumi.ResourceOptions(parent=self, depends_on=[signing]),
        )
        self.ds_record = signing.ds_record

    def _log(self, zone: aws.route53.Zone) -> None:
        environment = self._args.context.environment
        key = customer_key(
            environment,
            "zone-queries",
            KeyUse("DNS query logs", (log_groups_use(environment.account, HOME),), HOME),
            self._child,
        )
        group = aws.cloudwatch.LogGroup(
            "zone-queries",
            name=f"/aws/route53/{self._args.domain}",
            kms_key_id=key.arn,
            retention_in_days=self._args.context.retention_days,
            skip_destroy=False,
            region=HOME,
            tags=environment.tags("zone-queries", data_class="internal"),
            opts=self._child,
        )
        writer = allow(
            "Route53",
            ["logs:CreateLogStream", "logs:PutLogEvents"],
            [pulumi.Output.concat(group.arn, ":*")],
            service("route53.amazonaws.com"),
            same_account(environment.account),
        )
        policy = aws.cloudwatch.LogResourcePolicy(
            "zone-queries",
            policy_name=environment.name("zone-queries"),
            policy_document=document(writer),
            region=HOME,
            opts=self._child,
        )
        aws.route53.QueryLog(
            "zone",
            zone_id=zone.zone_id,
            cloudwatch_log_group_arn=group.arn,
            opts=pulumi.ResourceOptions(parent=self, depends_on=[policy]),
        )


def _dnssec_use(account: str) -> list[Statement]:
    """What Route 53 needs of the key (Developer Guide, "Working with customer managed keys for DNSSEC")."""
    principal, condition = service("dnssec-route53.amazonaws.com"), same_account(account)
    for_aws = {**condition, "Bool": {"kms:GrantIsForAWSResource": "true"}}
    return [
        allow("DnsSec", ["kms:DescribeKey", "kms:GetPublicKey", "kms:Sign"], ["*"], principal, condition),
        allow("DnsSecGrant", ["kms:CreateGrant"], ["*"], principal, for_aws),
    ]
