"""Cases: Elastic Load Balancing: target groups, and who is behind them."""

from __future__ import annotations

from scanners.policy.stack import Resource
from tests.beds.aws_account import Account
from tests.scanners.drift.case import Case
from tests.scanners.drift.load_balancing_cases import listener_case


def target_case(account: Account) -> list[Resource]:
    found = listener_case(account)
    return [found[1], *found[:1], *found[2:]]


CASES = {
    "target group": Case(
        target_case,
        {
            "healthCheck.protocol": lambda a, r: a.elbv2.modify_target_group(
                TargetGroupArn=r.id, HealthCheckProtocol="HTTP"
            ),
            "targets": lambda a, r: a.elbv2.register_targets(
                TargetGroupArn=r.id, Targets=[{"Id": "10.66.6.6", "Port": 443}]
            ),
        },
    ),
}
