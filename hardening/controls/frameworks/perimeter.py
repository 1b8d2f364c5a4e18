"""Clauses of controls over networks, and over what comes in and goes out."""

from __future__ import annotations

from hardening.controls.frameworks.clause import clauses

API_INVENTORY = clauses(
    subset="nist-csf:PR.IR-01 soc2:CC6.6 owasp-api:API9",
    intersects="iso27001:A.8.9 nist-800-53:CM-7",
)
CALLERS_KNOWN_BY_ADDRESS = clauses(
    subset="iso27001:A.8.20 nist-csf:PR.IR-01 soc2:CC6.6 pci:1.3.1 nist-800-53:SC-7",
    intersects="iso27001:A.8.22 nis2:21.2.e nis2-2690:6.7 gdpr:32.1.b nccs:29",
)
EGRESS_CONTROL = clauses(
    subset="iso27001:A.8.20 nist-csf:PR.IR-01 soc2:CC6.6 pci:1.3.2 nist-800-53:SC-7",
    intersects="iso27001:A.8.23 owasp-api:API7 nis2-2690:6.7",
)
REQUEST_FORGERY = clauses(
    subset="owasp-api:API7 nist-csf:PR.IR-01 soc2:CC6.6 nist-800-53:SC-7",
    intersects="iso27001:A.8.23 pci:1.3.2",
)
RESOURCE_LIMITS = clauses(
    subset="iso27001:A.8.6 nist-csf:PR.IR-04 soc2:A1.1 owasp-api:API4 nist-800-53:SC-5",
    intersects="nis2:21.2.c",
)
SEGMENTATION = clauses(
    subset="iso27001:A.8.22 nist-csf:PR.IR-01 soc2:CC6.6 nis2-2690:6.8 nist-800-53:SC-7",
    intersects="nis2:21.2.e pci:1.4.1,1.4.2,1.4.4 gdpr:32.1.b nccs:29",
)
SEPARATE_ENVIRONMENTS = clauses(
    equal="iso27001:A.8.31",
    subset="nist-csf:PR.IR-01 soc2:CC8.1 nis2-2690:6.8",
    intersects="pci:6.5.3 nist-800-53:CM-4",
)
TRAFFIC_FILTERS = clauses(
    subset="iso27001:A.8.20 nist-csf:PR.IR-01 soc2:CC6.6 pci:1.3.1 nist-800-53:SC-7",
    intersects="iso27001:A.8.22 nis2:21.2.e nis2-2690:6.7,6.8 nccs:29",
)
UNEXPECTED_EXPOSURE = clauses(
    subset="nist-csf:DE.CM-09 soc2:CC7.1 pci:1.2.8 nist-800-53:CM-3",
    intersects="iso27001:A.8.9 nis2:21.2.e pci:1.2.7 owasp-api:API9 nis2-2690:6.4",
)
WEB_FIREWALL = clauses(
    subset="iso27001:A.8.20 nist-csf:PR.IR-01 soc2:CC6.6 nist-800-53:SC-7",
    intersects="nis2:21.2.e pci:6.4.2 owasp-api:API8",
)
