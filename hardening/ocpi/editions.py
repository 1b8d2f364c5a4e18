"""The editions by name, and the objects that are exchanged in each version."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

from hardening.errors import ConfigError
from hardening.ocpi.fields import Edition, assemble
from hardening.ocpi.tables import EDITIONS

# Objects that stand alone in a body, a list or the `data` of a response.
_EXCHANGED = tuple(
    """
    Location EVSE Connector Session ChargingPreferences ChargingPreferencesResponse CDR Tariff Token
    LocationReferences AuthorizationInfo StartSession StopSession ReserveNow CancelReservation
    UnlockConnector CommandResponse CommandResult SetChargingProfile ActiveChargingProfile
    ChargingProfileResponse ActiveChargingProfileResult ChargingProfileResult ClearProfileResult
    ClientInfo Credentials Version VersionDetails Terminal FinancialAdviceConfirmation
    InvoiceReconciliationRecord Booking BookingLocation BookingRequest
    """.split()  # noqa: SIM905  (a list of words reads better as words)
)


def names(version: str) -> tuple[str, ...]:
    """The editions of `version`, the default last."""
    return tuple(name for of, name in EDITIONS if of == version)


@cache
def edition(version: str, name: str = "") -> Edition:
    """The tables of an edition (default: the newest). Raises ConfigError for one that does not exist."""
    known = names(version)
    if not known:
        versions = ", ".join(dict.fromkeys(of for of, _ in EDITIONS))
        raise ConfigError(f"OCPI {version} is not a version that is known here", f"one of {versions}")
    name = name or known[-1]
    if name not in known:
        raise ConfigError(f"OCPI {version} has no edition {name!r}", f"one of {', '.join(known)}")
    return assemble(version, name, EDITIONS[version, name])


@cache
def attributes(class_name: str) -> frozenset[str]:
    """The attribute names that a class has in any edition of any version."""
    tables = (edition(version, name) for version, name in EDITIONS)
    fields = [one for of in tables for one in of.classes.get(class_name, {}).values()]
    return frozenset(one.attribute for one in fields)


def objects(version: str, name: str = "") -> tuple[str, ...]:
    """The objects that stand alone in an edition."""
    tables = edition(version, name)
    return tuple(one for one in _EXCHANGED if one in tables.classes or one in tables.enums)


def _by_version() -> dict[str, tuple[str, ...]]:
    there: dict[str, set[str]] = {}
    for (version, _), fragments in EDITIONS.items():
        for fragment in fragments:
            there.setdefault(version, set()).update(fragment.classes, fragment.enums)
    return {version: tuple(one for one in _EXCHANGED if one in those) for version, those in there.items()}


# version -> names of its objects, over all of its editions.
OBJECTS: Mapping[str, tuple[str, ...]] = _by_version()
