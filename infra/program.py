"""The program: which components there are, and what each of them is given."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from hardening.partners import Partner
from infra.access import Access, AccessArgs
from infra.alarms import Watched
from infra.api import Api, ApiArgs
from infra.api_domain import ApiDomain, ApiDomainArgs
from infra.audit import Audit, AuditArgs
from infra.authorizer import Authorizer, AuthorizerArgs
from infra.certificates import Certificates, CertificatesArgs
from infra.cloud_function import Attachment, CloudFunction
from infra.code_signing import CodeSigning, CodeSigningArgs
from infra.detection import Detection, DetectionArgs
from infra.encryption import Encryption, EncryptionArgs
from infra.endpoints import Endpoints, EndpointsArgs
from infra.ground import Ground
from infra.guard import Guard, GuardArgs, Tables, internal_domain, proxy_address
from infra.hosted_zone import HOME, HostedZone, HostedZoneArgs
from infra.ledger import Ledger, LedgerArgs
from infra.load_balancer import LoadBalancer, LoadBalancerArgs
from infra.monitoring import Monitoring, MonitoringArgs
from infra.name_firewall import NameFirewall, NameFirewallArgs
from infra.naming import Place
from infra.network import Network, NetworkArgs
from infra.partner_secrets import PartnerSecrets, PartnerSecretsArgs, RotationRule
from infra.ports import partner_ports
from infra.security_groups import SecurityGroups, SecurityGroupsArgs
from infra.settings import Settings
from infra.token_store import TokenStore, TokenStoreArgs
from infra.topic import AlarmTopic, AlarmTopicArgs
from infra.usage_plans import UsagePlans, UsagePlansArgs
from infra.waf import Firewall, FirewallArgs


@dataclass(frozen=True, slots=True)
class _Plan:
    """What is being built, for whom, and where."""

    settings: Settings
    partners: tuple[Partner, ...]
    ground: Ground
    access: Access


@dataclass(frozen=True, slots=True)
class _Inside:
    """The network and what stands in it."""

    network: Network
    groups: SecurityGroups
    endpoints: Endpoints


@dataclass(frozen=True, slots=True)
class _Stores:
    tables: Tables
    audit: Audit
    topic: AlarmTopic


def build(settings: Settings, partners: tuple[Partner, ...]) -> None:
    """Declare every resource of one environment, for the partners of that environment.

    A partner of another environment is left out: test and production share nothing.
    """
    own = tuple(partner for partner in partners if partner.environment == settings.environment)
    plan = _Plan(settings, own, *_ground(settings))
    inside = _network(plan)
    stores = _stores(plan)
    signing = CodeSigning("signing", CodeSigningArgs(plan.ground, own, stores.audit.access_logs.bucket))
    authorizer = Authorizer(
        "authorizer",
        AuthorizerArgs(plan.ground, signing.code, _attachment(inside, "authorizer"), stores.tables.tokens),
    )
    zone = HostedZone("zone", HostedZoneArgs(plan.ground, settings.domain, settings.hosted_zone))
    certificates = Certificates("certificates", CertificatesArgs(plan.ground, settings.domain, zone.zone_id))
    balancer = LoadBalancer(
        "balancer",
        LoadBalancerArgs(
            plan.ground,
            inside.network,
            inside.groups.ids["balancer"],
            certificates.guard,
            stores.audit.access_logs,
        ),
    )
    guard = Guard(
        "guard",
        GuardArgs(plan.ground, settings, own, inside.network, inside.groups, balancer, stores.tables),
    )
    secrets = _secrets(plan, inside, stores, signing, guard)
    firewall = Firewall("firewall", FirewallArgs(plan.ground, own, settings.max_body_kilobytes))
    api = Api(
        "api",
        ApiArgs(plan.ground, own, authorizer, balancer.link, certificates.guard_host, firewall.arn),
    )
    domain = ApiDomain(
        "domain",
        ApiDomainArgs(plan.ground.place, api, settings.domain, certificates.gateway, zone.zone_id),
    )
    UsagePlans("plans", UsagePlansArgs(plan.ground, own, api))
    functions = {"authorizer": authorizer.function, "rotation": secrets.rotation}
    logs = {"calls": api.log_group, "authorizer": authorizer.function.log_group}
    _watch(plan, stores, logs, _watched(plan.ground, firewall, certificates, balancer, functions))
    pulumi.export("url", domain.url)
    pulumi.export("nameServers", zone.name_servers)
    pulumi.export("vpcId", inside.network.vpc.id)
    pulumi.export("tokenTable", stores.tables.tokens.name)
    pulumi.export("trailBucket", stores.audit.bucket.bucket)
    pulumi.export("secrets", {f"{partner}/{way}": arn for (partner, way), arn in secrets.arns.items()})


def _watched(
    ground: Ground,
    firewall: Firewall,
    certificates: Certificates,
    balancer: LoadBalancer,
    functions: Mapping[str, CloudFunction],
) -> Watched:
    """What has metrics of its own."""
    return Watched(
        ground.place.name("ocpi"),
        firewall.name,
        {"gateway": certificates.gateway, "guard": certificates.guard},
        {name: function.name for name, function in functions.items()},
        {name: function.dead_letters.name for name, function in functions.items()},
        balancer.arn_suffix,
        balancer.targets_suffix,
    )


def _watch(plan: _Plan, stores: _Stores, logs: Mapping[str, aws.cloudwatch.LogGroup], what: Watched) -> None:
    ground, audit, topic = plan.ground, stores.audit, stores.topic
    limit = plan.settings.cdrs_per_hour_alarm
    Monitoring(
        "monitoring",
        MonitoringArgs(ground, topic.arn, logs["calls"], audit.log_group, logs["authorizer"], what, limit),
    )
    Detection("detection", DetectionArgs(ground, audit.bucket, topic.arn))


def _ground(settings: Settings) -> tuple[Ground, Access]:
    place = Place(settings.environment, aws.get_caller_identity().account_id, settings.region)
    regions = tuple(sorted({settings.region, settings.replica_region, HOME}))
    access = Access("access", AccessArgs(place, regions, settings.trusted_principals))
    keys = Encryption("keys", EncryptionArgs(place, settings.replica_region))
    return Ground(place, keys, access.boundary, settings.log_retention_days), access


def _network(plan: _Plan) -> _Inside:
    place, settings = plan.ground.place, plan.settings
    ports = partner_ports(plan.partners)
    network = Network("network", NetworkArgs(place, settings.vpc_cidr, settings.availability_zones, ports))
    groups = SecurityGroups("groups", SecurityGroupsArgs(place, network.vpc.id, ports))
    endpoints = Endpoints("endpoints", EndpointsArgs(plan.ground, network, groups))
    NameFirewall(
        "names",
        NameFirewallArgs(plan.ground, network.vpc.id, internal_domain(plan.ground), plan.partners),
    )
    return _Inside(network, groups, endpoints)


def _stores(plan: _Plan) -> _Stores:
    ground, settings = plan.ground, plan.settings
    topic = AlarmTopic("topic", AlarmTopicArgs(ground.place, ground.keys.messages.id, settings.alarm_emails))
    store = TokenStore("tokens", TokenStoreArgs(ground))
    ledger = Ledger("ledger", LedgerArgs(ground))
    tables = Tables(store.tokens, store.replay, ledger.cdrs)
    arns = [tables.tokens.arn, tables.replay.arn, tables.cdrs.arn]
    audit = Audit(
        "audit", AuditArgs(ground, settings.object_lock_days, settings.replica_region, topic.name, arns)
    )
    return _Stores(tables, audit, topic)


def _secrets(
    plan: _Plan, inside: _Inside, stores: _Stores, signing: CodeSigning, guard: Guard
) -> PartnerSecrets:
    settings = plan.settings
    return PartnerSecrets(
        "secrets",
        PartnerSecretsArgs(
            plan.ground,
            plan.partners,
            signing.code,
            _attachment(inside, "rotation"),
            stores.tables.tokens,
            RotationRule(settings.rotation_days, settings.rotation_overlap_minutes),
            proxy_address(plan.ground),
            {"inbound": plan.access.operator, "outbound": guard.service_role.arn},
        ),
        # The first rotation starts at once, and the function reaches AWS through the endpoints only.
        pulumi.ResourceOptions(depends_on=[inside.endpoints]),
    )


def _attachment(inside: _Inside, group: str) -> Attachment:
    return Attachment(inside.network.subnet_ids("service"), inside.groups.ids[group])
