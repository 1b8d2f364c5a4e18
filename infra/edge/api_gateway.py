"""The REST API: its OpenAPI document, stage, resource policy, throttling and logs."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from hardening.registry.partners import Partner
from infra.component_context import ComponentContext
from infra.compute.authorizer import Authorizer
from infra.edge.openapi import TLS_POLICY, Backend, api_definition
from infra.edge.throttling import burst, calls_per_second

STAGE = "live"

# One line of JSON a call. The route and not the path, which would carry token uids and party ids;
# no header, no body, no key: a log must not be worth stealing.
ACCESS_LOG = {
    "requestId": "$context.requestId",
    "time": "$context.requestTimeEpoch",
    "source": "$context.identity.sourceIp",
    "partner": "$context.authorizer.principalId",
    "control": "$context.authorizer.control",
    "trace": "$context.authorizer.trace",
    "method": "$context.httpMethod",
    "route": "$context.resourcePath",
    "status": "$context.status",
    "firewall": "$context.wafResponseCode",
    "refusal": "$context.error.responseType",
    "milliseconds": "$context.responseLatency",
    "bytes": "$context.responseLength",
}


@dataclass(frozen=True, slots=True)
class ApiArgs:
    """`link`: VPC link's id; `guard_host`: the name on the guard's certificate; `firewall`: web ACL's ARN."""

    context: ComponentContext
    partners: tuple[Partner, ...]
    authorizer: Authorizer
    link: pulumi.Input[str]
    guard_host: str
    firewall: pulumi.Input[str]


class Api(pulumi.ComponentResource):
    """`api_id` is the API's id, `stage` the name of its stage, `log_group` the access log's group."""

    def __init__(self, name: str, args: ApiArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("rampart:edge:Api", name, None, opts)
        self._args = args
        self._child = pulumi.ResourceOptions(parent=self)
        self._body = pulumi.Output.all(
            args.authorizer.function.invoke_arn, args.authorizer.role.arn, args.link
        ).apply(lambda known: json.dumps(self._definition(*known), sort_keys=True))
        self._account = self._log_role()
        self._api = self._rest_api()
        self.api_id = self._api.id
        self.log_group = args.context.log_group("api", self._child)
        stage = self._stage()
        self.stage = stage.stage_name
        self._settings()
        aws.wafv2.WebAclAssociation(
            "firewall", resource_arn=stage.arn, web_acl_arn=args.firewall, opts=self._child
        )
        self.register_outputs({"id": self.api_id})

    def _definition(self, authorizer: str, role: str, link: str) -> dict[str, object]:
        backend = Backend(authorizer, role, link, self._args.guard_host)
        return api_definition(self._args.context.environment.name("ocpi"), self._args.partners, backend)

    def _rest_api(self) -> aws.apigateway.RestApi:
        environment = self._args.context.environment
        # The resource policy is in the body: each import of a body replaces the policy, and the provider
        # would compare one written here with the form in which AWS stores it.
        return aws.apigateway.RestApi(
            "ocpi",
            name=environment.name("ocpi"),
            description="OCPI gateway",
            body=self._body,
            put_rest_api_mode="overwrite",
            fail_on_warnings=True,
            api_key_source="AUTHORIZER",
            disable_execute_api_endpoint=True,
            endpoint_configuration={"types": "REGIONAL", "ip_address_type": "dualstack"},
            security_policy=TLS_POLICY,
            endpoint_access_mode="STRICT",
            tags=environment.tags("ocpi"),
            opts=self._child,
        )

    def _log_role(self) -> aws.apigateway.Account:
        """API Gateway has one role for logs in an account and region."""
        role = self._args.context.role("api-logs", "apigateway.amazonaws.com", [], self._child)
        attached = aws.iam.RolePolicyAttachment(
            "api-logs",
            role=role.name,
            policy_arn="arn:aws:iam::aws:policy/service-role/AmazonAPIGatewayPushToCloudWatchLogs",
            opts=self._child,
        )
        return aws.apigateway.Account(
            "logs",
            cloudwatch_role_arn=role.arn,
            opts=pulumi.ResourceOptions(parent=self, depends_on=[attached]),
        )

    def _stage(self) -> aws.apigateway.Stage:
        environment = self._args.context.environment
        deployment = aws.apigateway.Deployment(
            "live",
            rest_api=self.api_id,
            description="From the route table and the partner registry",
            triggers={"body": self._body.apply(lambda text: hashlib.sha256(text.encode()).hexdigest())},
            opts=pulumi.ResourceOptions(parent=self, depends_on=[self._api]),
        )
        # API Gateway would make this group itself, without a key and for ever.
        errors = self._args.context.log_group(
            "api-errors",
            self._child,
            pulumi.Output.concat("API-Gateway-Execution-Logs_", self.api_id, f"/{STAGE}"),
        )
        return aws.apigateway.Stage(
            "live",
            rest_api=self.api_id,
            deployment=deployment.id,
            stage_name=STAGE,
            xray_tracing_enabled=True,
            # An answer is for one partner: a shared cache would hand it to the next.
            cache_cluster_enabled=False,
            access_log_settings={"destination_arn": self.log_group.arn, "format": json.dumps(ACCESS_LOG)},
            tags=environment.tags("live"),
            opts=pulumi.ResourceOptions(parent=self, depends_on=[self._account, errors]),
        )

    def _settings(self) -> None:
        """Errors are logged, payloads never; all partners together keep to the sum of contracts."""
        rate = calls_per_second(*self._args.partners)
        aws.apigateway.MethodSettings(
            "all",
            rest_api=self.api_id,
            stage_name=self.stage,
            method_path="*/*",
            settings={
                "logging_level": "ERROR",
                "data_trace_enabled": False,
                "metrics_enabled": True,
                "throttling_rate_limit": rate,
                "throttling_burst_limit": burst(rate, *self._args.partners),
                "caching_enabled": False,
                "cache_data_encrypted": True,
                "require_authorization_for_cache_control": True,
                "unauthorized_cache_control_header_strategy": "FAIL_WITH_403",
            },
            opts=self._child,
        )
