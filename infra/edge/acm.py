"""Certificates of the gateway and of the guard, validated through DNS and renewed by ACM."""

from __future__ import annotations

from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from infra.component_context import ComponentContext


@dataclass(frozen=True, slots=True)
class CertificatesArgs:
    """`domain` is the gateway's name; `zone_id` the Route 53 zone that proves it."""

    context: ComponentContext
    domain: str
    zone_id: pulumi.Input[str]


class Certificates(pulumi.ComponentResource):
    """`gateway` and `guard` are ARNs of validated certificates; `guard_host` is the name on the second."""

    def __init__(self, name: str, args: CertificatesArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("rampart:edge:Certificates", name, None, opts)
        self._args = args
        self.guard_host = f"guard.{args.domain}"
        self.gateway = self._certificate("gateway", args.domain)
        # API Gateway verifies the guard's load balancer as it would any public server, so a public
        # authority must have issued this one too. The name need not resolve.
        self.guard = self._certificate("guard", self.guard_host)
        self.register_outputs({"gateway": self.gateway, "guard": self.guard})

    def _certificate(self, name: str, domain: str) -> pulumi.Output[str]:
        child = pulumi.ResourceOptions(parent=self)
        certificate = aws.acm.Certificate(
            name,
            domain_name=domain,
            validation_method="DNS",
            key_algorithm="EC_prime256v1",
            options={"certificate_transparency_logging_preference": "ENABLED", "export": "DISABLED"},
            tags=self._args.context.environment.tags(name),
            opts=pulumi.ResourceOptions(parent=self, delete_before_replace=False),
        )
        proof = certificate.domain_validation_options[0]
        record = aws.route53.Record(
            f"{name}-proof",
            zone_id=self._args.zone_id,
            name=proof.resource_record_name,
            type=proof.resource_record_type,
            records=[proof.resource_record_value],
            ttl=300,
            allow_overwrite=True,
            opts=child,
        )
        # Where the domain is delegated ACM needs minutes; where it is not, the provider would wait for 75.
        soon = pulumi.ResourceOptions(parent=self, custom_timeouts=pulumi.CustomTimeouts(create="15m"))
        validated = aws.acm.CertificateValidation(
            name, certificate_arn=certificate.arn, validation_record_fqdns=[record.fqdn], opts=soon
        )
        return validated.certificate_arn
