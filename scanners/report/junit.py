"""Findings as JUnit XML: one suite a control, one case a place."""

from __future__ import annotations

from itertools import groupby
from typing import Final
from xml.etree import ElementTree as ET

from hardening.checks import Status
from scanners.outcome import Outcome, Row, State
from scanners.report.facts import RunFacts

_TALLY: Final = ("tests", "failures", "errors", "skipped")


def render(outcome: Outcome, facts: RunFacts | None = None) -> str:
    """Failures are `failure`, what could not be verified `error`, waived and not applicable `skipped`.

    With `facts` it says when the run began and how long it took; how long one check took is not measured.
    """
    root = ET.Element("testsuites", name="rampart")
    total = dict.fromkeys(_TALLY, 0)
    for control, rows in groupby(outcome.rows, key=lambda row: row.finding.control):
        suite = ET.SubElement(root, "testsuite", name=control)
        tally = dict.fromkeys(_TALLY, 0)
        for row in rows:
            tally["tests"] += 1
            counted = _case(suite, row)
            if counted:
                tally[counted] += 1
        for name, number in tally.items():
            suite.set(name, str(number))
            total[name] += number
    for name, number in total.items():
        root.set(name, str(number))
    if facts:
        root.set("timestamp", f"{facts.started:%Y-%m-%dT%H:%M:%SZ}")
        root.set("time", f"{(facts.ended - facts.started).total_seconds():.3f}")
    ET.indent(root)
    return ET.tostring(root, encoding="unicode", xml_declaration=True) + "\n"


def _case(suite: ET.Element, row: Row) -> str:
    finding = row.finding
    case = ET.SubElement(
        suite, "testcase", classname=finding.control, name=f"{finding.check} {finding.where}"
    )
    if row.state is not State.OPEN:
        ET.SubElement(case, "skipped", message=row.waiver.reason if row.waiver else "in the baseline")
        return "skipped"
    if finding.status is Status.FAIL:
        ET.SubElement(case, "failure", message=finding.detail)
        return "failures"
    if finding.status is Status.ERROR:
        ET.SubElement(case, "error", message=finding.detail)
        return "errors"
    if finding.status is Status.NOT_APPLICABLE:
        ET.SubElement(case, "skipped", message="not applicable")
        return "skipped"
    return ""
