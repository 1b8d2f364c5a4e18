"""Read `partners/*.yaml` strictly: every fault of every file at once, and nothing half read."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from hardening.errors import ConfigError
from hardening.registry.partners import Access, Partner, Party, TlsException
from hardening.registry.rules import KEYS, REQUIRED, Fault, partner_faults, secret_faults

HINT = "every key of a partner file is explained in docs/partners.md"
_PARTY = ("country_code", "party_id", "role")


def read_registry(folder: Path) -> tuple[Partner, ...]:
    """The partners of `folder`, sorted by name.

    Raises ConfigError with one line for each fault: the file, the key, and what was expected.
    """
    files = sorted((*folder.glob("*.yaml"), *folder.glob("*.yml"))) if folder.is_dir() else []
    if not files:
        raise ConfigError(
            f"{folder}: expected a folder with at least one partner file (*.yaml)",
            "copy partners/example-emsp.yaml and change it, or name the folder",
        )
    documents = {file: _document(file) for file in files}
    faults: list[str] = []
    for file, read in documents.items():
        faults += [f"{file}: {_one_line(fault)}" for fault in _faults(read, file.stem)]
    mappings = {file: read for file, read in documents.items() if isinstance(read, dict)}
    faults += map(_one_line, _shared(mappings))
    if faults:
        raise ConfigError(faults[0], HINT, tuple(faults))
    return tuple(sorted((_partner(read) for read in mappings.values()), key=lambda partner: partner.name))


class _StrictLoader(yaml.SafeLoader):
    """SafeLoader keeps the last of two equal keys: a second `networks:` would silently win."""


def _unique_mapping(loader: _StrictLoader, node: yaml.MappingNode) -> dict[object, object]:
    seen: set[object] = set()
    for key_node, _ in node.value:
        key = loader.construct_object(key_node, deep=True)
        if key in seen:
            raise yaml.constructor.ConstructorError(
                None, None, f"the key {key!r} stands twice", key_node.start_mark
            )
        seen.add(key)
    return yaml.SafeLoader.construct_mapping(loader, node, deep=True)


_StrictLoader.add_constructor("tag:yaml.org,2002:map", _unique_mapping)


def _document(file: Path) -> dict[str, Any] | Fault:
    """The mapping in a file, or the one fault that keeps it from being read."""
    try:
        document = yaml.load(file.read_text(encoding="utf-8"), Loader=_StrictLoader)  # noqa: S506  (a SafeLoader)
    except (OSError, UnicodeDecodeError) as error:
        return f"file: expected readable UTF-8 text ({type(error).__name__})"
    except (yaml.YAMLError, TypeError, RecursionError) as error:
        return f"line {_line(error)}: expected valid YAML{_problem(error)}"
    if not isinstance(document, dict):
        return "document: expected a mapping of keys (name, environment, parties, ...)"
    return document


def _faults(read: dict[str, Any] | Fault, stem: str) -> list[Fault]:
    if not isinstance(read, dict):
        return [read]
    faults = [*secret_faults(read)]
    told = {fault.partition(":")[0] for fault in faults}
    faults += [
        f"{key}: unknown key; expected one of {', '.join(KEYS)}"
        for key in read
        if key not in KEYS and key not in told
    ]
    faults += [f"{key}: missing; expected {KEYS[key]}" for key in REQUIRED if key not in read]
    return [
        *faults,
        *(fault for fault in partner_faults(read, stem=stem) if fault.partition(":")[0] not in told),
    ]


def _one_line(fault: Fault) -> str:
    """A key may hold any character; a fault is one printable line."""
    return "".join(c if c.isprintable() else ascii(c)[1:-1] for c in fault)


def _line(error: Exception) -> str:
    mark = getattr(error, "problem_mark", None)
    return "?" if mark is None else str(mark.line + 1)


def _problem(error: Exception) -> str:
    problem = getattr(error, "problem", None)
    return f": {problem}" if isinstance(problem, str) and "key" in problem else ""


def _partner(document: Mapping[str, object]) -> Partner:
    """A Partner out of a document that has no fault: every value has the type that KEYS promises."""
    values: dict[str, object] = {
        key: tuple(value) if isinstance(value, list) else value for key, value in document.items()
    }
    values["parties"] = tuple(Party(**party) for party in _mappings(document, "parties"))
    values["tls_exceptions"] = tuple(TlsException(**item) for item in _mappings(document, "tls_exceptions"))
    modules = document["modules"]
    values["modules"] = (
        {name: tuple(Access(access) for access in accesses) for name, accesses in modules.items()}
        if isinstance(modules, dict)
        else {}
    )
    return Partner(**values)  # type: ignore[arg-type]  # partner_faults has checked every type


def _mappings(document: Mapping[str, object], key: str) -> list[dict[str, Any]]:
    value = document.get(key, [])
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def _shared(documents: Mapping[Path, Mapping[str, Any]]) -> list[str]:
    """Faults between files: in one environment a party belongs to one partner, and to it once."""
    faults: list[str] = []
    owner: dict[tuple[str, ...], Path] = {}
    for file, document in documents.items():
        for number, party in enumerate(_mappings(document, "parties")):
            words = (document.get("environment"), *(party.get(name) for name in _PARTY))
            key = tuple(str(word).upper() for word in words)
            if key in owner:
                where = "stands twice" if owner[key] == file else f"belongs to {owner[key]} already"
                shown = "*".join(key[1:3])
                faults.append(f"{file}: parties[{number}]: {shown} {key[3]} {where}; expected a party once")
            owner.setdefault(key, file)
    return faults
