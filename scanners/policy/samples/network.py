"""The sample's network: four tiers over two zones, closed by default."""

from __future__ import annotations

from collections.abc import Iterator

from scanners.policy.samples.sample_stack import aws, stack
from scanners.policy.stack import Resource

_ENVIRONMENT = "production"
_PORTS = {"edge": 443, "guard": 8443, "service": 8080, "data": 443}
_BEFORE = {"edge": "edge", "guard": "edge", "service": "guard", "data": "service"}
_ENDPOINTS = ("secretsmanager", "kms", "logs", "ecr.api", "ecr.dkr", "ssm", "xray")
_ENDPOINT_POLICY = (
    '{"Statement": [{"Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*",'
    ' "Condition": {"StringEquals": {"aws:PrincipalAccount": "111122223333"}}}]}'
)


def _tags(tier: str) -> dict[str, str]:
    return {"rampart:tier": tier, "rampart:environment": _ENVIRONMENT}


def _tier(tier: str, block: int) -> Iterator[Resource]:
    for index, zone in enumerate(("a", "b")):
        yield aws(
            "ec2/subnet:Subnet",
            f"subnet-{tier}-{zone}",
            vpcId="vpc-1",
            cidrBlock=f"10.20.{block + index}.0/24",
            availabilityZone=f"eu-central-1{zone}",
            mapPublicIpOnLaunch=False,
            tags=_tags(tier),
        )
        yield aws(
            "ec2/routeTableAssociation:RouteTableAssociation",
            f"rta-{tier}-{zone}",
            subnetId=f"subnet-{tier}-{zone}",
            routeTableId=f"rtb-{tier}",
        )
    yield aws("ec2/routeTable:RouteTable", f"rtb-{tier}", vpcId="vpc-1", routes=[], tags=_tags(tier))
    yield _access_list(tier)
    yield aws(
        "ec2/securityGroup:SecurityGroup",
        f"sg-{tier}",
        vpcId="vpc-1",
        description=f"The {tier} tier",
        tags=_tags(tier),
    )


def _access_list(tier: str) -> Resource:
    rule = {
        "ruleNo": 100,
        "protocol": "tcp",
        "action": "allow",
        "fromPort": _PORTS[tier],
        "toPort": _PORTS[tier],
    }
    return aws(
        "ec2/networkAcl:NetworkAcl",
        f"acl-{tier}",
        vpcId="vpc-1",
        subnetIds=[f"subnet-{tier}-a", f"subnet-{tier}-b"],
        ingress=[{**rule, "cidrBlock": "10.20.0.0/16"}],
        egress=[{**rule, "cidrBlock": "10.20.0.0/16", "fromPort": 1024, "toPort": 65535}],
        tags=_tags(tier),
    )


def _security_group_rules() -> Iterator[Resource]:
    for tier, port in _PORTS.items():
        yield aws(
            "vpc/securityGroupIngressRule:SecurityGroupIngressRule",
            f"sgr-into-{tier}",
            securityGroupId=f"sg-{tier}",
            referencedSecurityGroupId=f"sg-{_BEFORE[tier]}",
            ipProtocol="tcp",
            fromPort=port,
            toPort=port,
            description=f"From {_BEFORE[tier]}",
        )
    for tier, after in (("edge", "guard"), ("guard", "service"), ("service", "guard"), ("service", "data")):
        yield aws(
            "vpc/securityGroupEgressRule:SecurityGroupEgressRule",
            f"sgr-{tier}-to-{after}",
            securityGroupId=f"sg-{tier}",
            referencedSecurityGroupId=f"sg-{after}",
            ipProtocol="tcp",
            fromPort=_PORTS[after],
            toPort=_PORTS[after],
            description=f"To {after}",
        )


def _endpoints() -> Iterator[Resource]:
    for service in _ENDPOINTS:
        yield aws(
            "ec2/vpcEndpoint:VpcEndpoint",
            f"vpce-{service}",
            vpcId="vpc-1",
            serviceName=f"com.amazonaws.eu-central-1.{service}",
            vpcEndpointType="Interface",
            privateDnsEnabled=True,
            subnetIds=["subnet-data-a", "subnet-data-b"],
            securityGroupIds=["sg-data"],
            policy=_ENDPOINT_POLICY,
        )
    for service in ("dynamodb", "s3"):
        yield aws(
            "ec2/vpcEndpoint:VpcEndpoint",
            f"vpce-{service}",
            vpcId="vpc-1",
            serviceName=f"com.amazonaws.eu-central-1.{service}",
            vpcEndpointType="Gateway",
            routeTableIds=["rtb-guard", "rtb-service", "rtb-data"],
            policy=_ENDPOINT_POLICY,
        )


NETWORK = stack(
    aws(
        "ec2/vpc:Vpc",
        "vpc-1",
        cidrBlock="10.20.0.0/16",
        enableDnsHostnames=True,
        enableDnsSupport=True,
        tags={"rampart:environment": _ENVIRONMENT},
    ),
    aws("ec2/defaultSecurityGroup:DefaultSecurityGroup", "sg-default", vpcId="vpc-1", ingress=[], egress=[]),
    aws(
        "ec2/flowLog:FlowLog",
        "fl-1",
        vpcId="vpc-1",
        trafficType="ALL",
        logDestinationType="cloud-watch-logs",
        logDestination="arn:log-flow",
        iamRoleArn="arn:role-flow",
    ),
    *(resource for block, tier in enumerate(_PORTS) for resource in _tier(tier, 10 * block)),
    *_security_group_rules(),
    *_endpoints(),
)
