"""Who changed what has drifted: the last change of each in CloudTrail's event history (LookupEvents).

The history has 90 days of management events, by region; not every service names its resources in them.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC
from typing import Any, Final

from scanners.drift.account import View
from scanners.drift.declared import Declared
from scanners.drift.records import Drift, ResourceReader, Trace
from scanners.drift.unanswered import BROKEN, reason

# Two questions a second, account and region, are answered (CloudTrail API, LookupEvents). The pauses make
# half a minute at most, however much has drifted.
_PAUSE: Final = 0.5
_MOST: Final = 60
# Global services write their events in one region (CloudTrail user guide, global service events).
_GLOBAL: Final = "us-east-1"
_NAME_LIMIT: Final = 2000
# Events name a key by its ARN (AWS KMS developer guide, CloudTrail log entries), and the audit by its id.
_BY_ARN: Final = frozenset({"aws:kms/key:Key"})


@dataclass(frozen=True, slots=True)
class _Drifted:
    """One resource that has drifted: where its findings are, its name in events, and their region."""

    where: str
    name: str
    region: str


def traced(
    view: View,
    declared: Declared,
    drift: Drift,
    readers: tuple[ResourceReader, ...],
    wait: Callable[[float], None] = time.sleep,
) -> Drift:
    """The drift with the last change of each resource, and with why that is not known of the others."""
    drifted = tuple(dict.fromkeys(_drifted(declared, drift, readers)))
    traces: list[Trace] = []
    refused: dict[str, str] = {}
    asked = False
    for one in drifted[:_MOST]:
        if one.region in refused:
            continue
        if asked:
            wait(_PAUSE)
        asked = True
        try:
            traces.extend(_last_change(view, one))
        except BROKEN as error:
            refused[one.region] = reason(error)
    why = [f"{text} ({region})" for region, text in sorted(refused.items())]
    if len(drifted) > _MOST and not refused:
        why.append(f"the first {_MOST} of {len(drifted)} were looked up")
    return replace(drift, traces=tuple(traces), untraced="; ".join(why))


def _drifted(declared: Declared, drift: Drift, readers: tuple[ResourceReader, ...]) -> Iterator[_Drifted]:
    """What changed, what is gone, and what nobody declared, in this order."""
    everywhere = {reader.type for reader in readers if reader.is_global}
    keys = {presence.urn: presence.key for presence in drift.presences}
    gone = [presence.urn for presence in drift.presences if not presence.found]
    for urn in (*(change.urn for change in drift.changes), *gone):
        resource = declared.stack.get(urn)
        if resource is not None and urn in keys:
            region = _region(resource.type, everywhere, declared.region_of(resource))
            name = str(resource.outputs.get("arn")) if resource.type in _BY_ARN else keys[urn]
            yield _Drifted(urn, name, region)
    for one in drift.unmanaged:
        region = _region(one.type, everywhere, one.region or declared.region)
        yield _Drifted(one.where, one.key, region)


def _region(type_: str, everywhere: set[str], region: str) -> str:
    # Buckets are listed for the account, and their events are those of a region.
    return _GLOBAL if type_ in everywhere and not type_.startswith("aws:s3/") else region


def _last_change(view: View, one: _Drifted) -> Iterator[Trace]:
    """The newest event that wrote; reading events of the same resource do not count."""
    attribute = {"AttributeKey": "ResourceName", "AttributeValue": one.name[:_NAME_LIMIT]}
    there = view.narrowed_to((), one.region)
    found = there.ask("cloudtrail", "lookup_events", LookupAttributes=[attribute], MaxResults=50)
    for event in found["Events"]:
        if event.get("ReadOnly") != "true":
            when = event["EventTime"].astimezone(UTC).isoformat(timespec="seconds")
            yield Trace(one.where, _who(event), event["EventName"], when, event["EventId"])
            return


def _who(event: Mapping[str, Any]) -> str:
    """The ARN of the principal, or the service that acted. Never a key, nor what was sent."""
    told = json.loads(event.get("CloudTrailEvent") or "{}")
    identity = told.get("userIdentity") or {}
    return str(identity.get("arn") or identity.get("invokedBy") or event.get("Username") or "nobody named")
