"""What one worker counts, in Prometheus' text format (version 0.0.4). The names here are those everywhere.

Labels come from the registry, the route table and the catalogue: no caller can make a new one.
"""

from __future__ import annotations

import random
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

# Upper bounds in seconds: a decision on a call, a CDR, a long body, a wait.
_BOUNDS = (0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1.0)
_HELP = {
    "rampart_guard_decisions_total": ("counter", "Calls decided; control is empty for those let through."),
    "rampart_guard_leniencies_total": (
        "counter",
        "Values that a contract let be written otherwise.",
    ),
    "rampart_guard_decision_seconds": ("histogram", "From the question to the answer, waiting included."),
    "rampart_guard_shed_total": ("counter", "Calls refused because too much waited already."),
    "rampart_guard_crashes_total": ("counter", "Calls refused because the decision could not be made."),
    "rampart_guard_store_reads_total": ("counter", "Looks into the token store."),
    "rampart_guard_cache_hits_total": ("counter", "Tokens that were known without a look."),
    "rampart_guard_registry_refused": ("gauge", "Whether a newer registry is refused."),
    "rampart_guard_long_bodies": ("gauge", "Calls with bodies that wait for their partner's turn."),
}


# Times of decisions that are kept between two reports: as many as a metric may have values (CloudWatch).
_MOST_SAMPLED = 100


@dataclass(frozen=True, slots=True)
class Counts:
    """What was counted: decisions by partner, module and control, calls shed, and crashes."""

    decisions: Counter[tuple[str, str, str]] = field(default_factory=Counter)
    shed: int = 0
    crashes: int = 0

    def since(self, before: Counts) -> Counts:
        """What was counted after `before`."""
        return Counts(
            self.decisions - before.decisions, self.shed - before.shed, self.crashes - before.crashes
        )


class Metrics:
    """Counts since the worker started."""

    def __init__(self) -> None:
        self._decisions: Counter[tuple[str, str, str]] = Counter()
        self._buckets = [0] * (len(_BOUNDS) + 1)
        self._seconds = 0.0
        self._sample: list[float] = []
        self._sampled = 0
        self._shed: Counter[str] = Counter()
        self._leniencies: Counter[tuple[str, str]] = Counter()
        self._crashes = 0
        self.registry_refused = False

    def decided(self, partner: str, module: str, control: str, seconds: float) -> None:
        """One decision. `partner` is empty where nobody was recognised, `module` where the path is none."""
        self._decisions[partner, module, control] += 1
        self._buckets[bisect_left(_BOUNDS, seconds)] += 1
        self._seconds += seconds
        # Each time since the last report has the same chance to be kept (Vitter's algorithm R).
        self._sampled += 1
        if len(self._sample) < _MOST_SAMPLED:
            self._sample.append(seconds)
        elif (place := int(random.random() * self._sampled)) < _MOST_SAMPLED:  # noqa: S311  (statistics)
            self._sample[place] = seconds

    def read_as_agreed(self, partner: str, leniencies: Mapping[str, int]) -> None:
        """How often each leniency of a partner's contract was needed for one call."""
        for name, count in leniencies.items():
            self._leniencies[partner, name] += count

    def counts(self) -> Counts:
        """What has been counted so far."""
        return Counts(Counter(self._decisions), self._shed.total(), self._crashes)

    def take_sample(self) -> list[float]:
        """Times of decisions since it was last taken, in milliseconds: all, or a fair sample of them."""
        taken = [round(seconds * 1000, 3) for seconds in self._sample]
        self._sample, self._sampled = [], 0
        return taken

    def shed(self, reason: str) -> None:
        """One call that was refused because too much waited already."""
        self._shed[reason] += 1

    def crashed(self) -> None:
        """One decision that could not be made."""
        self._crashes += 1

    def text(self, *, store_reads: int, cache_hits: int, long_bodies: int) -> bytes:
        """The exposition, with what others count."""
        given = {
            "rampart_guard_crashes_total": self._crashes,
            "rampart_guard_store_reads_total": store_reads,
            "rampart_guard_cache_hits_total": cache_hits,
            "rampart_guard_registry_refused": int(self.registry_refused),
            "rampart_guard_long_bodies": long_bodies,
        }
        return "\n".join((*self._lines(given), "")).encode()

    def _lines(self, given: Mapping[str, int]) -> Iterator[str]:
        for name, (kind, about) in _HELP.items():
            yield f"# HELP {name} {about}"
            yield f"# TYPE {name} {kind}"
            if name in given:
                yield f"{name} {given[name]}"
            elif name == "rampart_guard_decisions_total":
                for (partner, module, control), count in sorted(self._decisions.items()):
                    yield f'{name}{{partner="{partner}",module="{module}",control="{control}"}} {count}'
            elif name == "rampart_guard_leniencies_total":
                for (partner, rule), count in sorted(self._leniencies.items()):
                    yield f'{name}{{partner="{partner}",leniency="{rule}"}} {count}'
            elif name == "rampart_guard_shed_total":
                yield from (
                    f'{name}{{reason="{reason}"}} {count}' for reason, count in sorted(self._shed.items())
                )
            else:
                yield from self._histogram(name)

    def _histogram(self, name: str) -> Iterator[str]:
        total = 0
        for bound, count in zip((*map(str, _BOUNDS), "+Inf"), self._buckets, strict=True):
            total += count
            yield f'{name}_bucket{{le="{bound}"}} {total}'
        yield f"{name}_sum {self._seconds:.6f}"
        yield f"{name}_count {total}"
