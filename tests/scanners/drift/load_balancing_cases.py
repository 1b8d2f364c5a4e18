"""Cases: Elastic Load Balancing: load balancers, listeners and rules."""

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


def request(account: Account, name: str) -> str:
    made = account.acm.request_certificate(DomainName=name, ValidationMethod="DNS")
    return str(made["CertificateArn"])


def rule(account: Account, listener: Resource, path: str, priority: int) -> str:
    made = account.elbv2.create_rule(
        ListenerArn=listener.id,
        Priority=priority,
        Conditions=[{"Field": "path-pattern", "Values": [path]}],
        Actions=listener_actions(listener),
    )
    return str(made["Rules"][0]["RuleArn"])


def listener_actions(listener: Resource) -> list[dict[str, str]]:
    group = listener.inputs["defaultActions"][0]["targetGroupArn"]
    return [{"Type": "forward", "TargetGroupArn": group}]


def rule_case(account: Account) -> list[Resource]:
    listener, *others = listener_case(account)
    made = rule(account, listener, "/ocpi/*", 5)
    inputs = {
        "listenerArn": listener.id,
        "priority": 5,
        "actions": listener.inputs["defaultActions"],
        "conditions": [{"pathPattern": {"values": ["/ocpi/*"]}}],
    }
    return [declare("aws:lb/listenerRule:ListenerRule", made, inputs, arn=made), listener, *others]


def another_rule(account: Account) -> str:
    balancer = account.elbv2.describe_load_balancers()["LoadBalancers"][0]["LoadBalancerArn"]
    found = account.elbv2.describe_listeners(LoadBalancerArn=balancer)["Listeners"][0]
    inputs = {"defaultActions": [{"targetGroupArn": found["DefaultActions"][0]["TargetGroupArn"]}]}
    return rule(account, declare("aws:lb/listener:Listener", found["ListenerArn"], inputs), "/*", 1)


def listener_case(account: Account) -> list[Resource]:
    balancer, inside, network = balancer_case(account)
    group_arn = account.elbv2.create_target_group(
        Name="guard", Protocol="TLS", Port=8443, VpcId=network.id, TargetType="ip"
    )["TargetGroups"][0]["TargetGroupArn"]
    arn = request(account, "guard.example.com")
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
            "certificates": lambda a, r: a.elbv2.add_listener_certificates(
                ListenerArn=r.id, Certificates=[{"CertificateArn": request(a, "elsewhere.example")}]
            ),
        },
        lambda a, r: a.elbv2.delete_listener(ListenerArn=r.id),
    ),
    "listener rule": Case(
        rule_case,
        {
            "conditions": lambda a, r: a.elbv2.modify_rule(
                RuleArn=r.id, Conditions=[{"Field": "path-pattern", "Values": ["/*"]}]
            ),
        },
        lambda a, r: a.elbv2.delete_rule(RuleArn=r.id),
        another_rule,
    ),
}
