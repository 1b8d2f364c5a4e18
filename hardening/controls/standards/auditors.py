"""What auditors attest and certify."""

from __future__ import annotations

from hardening.controls.standards import standard as why
from hardening.controls.standards.standard import Standard, ids

ISO27001 = Standard(
    key="iso27001",
    title="ISO/IEC 27001:2022, Annex A",
    binding="by contract or certificate",
    clauses=ids("A.5.1..37 A.6.1..8 A.7.1..14 A.8.1..34"),
    out_of_sight={
        why.POLICIES: ids("A.5.1 A.5.2 A.5.4 A.5.6 A.5.7 A.5.8 A.5.10 A.5.31 A.5.32 A.5.37"),
        why.PEOPLE: ids("A.5.11 A.6"),
        why.SUPPLY: ids("A.5.21 A.5.23"),
        why.INCIDENTS: ids("A.5.27"),
        why.RESTORING: ids("A.5.29 A.5.30"),
        why.PREMISES: ids("A.7"),
        why.OFFICES: ids("A.8.1 A.8.7"),
        why.DEVELOPMENT: ids("A.8.4 A.8.25 A.8.27 A.8.28 A.8.30 A.8.33 A.8.34"),
        "the clocks of AWS's services are AWS's": ids("A.8.17"),
        "privileged programs: tasks have no shell to run them in, which hardening covers": ids("A.8.18"),
    },
)
SOC2 = Standard(
    key="soc2",
    title="SOC 2, Trust Services Criteria 2017 (points of focus 2022)",
    binding="by contract",
    clauses=ids(
        "CC1.1..5 CC2.1..3 CC3.1..4 CC4.1..2 CC5.1..3 CC6.1..8 CC7.1..5 CC8.1 CC9.1..2 A1.1..3 "
        "C1.1..2 PI1.1..5 P1.1 P2.1 P3.1..2 P4.1..3 P5.1..2 P6.1..7 P7.1 P8.1"
    ),
    out_of_sight={
        why.POLICIES: ids("CC1 CC2 CC3 CC4.2 CC5 CC9.1"),
        why.USERS: ids("CC6.5"),
        why.PREMISES: ids("CC6.4"),
        why.RESTORING: ids("A1.3"),
        "processing within the OCPI service behind the guard": ids("PI1.1 PI1.3 PI1.4 PI1.5"),
        why.DRIVERS: ids("P1.1 P2.1 P3.2 P4.1 P4.3 P5 P6 P7 P8"),
    },
)
PCI_DSS = Standard(
    key="pci",
    title="PCI DSS 4.0.1",
    binding=(
        "binds only where card data is; OCPI carries none by design, so it is a yardstick for what keeps "
        "OCPI out of its scope"
    ),
    clauses=ids(
        "1.1.1..2 1.2.1..8 1.3.1..3 1.4.1..5 1.5.1 2.1.1..2 2.2.1..7 2.3.1..2 3.1.1..2 3.2.1 "
        "3.3.1..3 3.4.1..2 3.5.1 3.6.1 3.7.1..9 4.1.1..2 4.2.1..2 5.1.1..2 5.2.1..3 5.3.1..5 5.4.1 "
        "6.1.1..2 6.2.1..4 6.3.1..3 6.4.1..3 6.5.1..6 7.1.1..2 7.2.1..6 7.3.1..3 8.1.1..2 8.2.1..8 "
        "8.3.1..11 8.4.1..3 8.5.1 8.6.1..3 9.1.1..2 9.2.1..4 9.3.1..4 9.4.1..7 9.5.1 10.1.1..2 "
        "10.2.1..2 10.3.1..4 10.4.1..3 10.5.1 10.6.1..3 10.7.1..3 11.1.1..2 11.2.1..2 11.3.1..2 "
        "11.4.1..7 11.5.1..2 11.6.1 12.1.1..4 12.2.1 12.3.1..4 12.4.1..2 12.5.1..3 12.6.1..3 12.7.1 "
        "12.8.1..5 12.9.1..2 12.10.1..7"
    ),
    out_of_sight={
        why.POLICIES: ids(
            "1.1 2.1 3.1 4.1 5.1 6.1 7.1 8.1 9.1 10.1 11.1 1.2.1..6 12.1 12.2 12.3 12.4 12.5.2 12.5.3"
        ),
        why.CARDS: ids("3.2 3.3 3.4 3.6 3.7 4.2.2 7.2.6 9.5 11.6 6.4.1 6.4.3 12.9"),
        why.OFFICES: ids("1.3.3 1.5 2.3 5.2 5.3 5.4 11.2"),
        why.PREMISES: ids("9"),
        why.DEVELOPMENT: ids("6.2.1..3 6.3.1 6.3.2 6.5.2 6.5.4..6"),
        why.USERS: ids("7.2.1 7.2.3 7.3.1 7.3.2 8.2 8.3 8.4.3 8.5 8.6.2"),
        "settings of servers: AWS runs them": ids("2.2.2..5 2.2.7 1.4.3 1.4.5"),
        "records read by people, and clocks, which are AWS's": ids("10.2.2 10.4.2 10.4.3 10.6 10.7.1 10.7.3"),
        "scans and tests by others, and watching files on servers": ids("11.3 11.4.2..7 11.5"),
        why.PEOPLE: ids("12.6 12.7"),
        why.SUPPLY: ids("12.8.1 12.8.2 12.8.4 12.8.5"),
        why.INCIDENTS: ids("12.10.3 12.10.4 12.10.6 12.10.7"),
    },
)
