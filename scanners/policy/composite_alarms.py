"""What the rule of a composite alarm says (CloudWatch API Reference, PutCompositeAlarm)."""

from __future__ import annotations

import re
from typing import Final

from scanners.policy.checks.reading import read
from scanners.policy.stack import Resource, Stack

COMPOSITE: Final = "aws:cloudwatch/compositeAlarm:CompositeAlarm"
# Another alarm, by name or ARN, with quotes or without.
_PART: Final = re.compile(r"""\bALARM\(\s*(?:"([^"]+)"|([^()"]*[^()"\s]))\s*\)""")
# What else stands there, and keeps it from firing.
_SILENT: Final = re.compile(r"\b(NOT|FALSE|OK|INSUFFICIENT_DATA)\b")


def wholes(stack: Stack, alarm: Resource) -> tuple[Resource, ...]:
    """The composite alarms that an alarm is a part of. Raises Unverifiable."""
    name = read(alarm, "alarmName" if alarm.type == COMPOSITE else "name")
    return tuple(one for one in stack.of_type(COMPOSITE) if name in parts_of(one))


def parts_of(composite: Resource) -> frozenset[str]:
    """The names of the alarms in the rule of a composite alarm."""
    found = _PART.findall(str(read(composite, "alarmRule")))
    return frozenset((quoted or bare).rpartition(":alarm:")[2] for quoted, bare in found)


def silences(composite: Resource) -> bool:
    """Whether its rule, or an alarm that suppresses it, keeps it from firing while its parts do."""
    others = _PART.sub("", str(read(composite, "alarmRule")))
    return bool(_SILENT.search(others) or read(composite, "actionsSuppressor"))
