"""What AWS's inventories name and no reader lists: a kind that nobody here knows is at least named. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Final

from scanners.drift.declared import Declared
from scanners.drift.records import TAGGING, Inventories, NotCompared, Unmanaged, Unread, Unseen

# Kinds, as ARNs name them, that a reader lists, or compares at their owner; `*` is whatever a service has.
# What stands here is named by its reader, and no second time (Service Authorization Reference).
READ: Final[Mapping[str, str]] = {
    "access-analyzer": "analyzer",
    "acm": "certificate",
    "acm-pca": "certificate-authority",
    "apigateway": "apikeys apis domainnames restapis usageplans vpclinks",
    "appsync": "apis",
    "autoscaling": "autoScalingGroup",
    "backup": "backup-plan backup-vault",
    "budgets": "budget",
    "cloudformation": "stack",
    "cloudfront": "distribution",
    "cloudtrail": "trail",
    "cloudwatch": "alarm metric-stream",
    "codebuild": "project",
    "codepipeline": "*",
    "cognito-identity": "identitypool",
    "cognito-idp": "userpool",
    "config": "config-rule configuration-recorder delivery-channel",
    "datasync": "task",
    "dynamodb": "table",
    # AWS's word is `vpc-flow-log`, and `flow-logs` the lab's.
    "ec2": "carrier-gateway client-vpn-endpoint customer-gateway egress-only-internet-gateway elastic-ip"
    " flow-logs image instance internet-gateway key-pair launch-template natgateway network-acl"
    " route-table security-group security-group-rule snapshot subnet traffic-mirror-session"
    " transit-gateway transit-gateway-attachment volume vpc vpc-endpoint vpc-endpoint-service"
    " vpc-flow-log vpc-peering-connection vpn-connection vpn-gateway",
    "ecr": "repository",
    "ecs": "cluster service task-definition",
    "eks": "cluster",
    "elasticache": "replicationgroup",
    "elasticloadbalancing": "listener listener-rule loadbalancer targetgroup",
    "es": "domain",
    "events": "api-destination archive connection event-bus rule",
    "firehose": "deliverystream",
    "glacier": "vaults",
    "glue": "job",
    "guardduty": "detector",
    "iam": "group instance-profile oidc-provider policy role saml-provider server-certificate user",
    "iot": "policy",
    "kinesis": "stream",
    "kms": "alias key",
    "lambda": "code-signing-config event-source-mapping function layer",
    "logs": "destination log-group",
    "mq": "broker",
    "network-firewall": "firewall",
    "pipes": "pipe",
    "ram": "resource-share",
    "rds": "cluster db",
    "redshift": "cluster",
    "route53": "hostedzone",
    "route53resolver": "firewall-config firewall-domain-list firewall-rule-group"
    " firewall-rule-group-association resolver-endpoint resolver-query-log-config resolver-rule",
    "s3": " accesspoint storage-lens",  # a bucket's ARN names no kind
    "sagemaker": "notebook-instance",
    "scheduler": "schedule",
    "secretsmanager": "secret",
    "securityhub": "finding-aggregator hub subscription",
    "servicediscovery": "namespace service",
    "ses": "identity",
    "signer": "signing-profiles",
    "sns": "*",
    "sqs": "*",
    "ssm": "association document maintenancewindow parameter",
    "states": "stateMachine",
    "transfer": "server",
    "wafv2": "ipset webacl",
    "xray": "group",
}

# Kinds that are nobody's decision: they come and go with what uses them, or are data.
OF_ANOTHER: Final[Mapping[str, str]] = {
    "apigateway": "tags",
    "application-autoscaling": "scalable-target",  # compared by service and dimension, not by ARN
    "backup": "recovery-point",
    "cloudformation": "changeSet",
    "dynamodb": "backup",
    "ec2": "dhcp-options network-interface spot-instances-request vpc-cidr-block-association",
    "ecs": "container-instance task task-set",
    "eks": "pod",
    "iam": "mfa sms-mfa u2f",
    "resource-explorer-2": "index managed-view view",  # what this inventory is asked of
    "route53resolver": "resolver-config resolver-dnssec-config",
    "securityhub": "product-subscription",  # one for each product of AWS, with the hub
    "signer": "signing-jobs",
    "ssm": "managed-instance opsitem windowtarget windowtask",
}

# What AWS itself makes in an account, or in each region of one: patterns for the ARN behind the account.
OF_AWS: Final = re.compile(
    r"apprunner:autoscalingconfiguration/DefaultConfiguration/.*"
    r"|appconfig:deploymentstrategy/AppConfig\..*"
    r"|athena:(datacatalog/AwsDataCatalog|workgroup/primary)"
    r"|cassandra:/keyspace/system.*"
    r"|cloudtrail:channel/aws-service-channel/.*"
    r"|codedeploy:deploymentconfig:CodeDeployDefault\..*"
    r"|elasticache:(parametergroup:default\..*|user:default)"
    r"|mediaconvert:queues/Default"
    r"|memorydb:(acl/open-access|parametergroup/default\..*|user/default)"
    r"|rds:((pg|cluster-pg|og|secgrp|subgrp):default([.:].*)?|(cluster-)?snapshot:rds:.*)"
    r"|redshift:parametergroup:default\..*"
    r"|s3:storage-lens/default-account-dashboard"
    r"|scheduler:schedule-group/default"
    r"|xray:sampling-rule/Default"
)


def kind_of(arn: str) -> tuple[str, str]:
    """Service and kind of an ARN (`ec2`, `instance`); where it names none (a bucket's), the kind is empty."""
    _, _, service, _, _, resource = arn.split(":", 5)
    words = re.split(r"[:/]", resource.removeprefix("/"))
    # What WAF names first is whether it stands in a region.
    words = words[1:] if service == "wafv2" else words
    return service, words[0] if len(words) > 1 else ""


def unknown_kinds(declared: Declared, told: Inventories) -> Iterator[Unmanaged]:
    """Everything of a kind without a reader that the stack does not declare, by ARN."""
    known = _declared(declared)
    own = declared.regions()
    found = {arn for arns in told.values() if not isinstance(arns, Unseen) for arn in arns}
    for arn in sorted(found - known):
        service, kind = kind_of(arn)
        region, resource = arn.split(":", 5)[3], arn.split(":", 5)[5]
        if _has(READ, service, kind) or _has(OF_ANOTHER, service, kind):
            continue
        if not OF_AWS.fullmatch(f"{service}:{resource}"):
            about = "a kind that the audit has no reader for"
            yield Unmanaged(f"{service}:{kind}" if kind else service, arn, region, about, _away(region, own))


def _away(region: str, own: frozenset[str]) -> bool:
    return bool(region) and region not in own


def _has(kinds: Mapping[str, str], service: str, kind: str) -> bool:
    return service in kinds and (kinds[service] == "*" or kind in kinds[service].split(" "))


def _declared(declared: Declared) -> set[str]:
    """The ARNs that the stack knows, of whatever type."""
    texts = (text for r in declared.stack.resources for text in (r.id, r.outputs.get("arn")))
    return {text for text in texts if isinstance(text, str) and text.startswith("arn:")}


def unasked(told: Inventories) -> tuple[tuple[Unread, ...], tuple[NotCompared, ...]]:
    """Regions of which no inventory answered, which nobody can verify; and of the others, which did not."""
    unread: list[Unread] = []
    unavailable: list[NotCompared] = []
    for region in sorted({region for _, region in told}):
        named = {name: arns for (name, where), arns in told.items() if where == region}
        silent = {name: arns.reason for name, arns in named.items() if isinstance(arns, Unseen)}
        # Resource Explorer and Config, where nobody turned them on, may say that there is nothing.
        if not any(arns or name == TAGGING for name, arns in named.items() if name not in silent):
            why = "; ".join(f"{name}: {silent.get(name) or 'nothing recorded'}" for name in named)
            unread.append(Unread(f"inventory of {region}", "", why))
        else:
            unavailable.extend(
                NotCompared(f"inventory of {region}", "", "", f"{name} does not answer: {reason}")
                for name, reason in silent.items()
            )
    return tuple(unread), tuple(unavailable)
