"""What the controls answer to in other frameworks: ids only, each group named after its subject.

ISO/IEC 27001:2022 Annex A, NIST CSF 2.0, SOC 2 Trust Services Criteria, NIS2 Article 21, PCI DSS 4, GDPR and
OWASP API Security Top 10 2023.
"""

from __future__ import annotations

ACCESS_REVIEW = ("iso27001:A.5.18", "nist-csf:PR.AA-05", "soc2:CC6.2", "pci:7.2.4")
API_INVENTORY = ("iso27001:A.8.9", "nist-csf:PR.IR-01", "soc2:CC6.6", "owasp-api:API9")
ASSET_INVENTORY = ("iso27001:A.5.9", "nist-csf:ID.AM-02", "soc2:CC6.8", "nis2:21.2.i")
AUTHENTICATION = (
    "iso27001:A.5.17",
    "iso27001:A.8.5",
    "nist-csf:PR.AA-03",
    "soc2:CC6.1",
    "nis2:21.2.i",
    "nis2:21.2.j",
    "pci:8.3.1",
    "gdpr:32.1.b",
    "owasp-api:API2",
)
AUTHENTICATION_MONITORING = (
    "iso27001:A.8.16",
    "nist-csf:DE.CM-01",
    "soc2:CC7.2",
    "nis2:21.2.b",
    "pci:10.4.1",
    "owasp-api:API2",
)
BACKUPS = ("iso27001:A.8.13", "nist-csf:PR.DS-11", "soc2:A1.2", "nis2:21.2.c", "gdpr:32.1.c")
CALLERS_KNOWN_BY_ADDRESS = (
    "iso27001:A.8.20",
    "iso27001:A.8.22",
    "nist-csf:PR.IR-01",
    "soc2:CC6.6",
    "nis2:21.2.e",
    "pci:1.3.1",
    "owasp-api:API8",
)
CERTIFICATES = (
    "iso27001:A.8.24",
    "nist-csf:PR.DS-02",
    "soc2:CC6.7",
    "nis2:21.2.h",
    "pci:4.2.1",
    "gdpr:32.1.a",
    "owasp-api:API8",
    "pci:4.2.1.1",
)
CHANGE_MANAGEMENT = ("iso27001:A.8.32", "nist-csf:PR.PS-01", "soc2:CC8.1")
CLASSIFICATION = ("iso27001:A.5.12", "nist-csf:ID.AM-07", "soc2:C1.1", "gdpr:30.1")
CONFIGURATION = ("iso27001:A.8.9", "nist-csf:PR.PS-01", "soc2:CC7.1", "nis2:21.2.e", "pci:2.2.1")
CONFIGURATION_INVENTORY = ("iso27001:A.8.9", "nist-csf:ID.AM-02", "soc2:CC7.1")
CONTRACTED_FUNCTIONS = (
    "iso27001:A.5.15",
    "iso27001:A.8.3",
    "nist-csf:PR.AA-05",
    "soc2:CC6.3",
    "nis2:21.2.i",
    "pci:7.2.1",
    "gdpr:32.1.b",
    "owasp-api:API5",
)
CREDENTIALS = (
    "iso27001:A.5.17",
    "nist-csf:PR.AA-01",
    "soc2:CC6.1",
    "nis2:21.2.i",
    "pci:8.6.3",
    "owasp-api:API2",
)
EGRESS_CONTROL = (
    "iso27001:A.8.20",
    "iso27001:A.8.23",
    "nist-csf:PR.IR-01",
    "soc2:CC6.6",
    "pci:1.3.2",
    "owasp-api:API7",
)
ENCRYPTED_STORAGE = (
    "iso27001:A.8.24",
    "nist-csf:PR.DS-01",
    "soc2:CC6.1",
    "nis2:21.2.h",
    "pci:3.5.1",
    "gdpr:32.1.a",
)
ENCRYPTED_TRANSPORT = (
    "iso27001:A.8.24",
    "nist-csf:PR.DS-02",
    "soc2:CC6.7",
    "nis2:21.2.h",
    "pci:4.2.1",
    "gdpr:32.1.a",
    "owasp-api:API8",
)
HARDENED_WORKLOADS = ("iso27001:A.8.9", "nist-csf:PR.PS-01", "soc2:CC6.8", "nis2:21.2.e", "pci:2.2.6")
INCIDENT_ALARMS = ("iso27001:A.5.24", "nist-csf:RS.MA-01", "soc2:CC7.4", "nis2:21.2.b", "pci:12.10.1")
INCIDENT_REHEARSAL = (
    "iso27001:A.5.24",
    "iso27001:A.5.26",
    "nist-csf:RS.MA-01",
    "soc2:CC7.5",
    "nis2:21.2.b",
    "pci:12.10.2",
)
INDEPENDENT_REVIEW = ("iso27001:A.5.35", "nist-csf:ID.IM-02", "soc2:CC4.1", "nis2:21.2.f")
KEY_MANAGEMENT = ("iso27001:A.8.24", "nist-csf:PR.DS-01", "soc2:CC6.1", "nis2:21.2.h", "pci:3.7.4")
LEAST_PRIVILEGE = (
    "iso27001:A.8.3",
    "nist-csf:PR.AA-05",
    "soc2:CC6.3",
    "nis2:21.2.i",
    "pci:7.2.1",
    "owasp-api:API5",
)
LOGGING = ("iso27001:A.8.15", "nist-csf:PR.PS-04", "soc2:CC7.2", "nis2:21.2.b", "pci:10.2.1")
MASKING = ("iso27001:A.8.11", "nist-csf:PR.DS-01", "soc2:C1.1", "pci:3.3.1", "gdpr:32.1.a", "gdpr:5.1.f")
MONITORING = ("iso27001:A.8.16", "nist-csf:DE.CM-01", "soc2:CC7.2", "nis2:21.2.b", "pci:10.4.1")
MULTI_FACTOR = ("iso27001:A.8.5", "nist-csf:PR.AA-03", "soc2:CC6.1", "nis2:21.2.j", "pci:8.4.1")
OBJECT_OWNERSHIP = (
    "iso27001:A.5.15",
    "iso27001:A.8.3",
    "nist-csf:PR.AA-05",
    "soc2:CC6.3",
    "nis2:21.2.i",
    "pci:7.2.1",
    "gdpr:32.1.b",
    "owasp-api:API1",
)
PENETRATION_TESTS = ("iso27001:A.8.29", "nist-csf:ID.RA-01", "soc2:CC4.1", "nis2:21.2.f", "pci:11.4.1")
PRIVACY_ASSESSMENT = ("iso27001:A.5.34", "nist-csf:ID.RA-05", "soc2:P3.1", "gdpr:35.1")
PRIVILEGED_ACCESS = ("iso27001:A.8.2", "nist-csf:PR.AA-05", "soc2:CC6.3", "nis2:21.2.i", "pci:7.2.2")
REDUNDANCY = ("iso27001:A.8.14", "nist-csf:PR.IR-03", "soc2:A1.2", "nis2:21.2.c", "gdpr:32.1.b")
REQUEST_FORGERY = ("iso27001:A.8.23", "nist-csf:PR.IR-01", "soc2:CC6.6", "pci:1.3.2", "owasp-api:API7")
RESOURCE_LIMITS = ("iso27001:A.8.6", "nist-csf:PR.IR-04", "soc2:A1.1", "nis2:21.2.c", "owasp-api:API4")
RETENTION = ("iso27001:A.8.10", "nist-csf:PR.DS-01", "soc2:C1.2", "pci:3.2.1", "gdpr:5.1.e")
SEGMENTATION = ("iso27001:A.8.22", "nist-csf:PR.IR-01", "soc2:CC6.6", "nis2:21.2.e", "pci:1.4.1")
SEPARATE_ENVIRONMENTS = ("iso27001:A.8.31", "nist-csf:PR.IR-01", "soc2:CC8.1", "pci:6.5.3")
SOFTWARE_INTEGRITY = ("iso27001:A.8.19", "nist-csf:PR.PS-05", "soc2:CC6.8", "nis2:21.2.d", "pci:6.3.2")
SUPPLIERS = ("iso27001:A.5.19", "nist-csf:GV.SC-06", "soc2:CC9.2", "nis2:21.2.d", "pci:12.8.3")
TRAFFIC_FILTERS = (
    "iso27001:A.8.20",
    "iso27001:A.8.22",
    "nist-csf:PR.IR-01",
    "soc2:CC6.6",
    "nis2:21.2.e",
    "pci:1.3.1",
)
TRUSTED_CERTIFICATES = ("iso27001:A.8.24", "nist-csf:PR.DS-02", "soc2:CC6.7", "nis2:21.2.h", "pci:4.2.1.1")
UNALTERABLE_LOGS = ("iso27001:A.8.15", "nist-csf:PR.PS-04", "soc2:CC7.2", "pci:10.3.2", "pci:10.3.4")
UNEXPECTED_EXPOSURE = ("iso27001:A.8.9", "nist-csf:DE.CM-09", "soc2:CC7.1", "nis2:21.2.e", "pci:1.2.7")
VALIDATION_AT_THE_EDGE = ("iso27001:A.8.26", "nist-csf:PR.IR-01", "soc2:PI1.2", "pci:6.2.4", "owasp-api:API8")
VALID_MESSAGES = (
    "iso27001:A.8.26",
    "nist-csf:PR.DS-10",
    "soc2:PI1.2",
    "nis2:21.2.e",
    "pci:6.2.4",
    "owasp-api:API10",
)
VALID_REQUESTS = (
    "iso27001:A.8.26",
    "iso27001:A.8.28",
    "nist-csf:PR.PS-06",
    "soc2:CC6.6",
    "nis2:21.2.e",
    "pci:6.2.4",
    "owasp-api:API8",
)
WEB_FIREWALL = (
    "iso27001:A.8.20",
    "nist-csf:PR.IR-01",
    "soc2:CC6.6",
    "nis2:21.2.e",
    "pci:6.4.2",
    "owasp-api:API8",
)
