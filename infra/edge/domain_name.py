"""The custom domain name of the API, and its TLS policy."""

from __future__ import annotations

from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from infra.edge.api_gateway import Api
from infra.edge.openapi import TLS_POLICY
from infra.environment import Environment


@dataclass(frozen=True, slots=True)
class ApiDomainArgs:
    """`certificate` is the ARN of a validated certificate for `domain`."""

    environment: Environment
    api: Api
    domain: str
    certificate: pulumi.Input[str]
    zone_id: pulumi.Input[str]


class ApiDomain(pulumi.ComponentResource):
    """The custom domain name with its DNS record; `url` is the origin that partners call."""

    def __init__(self, name: str, args: ApiDomainArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("rampart:edge:ApiDomain", name, None, opts)
        child = pulumi.ResourceOptions(parent=self)
        domain = aws.apigateway.DomainName(
            "ocpi",
            domain_name=args.domain,
            regional_certificate_arn=args.certificate,
            endpoint_configuration={"types": "REGIONAL", "ip_address_type": "dualstack"},
            security_policy=TLS_POLICY,
            endpoint_access_mode="STRICT",
            tags=args.environment.tags("ocpi"),
            opts=child,
        )
        aws.apigateway.BasePathMapping(
            "ocpi",
            domain_name=domain.domain_name,
            rest_api=args.api.api_id,
            stage_name=args.api.stage,
            opts=child,
        )
        for record, name in (("A", "ocpi"), ("AAAA", "ocpi-ipv6")):
            aws.route53.Record(
                name,
                zone_id=args.zone_id,
                name=args.domain,
                type=record,
                aliases=[
                    {
                        "name": domain.regional_domain_name,
                        "zone_id": domain.regional_zone_id,
                        "evaluate_target_health": False,
                    }
                ],
                opts=child,
            )
        self.url = f"https://{args.domain}"
        self.register_outputs({"url": self.url})
