"""Findings in AWS's Security Finding Format (ASFF, 2018-10-08), as Security Hub imports them."""

from __future__ import annotations

from typing import Any, Final

from hardening.checks import Status
from hardening.controls import CONTROLS
from scanners.outcome import Outcome, Row
from scanners.report.facts import RunFacts
from scanners.report.json_text import as_text

_COMPLIANCE: Final = {
    Status.PASS: "PASSED",
    Status.FAIL: "FAILED",
    Status.ERROR: "NOT_AVAILABLE",  # could not be verified: never PASSED
    Status.NOT_APPLICABLE: "NOT_AVAILABLE",
}
# The most that Security Hub takes (API reference, AwsSecurityFinding and its parts).
_ID, _TITLE, _TEXT, _CLAUSES = 512, 256, 1024, 32


def render(outcome: Outcome, facts: RunFacts, account: str, region: str) -> str:
    """A finding a row, in the rows' order; the same findings give the same bytes."""
    return as_text([_finding(row, facts, account, region) for row in outcome.rows])


def _finding(row: Row, facts: RunFacts, account: str, region: str) -> dict[str, Any]:
    finding = row.finding
    partition = _partition(region)
    control = CONTROLS.get(finding.control)
    promise = control.promise if control else finding.control
    clauses = [str(clause) for clause in control.frameworks] if control else []
    return {
        "SchemaVersion": "2018-10-08",
        "Id": f"ocpi-rampart/{facts.target}/{row.fingerprint}"[:_ID],
        "ProductArn": f"arn:{partition}:securityhub:{region}:{account}:product/{account}/default",
        "GeneratorId": f"ocpi-rampart/{finding.control}/{finding.check}"[:_ID],
        "AwsAccountId": account,
        "Types": ["Software and Configuration Checks/Industry and Regulatory Standards"],
        "CreatedAt": f"{facts.started:%Y-%m-%dT%H:%M:%SZ}",
        "UpdatedAt": f"{facts.ended:%Y-%m-%dT%H:%M:%SZ}",
        "Severity": {"Label": finding.severity.value.upper()},
        "Title": f"{finding.control}: {promise}"[:_TITLE],
        "Description": (finding.detail or finding.status.value)[:_TEXT],
        "ProductFields": {"status": finding.status.value, "state": row.state.value},
        "Resources": [
            {
                "Type": "Other",
                "Id": (finding.where or finding.control)[:_ID],
                "Partition": partition,
                "Region": region,
            }
        ],
        "Compliance": {"Status": _COMPLIANCE[finding.status], "RelatedRequirements": clauses[:_CLAUSES]},
        # No import changes it again (BatchImportFindings): a suppression would outlive its waiver.
        "Workflow": {"Status": "NEW"},
        "RecordState": "ACTIVE",
    }


def _partition(region: str) -> str:
    """AWS's partition of a region (AWS Fault Isolation Boundaries, "Partitions")."""
    if region.startswith("cn-"):
        return "aws-cn"
    return "aws-us-gov" if region.startswith("us-gov-") else "aws"
