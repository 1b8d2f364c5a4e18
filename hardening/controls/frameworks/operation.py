"""Clauses of controls over configuration, change, workloads, recovery and suppliers."""

from __future__ import annotations

from hardening.controls.frameworks.clause import clauses

ASSET_INVENTORY = clauses(
    subset="nist-csf:ID.AM-02 nis2-2690:12.4 nist-800-53:CM-8",
    intersects="iso27001:A.5.9 soc2:CC6.8,CC7.1 nis2:21.2.i pci:12.5.1 owasp-api:API9",
)
BACKUPS = clauses(
    subset="iso27001:A.8.13 soc2:A1.2 nis2-2690:4.2 gdpr:32.1.c nist-800-53:CP-9",
    intersects="nist-csf:PR.DS-11 nis2:21.2.c",
)
CHANGE_MANAGEMENT = clauses(
    subset="nist-csf:PR.PS-01 soc2:CC8.1 nist-800-53:CM-3",
    intersects="iso27001:A.8.32 pci:1.2.8,6.5.1 nis2-2690:6.3,6.4",
)
CONFIGURATION = clauses(
    subset="iso27001:A.8.9 nist-csf:PR.PS-01 soc2:CC7.1 nis2-2690:6.3 nist-800-53:CM-6",
    intersects="nis2:21.2.e pci:2.2.1",
)
CONFIGURATION_AS_DECLARED = CONFIGURATION + clauses(subset="pci:1.2.8", intersects="nist-csf:DE.CM-09")
CONFIGURATION_INVENTORY = clauses(
    subset="nist-csf:ID.AM-02 soc2:CC7.1 nist-800-53:CM-8",
    intersects="iso27001:A.8.9 pci:1.2.8 nis2-2690:12.4",
)
CONTACTS = clauses(
    intersects="iso27001:A.5.5,A.5.24 nist-csf:RS.CO-02 soc2:CC7.4 nis2:21.2.b pci:12.10.1",
)
HARDENED_WORKLOADS = clauses(
    subset="iso27001:A.8.9 nist-csf:PR.PS-01 pci:2.2.6 nist-800-53:CM-7",
    intersects="nist-csf:PR.PS-05 soc2:CC6.8 nis2:21.2.e",
)
PENETRATION_TESTS = clauses(
    subset="nist-csf:ID.RA-01 soc2:CC4.1 nis2-2690:6.5 nist-800-53:CA-8",
    intersects="iso27001:A.8.8,A.8.29 nist-csf:ID.IM-02 nis2:21.2.f pci:11.4.1",
)
REDUNDANCY = clauses(
    subset="iso27001:A.8.14 nist-csf:PR.IR-03 soc2:A1.2 gdpr:32.1.b nist-800-53:CP-10",
    intersects="nis2:21.2.c nis2-2690:4.2",
)
SOFTWARE_INTEGRITY = clauses(
    subset="nist-csf:PR.PS-05 soc2:CC6.8 nist-800-53:SI-7",
    intersects="iso27001:A.8.8,A.8.19 nist-csf:PR.PS-02 nis2:21.2.d,21.2.e pci:6.3.3 nis2-2690:6.6,6.9 "
    "nccs:33",
)
SUPPLIERS = clauses(
    subset="nist-csf:GV.SC-06 soc2:CC9.2 nis2-2690:5.1",
    intersects="iso27001:A.5.19,A.5.20,A.5.22 nis2:21.2.d pci:12.8.3 gdpr:28.1 nccs:33 nist-800-53:SR-6",
)
