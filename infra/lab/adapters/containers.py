"""Amazon ECR, ECS, Elastic Load Balancing and Cloud Map."""

from __future__ import annotations

import json
from typing import Any

from infra.lab.adapters.desired import Adapter, DesiredResource, Row, table
from infra.lab.monitor import Created


def repository(desired: DesiredResource) -> Created:
    name = desired.physical_name()
    desired.take("forceDelete")
    made = desired.create(
        "ecr",
        "CreateRepository",
        {
            "encryptionConfigurations": "encryptionConfiguration",
            "kmsKey": "kmsKey",
        },
        repositoryName=name,
    )["repository"]
    return Created(
        name,
        {
            "name": name,
            "arn": made["repositoryArn"],
            "repositoryUrl": made["repositoryUri"],
            "registryId": made["registryId"],
        },
    )


def cluster(desired: DesiredResource) -> Created:
    name = desired.physical_name()
    made = desired.create(
        "ecs", "CreateCluster", {"serviceConnectDefaults": "serviceConnectDefaults"}, clusterName=name
    )["cluster"]
    return Created(made["clusterArn"], {"name": name, "arn": made["clusterArn"]})


def task_definition(desired: DesiredResource) -> Created:
    containers = json.loads(desired.take("containerDefinitions"))
    desired.take("skipDestroy")
    desired.take("trackLatest")
    made = desired.create(
        "ecs", "RegisterTaskDefinition", {"volumes.name": "name"}, containerDefinitions=containers
    )["taskDefinition"]
    arn = made["taskDefinitionArn"]
    return Created(
        made["family"],
        {
            "arn": arn,
            "arnWithoutRevision": arn.rpartition(":")[0],
            "revision": made["revision"],
        },
    )


def service(desired: DesiredResource) -> Created:
    name = desired.physical_name()
    # Whether the provider waits, and what makes it deploy again, are not settings of the service.
    desired.pick("waitForSteadyState", "forceNewDeployment", "forceDelete", "triggers", "iamRole")
    circuit = desired.take("deploymentCircuitBreaker")
    shares = {
        "maximumPercent": desired.take("deploymentMaximumPercent"),
        "minimumHealthyPercent": desired.take("deploymentMinimumHealthyPercent"),
        "deploymentCircuitBreaker": circuit,
    }
    deployment = {key: value for key, value in shares.items() if value is not None}
    made = desired.create(
        "ecs",
        "CreateService",
        {"networkConfiguration": "networkConfiguration"},
        serviceName=name,
        **({"deploymentConfiguration": deployment} if deployment else {}),
        **_network(desired.take("networkConfiguration")),
    )["service"]
    return Created(made["serviceArn"], {"name": name, "arn": made["serviceArn"]})


def _network(declared: dict[str, Any] | None) -> dict[str, Any]:
    """Pulumi flattens `awsvpcConfiguration`, and shows the public address as a boolean."""
    if not declared:
        return {}
    public = declared.pop("assignPublicIp", None)
    if public is not None:
        declared["assignPublicIp"] = "ENABLED" if public else "DISABLED"
    return {"networkConfiguration": {"awsvpcConfiguration": declared}}


_LB_ATTRIBUTES = {
    "enableDeletionProtection": "deletion_protection.enabled",
    "enableCrossZoneLoadBalancing": "load_balancing.cross_zone.enabled",
    "idleTimeout": "idle_timeout.timeout_seconds",
    "dropInvalidHeaderFields": "routing.http.drop_invalid_header_fields.enabled",
    "dnsRecordClientRoutingPolicy": "dns_record.client_routing_policy",
    "enableZonalShift": "zonal_shift.config.enabled",
}


def load_balancer(desired: DesiredResource) -> Created:
    name = desired.physical_name()[:32]
    attributes = _attributes(desired, _LB_ATTRIBUTES)
    logs = desired.take("accessLogs")
    if logs:
        attributes |= {
            "access_logs.s3.enabled": json.dumps(logs["enabled"]),
            "access_logs.s3.bucket": logs["bucket"],
            "access_logs.s3.prefix": logs.get("prefix") or "",
        }
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
    _modify(desired, "ModifyLoadBalancerAttributes", attributes, LoadBalancerArn=arn)
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


