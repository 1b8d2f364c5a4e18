"""What Envoy counts, received over UDP on loopback (StatsD), for the lines that CloudWatch reads."""

from __future__ import annotations

import asyncio
import re
from collections import Counter

from hardening.envoy.statistics import COUNTED, MEASURED

_LINE = re.compile(r"envoy\.([A-Za-z0-9_.]{1,200}):(\d{1,18})\|([cg])")


class EnvoyStatistics(asyncio.DatagramProtocol):
    """Counters since they were last taken, and measures as they were last told. Nothing else is kept."""

    def __init__(self) -> None:
        self._counted: Counter[str] = Counter(dict.fromkeys(COUNTED.values(), 0))
        self._measured: dict[str, int] = {}
        self._told = False

    def datagram_received(self, data: bytes, addr: object) -> None:
        """Take one or more lines; what is none of these is nobody's."""
        for text in data.decode("ascii", "replace").splitlines():
            found = _LINE.fullmatch(text)
            if found is None:
                continue
            name, value, kind = found[1], int(found[2]), found[3]
            if kind == "c" and name in COUNTED:
                self._counted[COUNTED[name]] += value
                self._told = True
            elif kind == "g" and name in MEASURED:
                self._measured[MEASURED[name]] = value
                self._told = True

    def take(self) -> dict[str, int]:
        """The metrics; none where Envoy has said nothing since the last time."""
        if not self._told:
            return {}
        taken = {**self._counted, **self._measured}
        self._counted = Counter(dict.fromkeys(COUNTED.values(), 0))
        self._measured, self._told = {}, False
        return taken
