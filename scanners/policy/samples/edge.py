"""The sample's edge: firewall, API, domain and certificate, in front of a private load balancer."""

from __future__ import annotations

import json
from typing import Any

from scanners.policy.samples.api import TLS_POLICY, api_body
from scanners.policy.samples.sample_stack import aws, stack

_TAGS = {"rampart:environment": "production"}


def _firewall_rule(name: str, statement: dict[str, Any], **action: Any) -> dict[str, Any]:
    visible = {"sampledRequestsEnabled": False, "cloudwatchMetricsEnabled": True, "metricName": name}
    kept = {"name": name, "priority": 1, "statement": statement, "visibilityConfig": visible}
    return {**kept, **(action or {"action": {"block": {}}})}


def _rate(key: dict[str, Any]) -> dict[str, Any]:
    return {"rateBasedStatement": {"limit": 600, "evaluationWindowSec": 60, **key}}


def _managed(name: str) -> dict[str, Any]:
    statement = {"managedRuleGroupStatement": {"vendorName": "AWS", "name": name}}
    return _firewall_rule(name, statement, overrideAction={"none": {}})


_IN_PARTNER_SET = {"ipSetReferenceStatement": {"arn": "arn:partners-4"}}
_BY_HEADER = {"header": {"name": "authorization", "textTransformations": [{"priority": 0, "type": "NONE"}]}}

_METHODS = {"fieldToMatch": {"method": {}}, "regexString": "^(GET|POST|PUT|PATCH|DELETE)$"}

_OURS = {"fieldToMatch": {"uriPath": {}}, "positionalConstraint": "STARTS_WITH", "searchString": "/ocpi/"}


def _larger_than(size: int, part: str) -> dict[str, Any]:
    long = {"oversizeHandling": "MATCH"} if part == "body" else {}
    limit = {"fieldToMatch": {part: long}, "comparisonOperator": "GT", "size": size}
    return {"sizeConstraintStatement": limit}


# The order is part of the sample: checks weaken rules by their place.
FIREWALL_RULES = [
    _firewall_rule("strangers", {"notStatement": {"statements": [_IN_PARTNER_SET]}}),
    _managed("AWSManagedRulesCommonRuleSet"),
    _managed("AWSManagedRulesKnownBadInputsRuleSet"),
    _managed("AWSManagedRulesAmazonIpReputationList"),
    _firewall_rule("by-address", _rate({"aggregateKeyType": "IP"})),
    _firewall_rule("by-token", _rate({"aggregateKeyType": "CUSTOM_KEYS", "customKeys": [_BY_HEADER]})),
    _firewall_rule("size", _larger_than(65536, "body")),
    _firewall_rule(
        "methods",
        {"notStatement": {"statements": [{"regexMatchStatement": _METHODS}]}},
    ),
    _firewall_rule("path-length", _larger_than(512, "uriPath")),
    _firewall_rule("query-length", _larger_than(1024, "queryString")),
    _firewall_rule("path", {"notStatement": {"statements": [{"byteMatchStatement": _OURS}]}}),
    _managed("AWSManagedRulesAnonymousIpList"),
    _managed("AWSManagedRulesSQLiRuleSet"),
]

ACCESS_LOG_FORMAT = json.dumps(
    {
        "requestId": "$context.requestId",
        "time": "$context.requestTimeEpoch",
        "partner": "$context.authorizer.principalId",
        "source": "$context.identity.sourceIp",
        "method": "$context.httpMethod",
        "route": "$context.resourcePath",
        "status": "$context.status",
    }
)


def _plan(partner: str, modules: str) -> list[Any]:
    return [
        aws(
            "apigateway/usagePlan:UsagePlan",
            f"plan-{partner}",
            apiStages=[{"apiId": "api-1", "stage": "live"}],
            throttleSettings={"rateLimit": 10, "burstLimit": 20},
            quotaSettings={"limit": 100000, "period": "DAY"},
            tags={**_TAGS, "rampart:partner": partner, "rampart:modules": modules},
        ),
        aws("apigateway/apiKey:ApiKey", f"key-{partner}", enabled=True, tags=_TAGS),
        aws(
            "apigateway/usagePlanKey:UsagePlanKey",
            f"plan-key-{partner}",
            keyId=f"key-{partner}",
            keyType="API_KEY",
            usagePlanId=f"plan-{partner}",
        ),
    ]


