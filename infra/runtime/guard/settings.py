"""`guard.toml`: where the guard listens, whom it serves, and where its files are. Read strictly."""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from hardening.errors import ConfigError
from hardening.ledger.trail import RETENTION, retention_of
from hardening.registry.rules.identity import ENVIRONMENTS
from infra.runtime.boundary.settings import ON_FOREIGN_OBJECT
from infra.runtime.guard import credentials
from infra.runtime.guard.credentials import CredentialsSettings, credentials_settings

HINT = "every key of guard.toml is explained in docs/standalone.md"
_MOST_WORKERS = 64
_MOST_HOPS = 5
# The first port of the policy service, on loopback; each worker has one.
_POLICY_PORT = 9000
# And of the boundary before the OCPI service: as many as there are workers.
_BOUNDARY_PORT = 9200


@dataclass(frozen=True, slots=True, kw_only=True)
class GuardSettings:
    """What `rampart guard serve` is told. Paths are absolute; `upstream_ca` "" for none.

    `listen` and `upstream` are (host, port); `upstream_tls` says whether the OCPI service speaks TLS.
    """

    environment: str
    listen: tuple[str, int]
    server_names: tuple[str, ...]
    certificate: Path
    key: Path
    upstream: tuple[str, int]
    upstream_tls: bool
    upstream_ca: str
    partners: Path
    token_store: Path
    hop_key: Path
    workers: int = 1
    policy_port: int = _POLICY_PORT
    trusted_hops: int = 0
    credentials: CredentialsSettings | None = None
    otlp_port: int = 0
    ledger: Path
    boundary_port: int = _BOUNDARY_PORT
    on_foreign_object: str = ON_FOREIGN_OBJECT[0]
    pseudonym_key: Path
    receipt_key: Path
    retention: tuple[Mapping[str, Any], ...] = ()


# key -> what it must be, in words.
EXPECTED: Mapping[str, str] = {
    "environment": f"one of {', '.join(ENVIRONMENTS)}",
    "listen": "host:port",
    "server_names": "a list of the gateway's host names",
    "certificate": "the path of the chain, PEM",
    "key": "the path of its private key, PEM",
    "upstream": "the OCPI service, as https://host:port or, on loopback only, http://host:port",
    "upstream_ca": "the path of the CA of the OCPI service, PEM; needed with https",
    "partners": "the folder of the partner registry",
    "token_store": "the path of the SQLite file of token records, which is made where it is missing",
    "hop_key": "the path of a file of 32 random bytes or more, which the OCPI service has too",
    "workers": f"a whole number from 1 to {_MOST_WORKERS}",
    "policy_port": "a port of loopback; each worker takes one, from there on",
    "credentials": credentials.EXPECTED,
    "otlp_port": "a port of loopback, where an OpenTelemetry collector takes gRPC",
    "ledger": "the path of the SQLite file of what counts once; made where it is missing (ledger.sqlite)",
    "boundary_port": "a port of loopback, for what stands before the service; one a worker, from there on",
    "on_foreign_object": f"what becomes of a list with foreign objects: {' or '.join(ON_FOREIGN_OBJECT)}",
    "pseudonym_key": "the path of the key of drivers' pseudonyms; made where it is missing (pseudonym.key)",
    "receipt_key": "the path of the Ed25519 key (PEM) of receipts; made where it is missing (receipt.pem)",
    "retention": f"a list of class ({', '.join(RETENTION)}), days and legal_basis, of what the trail keeps",
    "trusted_hops": f"how many proxies before the guard write X-Forwarded-For, 0 to {_MOST_HOPS}",
}
_OPTIONAL = (
    *("upstream_ca", "workers", "policy_port", "trusted_hops", "credentials", "otlp_port"),
    *("ledger", "boundary_port", "on_foreign_object", "pseudonym_key", "receipt_key", "retention"),
)
# Files that are made where they are missing.
_MADE = {"ledger": "ledger.sqlite", "pseudonym_key": "pseudonym.key", "receipt_key": "receipt.pem"}
_PATHS = (
    "certificate",
    "key",
    "partners",
    "token_store",
    "hop_key",
    "ledger",
    "pseudonym_key",
    "receipt_key",
)


def read_settings(file: Path) -> GuardSettings:
    """The settings in `file`; its paths are relative to its folder.

    Raises ConfigError with a line for each fault: the file, the key, and what was expected.
    """
    try:
        document = tomllib.loads(file.read_text(encoding="utf-8"))
    except OSError as error:
        raise ConfigError(f"{file}: {error.strerror}", HINT) from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        reason = error if isinstance(error, tomllib.TOMLDecodeError) else "not UTF-8"
        raise ConfigError(f"{file}: expected TOML: {reason}", HINT) from None
    values, faults = _values(document, file.resolve().parent)
    if faults:
        lines = tuple(f"{file}: {fault}" for fault in faults)
        raise ConfigError(lines[0], HINT, lines)
    return GuardSettings(**values)


