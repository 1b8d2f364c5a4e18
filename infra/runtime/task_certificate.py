"""A guard task's own key and certificate: made when the task starts, gone with it, in no image and no state.

The network load balancer speaks TLS to the guard and verifies no certificate of a target (Elastic Load
Balancing, "Target groups for your Network Load Balancers"), so nobody needs to know this one beforehand. It
is valid for 90 days; some time before, the health command fails and ECS replaces the task, with a new key.
"""

from __future__ import annotations

import datetime
import json
import os
import socket
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from cryptography import x509

FOLDER = Path("/tmp/tls")  # noqa: S108  (the task's own volume)
DAYS = 90
# A task is replaced after 60 to 76 days: not all on one day.
_LEAST_DAYS, _SPREAD = 60, 16
# After this many days ECS should have replaced the task long ago: it is said in the log, and alarmed.
_OVERDUE_DAYS = 80
OVERDUE = "the key of this task should have been replaced"
# What the first line could not say then: it is told, and alarmed, when the task starts.
UNSAID = "the health command of this task cannot write to its log"
# The log of the container: the health command's own output is kept nowhere.
_CONTAINER_LOG = Path("/proc/1/fd/1")


def start(command: list[str]) -> None:
    """Write key and certificate, and become `command` (the process is replaced)."""
    write_certificate(FOLDER, datetime.datetime.now(datetime.UTC))
    _say_if_unheard()
    os.execvp(command[0], command)  # noqa: S606  (the task definition's own command)


def write_certificate(folder: Path, now: datetime.datetime) -> None:
    """A new P-256 key and a certificate for it, as `guard.key` (for its owner only) and `guard.pem`."""
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "guard")])
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now)
        .not_valid_after(now + datetime.timedelta(days=DAYS))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("guard")]), critical=False)
        .sign(key, hashes.SHA256())
    )
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    plain = serialization.NoEncryption()
    private = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, plain)
    with os.fdopen(os.open(folder / "guard.key", os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
        file.write(private)
    (folder / "guard.pem").write_bytes(certificate.public_bytes(serialization.Encoding.PEM))


def is_due(folder: Path = FOLDER, now: datetime.datetime | None = None) -> bool:
    """Whether the task should be replaced for a new key; also where its certificate cannot be read."""
    certificate = _certificate(folder)
    if certificate is None:
        return True
    return _age(certificate, now).days >= _LEAST_DAYS + certificate.serial_number % (_SPREAD + 1)


def say_if_overdue(
    folder: Path = FOLDER, log: Path = _CONTAINER_LOG, now: datetime.datetime | None = None
) -> None:
    """Write a line to the container's log where the key is so old that its replacement must have failed.

    Raises OSError for a log that takes no line: the health command fails, and ECS shows why.
    """
    certificate = _certificate(folder)
    if certificate is None or (days := _age(certificate, now).days) < _OVERDUE_DAYS:
        return
    with log.open("a", encoding="utf-8") as line:
        line.write(json.dumps({"level": "ERROR", "message": OVERDUE, "days": days, "ends": DAYS}) + "\n")


def _say_if_unheard() -> None:
    """Say on our own output, which is always logged, that the health command cannot be heard."""
    try:
        _CONTAINER_LOG.open("a", encoding="utf-8").close()
    except OSError as error:
        line = {"level": "ERROR", "message": UNSAID, "detail": error.strerror}
        print(json.dumps(line), flush=True)


def _certificate(folder: Path) -> x509.Certificate | None:
    from cryptography import x509

    try:
        return x509.load_pem_x509_certificate((folder / "guard.pem").read_bytes())
    except (OSError, ValueError):
        return None


def _age(certificate: x509.Certificate, now: datetime.datetime | None) -> datetime.timedelta:
    return (now or datetime.datetime.now(datetime.UTC)) - certificate.not_valid_before_utc


def listens(port: int) -> bool:
    """Whether something takes connections on this port of the task."""
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=2):
            return True
    except OSError:
        return False
