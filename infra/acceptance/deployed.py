"""What stands of a stack, by what it is for: names and ARNs out of `pulumi stack export`."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hardening.errors import CollectError


@dataclass(frozen=True, slots=True)
class Deployed:
    """The resources of an export. Each method raises CollectError where there is no such thing."""

    resources: tuple[Mapping[str, Any], ...]

    @classmethod
    def read(cls, file: Path) -> Deployed:
        """The export in `file`. Raises CollectError."""
        try:
            return cls(tuple(json.loads(file.read_text(encoding="utf-8"))["deployment"]["resources"]))
        except (OSError, ValueError, LookupError, TypeError):
            raise CollectError(f"{file}: not a deployment", "`pulumi stack export`") from None

    def access_log(self) -> str:
        """The log group of the stage's access log."""
        return _group(
            self._one("aws:apigateway/stage:Stage")["inputs"]["accessLogSettings"]["destinationArn"]
        )

    def guard_log(self) -> str:
        """The log group of the guard's tasks."""
        return str(self._one("aws:cloudwatch/logGroup:LogGroup", "guard")["inputs"]["name"])

    def firewall_log(self) -> str:
        """The log group of the web ACL."""
        logging = self._one("aws:wafv2/webAclLoggingConfiguration:WebAclLoggingConfiguration")
        return _group(logging["inputs"]["logDestinationConfigs"][0])

    def trail_log(self) -> str:
        """The log group of the trail."""
        return _group(self._one("aws:cloudtrail/trail:Trail")["inputs"]["cloudWatchLogsGroupArn"])

    def test_alarm(self) -> str:
        """The name of the alarm that a test raises: the one on calls without a valid token."""
        return str(self._one("aws:cloudwatch/metricAlarm:MetricAlarm", "unauthorized")["inputs"]["name"])

    def subscriptions(self) -> tuple[str, ...]:
        """The ARNs of the mail subscriptions of the alarm topic."""
        return tuple(str(one["id"]) for one in self._of("aws:sns/topicSubscription:TopicSubscription"))

    def _one(self, kind: str, name: str = "") -> Mapping[str, Any]:
        for one in self._of(kind):
            if not name or str(one["urn"]).rpartition("::")[2] == name:
                return one
        raise CollectError(f"the export has no {kind.rpartition(':')[2]} {name}".rstrip())

    def _of(self, kind: str) -> Iterator[Mapping[str, Any]]:
        return (one for one in self.resources if one.get("type") == kind)


def _group(arn: object) -> str:
    """The log group's name in its ARN, which may end with `:*`."""
    return str(arn).partition(":log-group:")[2].removesuffix(":*")
