"""Reads lists of endpoints: CSV with a header line, or YAML.

    endpoint,address,sni,ca,profile,pins,client_certificate,client_cert,plain_port,path,comment
    ocpi.partner.example:443,,,,,,,,,,

Only `endpoint` (`host:port`, `host`, `[address]:port`, an https URL) is needed. Several addresses or pins are
separated by blanks (in YAML they may be lists). A broken line is reported with its number; the others
are read.
"""

from __future__ import annotations

import base64
import binascii
import ipaddress
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

import idna

from hardening.errors import ConfigError
from hardening.yaml_file import read_yaml
from scanners.tls.certificates.roots import roots_of
from scanners.tls.certificates.shown import client_certificate
from scanners.tls.csv_rows import csv_rows
from scanners.tls.endpoint import Endpoint
from scanners.tls.profiles import profile
from scanners.tls.protocol.wire import is_address

KEYS: Final = (
    *("endpoint", "address", "sni", "ca", "profile", "pins"),
    *("client_certificate", "client_cert", "plain_port", "path", "comment"),
)
_LABEL: Final = re.compile(r"[A-Za-z0-9_]([A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?")
_SWITCHES: Final = {"": False, "no": False, "false": False, "yes": True, "true": True}


@dataclass(frozen=True, slots=True)
class EndpointList:
    """The endpoints of a file, and one problem (`file:line: reason`) for each line that is none."""

    endpoints: tuple[Endpoint, ...]
    problems: tuple[str, ...]


def read_endpoints(file: Path, defaults: Endpoint) -> EndpointList:
    """The endpoints in `file`; what a line does not say is as in `defaults`. Raises ConfigError."""
    rows = csv_rows(file) if file.suffix.lower() == ".csv" else _yaml(file)
    endpoints, problems = [], []
    for line, row in rows:
        place = f"{file}:{line}"
        try:
            endpoints.append(replace(endpoint_of(row, defaults, file.parent), source=place))
        except ConfigError as fault:
            problems.append(f"{place}: {fault.message}")
    if not endpoints and not problems:
        raise ConfigError(f"{file}: endpoint list: it names no endpoint")
    return EndpointList(tuple(endpoints), tuple(problems))


def endpoint_of(row: Mapping[str, Any], defaults: Endpoint, folder: Path) -> Endpoint:
    """One row as an endpoint; relative paths are taken from `folder`. Raises ConfigError."""
    unknown = sorted(set(map(str, row)) - set(KEYS))
    if unknown:
        raise ConfigError(f"{', '.join(unknown)}: unknown key; known are {', '.join(KEYS)}")
    host, port, url_path = place_of(str(row.get("endpoint") or ""))
    ca = _text(row, "ca")
    ca_file = str(folder / ca) if ca else defaults.ca_file
    roots_of(ca_file)  # an unreadable CA file is this line's fault
    shown = _text(row, "client_cert")
    client_file = str(folder / shown) if shown else defaults.client_file
    if client_file:
        client_certificate(client_file)
    chosen = _text(row, "profile")
    return replace(
        defaults,
        host=host,
        port=port,
        addresses=tuple(address(a) for a in _several(row, "address")) or defaults.addresses,
        server_name=_server_name(row) or defaults.server_name,
        ca_file=ca_file,
        profile=profile(chosen) if chosen else defaults.profile,
        pins=tuple(pin(p) for p in _several(row, "pins")) or defaults.pins,
        client_certificate=_switch(row, "client_certificate") or defaults.client_certificate,
        client_file=client_file,
        plain_port=_port(row, "plain_port", defaults.plain_port),
        path=_path(_text(row, "path")) or url_path or defaults.path,
    )


def place_of(text: str) -> tuple[str, int, str]:
    """Host, port and path (empty: none) of `host`, `host:port`, `[address]:port` or an https URL.

    Raises ConfigError. What may hold a secret in a URL is refused, and not quoted.
    """
    if any(mark in text for mark in "@?#"):
        raise ConfigError("endpoint: expected host:port, or a URL without user, query and fragment")
    scheme, found, rest = text.strip().partition("://")
    if not found:
        return *host_and_port(text), ""
    if scheme.lower() != "https":
        raise ConfigError(f"endpoint: expected an https URL, got {scheme[:20]!r}")
    place, slash, path = rest.partition("/")
    return *host_and_port(place), _path(slash + path) if path else ""


