"""Read `partners/*.yaml` strictly: every fault of every file at once, and nothing half read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from pathlib import Path
from typing import Any

import yaml

from hardening.errors import ConfigError
from hardening.partners import Access, Partner, Party, TlsException
from hardening.registry_rules import KEYS, REQUIRED, Fault, partner_faults, secret_faults

HINT = "every key of a partner file is explained in docs/partners.md"
_ALL_KEYS = tuple(field.name for field in fields(Partner))


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
    faults: list[str] = []
    partners: list[tuple[Path, Partner]] = []
    for file in files:
        read = _read(file)
        if isinstance(read, Partner):
            partners.append((file, read))
        else:
            faults += [f"{file}: {fault}" for fault in read]
    faults += _shared(partners)
    if faults:
        raise ConfigError(faults[0], HINT, tuple(faults))
    return tuple(sorted((partner for _, partner in partners), key=lambda partner: partner.name))


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


def _read(file: Path) -> Partner | list[Fault]:
    try:
        text = file.read_text(encoding="utf-8")
        document = yaml.load(text, Loader=_StrictLoader)  # noqa: S506  (it is a SafeLoader)
    except (OSError, UnicodeDecodeError) as error:
        return [f"file: expected readable UTF-8 text ({type(error).__name__})"]
    except (yaml.YAMLError, TypeError) as error:
        return [f"line {_line(error)}: expected valid YAML{_problem(error)}"]
    if not isinstance(document, dict):
        return ["document: expected a mapping of keys (name, environment, parties, ...)"]
    faults = [*secret_faults(document)]
    faults += [
        f"{key}: unknown key; expected one of {', '.join(_ALL_KEYS)}"
        for key in document
        if key not in KEYS and not any(fault.startswith(f"{key}: a token") for fault in faults)
    ]
    faults += [f"{key}: missing; expected {KEYS[key]}" for key in REQUIRED if key not in document]
    faults += partner_faults(document, stem=file.stem)
    return faults or _partner(document)


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


def _shared(partners: list[tuple[Path, Partner]]) -> list[str]:
    """Faults between files: in one environment a party or a name belongs to one partner."""
    faults: list[str] = []
    owner: dict[tuple[str, str, str, str], Path] = {}
    named: dict[str, Path] = {}
    for file, partner in partners:
        if partner.name in named:
            faults.append(
                f"{file}: name: {partner.name!r} is taken by {named[partner.name]}; expected its own"
            )
        named.setdefault(partner.name, file)
        for number, party in enumerate(partner.parties):
            key = (partner.environment, party.country_code.upper(), party.party_id.upper(), party.role)
            if key in owner and owner[key] != file:
                faults.append(
                    f"{file}: parties[{number}]: {party} {party.role} belongs to {owner[key]} already; "
                    f"expected a party of this partner alone"
                )
            owner.setdefault(key, file)
    return faults
