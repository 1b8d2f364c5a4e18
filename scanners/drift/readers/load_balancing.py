"""Elastic Load Balancing: load balancers, target groups and listeners (API version 2015-12-01)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from scanners.drift.account import View
from scanners.drift.declared import Declared, block, blocks, by
from scanners.drift.fields import TAGS, exposure, protection, setting
from scanners.drift.normalize import number, unordered
from scanners.drift.records import Live, ResourceReader
from scanners.policy.stack import Resource

# Attribute of a load balancer -> Pulumi's property, of those that say true or false.
_BALANCER: Final = {
    "deletion_protection.enabled": "enableDeletionProtection",
    "load_balancing.cross_zone.enabled": "enableCrossZoneLoadBalancing",
    "routing.http.drop_invalid_header_fields.enabled": "dropInvalidHeaderFields",
}


def balancers(view: View) -> Iterator[Live]:
    """Load balancers with their attributes (DescribeLoadBalancers)."""
    for found in view.pages("elbv2", "describe_load_balancers", "LoadBalancers"):
        arn = found["LoadBalancerArn"]
        answer = view.ask("elbv2", "describe_load_balancer_attributes", LoadBalancerArn=arn)["Attributes"]
        attributes = {each["Key"]: each["Value"] for each in answer}
        logs = attributes.get("access_logs.s3.enabled") == "true"
        yield Live(
            "aws:lb/loadBalancer:LoadBalancer",
            arn,
            {
                "name": found.get("LoadBalancerName"),
                "internal": found.get("Scheme") == "internal",
                "loadBalancerType": found.get("Type"),
                "ipAddressType": found.get("IpAddressType"),
                "subnets": [each["SubnetId"] for each in found.get("AvailabilityZones") or ()],
                "securityGroups": found.get("SecurityGroups"),
                **{name: attributes.get(key) == "true" for key, name in _BALANCER.items()},
                "accessLogs": _log(
                    attributes.get("access_logs.s3.bucket"), attributes.get("access_logs.s3.prefix")
                )
                if logs
                else None,
                "tags": _balancer_tags(view, arn),
            },
            view.region,
        )


def _balancer_tags(view: View, arn: str) -> Any:
    return view.ask("elbv2", "describe_tags", ResourceArns=[arn])["TagDescriptions"][0].get("Tags")


def _log(bucket: Any, prefix: Any) -> str:
    return f"{bucket}/{prefix or ''}"


def _declared_balancer(_: Declared, balancer: Resource) -> Mapping[str, Any]:
    inputs = balancer.inputs
    mapped = [each.get("subnetId") for each in blocks(inputs.get("subnetMappings"))]
    logs = block(inputs.get("accessLogs"))
    return {
        **inputs,
        "subnets": [*(inputs.get("subnets") or ()), *mapped],
        "accessLogs": _log(logs.get("bucket"), logs.get("prefix")) if logs.get("enabled") else None,
    }


_HEALTH: Final = {
    "protocol": "HealthCheckProtocol",
    "port": "HealthCheckPort",
    "path": "HealthCheckPath",
    "interval": "HealthCheckIntervalSeconds",
    "timeout": "HealthCheckTimeoutSeconds",
    "healthyThreshold": "HealthyThresholdCount",
    "unhealthyThreshold": "UnhealthyThresholdCount",
}


def target_groups(view: View) -> Iterator[Live]:
    """Target groups with health checks (DescribeTargetGroups). Intervals and timeouts are in seconds."""
    for found in view.pages("elbv2", "describe_target_groups", "TargetGroups"):
        arn = found["TargetGroupArn"]
        health = {f"healthCheck.{name}": found.get(key) for name, key in _HEALTH.items()}
        answer = view.ask("elbv2", "describe_target_group_attributes", TargetGroupArn=arn)["Attributes"]
        attributes = {each["Key"]: each["Value"] for each in answer}
        yield Live(
            "aws:lb/targetGroup:TargetGroup",
            arn,
            {
                "name": found.get("TargetGroupName"),
                "port": found.get("Port"),
                "protocol": found.get("Protocol"),
                "vpcId": found.get("VpcId"),
                "targetType": found.get("TargetType"),
                **health,
                "preserveClientIp": attributes.get("preserve_client_ip.enabled"),
                "proxyProtocolV2": attributes.get("proxy_protocol_v2.enabled") == "true",
                "connectionTermination": (
                    attributes.get("deregistration_delay.connection_termination.enabled") == "true"
                ),
                "deregistrationDelay": attributes.get("deregistration_delay.timeout_seconds"),
                "tags": _balancer_tags(view, arn),
            },
            view.region,
        )


def _declared_group(_: Declared, group: Resource) -> Mapping[str, Any]:
    # What is not written differs from protocol to protocol: only what is written is compared.
    health = block(group.inputs.get("healthCheck"))
    return {**group.inputs, **{f"healthCheck.{name}": health.get(name) for name in _HEALTH}}


def listeners(view: View) -> Iterator[Live]:
    """Listeners of all load balancers (DescribeListeners)."""
    for balancer in view.pages("elbv2", "describe_load_balancers", "LoadBalancers"):
        arn = balancer["LoadBalancerArn"]
        for found in view.pages("elbv2", "describe_listeners", "Listeners", LoadBalancerArn=arn):
            certificates = found.get("Certificates") or [{}]
            yield Live(
                "aws:lb/listener:Listener",
                found["ListenerArn"],
                {
                    "loadBalancerArn": arn,
                    "port": found.get("Port"),
                    "protocol": found.get("Protocol"),
                    "sslPolicy": found.get("SslPolicy"),
                    "certificateArn": certificates[0].get("CertificateArn"),
                    "alpnPolicy": (found.get("AlpnPolicy") or [None])[0],
                    "defaultActions": [
                        f"{each['Type']} {each.get('TargetGroupArn') or ''}"
                        for each in found.get("DefaultActions") or ()
                    ],
                    "tags": _balancer_tags(view, found["ListenerArn"]),
                },
                view.region,
            )


def _declared_listener(_: Declared, listener: Resource) -> Mapping[str, Any]:
    actions = blocks(listener.inputs.get("defaultActions"))
    texts = [f"{each.get('type')} {each.get('targetGroupArn') or ''}" for each in actions]
    return {**listener.inputs, "defaultActions": texts}


READERS: Final = (
    ResourceReader(
        type="aws:lb/loadBalancer:LoadBalancer",
        service="elbv2",
        read=balancers,
        key=by("arn"),
        declare=_declared_balancer,
        fields=(
            exposure("internal", default=False),
            exposure("securityGroups", unordered, default=()),
            exposure("subnets", unordered),
            protection("enableDeletionProtection", default=False),
            protection("accessLogs", default=None),
            protection("dropInvalidHeaderFields"),
            setting("ipAddressType"),
            setting("enableCrossZoneLoadBalancing"),
            setting("loadBalancerType", default="application"),
            setting("name"),
            TAGS,
        ),
    ),
    ResourceReader(
        type="aws:lb/targetGroup:TargetGroup",
        service="elbv2",
        read=target_groups,
        key=by("arn"),
        declare=_declared_group,
        fields=(
            *(setting(f"healthCheck.{name}", number) for name in _HEALTH),
            exposure("protocol"),
            exposure("port", number),
            exposure("vpcId"),
            setting("targetType", default="instance"),
            setting("preserveClientIp"),
            setting("proxyProtocolV2"),
            setting("connectionTermination"),
            setting("deregistrationDelay", number),
            setting("name"),
            TAGS,
        ),
    ),
    ResourceReader(
        type="aws:lb/listener:Listener",
        service="elbv2",
        read=listeners,
        key=by("arn"),
        declare=_declared_listener,
        fields=(
            exposure("sslPolicy"),
            exposure("protocol"),
            exposure("port", number),
            exposure("certificateArn"),
            exposure("defaultActions", unordered),
            exposure("loadBalancerArn"),
            setting("alpnPolicy"),
            TAGS,
        ),
    ),
)
