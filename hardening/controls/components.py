"""The component resources of the stack: what holds for every resource is built by all of them."""

from __future__ import annotations

from typing import Final

EVERY_COMPONENT: Final = (
    "AccountDefaults",
    "Administrators",
    "AlarmTopic",
    "Api",
    "ApiDomain",
    "AuditTrail",
    "Authorizer",
    "CallerKeys",
    "Backups",
    "BoundaryKeys",
    "Certificates",
    "CodeSigning",
    "Detection",
    "DnsFirewall",
    "EncryptionKeys",
    "FargateService",
    "HopKey",
    "HostedZone",
    "InternalCertificate",
    "LambdaFunction",
    "Ledger",
    "LoadBalancer",
    "Monitoring",
    "Network",
    "NoticeTopic",
    "PartnerSecrets",
    "PrivateBucket",
    "Registries",
    "RegistryObject",
    "SecurityGroups",
    "ServiceScaling",
    "Services",
    "TokenStore",
    "UsagePlans",
    "VpcEndpoints",
    "WebAcl",
)
