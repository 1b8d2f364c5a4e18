"""Controls of the operations layer over the deployment itself: AWS takes it, and in the right order."""

from __future__ import annotations

from hardening.controls import frameworks
from hardening.controls.control import Control, Layer, Severity

CONTROLS: tuple[Control, ...] = (
    Control(
        id="accepted-by-new-account",
        layer=Layer.OPERATIONS,
        severity=Severity.MEDIUM,
        promise="Nothing is declared that AWS refuses in an account with its default quotas.",
        citation="Amazon VPC quotas, rules per network ACL; AWS Lambda quotas, concurrent executions",
        infra=("Network", "LambdaFunction"),
        frameworks=frameworks.CHANGE_MANAGEMENT,
    ),
)
