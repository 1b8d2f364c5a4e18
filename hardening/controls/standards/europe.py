"""European law."""

from __future__ import annotations

from hardening.controls.standards import standard as why
from hardening.controls.standards.standard import Standard, ids

NIS2 = Standard(
    key="nis2",
    title="NIS2, Directive (EU) 2022/2555, Articles 21 and 23",
    binding="binds operators of recharging points from medium size (Annex I, 1(a)), by national law",
    clauses=ids("21.2.a 21.2.b 21.2.c 21.2.d 21.2.e 21.2.f 21.2.g 21.2.h 21.2.i 21.2.j 23.4"),
    out_of_sight={
        why.POLICIES: ids("21.2.a"),
        why.PEOPLE: ids("21.2.g"),
        why.INCIDENTS: ids("23.4"),
    },
)
NIS2_YARDSTICK = Standard(
    key="nis2-2690",
    title="Implementing Regulation (EU) 2024/2690, Annex",
    binding=(
        "binds providers of cloud, DNS, managed services and others, not a charge point operator as such: "
        "a yardstick of what NIS2 means"
    ),
    clauses=ids("1.1..2 2.1..3 3.1..6 4.1..3 5.1..2 6.1..10 7 8.1..2 9.1..2 10.1..4 11.1..7 12.1..5 13.1..3"),
    out_of_sight={
        why.POLICIES: ids("1 2.1 2.3 9.1"),
        why.INCIDENTS: ids("3.3 3.4 3.6"),
        why.RESTORING: ids("4.1 4.3"),
        why.SUPPLY: ids("5.2"),
        why.DEVELOPMENT: ids("6.1"),
        why.PEOPLE: ids("8 10"),
        why.USERS: ids("11.4 11.5"),
        "software that looks for harmful code, and handling of weaknesses": ids("6.10"),
        why.OFFICES: ids("12.2 12.3 12.5"),
        why.PREMISES: ids("13"),
    },
)
NETWORK_CODE = Standard(
    key="nccs",
    title="Network code on cybersecurity, Delegated Regulation (EU) 2024/1366, Chapter III",
    binding=(
        "binds operators of recharging points that are named high-impact or critical-impact entities "
        "(Articles 2(h) and 24); the controls of Articles 29 and 33 are made under it, and none of their ids "
        "is claimed here"
    ),
    clauses=ids("28..34"),
    out_of_sight={why.POLICIES: ids("28 30 31 32 34")},
)
GDPR = Standard(
    key="gdpr",
    title="GDPR, Regulation (EU) 2016/679, what bears on the security of OCPI's data",
    binding="binds every operator that handles drivers' data",
    clauses=ids(
        "5.1.a 5.1.b 5.1.c 5.1.d 5.1.e 5.1.f 5.2 12 15..22 25.1 25.2 28.1 28.3 30.1 32.1.a 32.1.b "
        "32.1.c 32.1.d 33.1 34.1 35.1"
    ),
    out_of_sight={
        why.DRIVERS: ids("5.1.a 5.1.b 12 15..22"),
        why.POLICIES: ids("25.1 28.3"),
        why.INCIDENTS: ids("34.1"),
    },
)