EDGE = stack(
    aws(
        "acm/certificate:Certificate",
        "cert-1",
        domainName="ocpi.example",
        subjectAlternativeNames=["guard.ocpi.example"],
        validationMethod="DNS",
        keyAlgorithm="EC_prime256v1",
    ),
    aws(
        "acm/certificateValidation:CertificateValidation",
        "valid-1",
        certificateArn="arn:cert-1",
        validationRecordFqdns=["_x.ocpi.example"],
    ),
    aws("apigateway/account:Account", "api-account", cloudwatchRoleArn="arn:role-api-logs"),
    aws(
        "apigateway/domainName:DomainName",
        "domain-1",
        domainName="ocpi.example",
        regionalCertificateArn="arn:cert-1",
        securityPolicy=TLS_POLICY,
        endpointAccessMode="STRICT",
        endpointConfiguration={"types": "REGIONAL"},
        tags=_TAGS,
    ),
    aws(
        "apigateway/restApi:RestApi",
        "api-1",
        body=api_body(),
        securityPolicy=TLS_POLICY,
        endpointAccessMode="STRICT",
        apiKeySource="AUTHORIZER",
        disableExecuteApiEndpoint=True,
        endpointConfiguration={"types": "REGIONAL"},
        tags=_TAGS,
    ),
    aws("apigateway/deployment:Deployment", "deployment-1", restApi="api-1", triggers={"body": "8d2f"}),
    aws(
        "apigateway/stage:Stage",
        "stage-1",
        restApi="api-1",
        stageName="live",
        accessLogSettings={"destinationArn": "arn:log-api", "format": ACCESS_LOG_FORMAT},
        tags=_TAGS,
    ),
    aws(
        "apigateway/methodSettings:MethodSettings",
        "settings-1",
        restApi="api-1",
        stageName="live",
        methodPath="*/*",
        settings={
            "throttlingRateLimit": 100,
            "throttlingBurstLimit": 200,
            "dataTraceEnabled": False,
            "loggingLevel": "ERROR",
            "metricsEnabled": True,
        },
    ),
    aws(
        "wafv2/ipSet:IpSet",
        "partners-4",
        addresses=["192.0.2.0/28"],
        ipAddressVersion="IPV4",
        scope="REGIONAL",
    ),
    aws(
        "wafv2/webAcl:WebAcl",
        "waf-1",
        scope="REGIONAL",
        defaultAction={"allow": {}},
        rules=FIREWALL_RULES,
        visibilityConfig={
            "sampledRequestsEnabled": False,
            "cloudwatchMetricsEnabled": True,
            "metricName": "ocpi",
        },
        tags=_TAGS,
    ),
    aws(
        "wafv2/webAclAssociation:WebAclAssociation",
        "waf-stage",
        resourceArn="arn:stage-1",
        webAclArn="arn:waf-1",
    ),
    aws(
        "wafv2/webAclLoggingConfiguration:WebAclLoggingConfiguration",
        "waf-log",
        resourceArn="arn:waf-1",
        logDestinationConfigs=["arn:log-waf"],
        redactedFields=[{"singleHeader": {"name": "authorization"}}, {"queryString": {}}],
    ),
    aws(
        "lb/loadBalancer:LoadBalancer",
        "nlb-1",
        loadBalancerType="network",
        internal=True,
        securityGroups=["sg-balancer"],
        tags=_TAGS,
    ),
    aws(
        "lb/targetGroup:TargetGroup",
        "targets-guard",
        protocol="TLS",
        port=8443,
        targetType="ip",
        healthCheck={"enabled": True, "interval": 10},
    ),
    aws("ssm/parameter:Parameter", "usage-volta", name="usage", type="SecureString", keyId="arn:kms-secrets"),
    aws(
        "lb/listener:Listener",
        "nlb-tls",
        loadBalancerArn="arn:nlb-1",
        port=443,
        protocol="TLS",
        sslPolicy="ELBSecurityPolicy-TLS13-1-2-Res-PQ-2025-09",
        certificateArn="arn:cert-1",
    ),
    aws("apigateway/vpcLink:VpcLink", "link-1", targetArn="arn:nlb-1", tags=_TAGS),
    *_plan("volta", "locations sessions cdrs tokens"),
    *_plan("nimbus", "locations tariffs"),
)