_GROUP_ATTRIBUTES = {
    "deregistrationDelay": "deregistration_delay.timeout_seconds",
    "connectionTermination": "deregistration_delay.connection_termination.enabled",
    "preserveClientIp": "preserve_client_ip.enabled",
    "proxyProtocolV2": "proxy_protocol_v2.enabled",
    "slowStart": "slow_start.duration_seconds",
    "loadBalancingCrossZoneEnabled": "load_balancing.cross_zone.enabled",
}


def target_group(desired: DesiredResource) -> Created:
    name = desired.physical_name()[:32]
    attributes = _attributes(desired, _GROUP_ATTRIBUTES)
    health = {
        _HEALTH[key]: value for key, value in desired.take("healthCheck", {}).items() if value is not None
    }
    if "Matcher" in health:
        codes = "grpcCode" if desired.left.get("protocolVersion") == "GRPC" else "httpCode"
        health["Matcher"] = {codes: health["Matcher"]}
    inputs, desired.left = desired.left, {}
    made = desired.call("elbv2", "CreateTargetGroup", {**inputs, **health}, Name=name)["TargetGroups"][0]
    arn = made["TargetGroupArn"]
    _modify(desired, "ModifyTargetGroupAttributes", attributes, TargetGroupArn=arn)
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


def _attributes(desired: DesiredResource, names: dict[str, str]) -> dict[str, str]:
    return {
        names[key]: value if isinstance(value, str) else json.dumps(value)
        for key, value in desired.pick(*names).items()
    }


def _modify(desired: DesiredResource, operation: str, attributes: dict[str, str], **target: str) -> None:
    if attributes:
        pairs = [{"key": key, "value": value} for key, value in attributes.items()]
        desired.call("elbv2", operation, {**target, "attributes": pairs})


def listener(desired: DesiredResource) -> Created:
    certificate = desired.take("certificateArn")
    policy = desired.take("alpnPolicy")
    given: dict[str, Any] = {"AlpnPolicy": [policy]} if policy else {}
    if certificate:
        given["Certificates"] = [{"CertificateArn": certificate}]
    made = desired.create("elbv2", "CreateListener", {"forward": "ForwardConfig"}, **given)["Listeners"][0]
    return Created(made["ListenerArn"], {"arn": made["ListenerArn"]})


def private_namespace(desired: DesiredResource) -> Created:
    name = desired.left["name"]
    operation = desired.create(
        "servicediscovery", "CreatePrivateDnsNamespace", {"vpc": "Vpc"}, CreatorRequestId=desired.urn[-64:]
    )["OperationId"]
    client = desired.clients.get("servicediscovery", desired.region)
    identifier = client.get_operation(OperationId=operation)["Operation"]["Targets"]["NAMESPACE"]
    found = client.get_namespace(Id=identifier)["Namespace"]
    zone = found.get("Properties", {}).get("DnsProperties", {}).get("HostedZoneId", "")
    return Created(identifier, {"arn": found["Arn"], "hostedZone": zone, "name": name})


def discovery_service(desired: DesiredResource) -> Created:
    desired.take("forceDestroy")
    made = desired.create("servicediscovery", "CreateService", CreatorRequestId=desired.urn[-64:])["Service"]
    return Created(made["Id"], {"arn": made["Arn"]})


ADAPTERS: dict[str, Adapter] = {
    "aws:ecr/repository:Repository": repository,
    "aws:ecs/cluster:Cluster": cluster,
    "aws:ecs/taskDefinition:TaskDefinition": task_definition,
    "aws:ecs/service:Service": service,
    "aws:lb/loadBalancer:LoadBalancer": load_balancer,
    "aws:lb/targetGroup:TargetGroup": target_group,
    "aws:lb/listener:Listener": listener,
    "aws:servicediscovery/privateDnsNamespace:PrivateDnsNamespace": private_namespace,
    "aws:servicediscovery/service:Service": discovery_service,
} | table(
    [
        Row(
            type="aws:ecr/lifecyclePolicy:LifecyclePolicy",
            service="ecr",
            operation="PutLifecyclePolicy",
            renames={"repository": "repositoryName", "policy": "lifecyclePolicyText"},
            id="=repository",
        ),
    ]
)
