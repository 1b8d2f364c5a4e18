"""The program: the phases of one environment, and what each component is given.

`build` reads from top to bottom in the order of dependencies: first the foundation (`infra/foundation.py`),
then what serves partners. Each component is one file of the rooms `network`, `edge`, `compute`, `data`,
`identity` and `observability`.
"""

from __future__ import annotations

from typing import Any

import pulumi

from hardening.errors import ConfigError
from hardening.objectives import agreed
from hardening.registry.partners import Partner
from infra.compute.authorizer import Authorizer, AuthorizerArgs
from infra.compute.egress_guard import caller_environment, refuse_unread
from infra.compute.services import Services, ServicesArgs
from infra.compute.signer import CodeSigning, CodeSigningArgs
from infra.data.boundary_keys import BoundaryKeys, BoundaryKeysArgs
from infra.data.caller_keys import CallerKeys, CallerKeysArgs
from infra.data.hop_key import HopKey, HopKeyArgs
from infra.data.registry_object import RegistryObject, RegistryObjectArgs
from infra.data.secrets_manager import PartnerSecrets, PartnerSecretsArgs, RotationRule
from infra.data.service_key import Rotator
from infra.edge.acm import Certificates, CertificatesArgs
from infra.edge.api_gateway import Api, ApiArgs
from infra.edge.domain_name import ApiDomain, ApiDomainArgs
from infra.edge.load_balancing import LoadBalancer, LoadBalancerArgs
from infra.edge.route53 import HostedZone
from infra.edge.usage_plans import UsagePlans, UsagePlansArgs
from infra.edge.waf import WebAcl, WebAclArgs
from infra.foundation import lay_foundation, plan_of
from infra.observability.burn_rates import burn_rates
from infra.observability.cloudwatch import Monitoring, MonitoringArgs
from infra.observability.dashboards import cloudwatch_body
from infra.observability.log_filters import call_filters, task_filters
from infra.observability.metric_alarms import MonitoredResources, metric_alarms
from infra.phases import never_back, steps_left
from infra.settings import Settings
from infra.steps import Edge, Foundation, Plan, Records, Serving


def refuse_client_certificates(partners: tuple[Partner, ...]) -> None:
    """Raise ConfigError for a partner that contracted for them: the API's domain asks for none.

    A domain with a post-quantum policy cannot have mutual TLS (docs/divergences.md), and the guard behind the
    API would refuse the partner's every call.
    """
    for partner in partners:
        if partner.client_certificate_in:
            raise ConfigError(
                f"partners/{partner.name}.yaml: client_certificate_in: expected none on AWS",
                "serve this partner by `rampart guard serve`, see docs/partners.md",
            )


def refuse_leniencies(partners: tuple[Partner, ...]) -> None:
    """Raise ConfigError for a partner with leniencies: the API's models refuse what they accept.

    The models are those of a route, for every partner; the guard and the boundary would take the message.
    """
    for partner in partners:
        if partner.accept:
            raise ConfigError(
                f"partners/{partner.name}.yaml: accept: expected none on AWS",
                "serve this partner by `rampart guard serve`, see docs/partners.md",
            )


def build(settings: Settings, partners: tuple[Partner, ...]) -> None:
    """Declare every resource of one environment and phase, for the partners of that environment.

    A partner of another environment is left out: test and production share nothing.
    """
    own = tuple(partner for partner in partners if partner.environment == settings.environment)
    refuse_client_certificates(own)
    refuse_leniencies(own)
    refuse_unread(own)
    plan = plan_of(settings, own)
    foundation = lay_foundation(plan)
    pulumi.export("objectives", {name: dict(terms) for name, terms in settings.objectives.items()})
    left = steps_left(settings)
    pulumi.export("next", list(left))
    if left:
        pulumi.log.info(f"phase {settings.phase}; next: " + "; ".join(left))
        pulumi.export("phase", _last_phase().apply(lambda last: _onwards(last, settings.phase)))
    else:
        pulumi.export("phase", settings.phase)
        _serve(plan, foundation)


def _last_phase() -> pulumi.Output[Any]:
    """The phase in which this very stack last stood, from its own outputs; None at first."""
    own = f"{pulumi.get_organization()}/{pulumi.get_project()}/{pulumi.get_stack()}"
    return pulumi.StackReference(own).get_output("phase")


def _onwards(last: object, phase: str) -> str:
    """The phase, if it is no step back: an error ends the engine's run before anything is deleted."""
    try:
        return never_back(last, phase)
    except ConfigError as error:
        raise pulumi.RunError(f"{error.message}\nhint: {error.hint}") from None


