"""NIST's framework and catalogue."""

from __future__ import annotations

from hardening.controls.standards import standard as why
from hardening.controls.standards.standard import Standard, ids

CSF = Standard(
    key="nist-csf",
    title="NIST Cybersecurity Framework 2.0",
    binding="voluntary",
    clauses=ids(
        "GV.OC-01..05 GV.OV-01..03 GV.PO-01..02 GV.RM-01..07 GV.RR-01..04 GV.SC-01..10 ID.AM-01..05 "
        "ID.AM-07..08 ID.IM-01..04 ID.RA-01..10 PR.AA-01..06 PR.AT-01..02 PR.DS-01..02 PR.DS-10..11 "
        "PR.IR-01..04 PR.PS-01..06 DE.AE-02..04 DE.AE-06..08 DE.CM-01..03 DE.CM-06 DE.CM-09 "
        "RS.AN-03 RS.AN-06..08 RS.CO-02..03 RS.MA-01..05 RS.MI-01..02 RC.CO-03..04 RC.RP-01..06"
    ),
    out_of_sight={
        why.POLICIES: ids("GV.OC GV.OV GV.PO GV.RM GV.RR ID.AM-05 ID.RA ID.IM-03 ID.IM-04"),
        why.SUPPLY: ids("GV.SC ID.AM-04 ID.RA-09 ID.RA-10"),
        why.PREMISES: ids("ID.AM-01 PR.AA-06 PR.IR-02 PR.PS-03 DE.CM-02"),
        why.PEOPLE: ids("PR.AT DE.CM-03 PR.AA-02"),
        why.DEVELOPMENT: ids("PR.PS-06"),
        "a drawing of the authorised traffic": ids("ID.AM-03"),
        "signed assertions of identity: OCPI has tokens only": ids("PR.AA-04"),
        "data in use: memory and processes are AWS's and the service's": ids("PR.DS-10"),
        why.INCIDENTS: ids("DE.AE-03 DE.AE-04 DE.AE-07 DE.AE-08 RS"),
        why.RESTORING: ids("RC"),
    },
)
SP_800_53 = Standard(
    key="nist-800-53",
    title="NIST SP 800-53 revision 5, high baseline, without enhancements",
    binding="voluntary outside the US government",
    clauses=ids(
        "AC-1..8 AC-10..12 AC-14 AC-17..22 AT-1..4 AU-1..12 CA-1..3 CA-5..9 CM-1..12 CP-1..4 "
        "CP-6..10 IA-1..8 IA-11..12 IR-1..8 MA-1..6 MP-1..7 PE-1..6 PE-8..18 PL-1..2 PL-4 PL-8 "
        "PL-10..11 PS-1..9 RA-1..3 RA-5 RA-7 RA-9 SA-1..5 SA-8..11 SA-15..17 SA-21..22 SC-1..5 "
        "SC-7..8 SC-10 SC-12..13 SC-15 SC-17..18 SC-20..24 SC-28 SC-39 SI-1..8 SI-10..12 SI-16 "
        "SR-1..3 SR-5..6 SR-8..12"
    ),
    out_of_sight={
        "the policy and procedures of each family": ids(
            "AC-1 AT-1 AU-1 CA-1 CM-1 CP-1 IA-1 IR-1 MA-1 MP-1 PE-1 PL-1 PS-1 RA-1 SA-1 SC-1 SI-1 SR-1"
        ),
        why.POLICIES: ids("CA-2 CA-3 CA-5 CA-6 CA-9 CM-9 PL RA-7 RA-9 AC-20 AC-21 AC-22 CM-10 CM-12"),
        why.PEOPLE: ids("AT PS"),
        why.PREMISES: ids("MA MP PE SR-9 SR-10 SR-11 SR-12"),
        why.OFFICES: ids("AC-11 AC-12 AC-17 AC-18 AC-19 CM-11 SC-15 SC-18 SI-3 SI-8"),
        why.USERS: ids("AC-7 AC-8 AC-10 AC-14 IA-3 IA-4 IA-6 IA-7 IA-11 IA-12"),
        "the flow of information by labels": ids("AC-4"),
        "capacity, failure, review and clocks of the log services, which are AWS's": ids(
            "AU-2 AU-4 AU-5 AU-6 AU-7 AU-8 AU-10"
        ),
        why.RESTORING: ids("CP-2 CP-3 CP-4 CP-6 CP-7 CP-8"),
        why.INCIDENTS: ids("IR"),
        why.DEVELOPMENT: ids("SA CM-2 CM-5 SI-2 RA-5"),
        why.SUPPLY: ids("SR"),
        "separation inside AWS's machines": ids("SC-2 SC-3 SC-4 SC-24 SC-39 SI-16"),
        "names and sessions of AWS's services": ids("SC-10 SC-20 SC-21 SC-22 SC-23"),
        "advice that is read, checks at start, and what an error says": ids("SI-5 SI-6 SI-11"),
    },
)
