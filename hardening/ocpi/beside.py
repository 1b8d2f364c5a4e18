"""The objects that a user names beside the messages: read once, and found by what a message names."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from hardening.errors import ConfigError
from hardening.ocpi.detect import kind_of
from hardening.ocpi.inputs import document, opened
from hardening.ocpi.rules.rule import Related
from hardening.ocpi.structs import Shape
from hardening.ocpi.validation import decoded, plan, structure

# (field of `Related`, its object): one option of the command each.
KINDS: tuple[tuple[str, str], ...] = (
    ("tariff", "Tariff"),
    ("location", "Location"),
    ("session", "Session"),
    ("token", "Token"),
)
# What identifies an object: country, party and id, letter case aside (they are CiStrings).
Key = tuple[str, str, str]
# kind -> the files and folders that were named for it.
Named = tuple[tuple[str, tuple[str, ...]], ...]


@dataclass(frozen=True, slots=True)
class Beside:
    """The objects of each kind by their key, decoded; `missing` counts what was named in vain."""

    objects: Mapping[str, Mapping[Key, Any]]
    missing: Counter[str] = field(default_factory=Counter)

    def related(self, value: Any) -> Related:
        """What is known beside a decoded CDR or session; nothing for any other object."""
        found = {}
        for kind, known in self.objects.items():
            wanted = _wanted(kind, value)
            found[kind] = known.get(wanted) if wanted else _only(kind, known, value)
            if wanted and found[kind] is None:
                self.missing[kind] += 1
        return Related(**found)


def _wanted(kind: str, value: Any) -> Key | None:
    """The object that a message names; None where it names none, or several."""
    owner = _text(value, "country_code"), _text(value, "party_id")
    if kind == "session":
        return _key(*owner, _text(value, "session_id"))
    if kind == "location":
        place = getattr(value, "cdr_location", None)
        return _key(*owner, _text(place, "id") if place else _text(value, "location_id"))
    if kind == "token":
        card = getattr(value, "cdr_token", None)
        return _key(*(_text(card, name) for name in ("country_code", "party_id", "uid"))) if card else None
    named = {period.tariff_id.lower() for period in _periods(value) if period.tariff_id}
    return _key(*owner, named.pop()) if len(named) == 1 else None


def _only(kind: str, known: Mapping[Key, Any], value: Any) -> Any:
    """The one tariff that was named, for a message that names none."""
    if kind != "tariff" or len(known) != 1 or any(period.tariff_id for period in _periods(value)):
        return None
    return next(iter(known.values()))


def _periods(value: Any) -> Iterable[Any]:
    return getattr(value, "charging_periods", None) or ()


def _text(value: Any, name: str) -> str:
    return getattr(value, name, "") or ""


def _key(country: str, party: str, identifier: str) -> Key | None:
    return (country.lower(), party.lower(), identifier.lower()) if identifier else None


@cache
def beside(version: str, edition: str, named: Named) -> Beside:
    """The objects in the files and folders of `named`. Raises ConfigError for what is none of its kind."""
    objects: dict[str, dict[Key, Any]] = {}
    for kind, names in named:
        of = dict(KINDS)[kind]
        found: dict[Key, Any] = {}
        objects[kind] = found
        for file in _files(kind, names):
            for one in _read(file, version, edition, kind, of):
                key = _key(_text(one, "country_code"), _text(one, "party_id"), _identifier(one))
                if key is None or key in found:
                    raise ConfigError(f"{file}: a {of} without an id, or one that is there already")
                found[key] = one
    return Beside(objects)


def _identifier(one: Any) -> str:
    return _text(one, "uid") or _text(one, "id")


def _files(kind: str, names: Iterable[str]) -> Iterator[str]:
    for name in names:
        if not Path(name).is_dir():
            yield name
            continue
        files = sorted(str(file) for file in Path(name).glob("*.json*"))
        if not files:
            raise ConfigError(f"--{kind} {name}: no file in it", "*.json, *.jsonl, *.json.gz")
        yield from files


def _read(name: str, version: str, edition: str, kind: str, of: str) -> Iterator[Any]:
    """The objects of one file, which has to be sound. Raises ConfigError where it is not."""
    with opened(name) as source:
        bodies = [line for line in source.file if line.strip()] if source.lines else [document(source)]
    for body in bodies:
        _, shape = kind_of(body, version, edition, of, "auto")
        how = plan(version, edition, of, shape)
        faults = structure(body, how)
        if faults:
            problem = f"{name}: not a {of} of OCPI {version}: {faults[0]}"
            raise ConfigError(problem, f"--{kind} takes {of} objects")
        value = decoded(body, how)
        if shape in (Shape.RESPONSE, Shape.RESPONSE_LIST):
            value = value.data or []
        yield from value if isinstance(value, list) else [value]
