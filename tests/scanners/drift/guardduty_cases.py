"""Cases: Detectors of GuardDuty."""

from __future__ import annotations

from scanners.policy.stack import Resource
from tests.beds.aws_account import Account, declare
from tests.scanners.drift.case import Case


def detector_case(account: Account) -> list[Resource]:
    id_ = account.guardduty.create_detector(
        Enable=True, FindingPublishingFrequency="FIFTEEN_MINUTES", Tags={"owner": "ops"}
    )["DetectorId"]
    inputs = {"enable": True, "findingPublishingFrequency": "FIFTEEN_MINUTES", "tags": {"owner": "ops"}}
    return [declare("aws:guardduty/detector:Detector", id_, inputs)]


CASES = {
    "detector": Case(
        detector_case,
        {
            "enable": lambda a, r: a.guardduty.update_detector(DetectorId=r.id, Enable=False),
            "findingPublishingFrequency": lambda a, r: a.guardduty.update_detector(
                DetectorId=r.id, Enable=True, FindingPublishingFrequency="SIX_HOURS"
            ),
        },
        lambda a, r: a.guardduty.delete_detector(DetectorId=r.id),
    ),
}
