"""Clauses of controls over what crosses the wire, what is kept, and what a message says."""

from __future__ import annotations

from hardening.controls.frameworks.clause import clauses

CERTIFICATES = clauses(
    subset="iso27001:A.8.24 nist-csf:PR.DS-02 soc2:CC6.7 pci:4.2.1 gdpr:32.1.a nist-800-53:SC-17",
    intersects="nis2:21.2.h pci:4.2.1.1 owasp-api:API8 nis2-2690:9.2",
)
CLASSIFICATION = clauses(
    subset="iso27001:A.5.12 nist-csf:ID.AM-07 soc2:C1.1 nis2-2690:12.1 nist-800-53:RA-2",
    intersects="iso27001:A.5.13 gdpr:30.1 nis2:21.2.i",
)
ENCRYPTED_STORAGE = clauses(
    subset="iso27001:A.8.24 nist-csf:PR.DS-01 soc2:CC6.1 gdpr:32.1.a nist-800-53:SC-28",
    intersects="nis2:21.2.h pci:3.5.1 nis2-2690:9.2",
)
ENCRYPTED_TRANSPORT = clauses(
    subset="iso27001:A.8.24 nist-csf:PR.DS-02 soc2:CC6.7 pci:4.2.1 gdpr:32.1.a nist-800-53:SC-8",
    intersects="iso27001:A.5.14,A.8.21 nis2:21.2.h owasp-api:API8 nis2-2690:6.7,9.2 nccs:29 "
    "nist-800-53:SC-13",
)
KEY_MANAGEMENT = clauses(
    subset="iso27001:A.8.24 soc2:CC6.1 pci:3.7.4 nist-800-53:SC-12",
    intersects="nist-csf:PR.DS-01 nis2:21.2.h nis2-2690:9.2",
)
MASKING = clauses(
    subset="iso27001:A.8.12 nist-csf:PR.DS-01 soc2:C1.1 gdpr:5.1.f,32.1.b",
    intersects="iso27001:A.8.11 pci:10.3.1 nis2-2690:3.2 nist-800-53:AU-3",
)
MINIMISATION = clauses(
    subset="iso27001:A.8.11,A.8.12 soc2:C1.1 gdpr:5.1.c,25.2",
    intersects="iso27001:A.5.34 nist-csf:PR.DS-01 soc2:P3.1 gdpr:30.1 owasp-api:API3",
)
NOTHING_PUBLIC = clauses(
    subset="iso27001:A.8.3 nist-csf:PR.DS-01 soc2:CC6.1 pci:1.4.4 gdpr:5.1.f,25.2 nist-800-53:AC-3",
    intersects="iso27001:A.8.12 nis2:21.2.i",
)
PRIVACY_ASSESSMENT = clauses(
    subset="iso27001:A.5.34 nist-csf:ID.RA-05 soc2:P3.1 gdpr:35.1",
    intersects="nist-800-53:RA-3",
)
RETENTION = clauses(
    subset="iso27001:A.8.10 soc2:C1.2 gdpr:5.1.e nist-800-53:SI-12",
    intersects="iso27001:A.5.33 nist-csf:ID.AM-08 soc2:P4.2",
)
TRUSTED_CERTIFICATES = clauses(
    subset="iso27001:A.8.24 nist-csf:PR.DS-02 soc2:CC6.7 nist-800-53:SC-17",
    intersects="pci:4.2.1,4.2.1.1 nis2:21.2.h nis2-2690:9.2",
)
VALIDATION_AT_THE_EDGE = clauses(
    subset="iso27001:A.8.26 soc2:PI1.2 nist-800-53:SI-10",
    intersects="nist-csf:PR.IR-01 pci:6.2.4 owasp-api:API8",
)
VALID_MESSAGES = clauses(
    subset="iso27001:A.8.26 soc2:PI1.2 owasp-api:API10 gdpr:5.1.d nist-800-53:SI-10",
    intersects="nist-csf:PR.DS-02 pci:6.2.4",
)
PLAUSIBLE_MESSAGES = VALID_MESSAGES + clauses(intersects="nist-csf:DE.AE-02 owasp-api:API6")
VALID_REQUESTS = clauses(
    subset="iso27001:A.8.26 soc2:CC6.6 owasp-api:API8 nist-800-53:SI-10",
    intersects="nist-csf:PR.IR-01 pci:6.2.4 nis2:21.2.e nis2-2690:6.2",
)
