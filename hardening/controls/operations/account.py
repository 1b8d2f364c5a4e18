"""Controls of the operations layer over the account itself."""

from __future__ import annotations

from hardening.controls import frameworks
from hardening.controls.control import Control, Layer, Severity

CONTROLS: tuple[Control, ...] = (
    Control(
        id="account-defaults-closed",
        layer=Layer.OPERATIONS,
        severity=Severity.HIGH,
        promise="The account makes no public bucket, no plain volume and no weak password, whoever asks.",
        citation="AWS Security Hub S3.1, EC2.7, IAM.15, IAM.16; AWS Security Reference Architecture",
        infra=("AccountDefaults",),
        frameworks=frameworks.CONFIGURATION + frameworks.cis_aws(intersects="1.7,1.8,2.1.4,5.1.1"),
    ),
    Control(
        id="account-has-contacts",
        layer=Layer.OPERATIONS,
        severity=Severity.MEDIUM,
        promise="AWS knows whom to call when the account is abused.",
        citation="AWS Security Hub Account.1",
        infra=("AccountDefaults",),
        frameworks=frameworks.CONTACTS + frameworks.cis_aws(equal="1.2", intersects="1.1"),
    ),
    Control(
        id="costs-alarmed",
        layer=Layer.OPERATIONS,
        severity=Severity.LOW,
        promise="People hear of costs that grow, before the invoice.",
        citation="AWS Well-Architected, COST02-BP05; AWS Budgets, notifications",
        infra=("AccountDefaults",),
        frameworks=frameworks.MONITORING,
    ),
    Control(
        id="images-scanned-always",
        layer=Layer.OPERATIONS,
        severity=Severity.HIGH,
        promise="Images and functions are looked at again whenever a weakness becomes known.",
        citation="AWS Security Hub Inspector.2, Inspector.3; Amazon ECR, enhanced scanning",
        infra=("AccountDefaults",),
        frameworks=frameworks.SOFTWARE_INTEGRITY,
    ),
)
