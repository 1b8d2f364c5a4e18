"""Clauses of controls over who is known, and who may do what."""

from __future__ import annotations

from hardening.controls.frameworks.clause import clauses

ACCESS_REVIEW = clauses(
    subset="iso27001:A.5.18 nist-csf:PR.AA-05 soc2:CC6.2 pci:7.2.4 nis2-2690:11.2 nist-800-53:AC-2",
    intersects="nis2:21.2.i",
)
AUTHENTICATION = clauses(
    subset="iso27001:A.8.5 nist-csf:PR.AA-03 soc2:CC6.1 owasp-api:API2 nis2-2690:11.6 nist-800-53:IA-8",
    intersects="iso27001:A.5.17 nis2:21.2.i,21.2.j pci:8.6.1 gdpr:32.1.b nccs:29",
)
CONTRACTED_FUNCTIONS = clauses(
    subset="iso27001:A.8.3 nist-csf:PR.AA-05 soc2:CC6.3 pci:7.2.5,7.3.3 owasp-api:API5 nist-800-53:AC-3",
    intersects="iso27001:A.5.15,A.5.18 nis2:21.2.i nis2-2690:11.1,11.2 gdpr:25.2,32.1.b",
)
CONTRACTED_BUSINESS = CONTRACTED_FUNCTIONS + clauses(subset="owasp-api:API6")
CREDENTIALS = clauses(
    subset="iso27001:A.5.17 nist-csf:PR.AA-01 soc2:CC6.1 pci:8.6.3 nis2-2690:11.6 nist-800-53:IA-5",
    intersects="iso27001:A.5.16 nis2:21.2.i owasp-api:API2 nis2-2690:9.2 nccs:29",
)
LEAST_PRIVILEGE = clauses(
    subset="iso27001:A.8.3 nist-csf:PR.AA-05 soc2:CC6.3 pci:7.2.5,7.3.3 nis2-2690:11.2 nist-800-53:AC-6",
    intersects="nis2:21.2.i owasp-api:API5 nccs:29",
)
MULTI_FACTOR = clauses(
    subset="iso27001:A.8.5 nist-csf:PR.AA-03 soc2:CC6.1 nis2-2690:11.7 nist-800-53:IA-2",
    intersects="nis2:21.2.j pci:8.4.1,8.4.2",
)
OBJECT_OWNERSHIP = clauses(
    subset="iso27001:A.8.3 nist-csf:PR.AA-05 soc2:CC6.3 owasp-api:API1 nist-800-53:AC-3",
    intersects="iso27001:A.5.15 nis2:21.2.i pci:7.2.5 nis2-2690:11.1 gdpr:5.1.f,32.1.b",
)
OWN_PROPERTIES = OBJECT_OWNERSHIP + clauses(intersects="owasp-api:API3")
PRIVILEGED_ACCESS = clauses(
    subset="iso27001:A.8.2 nist-csf:PR.AA-05 soc2:CC6.3 pci:7.2.2 nis2-2690:11.3 nist-800-53:AC-6",
    intersects="iso27001:A.5.3 nis2:21.2.i nist-800-53:AC-5",
)
