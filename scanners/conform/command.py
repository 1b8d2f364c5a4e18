"""`rampart guard conform`."""

from __future__ import annotations

import ssl
import time
from pathlib import Path
from urllib.parse import urlsplit

import click

from hardening.cli import Exit
from hardening.errors import ConfigError
from hardening.registry.partners import Partner
from hardening.registry.reader import read_registry
from hardening.requests.hop_signature import LEAST_KEY_BYTES
from scanners.conform.calls import Signer, calls
from scanners.conform.scan import Service, scan
from scanners.output import ReportOptions, finish, report_options

_PATH = click.Path(path_type=Path)


@click.command()
@click.argument("url")
@click.option("--hop-key-file", "key_file", type=_PATH, required=True, help="The key of guard and service.")
@click.option("--partner", "name", required=True, help="In whose name: best a CPO with tokens.")
@click.option("--partners", "folder", type=_PATH, default=Path("partners"), show_default=True)
@click.option("--ca-file", type=_PATH, help="The CA of an https service.")
@report_options
def conform(
    url: str, key_file: Path, name: str, folder: Path, ca_file: Path | None, report: ReportOptions
) -> Exit:
    """Test whether the OCPI service at URL may stand behind the guard (docs/service-contract.md).

    It is called as the guard would call it, and as somebody who only pretends to be the guard. Every
    call asks; none changes anything.
    """
    service, partner = _service(url, ca_file), _partner(folder, name)
    signer = Signer(_key(key_file), partner.name, int(time.time()))
    return finish(scan(service, calls(signer, partner), partner.name), report)


def _partner(folder: Path, name: str) -> Partner:
    found = next((one for one in read_registry(folder) if one.name == name), None)
    if found is None:
        raise ConfigError(
            f"--partner {name}: {folder} has no such partner", "`rampart partner check` lists them"
        )
    return found


def _service(url: str, ca_file: Path | None) -> Service:
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise ConfigError("URL: expected https://host:port or http://host:port") from None
    if (
        parts.scheme not in ("http", "https")
        or not parts.hostname
        or parts.path not in ("", "/")
        or parts.query
    ):
        raise ConfigError("URL: expected https://host:port or http://host:port, without a path")
    if parts.scheme == "http":
        return Service(parts.hostname, port or 80)
    try:
        trust = ssl.create_default_context(cafile=str(ca_file) if ca_file else None)
    except (OSError, ssl.SSLError):
        raise ConfigError(f"--ca-file {ca_file}: expected certificates in PEM") from None
    return Service(parts.hostname, port or 443, trust)


def _key(file: Path) -> bytes:
    try:
        key = file.read_bytes()
    except OSError as error:
        raise ConfigError(f"--hop-key-file {file}: {error.strerror}") from None
    if len(key) < LEAST_KEY_BYTES:
        raise ConfigError(f"--hop-key-file {file}: expected at least {LEAST_KEY_BYTES} bytes")
    return key
