"""The guard's own credentials module and egress guard: what `guard.toml` says of them, and how they start."""

from __future__ import annotations

import base64
import json
import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from hardening.requests.hop_signature import LEAST_KEY_BYTES
from infra.runtime.supervisor import Program, answers, python_module

HEALTH = "/healthz"
_ROLE = {"role", "country_code", "party_id", "business_details"}
_CREDENTIALS_PORT, _EGRESS_PORT = 9100, 9101
EXPECTED = (
    "a table with origin (https URL), our_roles (list of role, country_code, party_id, business_details) "
    "and vault (path); see below"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class CredentialsSettings:
    """The table `[credentials]`.

    `partner_addresses` maps a partner's `host:port` to an `address:port` that is not public.
    """

    origin: str
    our_roles: tuple[Mapping[str, Any], ...]
    vault: Path
    certificates: Path
    credentials_port: int = _CREDENTIALS_PORT
    egress_port: int = _EGRESS_PORT
    partner_addresses: Mapping[str, str]


def credentials_settings(given: Mapping[str, Any], folder: Path) -> CredentialsSettings:
    """The table, with paths relative to `folder`.

    Raises KeyError, ValueError, TypeError or AttributeError for another one.
    """
    origin = urlsplit(given["origin"])
    if origin.scheme != "https" or not origin.hostname or origin.path.strip("/") or origin.query:
        raise ValueError
    roles, addresses = given["our_roles"], given.get("partner_addresses", {})
    if not roles or any(set(role) != _ROLE for role in roles):
        raise ValueError
    ports = {name: int(given[name]) for name in ("credentials_port", "egress_port") if name in given}
    if set(given) - set(CredentialsSettings.__slots__) or any(
        not 1 <= one <= 65535 for one in ports.values()
    ):
        raise ValueError
    return CredentialsSettings(
        origin=given["origin"].rstrip("/"),
        our_roles=tuple(dict(role) for role in roles),
        vault=(folder / given["vault"]).resolve(),
        certificates=(folder / given.get("certificates", "partners")).resolve(),
        partner_addresses={str(name): str(there) for name, there in addresses.items()},
        **ports,
    )


def credentials_programs(
    settings: CredentialsSettings, worker: Mapping[str, str], folder: Path
) -> tuple[Program, ...]:
    """The egress guard, then the module that calls partners through it. `worker`: a policy worker's settings.

    The OCPI service is a caller too, with the hop key; the module's own key lives as long as this run.
    """
    key = base64.b64encode(secrets.token_bytes(LEAST_KEY_BYTES)).decode("ascii")
    hop = base64.b64encode(Path(worker["RAMPART_HOP_KEY_FILE"]).read_bytes()).decode("ascii")
    keys, own = folder / "egress-keys.json", folder / "egress.key"
    _write_private(keys, json.dumps({"service": hop, "credentials": key}))
    _write_private(own, key)
    common = {**worker, "RAMPART_VAULT_FILE": str(settings.vault)}
    egress = {
        **common,
        "RAMPART_EGRESS_PORT": str(settings.egress_port),
        "RAMPART_EGRESS_KEYS_FILE": str(keys),
        "RAMPART_CERTIFICATES": str(settings.certificates),
        "RAMPART_EGRESS_ELSEWHERE": json.dumps(dict(settings.partner_addresses)),
    }
    module = {
        **common,
        "RAMPART_CREDENTIALS_PORT": str(settings.credentials_port),
        "RAMPART_ORIGIN": settings.origin,
        "RAMPART_OUR_ROLES": json.dumps([dict(role) for role in settings.our_roles]),
        "RAMPART_EGRESS_URL": f"http://127.0.0.1:{settings.egress_port}",
        "RAMPART_EGRESS_KEY_FILE": str(own),
    }
    return (
        _program("egress", "infra.runtime.egress", egress, settings.egress_port),
        _program("credentials", "infra.runtime.credentials", module, settings.credentials_port),
    )


def _program(name: str, module: str, environment: Mapping[str, str], port: int) -> Program:
    return Program(name, python_module(module), environment, lambda: answers(port, HEALTH))


def _write_private(file: Path, text: str) -> None:
    with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as opened:
        opened.write(text)
