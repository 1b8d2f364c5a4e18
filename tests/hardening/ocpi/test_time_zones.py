"""Time zones come from the `tzdata` package, and what is missing is an error."""

from __future__ import annotations

import subprocess
import sys
from datetime import UTC, datetime, timedelta

import pytest

from hardening.ocpi.time_zones import TIME_ZONES, time_zone


def test_every_name_has_its_data() -> None:
    assert len(TIME_ZONES) > 500
    noon = datetime(2026, 7, 1, 12, tzinfo=UTC)
    assert all(noon.astimezone(time_zone(name)).utcoffset() is not None for name in TIME_ZONES)


def test_summer_and_winter_differ_in_amsterdam() -> None:
    zone = time_zone("Europe/Amsterdam")
    assert datetime(2026, 1, 1, tzinfo=zone).utcoffset() == timedelta(hours=1)
    assert datetime(2026, 7, 1, tzinfo=zone).utcoffset() == timedelta(hours=2)


def test_another_name_is_an_error() -> None:
    for name in ("Amsterdam", "", "../zones", "europe/amsterdam"):
        with pytest.raises(LookupError):
            time_zone(name)


# In a process of its own, in which the package cannot be found.
_WITHOUT = """
import sys
sys.modules["tzdata"] = None
from hardening.errors import ConfigError
try:
    import hardening.ocpi.validation
except ConfigError as error:
    print(error.message)
"""


def test_rules_do_not_load_without_the_data() -> None:
    ran = subprocess.run([sys.executable, "-c", _WITHOUT], capture_output=True, text=True, check=True)
    assert ran.stdout == "the package tzdata is missing or incomplete\n"