def _values(document: Mapping[str, Any], folder: Path) -> tuple[dict[str, Any], list[str]]:
    faults = [
        f"{key}: unknown key; expected one of {', '.join(EXPECTED)}"
        for key in document
        if key not in EXPECTED
    ]
    values: dict[str, Any] = {"upstream_ca": "", **_MADE}
    for key, expected in EXPECTED.items():
        if key not in document:
            faults += [] if key in _OPTIONAL else [f"{key}: missing; expected {expected}"]
            continue
        try:
            values |= _READERS[key](key, document[key])
        except (ValueError, TypeError, AttributeError, KeyError):
            faults.append(f"{key}: expected {expected}")
    if "credentials" in values:
        values["credentials"] = credentials_settings(values["credentials"], folder)
    for key in _PATHS:
        if key in values:
            values[key] = (folder / values[key]).resolve()
    if values["upstream_ca"]:
        values["upstream_ca"] = str((folder / values["upstream_ca"]).resolve())
    if values.get("upstream_tls") and not values["upstream_ca"] and "upstream_ca" not in document:
        faults.append(f"upstream_ca: missing; expected {EXPECTED['upstream_ca']}")
    return values, faults


def _environment(key: str, value: Any) -> dict[str, Any]:
    if value not in ENVIRONMENTS:
        raise ValueError
    return {key: value}


def _address(key: str, value: Any) -> dict[str, Any]:
    host, _, port = value.rpartition(":")
    if not host or not port.isdecimal() or not 1 <= int(port) <= 65535:
        raise ValueError
    return {key: (host.strip("[]"), int(port))}


def _names(key: str, value: Any) -> dict[str, Any]:
    if not isinstance(value, list) or not value or not all(isinstance(one, str) and one for one in value):
        raise ValueError
    return {key: tuple(value)}


def _one_of_foreign(key: str, value: Any) -> dict[str, Any]:
    if value not in ON_FOREIGN_OBJECT:
        raise ValueError
    return {key: value}


def _text(key: str, value: Any) -> dict[str, Any]:
    if not isinstance(value, str) or not value:
        raise ValueError
    return {key: value}


def _url(key: str, value: Any) -> dict[str, Any]:
    url = urlsplit(value)
    if url.scheme not in ("http", "https") or not url.hostname or url.path not in ("", "/"):
        raise ValueError
    if url.query or url.fragment or url.username is not None or url.password is not None:
        raise ValueError
    tls = url.scheme == "https"
    return {key: (url.hostname, url.port or (443 if tls else 80)), "upstream_tls": tls}


def _credentials(key: str, value: Any) -> dict[str, Any]:
    credentials_settings(value, Path())  # its paths are made absolute later
    return {key: value}


def _retention(key: str, value: Any) -> dict[str, Any]:
    retention_of(value)
    return {key: tuple(value)}


def _whole(least: int, most: int) -> Callable[[str, Any], dict[str, Any]]:
    def read(key: str, value: Any) -> dict[str, Any]:
        if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= most:
            raise ValueError
        return {key: value}

    return read


_READERS: Mapping[str, Callable[[str, Any], dict[str, Any]]] = {
    **dict.fromkeys(EXPECTED, _text),
    "environment": _environment,
    "listen": _address,
    "server_names": _names,
    "upstream": _url,
    "workers": _whole(1, _MOST_WORKERS),
    "policy_port": _whole(1, 65535 - _MOST_WORKERS),
    "otlp_port": _whole(1, 65535),
    "boundary_port": _whole(1, 65535 - _MOST_WORKERS),
    "on_foreign_object": _one_of_foreign,
    "retention": _retention,
    "trusted_hops": _whole(0, _MOST_HOPS),
    "credentials": _credentials,
}


def shown(settings: GuardSettings) -> str:
    """The settings as lines of `key: value`, for people. No secret is among them, only where they are."""
    rows = ((one.name, getattr(settings, one.name)) for one in fields(settings) if one.name != "upstream_tls")
    return "\n".join(f"{name}: {_line(value)}" for name, value in rows)


def _line(value: object) -> str:
    if isinstance(value, tuple):
        separator = ":" if value and isinstance(value[-1], int) else ", "
        return separator.join(map(str, value))
    return str(value)
