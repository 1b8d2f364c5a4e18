"""Read `partners/*.yaml` strictly: all files load or none, and every fault is reported at once."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from hardening.errors import ConfigError
from hardening.registry.callback_host import CallbackHost
from hardening.registry.partners import Access, ModuleRate, Partner, Party, Share, TlsException
from hardening.registry.rules import partner_faults
from hardening.registry.rules.rule import Fault
from hardening.registry.secrets_in_files import secret_faults
from hardening.yaml_file import YamlFile, read_yaml

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
    faults: list[str] = []
    documents: list[YamlFile] = []
    for file in files:
        try:
            read = read_yaml(file)
        except ConfigError as error:
            faults.append(_one_line(error.message))
            continue
        faults += [_placed(read, fault) for fault in _faults(read.data, file.stem)]
        if isinstance(read.data, dict):
            documents.append(read)
    faults += _shared(documents)
    if faults:
        raise ConfigError(faults[0], HINT, tuple(faults))
    return tuple(sorted((_partner(read.data) for read in documents), key=lambda partner: partner.name))


def _placed(read: YamlFile, fault: Fault) -> str:
    """The fault with the file and the line of its key."""
    return _one_line(f"{read.at(fault.partition(': ')[0])}: {fault}")


def _faults(read: Any, stem: str) -> list[Fault]:
    if not isinstance(read, dict):
        return ["document: expected a mapping of keys (name, environment, parties, ...)"]
    secrets = list(secret_faults(read))
    named = {fault.partition(":")[0] for fault in secrets}
    faults = partner_faults(read, stem=stem)
    return [*secrets, *(fault for fault in faults if fault.partition(":")[0] not in named)]


def _one_line(fault: Fault) -> str:
    """A key may hold any character; a fault is one printable line."""
    return "".join(c if c.isprintable() else ascii(c)[1:-1] for c in fault)


def _partner(document: Mapping[str, object]) -> Partner:
    """A Partner out of a document that has no fault: every value has the type that KEYS promises."""
    values: dict[str, object] = {
        key: tuple(value) if isinstance(value, list) else value for key, value in document.items()
    }
    values["parties"] = tuple(Party(**party) for party in _mappings(document, "parties"))
    values["module_rates"] = tuple(ModuleRate(**item) for item in _mappings(document, "module_rates"))
    values["tls_exceptions"] = tuple(TlsException(**item) for item in _mappings(document, "tls_exceptions"))
    values["shares"] = tuple(
        Share(**{**item, "fields": tuple(item["fields"])}) for item in _mappings(document, "shares")
    )
    hosts = document["callback_hosts"]
    values["callback_hosts"] = tuple(map(CallbackHost.parse, hosts)) if isinstance(hosts, list) else ()
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


def _shared(documents: Iterable[YamlFile]) -> list[str]:
    """Faults between files: in one environment a party belongs to one partner, and to it once."""
    faults: list[str] = []
    owner: dict[tuple[str, ...], YamlFile] = {}
    for read in documents:
        for number, party in enumerate(_mappings(read.data, "parties")):
            words = (read.data.get("environment"), *(party.get(name) for name in _PARTY))
            key = tuple(str(word).upper() for word in words)
            if key in owner:
                first = owner[key]
                where = "appears twice" if first is read else f"belongs to {first.source} already"
                fault = f"parties[{number}]: {'*'.join(key[1:3])} {key[3]} {where}; expected a party once"
                faults.append(_placed(read, fault))
            owner.setdefault(key, read)
    return faults
