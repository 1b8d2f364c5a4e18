"""Clauses of controls over what is written down, watched, alarmed and proved."""

from __future__ import annotations

from hardening.controls.frameworks.clause import clauses

AUTHENTICATION_MONITORING = clauses(
    subset="iso27001:A.8.16 nist-csf:DE.CM-06 soc2:CC7.2 nist-800-53:SI-4",
    intersects="nis2:21.2.b pci:10.4.1.1 owasp-api:API2 nis2-2690:3.2 nccs:29",
)
INCIDENT_ALARMS = clauses(
    subset="nist-csf:DE.AE-06 soc2:CC7.3 nis2-2690:3.2 nist-800-53:SI-4",
    intersects="iso27001:A.5.25 nis2:21.2.b pci:10.7.2,12.10.5 gdpr:33.1 nist-800-53:IR-6",
)
INCIDENT_REHEARSAL = clauses(
    subset="nist-csf:ID.IM-02 pci:12.10.2 nist-800-53:IR-3",
    intersects="iso27001:A.5.24,A.5.26 nist-csf:RS.MA-01 soc2:CC7.5 nis2:21.2.b nis2-2690:3.1,3.5",
)
INDEPENDENT_REVIEW = clauses(
    subset="nist-csf:ID.IM-01 soc2:CC4.1 nist-800-53:CA-7",
    intersects="iso27001:A.5.35,A.5.36 nist-csf:ID.IM-02 nis2:21.2.f nis2-2690:2.2,7 gdpr:5.2,32.1.d",
)
EVIDENCE = INDEPENDENT_REVIEW + clauses(intersects="iso27001:A.5.28,A.5.33 nis2-2690:3.5")
LOGGING = clauses(
    subset="iso27001:A.8.15 nist-csf:PR.PS-04 soc2:CC7.2 pci:10.2.1 nis2-2690:3.2 nist-800-53:AU-12",
    intersects="nis2:21.2.b gdpr:5.1.f nccs:29",
)
MONITORING = clauses(
    subset="iso27001:A.8.16 nist-csf:DE.CM-01 soc2:CC7.2 nis2-2690:3.2 nist-800-53:SI-4",
    intersects="nis2:21.2.b pci:10.4.1.1 nccs:29",
)
BUSINESS_MONITORING = clauses(
    subset="iso27001:A.8.16 nist-csf:DE.CM-06 soc2:CC7.2 owasp-api:API6 nist-800-53:SI-4",
    intersects="nis2:21.2.b nis2-2690:3.2",
)
UNALTERABLE_LOGS = clauses(
    subset="iso27001:A.8.15 nist-csf:PR.PS-04 soc2:CC7.2 pci:10.3.2,10.3.4 nist-800-53:AU-9",
    intersects="iso27001:A.5.28,A.5.33 pci:10.3.3 nis2-2690:3.2",
)
KEPT_LOGS = clauses(
    subset="iso27001:A.8.15 nist-csf:PR.PS-04 soc2:CC7.2 pci:10.5.1 nist-800-53:AU-11",
    intersects="iso27001:A.5.28,A.5.33 nis2-2690:3.2",
)
