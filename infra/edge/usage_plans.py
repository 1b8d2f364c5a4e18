"""One usage plan for each partner: as many calls as were contracted."""

from __future__ import annotations

from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from hardening.registry.partners import Partner
from infra.component_context import ComponentContext
from infra.edge.api_gateway import Api
from infra.edge.throttling import calls_per_second, plan_burst


@dataclass(frozen=True, slots=True)
class UsagePlansArgs:
    """`partners` get a plan each on the stage of `api`."""

    context: ComponentContext
    partners: tuple[Partner, ...]
    api: Api


class UsagePlans(pulumi.ComponentResource):
    """Plans and keys. A key tells API Gateway which plan a call counts against; it opens nothing.

    The authorizer returns the key once it has recognised the token (API Gateway Developer Guide, "Choose an
    API key source"); partners never see it.
    """

    def __init__(self, name: str, args: UsagePlansArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("rampart:edge:UsagePlans", name, None, opts)
        self._args = args
        self._child = pulumi.ResourceOptions(parent=self)
        for partner in args.partners:
            self._plan(partner)
        self.register_outputs({})

    def _plan(self, partner: Partner) -> None:
        environment = self._args.context.environment
        modules = " ".join(sorted(partner.modules))
        rate = calls_per_second(partner)
        plan = aws.apigateway.UsagePlan(
            partner.name,
            name=environment.name(partner.name),
            description=f"What {partner.name} contracted",
            api_stages=[{"api_id": self._args.api.api_id, "stage": self._args.api.stage}],
            throttle_settings={"rate_limit": rate, "burst_limit": plan_burst(partner)},
            quota_settings={"limit": partner.requests_per_day, "period": "DAY"},
            tags=environment.tags(partner.name, partner=partner.name, modules=modules),
            opts=self._child,
        )
        key = aws.apigateway.ApiKey(
            partner.name,
            name=environment.name(partner.name),
            description=f"Meters {partner.name}",
            enabled=True,
            tags=environment.tags(partner.name, partner=partner.name),
            opts=self._child,
        )
        aws.apigateway.UsagePlanKey(
            partner.name, key_id=key.id, key_type="API_KEY", usage_plan_id=plan.id, opts=self._child
        )
        aws.ssm.Parameter(
            partner.name,
            name=f"/rampart/{environment.label}/usage/{partner.name}",
            description=f"The key that meters {partner.name}",
            type=aws.ssm.ParameterType.SECURE_STRING,
            key_id=self._args.context.keys.secrets.arn,
            value=key.value,
            tier="Standard",
            tags=environment.tags(partner.name, partner=partner.name, data_class="confidential"),
            opts=self._child,
        )
