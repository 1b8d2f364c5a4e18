"""Amazon Route 53 Resolver."""

from __future__ import annotations

from infra.lab.adapters.desired_resource import Adapter, Row, table

ADAPTERS: dict[str, Adapter] = table(
    [
        Row(
            type="aws:route53/resolverQueryLogConfig:ResolverQueryLogConfig",
            service="route53resolver",
            operation="CreateResolverQueryLogConfig",
            named="name",
            id="ResolverQueryLogConfig.Id",
            outputs={"arn": "ResolverQueryLogConfig.Arn"},
        ),
        Row(
            type="aws:route53/resolverQueryLogConfigAssociation:ResolverQueryLogConfigAssociation",
            service="route53resolver",
            operation="AssociateResolverQueryLogConfig",
            id="ResolverQueryLogConfigAssociation.Id",
        ),
    ]
)
