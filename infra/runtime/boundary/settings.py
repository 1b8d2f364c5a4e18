"""From the environment to a boundary: whom it serves, what stands behind it, and where messages are counted.

RAMPART_ENVIRONMENT; the registry (`infra.runtime.published_registry`); RAMPART_HOP_KEY_FILE, or
RAMPART_HOP_KEY_ID and AWS_REGION (the key with which the guard signs);
RAMPART_SERVICE (https://HOST:PORT, or http:// on loopback) and RAMPART_SERVICE_CA (PEM file);
RAMPART_LEDGER_FILE (SQLite), or RAMPART_CDR_TABLE and AWS_REGION (DynamoDB);
RAMPART_SERVER_NAMES (the gateway's host names, comma between them);
RAMPART_PSEUDONYM_KEY_FILE (32 random bytes: whoever has it knows who is who) and RAMPART_RECEIPT_KEY_FILE
(Ed25519, PEM), made where there are none; or RAMPART_PSEUDONYM_KEY_ID and RAMPART_RECEIPT_KEY_ID (secrets);
RAMPART_RETENTION (JSON, what the trail keeps and why: `hardening.ledger.trail.retention_of`);
RAMPART_ON_FOREIGN_OBJECT (`refuse`, or `remove` from lists).
"""

from __future__ import annotations

import json
import ssl
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from urllib.parse import urlsplit

from hardening.errors import ConfigError
from hardening.ledger.entry import Ledger
from hardening.ledger.trail import Recorder, Retention, retention_of
from hardening.requests.hop_signature import Hop, is_genuine, signature
from infra.runtime.boundary.deliveries import Deliveries
from infra.runtime.boundary.dynamodb_ledger import DynamoLedger
from infra.runtime.boundary.keys import BoundaryKeys, keys_in_files, keys_in_secrets
from infra.runtime.boundary.own_sessions import OwnSessions
from infra.runtime.boundary.service import Boundary
from infra.runtime.boundary.service_client import ServiceClient
from infra.runtime.boundary.sqlite_ledger import SqliteLedger
from infra.runtime.egress.settings import aws_client
from infra.runtime.functions.hop_keys import HopKeys, current_hop_key
from infra.runtime.policy_service.environment import setting
from infra.runtime.policy_service.settings import hop_key_of
from infra.runtime.published_registry import partners_from

ON_FOREIGN_OBJECT = ("refuse", "remove")
# Steps of the ledger that wait at once; those that come together are written together.
_THREADS = 32


def keys_from(environment: Mapping[str, str]) -> Callable[[], BoundaryKeys | None]:
    """Reads the boundary's keys; it gives None where they are still to be made. Raises ConfigError."""
    pseudonym = environment.get("RAMPART_PSEUDONYM_KEY_ID", "")
    if pseudonym:
        receipt = setting(environment, "RAMPART_RECEIPT_KEY_ID")
        client = aws_client("secretsmanager", setting(environment, "AWS_REGION"))
        return lambda: keys_in_secrets(client, pseudonym, receipt)
    names = ("RAMPART_PSEUDONYM_KEY_FILE", "RAMPART_RECEIPT_KEY_FILE")
    found = keys_in_files(*(Path(setting(environment, name)) for name in names))
    return lambda: found


def boundary_from(environment: Mapping[str, str]) -> Callable[[BoundaryKeys], Boundary]:
    """The boundary that the settings describe, as soon as it has its keys. Raises ConfigError."""
    on_foreign = environment.get("RAMPART_ON_FOREIGN_OBJECT", ON_FOREIGN_OBJECT[0])
    if on_foreign not in ON_FOREIGN_OBJECT:
        raise ConfigError(f"RAMPART_ON_FOREIGN_OBJECT: expected one of {', '.join(ON_FOREIGN_OBJECT)}")
    names = setting(environment, "RAMPART_SERVER_NAMES").split(",")
    service, ledger, retention = _service(environment), _ledger(environment), _retention(environment)
    partners = partners_from(environment, setting(environment, "RAMPART_ENVIRONMENT"))
    is_genuine, own_sessions = _genuine(environment), OwnSessions(service, _signer(environment))

    def with_keys(keys: BoundaryKeys) -> Boundary:
        recorder = Recorder(key=keys.receipts, pseudonyms=keys.pseudonyms, retention=retention)
        return Boundary(
            partners=partners,
            is_genuine=is_genuine,
            service=service,
            own_sessions=own_sessions,
            deliveries=Deliveries(ledger, recorder),
            ledger_threads=ThreadPoolExecutor(_THREADS, "ledger"),
            our_hosts=frozenset(name.strip().lower() for name in names),
            pseudonyms=keys.pseudonyms,
            remove_foreign=on_foreign == "remove",
        )

    return with_keys


def _retention(environment: Mapping[str, str]) -> Mapping[str, Retention]:
    try:
        return retention_of(json.loads(environment.get("RAMPART_RETENTION", "[]")))
    except ValueError:
        raise ConfigError("RAMPART_RETENTION: expected JSON, a list of {class, days, legal_basis}") from None


def _genuine(environment: Mapping[str, str]) -> Callable[[Hop, str, int], bool]:
    key = hop_key_of(environment)
    if key:
        return partial(is_genuine, key)
    client = aws_client("secretsmanager", setting(environment, "AWS_REGION"))
    return HopKeys(client, setting(environment, "RAMPART_HOP_KEY_ID")).made


def _signer(environment: Mapping[str, str]) -> Callable[[Hop, int], str]:
    """As the guard signs: the boundary asks the service on its own whose a session is."""
    key = hop_key_of(environment)
    if key:
        return partial(signature, key)
    client = aws_client("secretsmanager", setting(environment, "AWS_REGION"))
    secret = setting(environment, "RAMPART_HOP_KEY_ID")
    return lambda hop, now: signature(current_hop_key(client, secret), hop, now)


def _service(environment: Mapping[str, str]) -> ServiceClient:
    address = urlsplit(setting(environment, "RAMPART_SERVICE"))
    ca_file, host = environment.get("RAMPART_SERVICE_CA", ""), address.hostname or ""
    if address.scheme == "http" and host in ("127.0.0.1", "::1") and address.port:
        return ServiceClient(host, address.port)
    if address.scheme != "https" or not host or not ca_file:
        raise ConfigError(
            "RAMPART_SERVICE: expected https://HOST:PORT with RAMPART_SERVICE_CA, or http:// on loopback"
        )
    try:
        tls = ssl.create_default_context(cafile=ca_file)
    except (OSError, ssl.SSLError) as error:
        raise ConfigError(f"RAMPART_SERVICE_CA: {ca_file}: {type(error).__name__}") from None
    return ServiceClient(host, address.port or 443, tls)


def _ledger(environment: Mapping[str, str]) -> Ledger:
    file = environment.get("RAMPART_LEDGER_FILE", "")
    if file:
        return SqliteLedger(Path(file))
    table = setting(environment, "RAMPART_CDR_TABLE")
    return DynamoLedger(_dynamodb(setting(environment, "AWS_REGION")), table)


def _dynamodb(region: str) -> object:
    import botocore.session
    from botocore.config import Config

    # A call waits for three steps at most, and a partner for 15 s.
    timing = Config(
        connect_timeout=1, read_timeout=2, retries={"total_max_attempts": 2}, max_pool_connections=_THREADS
    )
    return botocore.session.get_session().create_client("dynamodb", region_name=region, config=timing)
