"""The program: which components there are, and what each of them is given."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from hardening.registry.partners import Partner
from infra.component_context import ComponentContext
from infra.compute.authorizer import Authorizer, AuthorizerArgs
from infra.compute.lambda_function import Attachment, LambdaFunction
from infra.compute.services import Services, ServicesArgs, Tables, internal_domain, proxy_address
from infra.compute.signer import CodeSigning, CodeSigningArgs
from infra.data.kms import EncryptionKeys, EncryptionKeysArgs
from infra.data.ledger import Ledger, LedgerArgs
from infra.data.secrets_manager import PartnerSecrets, PartnerSecretsArgs, RotationRule
from infra.data.token_store import TokenStore, TokenStoreArgs
from infra.edge.acm import Certificates, CertificatesArgs
from infra.edge.api_gateway import Api, ApiArgs
from infra.edge.domain_name import ApiDomain, ApiDomainArgs
from infra.edge.load_balancing import LoadBalancer, LoadBalancerArgs
from infra.edge.route53 import HOME, HostedZone, HostedZoneArgs
from infra.edge.usage_plans import UsagePlans, UsagePlansArgs
from infra.edge.waf import WebAcl, WebAclArgs
from infra.environment import Environment
from infra.identity.administrators import Administrators, AdministratorsArgs
from infra.network.dns_firewall import DnsFirewall, DnsFirewallArgs
from infra.network.ports import partner_ports
from infra.network.security_groups import SecurityGroups, SecurityGroupsArgs
from infra.network.vpc import Network, NetworkArgs
from infra.network.vpc_endpoints import VpcEndpoints, VpcEndpointsArgs
from infra.observability.cloudtrail import AuditTrail, AuditTrailArgs
from infra.observability.detection import Detection, DetectionArgs
from infra.observability.metric_alarms import Watched
from infra.observability.monitoring import Monitoring, MonitoringArgs
from infra.observability.sns import AlarmTopic, AlarmTopicArgs
from infra.settings import Settings


@dataclass(frozen=True, slots=True)
class _Plan:
    """What is being built, for whom, and where."""

    settings: Settings
    partners: tuple[Partner, ...]
    context: ComponentContext
    administrators: Administrators


@dataclass(frozen=True, slots=True)
class _Inside:
    """The network and what stands in it."""

    network: Network
    groups: SecurityGroups
    endpoints: VpcEndpoints


@dataclass(frozen=True, slots=True)
class _Stores:
    tables: Tables
    audit: AuditTrail
    topic: AlarmTopic


def build(settings: Settings, partners: tuple[Partner, ...]) -> None:
    """Declare every resource of one environment, for the partners of that environment.

    A partner of another environment is left out: test and production share nothing.
    """
    own = tuple(partner for partner in partners if partner.environment == settings.environment)
    plan = _Plan(settings, own, *_context(settings))
    inside = _network(plan)
    stores = _stores(plan)
    signing = CodeSigning("signing", CodeSigningArgs(plan.context, own, stores.audit.access_logs.bucket))
    authorizer = Authorizer(
        "authorizer",
        AuthorizerArgs(plan.context, signing.code, _attachment(inside, "authorizer"), stores.tables.tokens),
    )
    zone = HostedZone("zone", HostedZoneArgs(plan.context, settings.domain, settings.hosted_zone))
    certificates = Certificates("certificates", CertificatesArgs(plan.context, settings.domain, zone.zone_id))
    balancer = LoadBalancer(
        "balancer",
        LoadBalancerArgs(
            plan.context,
            inside.network,
            inside.groups.ids["balancer"],
            certificates.guard,
            stores.audit.access_logs,
        ),
    )
    guard = Services(
        "guard",
        ServicesArgs(plan.context, settings, own, inside.network, inside.groups, balancer, stores.tables),
    )
    secrets = _secrets(plan, inside, stores, signing, guard)
    firewall = WebAcl("firewall", WebAclArgs(plan.context, own, settings.max_body_kilobytes))
    api = Api(
        "api",
        ApiArgs(plan.context, own, authorizer, balancer.link, certificates.guard_host, firewall.arn),
    )
    domain = ApiDomain(
        "domain",
        ApiDomainArgs(plan.context.environment, api, settings.domain, certificates.gateway, zone.zone_id),
    )
    UsagePlans("plans", UsagePlansArgs(plan.context, own, api))
    functions = {"authorizer": authorizer.function, "rotation": secrets.rotation}
    logs = {"calls": api.log_group, "authorizer": authorizer.function.log_group}
    _watch(plan, stores, logs, _watched(plan.context, firewall, certificates, balancer, functions))
    pulumi.export("url", domain.url)
    pulumi.export("nameServers", zone.name_servers)
    pulumi.export("vpcId", inside.network.vpc.id)
    pulumi.export("tokenTable", stores.tables.tokens.name)
    pulumi.export("trailBucket", stores.audit.bucket.bucket)
    pulumi.export("secrets", {f"{partner}/{way}": arn for (partner, way), arn in secrets.arns.items()})


def _watched(
    context: ComponentContext,
    firewall: WebAcl,
    certificates: Certificates,
    balancer: LoadBalancer,
    functions: Mapping[str, LambdaFunction],
) -> Watched:
    """What has metrics of its own."""
    return Watched(
        context.environment.name("ocpi"),
        firewall.name,
        {"gateway": certificates.gateway, "guard": certificates.guard},
        {name: function.name for name, function in functions.items()},
        {name: function.dead_letters.name for name, function in functions.items()},
        balancer.arn_suffix,
        balancer.targets_suffix,
    )


def _watch(plan: _Plan, stores: _Stores, logs: Mapping[str, aws.cloudwatch.LogGroup], what: Watched) -> None:
    context, audit, topic = plan.context, stores.audit, stores.topic
    limit = plan.settings.cdrs_per_hour_alarm
    Monitoring(
        "monitoring",
        MonitoringArgs(context, topic.arn, logs["calls"], audit.log_group, logs["authorizer"], what, limit),
    )
    Detection("detection", DetectionArgs(context, audit.bucket, topic.arn))


def _context(settings: Settings) -> tuple[ComponentContext, Administrators]:
    environment = Environment(settings.environment, aws.get_caller_identity().account_id, settings.region)
    regions = tuple(sorted({settings.region, settings.replica_region, HOME}))
    administrators = Administrators(
        "access", AdministratorsArgs(environment, regions, settings.trusted_principals)
    )
    keys = EncryptionKeys("keys", EncryptionKeysArgs(environment, settings.replica_region))
    return ComponentContext(
        environment, keys, administrators.boundary, settings.log_retention_days
    ), administrators


def _network(plan: _Plan) -> _Inside:
    environment, settings = plan.context.environment, plan.settings
    ports = partner_ports(plan.partners)
    network = Network(
        "network", NetworkArgs(environment, settings.vpc_cidr, settings.availability_zones, ports)
    )
    groups = SecurityGroups("groups", SecurityGroupsArgs(environment, network.vpc.id, ports))
    endpoints = VpcEndpoints("endpoints", VpcEndpointsArgs(plan.context, network, groups))
    DnsFirewall(
        "names",
        DnsFirewallArgs(plan.context, network.vpc.id, internal_domain(plan.context), plan.partners),
    )
    return _Inside(network, groups, endpoints)


def _stores(plan: _Plan) -> _Stores:
    context, settings = plan.context, plan.settings
    topic = AlarmTopic(
        "topic", AlarmTopicArgs(context.environment, context.keys.messages.id, settings.alarm_emails)
    )
    store = TokenStore("tokens", TokenStoreArgs(context))
    ledger = Ledger("ledger", LedgerArgs(context))
    tables = Tables(store.tokens, store.replay, ledger.cdrs)
    arns = [tables.tokens.arn, tables.replay.arn, tables.cdrs.arn]
    audit = AuditTrail(
        "audit", AuditTrailArgs(context, settings.object_lock_days, settings.replica_region, topic.name, arns)
    )
    return _Stores(tables, audit, topic)


def _secrets(
    plan: _Plan, inside: _Inside, stores: _Stores, signing: CodeSigning, guard: Services
) -> PartnerSecrets:
    settings = plan.settings
    return PartnerSecrets(
        "secrets",
        PartnerSecretsArgs(
            plan.context,
            plan.partners,
            signing.code,
            _attachment(inside, "rotation"),
            stores.tables.tokens,
            RotationRule(settings.rotation_days, settings.rotation_overlap_minutes),
            proxy_address(plan.context),
            {"inbound": plan.administrators.operator, "outbound": guard.service_role.arn},
        ),
        # The first rotation starts at once, and the function reaches AWS through the endpoints only.
        pulumi.ResourceOptions(depends_on=[inside.endpoints]),
    )


def _attachment(inside: _Inside, group: str) -> Attachment:
    return Attachment(inside.network.subnet_ids("service"), inside.groups.ids[group])
