"""Names, tags and ARNs, the same for every resource of one environment."""

from __future__ import annotations

from dataclasses import dataclass

PROJECT = "rampart"


@dataclass(frozen=True, slots=True)
class Environment:
    """The environment of a stack: `label` is `production` or `test`, `account` twelve digits.

    Physical names carry the label, so test and production can never share a resource.
    """

    label: str
    account: str
    region: str

    def name(self, *parts: str) -> str:
        """`rampart-<environment>-<parts>`: unique for the environment within the account."""
        return "-".join((PROJECT, self.label, *parts))

    @property
    def metrics(self) -> str:
        """The namespace of our own metrics in CloudWatch."""
        return f"{PROJECT.title()}/{self.label}"

    def arn(self, service: str, resource: str) -> str:
        """The ARN of a resource of this account and region (AWS partition `aws`; IAM has no region).

        For policies that name a resource before it exists, or that it needs to exist.
        """
        region = "" if service == "iam" else self.region
        return f"arn:aws:{service}:{region}:{self.account}:{resource}"

    def tags(self, name: str, **marks: str) -> dict[str, str]:
        """Tags of one resource. `marks` become `rampart:<mark>` (underscores as dashes): tier, data_class."""
        own = {f"{PROJECT}:{mark.replace('_', '-')}": value for mark, value in marks.items()}
        return {"Name": self.name(name), f"{PROJECT}:environment": self.label, **own}
