"""The services on ECS: the guard (Envoy with the policy service), the egress proxy, the OCPI service."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from hardening.envoy import configuration
from hardening.registry.partners import Partner
from infra.component_context import ComponentContext
from infra.compute.ecr import Registries
from infra.compute.ecs import Cluster, Container, FargateService, FargateServiceArgs
from infra.compute.egress_proxy import egress_config, internal_domain, proxy_environment
from infra.data.registry_object import RegistryObject
from infra.data.token_store import token_state_only
from infra.edge.api_gateway import STAGE
from infra.edge.load_balancing import LoadBalancer
from infra.identity.iam_policies import Statement, allow
from infra.network.ports import GUARD_PORT, POLICY_PORT, PROXY_PORT, SERVICE_PORT
from infra.network.security_groups import SecurityGroups
from infra.network.vpc import Network
from infra.settings import Settings
from infra.sizes import SIZES

# Every image carries this program; it exits 0 when the service is healthy.
_HEALTH = ("/usr/local/bin/health",)
# A task has one Envoy in its life: nothing takes over from it, and it needs no shared memory for that.
_ONE_ENVOY = ("--disable-hot-restart",)
# Where images keep certificates, keys and the internal authority.
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
    """Guard, egress proxy and OCPI service; the service's role alone may read outbound tokens."""

    def __init__(self, name: str, args: ServicesArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("rampart:compute:Services", name, None, opts)
        self._args = args
        self._child = pulumi.ResourceOptions(parent=self)
        self._cluster = self._new_cluster()
        self.cluster = self._cluster.name
        self.guard = self._guard()
        self.proxy = self._proxy()
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
        envoy = Container(
            "envoy",
            settings.guard_image,
            _HEALTH,
            GUARD_PORT,
            ("envoy", "--config-yaml", configuration.envoy(self._envoy()), *_ONE_ENVOY),
        )
        policy = Container(
            "policy",
            settings.policy_image,
            _HEALTH,
            environment={
                **self._stores(),
                **self._args.registry.variables,
                "RAMPART_POLICY_PORT": str(POLICY_PORT),
                "RAMPART_STAGE": STAGE,
                "RAMPART_GUARD_TASKS": str(settings.guard_tasks),
            },
        )
        first_use = token_state_only("FirstUse", self._args.tables.tokens.arn)
        use = [*self._ledger_use(), *self._args.registry.use, first_use]
        return self._fargate("guard", "guard", (envoy, policy), use, settings.guard_tasks, balanced=True)

    def _envoy(self) -> configuration.EnvoySettings:
        """The same guard as in the lab, behind API Gateway, with the service in another tier."""
        domain = self._args.settings.domain
        return configuration.EnvoySettings(
            server_names=(f"guard.{domain}", domain),
            listen_host="0.0.0.0",  # noqa: S104  (its security group says who gets here)
            listen_port=GUARD_PORT,
            certificate_file=f"{_TLS}/guard.pem",
            key_file=f"{_TLS}/guard.key",
            policy_host="127.0.0.1",
            policy_port=POLICY_PORT,
            service_host=f"service.{internal_domain(self._args.context.environment)}",
            service_port=SERVICE_PORT,
            service_ca_file=f"{_TLS}/service-ca.pem",
            # API Gateway writes the caller's address; the load balancer hides it.
            trusted_hops=1,
            stage=STAGE,
        )

    def _proxy(self) -> FargateService:
        """The only way out. Its allow-list is the partners' callback hosts, and nothing else."""
        anywhere = "0.0.0.0"  # noqa: S104  (its security group says who gets here)
        config = json.dumps(egress_config(self._args.partners, anywhere, PROXY_PORT))
        proxy = Container(
            "envoy",
            self._args.settings.guard_image,
            _HEALTH,
            PROXY_PORT,
            ("envoy", "--config-yaml", config, *_ONE_ENVOY),
        )
        return self._fargate("proxy", "guard", (proxy,), [], self._args.settings.guard_tasks)

    def _service(self) -> FargateService:
        environment, keys = self._args.context.environment, self._args.context.keys
        own = environment.arn("secretsmanager", f"secret:rampart/{environment.label}/*")
        outbound = environment.arn("secretsmanager", f"secret:rampart/{environment.label}/*/outbound-*")
        service = Container(
            "service",
            self._args.settings.service_image,
            _HEALTH,
            SERVICE_PORT,
            environment={
                **self._stores(),
                **proxy_environment(environment),
                "RAMPART_LISTEN": str(SERVICE_PORT),
                "RAMPART_PAGE_LIMIT": str(self._args.settings.page_limit),
            },
        )
        return self._fargate(
            "service",
            "service",
            (service,),
            [
                *self._ledger_use(),
                # The credentials module: registration makes tokens, and revokes them.
                allow(
                    "Registration",
                    ["dynamodb:PutItem", "dynamodb:UpdateItem"],
                    [self._args.tables.tokens.arn],
                ),
                allow("KeepTokens", ["secretsmanager:PutSecretValue"], [own]),
                allow("OutboundTokens", ["secretsmanager:GetSecretValue"], [outbound]),
                allow("TokenSecrets", ["kms:Decrypt", "kms:GenerateDataKey"], [keys.secrets.arn]),
            ],
            self._args.settings.service_tasks,
        )

    def _stores(self) -> Mapping[str, pulumi.Input[str]]:
        environment, tables = self._args.context.environment, self._args.tables
        return {
            "AWS_REGION": environment.region,
            "RAMPART_ENVIRONMENT": environment.label,
            "RAMPART_TOKEN_TABLE": tables.tokens.name,
            "RAMPART_REPLAY_TABLE": tables.replay.name,
            "RAMPART_CDR_TABLE": tables.cdrs.name,
        }

    def _ledger_use(self) -> list[Statement]:
        tables = self._args.tables
        ledger = ["GetItem", "Query", "ConditionCheckItem", "PutItem", "UpdateItem"]
        return [
            allow("Tokens", ["dynamodb:GetItem"], [tables.tokens.arn]),
            allow(
                "Ledgers", [f"dynamodb:{action}" for action in ledger], [tables.replay.arn, tables.cdrs.arn]
            ),
            allow("TableKey", ["kms:Decrypt"], [self._args.context.keys.data.arn]),
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
        args = self._args
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
                tasks,
                SIZES[args.settings.size].tasks[name],
                args.balancer.targets if balanced else None,
                (*args.after, args.balancer.listener) if balanced else args.after,
            ),
            self._child,
        )
