"""What one worker counts, for CloudWatch: lines of the log in the embedded metric format, once a minute.

CloudWatch User Guide, "Specification: Embedded metric format": a line has one set of dimensions, and at most
100 metrics with at most 100 values each. Every metric costs money, so partners have theirs up to a number.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from datetime import datetime

from infra.runtime.policy_service.metrics import Counts, Metrics

# Partners, in the order of their names, with metrics of their own; the others share one.
MOST_PARTNERS = 100
# No partner has such a name: `hardening.registry.rules.identity`.
_OTHERS = "(others)"
_NOBODY = "(nobody)"
_NO_MODULE = "none"
_UNITS = {"Latency": "Milliseconds", "EnvoyMemory": "Bytes"}
Values = Mapping[str, float | list[float]]


def line(namespace: str, now: datetime, dimensions: Mapping[str, str], values: Values) -> str:
    """One event: `values` by metric, each in Count unless it has another unit."""
    defined = [{"Name": name, "Unit": _UNITS.get(name, "Count")} for name in values]
    directive = {
        "Namespace": namespace,
        "Dimensions": [["Service", *dimensions]],
        "Metrics": defined,
    }
    about = {"Timestamp": int(now.timestamp() * 1000), "CloudWatchMetrics": [directive]}
    event = {"_aws": about, "Service": "guard", **dimensions, **values}
    return json.dumps(event, separators=(",", ":"))


class EmbeddedMetrics:
    """Lines about what was counted since the last ones."""

    def __init__(self, namespace: str, metrics: Metrics) -> None:
        self._namespace = namespace
        self._metrics = metrics
        self._told = Counts()

    def lines(self, now: datetime, partners: Collection[str], others: Mapping[str, int]) -> Iterator[str]:
        """`partners`: the registry's names; `others`: what is not counted in `metrics`, by metric."""
        counts = self._metrics.counts()
        since = counts.since(self._told)
        self._told = counts
        sample = self._metrics.take_sample()
        yield self._line(
            now,
            {},
            {
                **_decided(since.decisions),
                "Shed": since.shed,
                "Crashes": since.crashes,
                "RegistryRefused": int(self._metrics.registry_refused),
                **others,
                **({"Latency": sample} if sample else {}),
            },
        )
        named = frozenset(sorted(partners)[:MOST_PARTNERS])
        by_partner, by_module, by_control = _shares(since.decisions, named)
        for dimension, shares in (("Partner", by_partner), ("Module", by_module)):
            for value, decisions in sorted(shares.items()):
                yield self._line(now, {dimension: value}, _decided(decisions))
        for control, count in sorted(by_control.items()):
            yield self._line(now, {"Control": control}, {"Refused": count})

    def _line(self, now: datetime, dimensions: Mapping[str, str], values: Values) -> str:
        return line(self._namespace, now, dimensions, values)


def _decided(decisions: Mapping[tuple[str, str, str], int]) -> dict[str, int]:
    refused = sum(count for (_, _, control), count in decisions.items() if control)
    return {"Decisions": sum(decisions.values()), "Refused": refused}


_Decisions = Counter[tuple[str, str, str]]


def _shares(
    decisions: _Decisions, named: Collection[str]
) -> tuple[dict[str, _Decisions], dict[str, _Decisions], Counter[str]]:
    """The decisions by partner and by module, and the refusals by control."""
    by_partner: dict[str, _Decisions] = {}
    by_module: dict[str, _Decisions] = {}
    by_control: Counter[str] = Counter()
    for key, count in decisions.items():
        partner, module, control = key
        shown = partner if partner in named else _OTHERS if partner else _NOBODY
        by_partner.setdefault(shown, Counter())[key] += count
        by_module.setdefault(module or _NO_MODULE, Counter())[key] += count
        if control:
            by_control[control] += count
    return by_partner, by_module, by_control
