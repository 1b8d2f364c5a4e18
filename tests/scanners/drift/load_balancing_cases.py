"""Cases: Elastic Load Balancing: load balancers, target groups and listeners."""

from __future__ import annotations

from scanners.policy.stack import Resource
from tests.beds.aws_account import Account, declare
from tests.scanners.drift.case import Case
from tests.scanners.drift.vpc_cases import subnet, vpc


def balancer_case(account: Account) -> list[Resource]:
    network = vpc(account)
    inside = subnet(account, network)
    made = account.elbv2.create_load_balancer(
        Name="guard",
        Subnets=[inside.id],
        Scheme="internal",
        Type="network",
        Tags=[{"Key": "owner", "Value": "ops"}],
    )["LoadBalancers"][0]["LoadBalancerArn"]
    account.elbv2.modify_load_balancer_attributes(
        LoadBalancerArn=made, Attributes=[{"Key": "deletion_protection.enabled", "Value": "true"}]
    )
    inputs = {
        "name": "guard",
        "subnets": [inside.id],
        "internal": True,
        "loadBalancerType": "network",
        "enableDeletionProtection": True,
        "tags": {"owner": "ops"},
    }
    return [declare("aws:lb/loadBalancer:LoadBalancer", made, inputs, arn=made), inside, network]


def listener_case(account: Account) -> list[Resource]:
    balancer, inside, network = balancer_case(account)
    group_arn = account.elbv2.create_target_group(
        Name="guard", Protocol="TLS", Port=8443, VpcId=network.id, TargetType="ip"
    )["TargetGroups"][0]["TargetGroupArn"]
    certificate = account.acm.request_certificate(DomainName="guard.example.com", ValidationMethod="DNS")
    arn = certificate["CertificateArn"]
    made = account.elbv2.create_listener(
        LoadBalancerArn=balancer.id,
        Protocol="TLS",
        Port=443,
        SslPolicy="ELBSecurityPolicy-TLS13-1-2-Res-PQ-2025-09",
        Certificates=[{"CertificateArn": arn}],
        DefaultActions=[{"Type": "forward", "TargetGroupArn": group_arn}],
    )["Listeners"][0]["ListenerArn"]
    inputs = {
        "loadBalancerArn": balancer.id,
        "port": 443.0,
        "protocol": "TLS",
        "sslPolicy": "ELBSecurityPolicy-TLS13-1-2-Res-PQ-2025-09",
        "certificateArn": arn,
        "defaultActions": [{"type": "forward", "targetGroupArn": group_arn}],
    }
    target = {
        "name": "guard",
        "port": 8443.0,
        "protocol": "TLS",
        "vpcId": network.id,
        "targetType": "ip",
        "healthCheck": {"protocol": "TCP"},
    }
    return [
        declare("aws:lb/listener:Listener", made, inputs, arn=made),
        declare("aws:lb/targetGroup:TargetGroup", group_arn, target, arn=group_arn),
        balancer,
        inside,
        network,
    ]


def target_case(account: Account) -> list[Resource]:
    found = listener_case(account)
    return [found[1], *found[:1], *found[2:]]


CASES = {
    "load balancer": Case(
        balancer_case,
        {
            "enableDeletionProtection": lambda a, r: a.elbv2.modify_load_balancer_attributes(
                LoadBalancerArn=r.id, Attributes=[{"Key": "deletion_protection.enabled", "Value": "false"}]
            ),
            "accessLogs": lambda a, r: a.elbv2.modify_load_balancer_attributes(
                LoadBalancerArn=r.id,
                Attributes=[
                    {"Key": "access_logs.s3.enabled", "Value": "true"},
                    {"Key": "access_logs.s3.bucket", "Value": "elsewhere"},
                ],
            ),
            "tags": lambda a, r: a.elbv2.remove_tags(ResourceArns=[r.id], TagKeys=["owner"]),
        },
    ),
    "listener": Case(
        listener_case,
        {
            "sslPolicy": lambda a, r: a.elbv2.modify_listener(
                ListenerArn=r.id, SslPolicy="ELBSecurityPolicy-2016-08"
            ),
            "port": lambda a, r: a.elbv2.modify_listener(ListenerArn=r.id, Port=80),
        },
        lambda a, r: a.elbv2.delete_listener(ListenerArn=r.id),
    ),
    "target group": Case(
        target_case,
        {
            "healthCheck.protocol": lambda a, r: a.elbv2.modify_target_group(
                TargetGroupArn=r.id, HealthCheckProtocol="HTTP"
            )
        },
    ),
}
