"""What a gateway in the lab needs before it starts: certificates, its own copy of the registry, and tokens.

The token table and the secrets are the emulator's; only their callers run on this machine.
"""

from __future__ import annotations

import http.client
import json
import shutil
import ssl
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from hardening.registry.partners import Partner
from hardening.registry.reader import read_registry
from hardening.requests import tokens
from hardening.requests.samples import CURRENT, EXPIRED, FOREIGN, REGISTRATION, REVOKED, TOKEN_KINDS
from hardening.yaml_file import read_yaml, yaml_text
from infra.lab.certificates import (
    GATEWAY_ALONE,
    Certificates,
    make_certificates,
    write_private,
)
from infra.lab.clients import Clients
from infra.runtime.policy_service.stores import TokenRecord, item

_LOOPBACK = "127.0.0.1/32"
_TOKEN_LIFETIME = timedelta(days=30)
# More than the probe sends.
_PROBES_A_MINUTE = 60_000
# DynamoDB takes 25 items in one batch.
_BATCH = 25


@dataclass(frozen=True, slots=True, kw_only=True)
class GatewayInputs:
    """What the deployed stack gives: the emulator, the token table, and the secret of each partner.

    `secrets` maps a partner's name to the id of its inbound secret in Secrets Manager.
    """

    aws_endpoint: str
    region: str
    token_table: str
    secrets: Mapping[str, str]
    partners: Path
    environment: str = "test"
    aws_ca_file: str = ""


@dataclass(frozen=True, slots=True)
class Prepared:
    """What needs no emulator: certificates and the lab's own copy of the registry."""

    certificates: Certificates
    partners: Path


def prepare(folder: Path, partners: Path, servers: Mapping[str, Sequence[str]] = GATEWAY_ALONE) -> Prepared:
    """Make certificates for the host names of `servers`, and the lab's registry, in `folder`.

    Raises ConfigError for a broken registry.

    Calls come from loopback here, which no partner's contract names, and the probe sends them as fast as it
    can: the lab's copy of the registry allows both, and the project's own stays as it is.
    """
    read_registry(partners)
    copies = folder / "partners"
    copies.mkdir(parents=True, exist_ok=True)
    for old in copies.glob("*.yaml"):
        old.unlink()
    certificates = make_certificates(folder / "certificates", servers)
    for file in sorted((*partners.glob("*.yaml"), *partners.glob("*.yml"))):
        document = read_yaml(file).data
        document["networks"] = list(dict.fromkeys([*document["networks"], _LOOPBACK]))
        document["requests_per_minute"] = _PROBES_A_MINUTE
        document.pop("module_rates", None)
        if "tls_ca_file" in document:
            # The lab's partners have certificates of the lab's CA.
            document["tls_ca_file"] = certificates.ca_file.name
            shutil.copy(certificates.ca_file, copies)
        copy = copies / f"{file.stem}.yaml"
        copy.write_text(yaml_text(document), encoding="utf-8")
    return Prepared(certificates, copies)


def seed_tokens(folder: Path, prepared: Prepared, inputs: GatewayInputs) -> Path:
    """Issue one token of each kind to each partner: digests to the table, and one more to its secret.

    Returns the file (mode 0600) that maps `partner`, and `partner:kind` for the kinds that must be
    refused, to tokens: what the probe needs to attack with.
    """
    clients = Clients(inputs.aws_endpoint, inputs.region, inputs.aws_ca_file)
    known: dict[str, str] = {}
    records: list[TokenRecord] = []
    for partner in read_registry(prepared.partners):
        if partner.environment != inputs.environment:
            continue
        for kind in TOKEN_KINDS:
            token = tokens.issue()
            known[partner.name if kind == CURRENT else f"{partner.name}:{kind}"] = token
            records.append(_record(partner, kind, token))
        if partner.name in inputs.secrets:
            # What AWS's first rotation would have made: a registration token (see `functions.rotation`).
            unused = tokens.issue()
            records.append(_record(partner, REGISTRATION, unused))
            clients.get("secretsmanager").put_secret_value(
                SecretId=inputs.secrets[partner.name], SecretString=json.dumps({"token": unused})
            )
    for first in range(0, len(records), _BATCH):
        puts = [{"PutRequest": {"Item": item(record)}} for record in records[first : first + _BATCH]]
        clients.get("dynamodb").batch_write_item(RequestItems={inputs.token_table: puts})
    file = folder / "tokens.json"
    write_private(file, json.dumps(known).encode())
    return file.resolve()


def _record(partner: Partner, kind: str, token: str) -> TokenRecord:
    now = datetime.now(UTC)
    # An hour ago: DynamoDB deletes what has expired, but not at once.
    expires = now - timedelta(hours=1) if kind == EXPIRED else now + _TOKEN_LIFETIME
    return TokenRecord(
        digest=tokens.digest(token),
        partner=partner.name,
        kind="A" if kind == REGISTRATION else "C",
        state="revoked" if kind == REVOKED else "active",
        environment="production" if kind == FOREIGN else partner.environment,
        expires=int(expires.timestamp()),
    )


def answers(port: int, path: str, ca_file: str = "") -> int:
    """The HTTP status of a GET on loopback, over TLS when a CA is given; 0 when nothing answers."""
    if ca_file:
        trust = ssl.create_default_context(cafile=ca_file)
        connection: http.client.HTTPConnection = http.client.HTTPSConnection(
            "127.0.0.1", port, timeout=3, context=trust
        )
    else:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=3)
    try:
        connection.request("GET", path)
        return connection.getresponse().status
    except (OSError, http.client.HTTPException):
        return 0
    finally:
        connection.close()
