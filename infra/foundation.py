"""The first phase: what needs neither images nor a delegated domain."""

from __future__ import annotations

import pulumi
import pulumi_aws as aws

from hardening.registry.partners import Partner
from infra.component_context import ComponentContext
from infra.compute.ecr import Registries, RegistriesArgs
from infra.compute.egress_guard import internal_domain, shown_certificates
from infra.compute.services import Tables
from infra.data.backup import Backups, BackupsArgs, missing_backups
from infra.data.internal_certificate import InternalCertificate, InternalCertificateArgs
from infra.data.kms import EncryptionKeys, EncryptionKeysArgs
from infra.data.ledger import Ledger, LedgerArgs
from infra.data.token_store import TokenStore, TokenStoreArgs
from infra.edge.route53 import HOME, HostedZone, HostedZoneArgs
from infra.environment import Environment
from infra.identity.account import AccountDefaults, AccountDefaultsArgs
from infra.identity.iam import Administrators, AdministratorsArgs
from infra.network.dns_firewall import DnsFirewall, DnsFirewallArgs
from infra.network.ports import partner_ports
from infra.network.security_groups import SecurityGroups, SecurityGroupsArgs
from infra.network.vpc import Network, NetworkArgs
from infra.network.vpc_endpoints import VpcEndpoints, VpcEndpointsArgs
from infra.observability.cloudtrail import AuditTrail, AuditTrailArgs
from infra.observability.cloudwatch import Monitoring, MonitoringArgs
from infra.observability.detection import Detection, DetectionArgs, undelivered
from infra.observability.log_filters import trail_filters
from infra.observability.sns import AlarmTopic, AlarmTopicArgs, NoticeTopic, NoticeTopicArgs
from infra.settings import Settings
from infra.sizes import SIZES
from infra.steps import Foundation, Networking, Plan, Records


def lay_foundation(plan: Plan) -> Foundation:
    """Declare network, tables, trail, zone, registries and what watches the account."""
    networking, records, context = _networking(plan), _records(plan), plan.context
    settings = plan.settings
    zone_args = HostedZoneArgs(context, settings.domain, settings.alarm_emails[0], settings.hosted_zone)
    zone = HostedZone("zone", zone_args)
    registries = Registries("registries", RegistriesArgs(context))
    shown = shown_certificates(plan.partners)
    InternalCertificate("internal", InternalCertificateArgs(context, shown))
    tables = (records.tables.tokens, records.tables.cdrs)
    backups = Backups("backups", BackupsArgs(plan.context, tables, plan.settings.replica_region))
    _watch(plan, records, backups)
    pulumi.export("nameServers", zone.name_servers)
    pulumi.export("dsRecord", zone.ds_record)
    pulumi.export("repositories", registries.urls)
    pulumi.export("vpcId", networking.network.vpc.id)
    pulumi.export("tokenTable", records.tables.tokens.name)
    pulumi.export("trailBucket", records.audit.bucket.bucket)
    return Foundation(networking, records, zone, registries)


def plan_of(settings: Settings, partners: tuple[Partner, ...]) -> Plan:
    """What every step is given: administrators, account defaults and keys stand behind it."""
    return Plan(settings, partners, *_context(settings))


def _context(settings: Settings) -> tuple[ComponentContext, Administrators]:
    environment = Environment(settings.environment, aws.get_caller_identity().account_id, settings.region)
    regions = tuple(sorted({settings.region, settings.replica_region, HOME}))
    administrators = Administrators(
        "access",
        AdministratorsArgs(environment, regions, settings.trusted_principals, settings.identity_provider_mfa),
    )
    AccountDefaults(
        "account",
        AccountDefaultsArgs(
            environment, settings.alarm_emails, settings.security_phone, settings.monthly_dollars
        ),
    )
    keys = EncryptionKeys("keys", EncryptionKeysArgs(environment, settings.replica_region))
    days, reserve = settings.log_retention_days, settings.reserve_concurrency
    context = ComponentContext(environment, keys, administrators.boundary, days, reserve)
    return context, administrators


def _networking(plan: Plan) -> Networking:
    environment, settings = plan.context.environment, plan.settings
    ports, size = partner_ports(plan.partners), SIZES[settings.size]
    network = Network(
        "network",
        NetworkArgs(environment, settings.vpc_cidr, settings.availability_zones, ports, size.nat_zones),
    )
    groups = SecurityGroups("groups", SecurityGroupsArgs(environment, network.vpc.id, ports))
    endpoints = VpcEndpoints(
        "endpoints", VpcEndpointsArgs(plan.context, network, groups, size.endpoint_zones)
    )
    DnsFirewall(
        "names",
        DnsFirewallArgs(plan.context, network.vpc.id, internal_domain(environment), plan.partners),
    )
    return Networking(network, groups, endpoints)


def _records(plan: Plan) -> Records:
    context, settings = plan.context, plan.settings
    topic = AlarmTopic(
        "topic", AlarmTopicArgs(context.environment, context.keys.messages.id, settings.alarm_emails)
    )
    notices = NoticeTopic("notices", NoticeTopicArgs(context.environment, context.keys.messages.id))
    store = TokenStore("tokens", TokenStoreArgs(context))
    ledger = Ledger("ledger", LedgerArgs(context))
    tables = Tables(store.tokens, store.replay, ledger.cdrs)
    arns = [tables.tokens.arn, tables.replay.arn, tables.cdrs.arn]
    audit = AuditTrail(
        "audit", AuditTrailArgs(context, settings.object_lock_days, settings.replica_region, notices, arns)
    )
    return Records(tables, audit, topic)


def _watch(plan: Plan, records: Records, backups: Backups) -> None:
    """Detection in every region, and alarms on what the trail says."""
    settings, topic = plan.settings, records.topic.arn
    filters = trail_filters(records.audit.log_group)
    elsewhere = sorted({*settings.detection_regions, settings.replica_region, HOME})
    regions = tuple(region for region in elsewhere if region != settings.region)
    detection = Detection("detection", DetectionArgs(plan.context, records.audit.history, topic, regions))
    alarms = (*missing_backups(backups), *undelivered(detection.rules))
    Monitoring("trail-monitoring", MonitoringArgs(plan.context, topic, filters, alarms))
