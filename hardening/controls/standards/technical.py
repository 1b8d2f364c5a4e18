"""What is written for APIs and for AWS."""

from __future__ import annotations

from hardening.controls.standards import standard as why
from hardening.controls.standards.standard import Standard, ids

OWASP_API = Standard(
    key="owasp-api",
    title="OWASP API Security Top 10, 2023",
    binding="a list of risks: a control answers to the risk that it lowers",
    clauses=ids("API1..10"),
    out_of_sight={},
)
CIS_AWS = Standard(
    key="cis-aws",
    title="CIS AWS Foundations Benchmark 5.0.0",
    binding="voluntary; of a whole account, of which a stack is a part",
    clauses=ids("1.1..21 2.1.1..4 2.2.1..4 2.3.1 3.1..9 4.1..16 5.1.1..2 5.2..7"),
    out_of_sight={
        why.USERS: ids("1.3..6 1.10..12 1.14 1.16 1.20 1.21 4.1 4.2 4.6 4.15"),
        "a second factor for deleting objects, and a record of each: Object Lock stands in its place": ids(
            "2.1.2 2.1.3 3.8 3.9"
        ),
        why.NOT_USED: ids("1.17 1.18 2.2 2.3 5.6 5.7"),
        "alarms on every change of buckets and of the recorder: drift finds the change": ids("4.8 4.9"),
    },
)
