"""Sizes of a deployment: what a small one does with less of, and what that costs in availability.

No control depends on the size: each service still runs twice, over two zones, behind the same gates.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

SMALL, STANDARD = "small", "standard"

# CPU units and MiB of memory of one task, in a combination that Fargate has (Amazon ECS Developer Guide,
# "Task CPU and memory").
_HALF = ("512", "1024")
_QUARTER = ("256", "512")


@dataclass(frozen=True, slots=True)
class Size:
    """What is built once a zone, or once; `tasks` is CPU and memory of each service's tasks.

    A service may have `growth` times as many tasks as it has at rest.
    `nat_zones` and `endpoint_zones` are the most zones with a NAT gateway, and with interface endpoints.
    `availability` is what a reader of the cost table is told.
    """

    nat_zones: int
    endpoint_zones: int
    growth: int
    tasks: Mapping[str, tuple[str, str]]
    availability: str


SIZES: Mapping[str, Size] = {
    SMALL: Size(
        1,
        1,
        2,
        {"guard": _HALF, "egress": _QUARTER, "service": _QUARTER},
        "Tasks run in two zones. Calls to partners and to AWS pass through the first zone: while it is away,"
        " partners are not called, no token rotates and no new task starts.",
    ),
    STANDARD: Size(
        4,
        4,
        4,
        {"guard": _HALF, "egress": _HALF, "service": _HALF},
        "Everything is there once in each zone: one zone less loses no call but those in flight.",
    ),
}
