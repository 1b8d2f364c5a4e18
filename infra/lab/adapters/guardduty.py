"""Amazon GuardDuty."""

from __future__ import annotations

from infra.lab.adapters.desired_resource import Adapter, DesiredResource
from infra.lab.clients import ACCOUNT
from infra.program_run.monitor import Created


def detector(desired: DesiredResource) -> Created:
    """CreateDetector."""
    identifier = desired.create("guardduty", "CreateDetector")["DetectorId"]
    arn = desired.arn("guardduty", f"detector/{identifier}")
    return Created(identifier, {"arn": arn, "accountId": ACCOUNT})


ADAPTERS: dict[str, Adapter] = {
    "aws:guardduty/detector:Detector": detector,
}
