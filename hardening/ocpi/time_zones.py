"""The time zones of the IANA database, as the `tzdata` package has them (RFC 6557).

The names and the data come from the package alone, never from the machine, so a verdict is the same
everywhere.
"""

from __future__ import annotations

from functools import cache
from importlib import resources
from zoneinfo import ZoneInfo

from hardening.errors import ConfigError

_PACKAGE = "tzdata"
# The zone of a machine that was never told where it is.
_NO_PLACE = {"Factory"}


def _names() -> frozenset[str]:
    """Every name of the database. Raises ConfigError where the package or its list is missing."""
    try:
        listed = resources.files(_PACKAGE).joinpath("zones").read_text(encoding="utf-8")
    except (ModuleNotFoundError, OSError):
        raise ConfigError(
            f"the package {_PACKAGE} is missing or incomplete", f"pip install {_PACKAGE}"
        ) from None
    return frozenset(listed.split()) - _NO_PLACE


TIME_ZONES = _names()


@cache
def time_zone(name: str) -> ZoneInfo:
    """The zone of one of `TIME_ZONES`. Raises LookupError for another name, OSError where it has no data."""
    if name not in TIME_ZONES:
        raise LookupError(f"{name!r} is no name of the IANA database")
    file = resources.files(_PACKAGE).joinpath("zoneinfo", *name.split("/"))
    with file.open("rb") as data:
        return ZoneInfo.from_file(data, key=name)
