"""The program: the components of one environment, and what each of them is given.

`build` reads from top to bottom in the order of dependencies; each component is one file of the rooms
`network`, `edge`, `compute`, `data`, `identity` and `observability`.
"""

from __future__ import annotations

from collections.abc import Mapping

import pulumi
import pulumi_aws as aws

from hardening.registry.partners import Partner
from infra.component_context import ComponentContext
from infra.compute.authorizer import Authorizer, AuthorizerArgs
from infra.compute.egress_proxy import internal_domain, proxy_environment
from infra.compute.lambda_functions import LambdaFunction
from infra.compute.services import Services, ServicesArgs, Tables
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
from infra.identity.account import AccountDefaults, AccountDefaultsArgs
from infra.identity.iam import Administrators, AdministratorsArgs
from infra.network.dns_firewall import DnsFirewall, DnsFirewallArgs
from infra.network.ports import partner_ports
from infra.network.security_groups import SecurityGroups, SecurityGroupsArgs
from infra.network.vpc import Network, NetworkArgs
from infra.network.vpc_endpoints import VpcEndpoints, VpcEndpointsArgs
from infra.observability.cloudtrail import AuditTrail, AuditTrailArgs
from infra.observability.cloudwatch import MonitoredResources, Monitoring, MonitoringArgs
from infra.observability.detection import Detection, DetectionArgs
from infra.observability.sns import AlarmTopic, AlarmTopicArgs, NoticeTopic, NoticeTopicArgs
from infra.settings import Settings
from infra.steps import Edge, Networking, Plan, Records


def build(settings: Settings, partners: tuple[Partner, ...]) -> None:
    """Declare every resource of one environment, for the partners of that environment.

    A partner of another environment is left out: test and production share nothing.
    """
    own = tuple(partner for partner in partners if partner.environment == settings.environment)
    plan = Plan(settings, own, *_context(settings))
    context, networking, records = plan.context, _networking(plan), _records(plan)
    tables = records.tables
    signing = CodeSigning("signing", CodeSigningArgs(context, own, records.audit.access_logs.bucket))
    attachment = networking.attachment("authorizer")
    authorizer = Authorizer("authorizer", AuthorizerArgs(context, signing.code, attachment, tables.tokens))
    edge = _edge(plan, networking, records)
    network, groups = networking.network, networking.groups
    services = Services(
        "guard",
        ServicesArgs(context, settings, own, network, groups, edge.balancer, tables, networking.ready),
    )
    secrets = _secrets(plan, networking, records, signing, services)
    firewall = WebAcl("firewall", WebAclArgs(context, own, settings.max_body_kilobytes))
    api = _api(plan, authorizer, edge, firewall)
    functions = {"authorizer": authorizer.function, "rotation": secrets.rotation}
    _observability(plan, records, edge, firewall, api, functions)
    pulumi.export("nameServers", edge.zone.name_servers)
    pulumi.export("vpcId", network.vpc.id)
    pulumi.export("tokenTable", tables.tokens.name)
    pulumi.export("trailBucket", records.audit.bucket.bucket)
    pulumi.export("secrets", {f"{partner}/{way}": arn for (partner, way), arn in secrets.arns.items()})


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
    ports = partner_ports(plan.partners)
    network = Network(
        "network", NetworkArgs(environment, settings.vpc_cidr, settings.availability_zones, ports)
    )
    groups = SecurityGroups("groups", SecurityGroupsArgs(environment, network.vpc.id, ports))
    endpoints = VpcEndpoints("endpoints", VpcEndpointsArgs(plan.context, network, groups))
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


def _edge(plan: Plan, networking: Networking, records: Records) -> Edge:
    context, settings = plan.context, plan.settings
    zone = HostedZone("zone", HostedZoneArgs(context, settings.domain, settings.hosted_zone))
    certificates = Certificates("certificates", CertificatesArgs(context, settings.domain, zone.zone_id))
    balancer = LoadBalancer(
        "balancer",
        LoadBalancerArgs(
            context,
            networking.network,
            networking.groups.ids["balancer"],
            certificates.guard,
            records.audit.access_logs,
        ),
    )
    return Edge(zone, certificates, balancer)


def _secrets(
    plan: Plan, networking: Networking, records: Records, signing: CodeSigning, services: Services
) -> PartnerSecrets:
    settings = plan.settings
    return PartnerSecrets(
        "secrets",
        PartnerSecretsArgs(
            plan.context,
            plan.partners,
            signing.code,
            networking.attachment("rotation"),
            records.tables.tokens,
            RotationRule(settings.rotation_days, settings.rotation_overlap_minutes),
            proxy_environment(plan.context.environment),
            {"inbound": plan.administrators.operator, "outbound": services.service_role.arn},
        ),
    )


def _api(plan: Plan, authorizer: Authorizer, edge: Edge, firewall: WebAcl) -> Api:
    """The API, under its name, with a usage plan for each partner."""
    context, certificates = plan.context, edge.certificates
    api = Api(
        "api",
        ApiArgs(
            context,
            plan.partners,
            authorizer,
            edge.balancer.link,
            certificates.guard_host,
            firewall.arn,
        ),
    )
    domain = ApiDomain(
        "domain",
        ApiDomainArgs(
            context.environment, api, plan.settings.domain, certificates.gateway, edge.zone.zone_id
        ),
    )
    UsagePlans("plans", UsagePlansArgs(context, plan.partners, api))
    pulumi.export("url", domain.url)
    return api


def _observability(
    plan: Plan,
    records: Records,
    edge: Edge,
    firewall: WebAcl,
    api: Api,
    functions: Mapping[str, LambdaFunction],
) -> None:
    context, topic, audit = plan.context, records.topic.arn, records.audit
    calls, authorizer = api.log_group, functions["authorizer"].log_group
    limit = plan.settings.cdrs_per_hour_alarm
    resources = MonitoredResources(
        context.environment.region,
        context.environment.name("ocpi"),
        firewall.name,
        {"gateway": edge.certificates.gateway, "guard": edge.certificates.guard},
        {name: function.name for name, function in functions.items()},
        {name: function.dead_letters.name for name, function in functions.items()},
        edge.balancer.arn_suffix,
        edge.balancer.targets_suffix,
    )
    arguments = MonitoringArgs(context, topic, calls, audit.log_group, authorizer, resources, limit)
    Monitoring("monitoring", arguments)
    elsewhere = sorted({*plan.settings.detection_regions, plan.settings.replica_region, HOME})
    regions = tuple(region for region in elsewhere if region != plan.settings.region)
    Detection("detection", DetectionArgs(context, audit.history, topic, regions))
