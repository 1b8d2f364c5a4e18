"""The guard's decisions as they were logged: found among other lines, and shown as one line each."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from infra.runtime.policy_service.decision_log import CLASS_UID


@dataclass(frozen=True, slots=True)
class DecisionFilter:
    """Which decisions: of a `partner` ("" for all), `since` then, and `refused` alone or all."""

    partner: str
    since: datetime
    refused: bool = False

    def takes(self, event: dict[str, Any]) -> bool:
        """Whether this event is wanted. Raises KeyError or TypeError for one that is no decision."""
        return (
            event["class_uid"] == CLASS_UID
            and event["time"] >= self.since.timestamp() * 1000
            and self.partner in ("", event["actor"]["user"]["name"])
            and not (self.refused and event["action_id"] == 1)
        )


def decisions(lines: Iterable[str], wanted: DecisionFilter) -> Iterator[dict[str, Any]]:
    """The wanted decisions among `lines`, which hold other things too: those are passed over."""
    for line in lines:
        try:
            event = json.loads(line)
            if wanted.takes(event):
                yield event
        except (ValueError, KeyError, TypeError, RecursionError):
            continue


def shown(event: dict[str, Any]) -> str:
    """One decision as one line: when, who, what, the answer, the control, the latency, and the ids."""
    when = datetime.fromtimestamp(event["time"] / 1000, UTC).strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] + "Z"
    request, own = event["http_request"], event["unmapped"]
    return "  ".join(
        (
            when,
            event["actor"]["user"]["name"] or "(nobody)",
            f"{request['http_method']} {request['url']['path']}",
            str(event["api"]["response"]["code"]),
            event.get("policy", {}).get("uid", "allowed"),
            f"{own['latency_us'] / 1000:.1f} ms",
            f"request {event['api']['request']['uid'] or '-'}",
            f"correlation {event['metadata']['correlation_uid'] or '-'}",
        )
    )
