"""What the steps of the program hand on to each other."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pulumi

from hardening.registry.partners import Partner
from infra.component_context import ComponentContext
from infra.compute.ecr import Registries
from infra.compute.ecs import FargateService
from infra.compute.lambda_functions import Attachment, LambdaFunction
from infra.compute.services import Services, Tables
from infra.edge.acm import Certificates
from infra.edge.api_gateway import Api
from infra.edge.load_balancing import LoadBalancer
from infra.edge.route53 import HostedZone
from infra.edge.waf import WebAcl
from infra.identity.iam import Administrators
from infra.network.security_groups import SecurityGroups
from infra.network.vpc import Network
from infra.network.vpc_endpoints import VpcEndpoints
from infra.observability.cloudtrail import AuditTrail
from infra.observability.sns import AlarmTopic
from infra.settings import Settings


@dataclass(frozen=True, slots=True)
class Plan:
    """What every step needs: `partners` are those of the environment only."""

    settings: Settings
    partners: tuple[Partner, ...]
    context: ComponentContext
    administrators: Administrators


@dataclass(frozen=True, slots=True)
class Networking:
    """The VPC, its security groups and its endpoints."""

    network: Network
    groups: SecurityGroups
    endpoints: VpcEndpoints

    @property
    def ready(self) -> tuple[pulumi.Resource, ...]:
        """What must stand before anything runs in the network: routes, rules and endpoints."""
        return (self.network, self.groups, self.endpoints)

    def attachment(self, group: str) -> Attachment:
        """A function's subnets, in the service tier, and its security group `group`."""
        return Attachment(self.network.subnet_ids("service"), self.groups.ids[group], self.ready)


@dataclass(frozen=True, slots=True)
class Records:
    """The tables, the audit trail and the topic for alarms."""

    tables: Tables
    audit: AuditTrail
    topic: AlarmTopic


@dataclass(frozen=True, slots=True)
class Foundation:
    """What stands before anything serves partners: the first phase."""

    networking: Networking
    records: Records
    zone: HostedZone
    registries: Registries


@dataclass(frozen=True, slots=True)
class Edge:
    """The certificates of the edge, and the private way from it to the guard."""

    certificates: Certificates
    balancer: LoadBalancer


@dataclass(frozen=True, slots=True)
class Serving:
    """What serves partners, for what watches it; `functions` by name."""

    edge: Edge
    firewall: WebAcl
    api: Api
    functions: Mapping[str, LambdaFunction]
    services: Services

    @property
    def tasks(self) -> Mapping[str, FargateService]:
        """The ECS services by name."""
        services = self.services
        return {"guard": services.guard, "egress": services.egress, "service": services.service}