def _serve(plan: Plan, foundation: Foundation) -> None:
    """What serves partners, on the foundation."""
    context, settings, own = plan.context, plan.settings, plan.partners
    networking, records = foundation.networking, foundation.records
    tables = records.tables
    logs = records.audit.access_logs.bucket
    signing = CodeSigning("signing", CodeSigningArgs(context, logs))
    both_logs = (logs, records.audit.access_logs_of_copies.bucket)
    registry = RegistryObject(
        "registry", RegistryObjectArgs(context, own, both_logs, settings.replica_region)
    )
    attachment = networking.attachment("authorizer")
    authorizer = Authorizer(
        "authorizer", AuthorizerArgs(context, signing.code, attachment, tables.tokens, registry)
    )
    edge = _edge(plan, foundation)
    services = Services(
        "guard",
        ServicesArgs(
            context,
            settings,
            own,
            foundation.registries,
            networking.network,
            networking.groups,
            edge.balancer,
            tables,
            registry,
            networking.ready,
        ),
    )
    secrets = _secrets(plan, foundation, signing, registry, services)
    _keys_of_the_way(Rotator(context, secrets, settings.rotation_days), services)
    firewall = WebAcl("firewall", WebAclArgs(context, own, settings.max_body_kilobytes))
    api = _api(plan, authorizer, edge, firewall, foundation.zone)
    functions = {"authorizer": authorizer.function, "rotation": secrets.rotation}
    _monitor(plan, records, Serving(edge, firewall, api, functions, services))
    pulumi.export("secrets", {f"{partner}/{way}": arn for (partner, way), arn in secrets.arns.items()})


def _keys_of_the_way(rotator: Rotator, services: Services) -> None:
    """What guard, boundary and OCPI service prove themselves, sign and name drivers with."""
    guard, service = services.guard.role.arn, services.service.role.arn
    HopKey("hop-key", HopKeyArgs(rotator, (guard, service)))
    BoundaryKeys("boundary-keys", BoundaryKeysArgs(rotator, (guard,)))


def _edge(plan: Plan, foundation: Foundation) -> Edge:
    context, settings = plan.context, plan.settings
    networking, zone_id = foundation.networking, foundation.zone.zone_id
    certificates = Certificates("certificates", CertificatesArgs(context, settings.domain, zone_id))
    balancer = LoadBalancer(
        "balancer",
        LoadBalancerArgs(
            context,
            networking.network,
            networking.groups.ids["balancer"],
            certificates.guard,
            foundation.records.audit.access_logs,
        ),
    )
    return Edge(certificates, balancer)


def _secrets(
    plan: Plan, foundation: Foundation, signing: CodeSigning, registry: RegistryObject, services: Services
) -> PartnerSecrets:
    settings = plan.settings
    secrets = PartnerSecrets(
        "secrets",
        PartnerSecretsArgs(
            plan.context,
            plan.partners,
            signing.code,
            foundation.networking.attachment("rotation"),
            foundation.records.tables.tokens,
            registry,
            RotationRule(settings.rotation_days, settings.rotation_overlap_minutes),
            caller_environment(plan.context.environment, settings.internal_authority, "rotation"),
            {"inbound": plan.administrators.operator, "outbound": services.egress.role.arn},
            services.service.role.arn,
        ),
    )
    guard, service = services.egress.role.arn, services.service.role.arn
    readers = {"rotation": [guard], "credentials": [guard, service]}
    CallerKeys("callers", CallerKeysArgs(Rotator(plan.context, secrets, settings.rotation_days), readers))
    return secrets


def _api(plan: Plan, authorizer: Authorizer, edge: Edge, firewall: WebAcl, zone: HostedZone) -> Api:
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
        ApiDomainArgs(context.environment, api, plan.settings.domain, certificates.gateway, zone.zone_id),
    )
    UsagePlans("plans", UsagePlansArgs(context, plan.partners, api))
    pulumi.export("url", domain.url)
    return api


def _monitor(plan: Plan, records: Records, serving: Serving) -> None:
    context, edge, services = plan.context, serving.edge, serving.services
    functions = serving.functions
    resources = MonitoredResources(
        context.environment.region,
        context.environment.name("ocpi"),
        serving.firewall.name,
        {"gateway": edge.certificates.gateway, "guard": edge.certificates.guard},
        {name: function.name for name, function in functions.items()},
        {name: function.dead_letters.name for name, function in functions.items()},
        edge.balancer.arn_suffix,
        edge.balancer.targets_suffix,
        services.cluster,
        {name: one.service.name for name, one in serving.tasks.items()},
    )
    api_log, authorizer_log = serving.api.log_group, functions["authorizer"].log_group
    filters = (
        *call_filters(api_log, authorizer_log, plan.settings.cdrs_per_hour_alarm),
        *task_filters(services.guard.log_group, services.egress.log_group),
    )
    alarms = metric_alarms(resources)
    rates = burn_rates(agreed(plan.settings.objectives), resources.api)
    shown = cloudwatch_body(context.environment.metrics, context.environment.region, resources.api)
    Monitoring("monitoring", MonitoringArgs(context, records.topic.arn, filters, alarms, rates, shown))
