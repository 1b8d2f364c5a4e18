"""The services on ECS: the guard (Envoy, policy service, boundary), the egress guard, the OCPI service."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from hardening.envoy import configuration
from hardening.registry.partners import Partner
from hardening.requests.hop_signature import hop_secret
from infra.component_context import ComponentContext
from infra.compute.boundary import boundary_container, boundary_use
from infra.compute.ecr import Registries
from infra.compute.ecs import HEALTH, Cluster, Container, FargateService, FargateServiceArgs
from infra.compute.egress_guard import (
    egress_container,
    egress_use,
    internal_domain,
    place,
    shown_certificates,
)
from infra.compute.ocpi_service import service_container, service_use
from infra.data.hop_key import hop_key_use
from infra.data.registry_object import RegistryObject
from infra.data.token_store import token_state_only
from infra.edge.api_gateway import STAGE
from infra.edge.load_balancing import LoadBalancer
from infra.identity.iam_policies import Statement, allow
from infra.network.ports import BOUNDARY_PORT, GUARD_PORT, POLICY_PORT, STATISTICS_PORT
from infra.network.security_groups import SecurityGroups
from infra.network.vpc import Network
from infra.settings import Settings
from infra.sizes import SIZES

# A task has one Envoy in its life: nothing takes over from it, and it needs no shared memory for that.
_ONE_ENVOY = ("--disable-hot-restart",)
# Where the guard's image keeps its certificate and key.
_TLS = "/etc/rampart/tls"


@dataclass(frozen=True, slots=True)
class Tables:
    """What the guard and the service keep: token digests, seen requests, sessions and CDRs."""

    tokens: aws.dynamodb.Table
    replay: aws.dynamodb.Table
    cdrs: aws.dynamodb.Table


@dataclass(frozen=True, slots=True)
class ServicesArgs:
    """`partners` are called, those of `registry` served; the guard's tasks join `balancer`'s target group.

    Services wait for `after`.
    """

    context: ComponentContext
    settings: Settings
    partners: tuple[Partner, ...]
    registries: Registries
    network: Network
    groups: SecurityGroups
    balancer: LoadBalancer
    tables: Tables
    registry: RegistryObject
    after: tuple[pulumi.Resource, ...]


class Services(pulumi.ComponentResource):
    """Guard, egress guard and OCPI service; the egress guard's role alone may read outbound tokens."""

    def __init__(self, name: str, args: ServicesArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("rampart:compute:Services", name, None, opts)
        self._args = args
        self._child = pulumi.ResourceOptions(parent=self)
        self._cluster = self._new_cluster()
        self.cluster = self._cluster.name
        self.guard = self._guard()
        self.egress = self._egress()
        self.service = self._service()
        self.register_outputs({"cluster": self._cluster.arn})

    def _new_cluster(self) -> Cluster:
        context = self._args.context
        environment = context.environment
        namespace = aws.servicediscovery.PrivateDnsNamespace(
            "internal",
            name=internal_domain(environment),
            description="Where our services find each other",
            vpc=self._args.network.vpc.id,
            tags=environment.tags("internal"),
            opts=self._child,
        )
        cluster = aws.ecs.Cluster(
            "guard",
            name=environment.name("guard"),
            settings=[{"name": "containerInsights", "value": "enabled"}],
            # No service allows a shell; should one ever, what is typed there is kept and encrypted.
            configuration={
                "execute_command_configuration": {
                    "kms_key_id": context.keys.logs.arn,
                    "logging": "OVERRIDE",
                    "log_configuration": {
                        "cloud_watch_encryption_enabled": True,
                        "cloud_watch_log_group_name": context.log_group("shells", self._child).name,
                    },
                }
            },
            tags=environment.tags("guard"),
            opts=self._child,
        )
        return Cluster(cluster.arn, environment.name("guard"), namespace.id, self._args.registries.arns)

    def _guard(self) -> FargateService:
        settings = self._args.settings
        command = ("envoy", "--config-yaml", configuration.envoy(self._envoy()), *_ONE_ENVOY)
        envoy = Container("envoy", settings.guard_image, HEALTH, GUARD_PORT, command)
        policy = Container(
            "policy",
            settings.policy_image,
            HEALTH,
            environment={
                **self._stores(),
                **self._args.registry.variables,
                "RAMPART_POLICY_PORT": str(POLICY_PORT),
                "RAMPART_STAGE": STAGE,
                "RAMPART_GUARD_TASKS": str(settings.guard_tasks),
                "RAMPART_METRICS_NAMESPACE": self._args.context.environment.metrics,
                "RAMPART_STATISTICS_PORT": str(STATISTICS_PORT),
            },
        )
        first_use = token_state_only("FirstUse", self._args.tables.tokens.arn)
        boundary = boundary_container(
            self._args.context.environment,
            settings,
            self._args.tables.cdrs.name,
            {**self._hop(), **self._args.registry.variables},
        )
        counted = boundary_use(self._args.context, self._args.tables.cdrs.arn)
        use = [*self._store_use(), *self._args.registry.use, first_use, *counted]
        containers = (envoy, policy, boundary)
        return self._fargate("guard", "guard", containers, use, settings.guard_tasks, balanced=True)

    def _envoy(self) -> configuration.EnvoySettings:
        """The same guard as in the lab, behind API Gateway; the boundary calls the service in its tier."""
        domain = self._args.settings.domain
        return configuration.EnvoySettings(
            server_names=(f"guard.{domain}", domain),
            listen_host="0.0.0.0",  # noqa: S104  (its security group says who gets here)
            listen_port=GUARD_PORT,
            certificate_file=f"{_TLS}/guard.pem",
            key_file=f"{_TLS}/guard.key",
            policy_host="127.0.0.1",
            policy_port=POLICY_PORT,
            # Envoy itself calls no service.
            service_host="127.0.0.1",
            service_port=BOUNDARY_PORT,
            boundary_port=BOUNDARY_PORT,
            # API Gateway writes the caller's address; the load balancer hides it.
            trusted_hops=1,
            stage=STAGE,
            statistics_port=STATISTICS_PORT,
        )

    def _egress(self) -> FargateService:
        """The only way out, for known callers, to the callback hosts of the registry that is declared."""
        context, settings, registry = self._args.context, self._args.settings, self._args.registry
        image, authority = settings.policy_image, settings.internal_authority
        container = egress_container(context.environment, image, registry.variables, authority)
        shown = shown_certificates(self._args.partners)
        use = [*registry.use, *egress_use(context.environment, context.keys.secrets.arn, shown)]
        return self._fargate("egress", "guard", (container,), use, settings.guard_tasks)

    def _service(self) -> FargateService:
        context, settings, registry = self._args.context, self._args.settings, self._args.registry
        container = service_container(context.environment, settings, {**self._stores(), **registry.variables})
        tokens, key = self._args.tables.tokens.arn, context.keys.secrets.arn
        use = [*self._store_use(), *registry.use, *service_use(context.environment, tokens, key)]
        return self._fargate("service", "service", (container,), use, settings.service_tasks)

    def _stores(self) -> Mapping[str, pulumi.Input[str]]:
        tables = self._args.tables
        return {
            **self._hop(),
            "RAMPART_TOKEN_TABLE": tables.tokens.name,
            "RAMPART_REPLAY_TABLE": tables.replay.name,
        }

    def _hop(self) -> Mapping[str, pulumi.Input[str]]:
        """Where a task runs, and by which key guard and service know each other."""
        environment = self._args.context.environment
        return {**place(environment), "RAMPART_HOP_KEY_ID": hop_secret(environment.label)}

    def _store_use(self) -> list[Statement]:
        """What guard and service do with tables: the ledger is the boundary's alone."""
        tables = self._args.tables
        seen = ["GetItem", "Query", "ConditionCheckItem", "PutItem", "UpdateItem"]
        return [
            allow("Tokens", ["dynamodb:GetItem"], [tables.tokens.arn]),
            allow("Seen", [f"dynamodb:{one}" for one in seen], [tables.replay.arn]),
            allow("TableKey", ["kms:Decrypt"], [self._args.context.keys.data.arn]),
            *hop_key_use(self._args.context),
        ]

    def _fargate(
        self,
        name: str,
        tier: str,
        containers: tuple[Container, ...],
        statements: list[Statement],
        tasks: int,
        balanced: bool = False,
    ) -> FargateService:
        args, size = self._args, SIZES[self._args.settings.size]
        return FargateService(
            name,
            FargateServiceArgs(
                args.context,
                self._cluster,
                containers,
                statements,
                args.network.subnet_ids(tier),
                args.groups.ids[name],
                tier,
                (tasks, tasks * size.growth),
                size.tasks[name],
                args.balancer.targets if balanced else None,
                (*args.after, args.balancer.listener) if balanced else args.after,
            ),
            self._child,
        )
