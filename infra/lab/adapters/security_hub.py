"""AWS Security Hub."""

from __future__ import annotations

from infra.lab.adapters.desired_resource import Adapter, DesiredResource
from infra.lab.clients import ACCOUNT
from infra.program_run.monitor import Created


def hub(desired: DesiredResource) -> Created:
    """EnableSecurityHub."""
    desired.create("securityhub", "EnableSecurityHub")
    return Created(ACCOUNT, {"arn": desired.arn("securityhub", "hub/default")})


ADAPTERS: dict[str, Adapter] = {
    "aws:securityhub/account:Account": hub,
}
