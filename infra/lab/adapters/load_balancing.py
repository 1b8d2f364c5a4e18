"""Elastic Load Balancing (v2)."""

from __future__ import annotations

from typing import Any

from infra.lab.adapters.desired_resource import Adapter, DesiredResource, as_text, attributes
from infra.program_run.monitor import Created

_LB_ATTRIBUTES = {
    "enableDeletionProtection": "deletion_protection.enabled",
    "enableCrossZoneLoadBalancing": "load_balancing.cross_zone.enabled",
    "idleTimeout": "idle_timeout.timeout_seconds",
    "dropInvalidHeaderFields": "routing.http.drop_invalid_header_fields.enabled",
    "dnsRecordClientRoutingPolicy": "dns_record.client_routing_policy",
    "enableZonalShift": "zonal_shift.config.enabled",
}


def load_balancer(desired: DesiredResource) -> Created:
    """CreateLoadBalancer, then its attributes. AWS limits the name to 32 characters."""
    name = desired.physical_name()[:32]
    values = attributes(desired, _LB_ATTRIBUTES)
    values |= _access_logs(desired.take("accessLogs"))
    enforced = desired.take("enforceSecurityGroupInboundRulesOnPrivateLinkTraffic")
    groups = desired.left.get("securityGroups", [])
    scheme = "internal" if desired.take("internal", False) else "internet-facing"
    made = desired.create(
        "elbv2", "CreateLoadBalancer", {"loadBalancerType": "Type"}, Name=name, Scheme=scheme
    )["LoadBalancers"][0]
    arn = made["LoadBalancerArn"]
    if enforced:
        desired.call(
            "elbv2",
            "SetSecurityGroups",
            LoadBalancerArn=arn,
            SecurityGroups=groups,
            EnforceSecurityGroupInboundRulesOnPrivateLinkTraffic=enforced,
        )
    _modify(desired, "ModifyLoadBalancerAttributes", values, LoadBalancerArn=arn)
    return Created(
        arn,
        {
            "name": name,
            "arn": arn,
            "arnSuffix": arn.partition("loadbalancer/")[2],
            "dnsName": made["DNSName"],
            "zoneId": made["CanonicalHostedZoneId"],
            "vpcId": made["VpcId"],
        },
    )


def _access_logs(declared: dict[str, Any] | None) -> dict[str, str]:
    if not declared:
        return {}
    return {
        "access_logs.s3.enabled": as_text(declared["enabled"]),
        "access_logs.s3.bucket": declared["bucket"],
        "access_logs.s3.prefix": declared.get("prefix") or "",
    }


_GROUP_ATTRIBUTES = {
    "deregistrationDelay": "deregistration_delay.timeout_seconds",
    "connectionTermination": "deregistration_delay.connection_termination.enabled",
    "preserveClientIp": "preserve_client_ip.enabled",
    "proxyProtocolV2": "proxy_protocol_v2.enabled",
    "slowStart": "slow_start.duration_seconds",
    "loadBalancingCrossZoneEnabled": "load_balancing.cross_zone.enabled",
}


def target_group(desired: DesiredResource) -> Created:
    """CreateTargetGroup, then its attributes. AWS limits the name to 32 characters."""
    name = desired.physical_name()[:32]
    values = attributes(desired, _GROUP_ATTRIBUTES)
    health = {
        _HEALTH[key]: value for key, value in desired.take("healthCheck", {}).items() if value is not None
    }
    if "Matcher" in health:
        codes = "grpcCode" if desired.left.get("protocolVersion") == "GRPC" else "httpCode"
        health["Matcher"] = {codes: health["Matcher"]}
    inputs, desired.left = desired.left, {}
    made = desired.call("elbv2", "CreateTargetGroup", {**inputs, **health}, Name=name)["TargetGroups"][0]
    arn = made["TargetGroupArn"]
    _modify(desired, "ModifyTargetGroupAttributes", values, TargetGroupArn=arn)
    return Created(arn, {"name": name, "arn": arn, "arnSuffix": arn.split(":")[-1]})


_HEALTH = {
    "enabled": "HealthCheckEnabled",
    "healthyThreshold": "HealthyThresholdCount",
    "interval": "HealthCheckIntervalSeconds",
    "path": "HealthCheckPath",
    "port": "HealthCheckPort",
    "protocol": "HealthCheckProtocol",
    "timeout": "HealthCheckTimeoutSeconds",
    "unhealthyThreshold": "UnhealthyThresholdCount",
    "matcher": "Matcher",
}


def _modify(desired: DesiredResource, operation: str, values: dict[str, str], **target: str) -> None:
    if values:
        changes = [{"key": key, "value": value} for key, value in values.items()]
        desired.call("elbv2", operation, {**target, "attributes": changes})


def listener(desired: DesiredResource) -> Created:
    """CreateListener."""
    certificate = desired.take("certificateArn")
    policy = desired.take("alpnPolicy")
    given: dict[str, Any] = {"AlpnPolicy": [policy]} if policy else {}
    if certificate:
        given["Certificates"] = [{"CertificateArn": certificate}]
    made = desired.create("elbv2", "CreateListener", {"forward": "ForwardConfig"}, **given)["Listeners"][0]
    return Created(made["ListenerArn"], {"arn": made["ListenerArn"]})


ADAPTERS: dict[str, Adapter] = {
    "aws:lb/loadBalancer:LoadBalancer": load_balancer,
    "aws:lb/targetGroup:TargetGroup": target_group,
    "aws:lb/listener:Listener": listener,
}
