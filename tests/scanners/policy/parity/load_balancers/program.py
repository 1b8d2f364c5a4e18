"""One side of a pair: `main.tf` says the same in Terraform."""

import pulumi_aws as aws

inner = aws.lb.LoadBalancer(
    "inner",
    internal=True,
    load_balancer_type="network",
    enable_deletion_protection=True,
    enable_cross_zone_load_balancing=True,
    subnets=["subnet-0123456789abcdef0"],
    access_logs={"bucket": "logs", "enabled": True},
)
group = aws.lb.TargetGroup(
    "guard",
    port=8443,
    protocol="TLS",
    vpc_id="vpc-0123456789abcdef0",
    health_check={"path": "/", "protocol": "HTTPS"},
)
aws.lb.Listener(
    "tls",
    load_balancer_arn=inner.arn,
    port=443,
    protocol="TLS",
    ssl_policy="ELBSecurityPolicy-TLS13-1-2-2021-06",
    default_actions=[{"type": "forward", "target_group_arn": group.arn}],
)
outer = aws.lb.LoadBalancer(
    "outer", internal=False, load_balancer_type="application", subnets=["subnet-0123456789abcdef0"]
)
plain = aws.lb.TargetGroup("plain", port=80, protocol="HTTP", vpc_id="vpc-0123456789abcdef0")
aws.lb.Listener(
    "plain",
    load_balancer_arn=outer.arn,
    port=80,
    protocol="HTTP",
    default_actions=[{"type": "forward", "target_group_arn": plain.arn}],
)
aws.lb.Listener(
    "redirect",
    load_balancer_arn=outer.arn,
    port=81,
    protocol="HTTP",
    default_actions=[
        {"type": "redirect", "redirect": {"protocol": "HTTPS", "port": "443", "status_code": "HTTP_301"}}
    ],
)
aws.elb.LoadBalancer(
    "classic",
    subnets=["subnet-0123456789abcdef0"],
    listeners=[{"instance_port": 80, "instance_protocol": "http", "lb_port": 80, "lb_protocol": "http"}],
)
