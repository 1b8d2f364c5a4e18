"""Controls of the operations layer over what runs."""

from __future__ import annotations

from hardening.controls import frameworks
from hardening.controls.control import Control, Layer, Severity

CONTROLS: tuple[Control, ...] = (
    Control(
        id="workloads-confined",
        layer=Layer.OPERATIONS,
        severity=Severity.HIGH,
        promise=(
            "Containers run on Fargate as an ordinary user, with a read-only file system and no capability."
        ),
        citation="AWS Security Hub ECS.4, ECS.5, ECS.10, ECS.20",
        infra=(
            "FargateService",
            "LambdaFunction",
        ),
        frameworks=frameworks.HARDENED_WORKLOADS,
    ),
    Control(
        id="images-pinned",
        layer=Layer.OPERATIONS,
        severity=Severity.HIGH,
        promise="Images are named by digest, come from registries whose tags cannot move, and are scanned.",
        citation="AWS Security Hub ECR.1, ECR.2; NIST SP 800-190, 4.1",
        infra=("FargateService", "Registries"),
        frameworks=frameworks.SOFTWARE_INTEGRITY,
    ),
    Control(
        id="no-shell-into-workloads",
        layer=Layer.OPERATIONS,
        severity=Severity.HIGH,
        promise="Nobody can open a shell in a running container.",
        citation="Amazon ECS Exec; NIST SP 800-190, 4.4",
        infra=("FargateService",),
        frameworks=frameworks.HARDENED_WORKLOADS,
    ),
    Control(
        id="guard-redundant",
        layer=Layer.OPERATIONS,
        severity=Severity.MEDIUM,
        promise="Guard and service run twice at least, over two zones, and a bad release rolls back.",
        citation="AWS Well-Architected, REL10-BP01; Amazon ECS, deployment circuit breaker",
        infra=("FargateService",),
        frameworks=frameworks.REDUNDANCY,
    ),
    Control(
        id="tasks-follow-demand",
        layer=Layer.OPERATIONS,
        severity=Severity.MEDIUM,
        promise="Each service has as many tasks as its calls need, two at least, and a release leaves them.",
        citation=(
            "Application Auto Scaling User Guide, Target tracking scaling policies; "
            "AWS Well-Architected, REL07-BP01"
        ),
        infra=("FargateService", "ServiceScaling"),
        frameworks=frameworks.RESOURCE_LIMITS,
    ),
    Control(
        id="environments-named",
        layer=Layer.OPERATIONS,
        severity=Severity.MEDIUM,
        promise="Every resource says which environment it belongs to, and it is that of its stack.",
        citation="ISO 27001:2022 A.8.31; AWS Well-Architected, SEC01-BP01",
        frameworks=frameworks.SEPARATE_ENVIRONMENTS,
    ),
    Control(
        id="environments-share-nothing",
        layer=Layer.OPERATIONS,
        severity=Severity.HIGH,
        promise="Production and test share no network, key, secret, role, bucket or table.",
        citation="ISO 27001:2022 A.8.31; PCI DSS 4, 6.5.3",
        frameworks=frameworks.SEPARATE_ENVIRONMENTS,
    ),
)
