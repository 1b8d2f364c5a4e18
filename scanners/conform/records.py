"""The subject of the checks on a service: every call that it was shown, with its answer."""

from __future__ import annotations

from dataclasses import dataclass

from scanners.conform.calls import HONEST
from scanners.probe.records import Exchange


@dataclass(frozen=True, slots=True)
class ServiceAnswers:
    """Exchanges by group and name, in the order in which they were made."""

    exchanges: tuple[tuple[str, Exchange], ...]

    def of(self, group: str) -> tuple[Exchange, ...]:
        """The exchanges of a group: `honest`, `forged`, `decorated`, `large` or `health`."""
        return tuple(exchange for name, exchange in self.exchanges if name == group)

    def honest(self, name: str) -> Exchange | None:
        """The honest exchange of this name; None where it was not made."""
        return next((one for one in self.of(HONEST) if one.name == name), None)
