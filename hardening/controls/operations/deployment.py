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
        citation=(
            "Amazon VPC quotas, rules per network ACL; AWS Lambda, access to resources in a VPC; VPC flow "
            "logs, IAM role for CloudWatch Logs; Amazon API Gateway, important notes for REST APIs"
        ),
        infra=("Network", "LambdaFunction", "VpcEndpoints", "Api", "WebAcl"),
        frameworks=frameworks.CHANGE_MANAGEMENT,
    ),
    Control(
        id="registry-by-version-and-digest",
        layer=Layer.OPERATIONS,
        severity=Severity.HIGH,
        promise=(
            "The partner registry reaches what decides by it as one version of a declared object with its "
            "digest, in no image and no archive."
        ),
        citation="Amazon S3 User Guide, retrieving object versions from a versioning-enabled bucket",
        infra=("RegistryObject", "Authorizer", "PartnerSecrets", "Services"),
        frameworks=frameworks.CHANGE_MANAGEMENT,
    ),
    Control(
        id="deployed-in-order",
        layer=Layer.OPERATIONS,
        severity=Severity.MEDIUM,
        promise=(
            "Nothing starts before what it needs (a role's policies, rules, endpoints), and an `up` that "
            "ends well has left running tasks behind."
        ),
        citation="Amazon ECS, deployment circuit breaker; IAM, changes are not always visible at once",
        infra=("FargateService", "LambdaFunction", "VpcEndpoints", "AuditTrail", "RegistryObject"),
        frameworks=frameworks.CHANGE_MANAGEMENT,
    ),
)