def host_and_port(text: str) -> tuple[str, int]:
    """`host`, `host:port` or `[address]:port`; the port is 443 by default. Raises ConfigError."""
    text = text.strip().removesuffix("/")
    match = re.fullmatch(r"\[([0-9A-Fa-f:.]+)\](?::(\d+))?", text) or re.fullmatch(
        r"([^:/\s]+)(?::(\d+))?", text
    )
    if match is None:
        raise ConfigError(f"endpoint: expected host:port, got {text[:80]!r}")
    host, port = match[1], int(match[2] or 443)
    host = address(host) if text.startswith("[") else host_name(host, "endpoint")
    if not 0 < port < 65536:
        raise ConfigError(f"endpoint: expected a port from 1 to 65535, got {port}")
    return host, port


def host_name(text: str, key: str) -> str:
    """A host name (RFC 1123, 2.1) as it is sent in a ClientHello, or an address. Raises ConfigError.

    Letters of other scripts are written as IDNA 2008 does (RFC 5891): not as Python's own codec, which takes
    `straße` for another name.
    """
    try:
        name = text if text.isascii() else idna.encode(text, uts46=True).decode("ascii")
        name = name.lower().removesuffix(".")
    except idna.IDNAError:
        name = ""
    if not name or len(name) > 253 or not all(_LABEL.fullmatch(label) for label in name.split(".")):
        raise ConfigError(f"{key}: expected a host name or address, got {text[:80]!r}")
    return name


def address(text: str) -> str:
    """An IP address. Raises ConfigError."""
    try:
        return str(ipaddress.ip_address(text))
    except ValueError:
        raise ConfigError(f"address: expected an IP address, got {text[:80]!r}") from None


def pin(text: str) -> str:
    """A SHA-256 of a public key, given in base64 (or `sha256/`base64) or hex, as hex. Raises ConfigError."""
    text = text.removeprefix("sha256/")
    if re.fullmatch(r"[0-9a-fA-F]{64}", text):
        return text.lower()
    try:
        digest = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        digest = b""
    if len(digest) != 32:
        raise ConfigError("pins: expected SHA-256 digests of public keys, in base64 or hex")
    return digest.hex()


def _yaml(file: Path) -> Iterator[tuple[int, Mapping[str, Any]]]:
    document = read_yaml(file)
    if not isinstance(document.data, list):
        raise ConfigError(f"{file}:1: expected a list of endpoints", "see docs/tls.md for its keys")
    for number, value in enumerate(document.data):
        row = {"endpoint": value} if isinstance(value, str) else value
        yield document.line(f"[{number}]"), row if isinstance(row, dict) else {"endpoint": ""}


def _text(row: Mapping[str, Any], key: str) -> str:
    value = row.get(key)
    return "" if value is None else str(value).strip()


def _several(row: Mapping[str, Any], key: str) -> list[str]:
    value = row.get(key)
    return [str(item) for item in value] if isinstance(value, list) else _text(row, key).split()


def _server_name(row: Mapping[str, Any]) -> str:
    text = _text(row, "sni")
    return host_name(text, "sni") if text and not is_address(text) else text


def _switch(row: Mapping[str, Any], key: str) -> bool:
    value = _text(row, key).lower()
    if value not in _SWITCHES:
        raise ConfigError(f"{key}: expected yes or no, got {value[:20]!r}")
    return _SWITCHES[value]


def _port(row: Mapping[str, Any], key: str, default: int) -> int:
    value = _text(row, key)
    if not value:
        return default
    if not value.isdecimal() or int(value) > 65535:
        raise ConfigError(f"{key}: expected a port, or 0 to leave it alone, got {value[:20]!r}")
    return int(value)


def _path(path: str) -> str:
    if path and not re.fullmatch(r"/[!-~]{0,500}", path):
        raise ConfigError("path: expected a path that begins with / and has no blanks")
    return path
