"""Run the guard: the policy service's workers, then Envoy, until a signal; then Envoy first, call by call."""

from __future__ import annotations

import json
import os
import signal
import tempfile
import threading
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from hardening.envoy.configuration import EnvoySettings, envoy, listeners
from hardening.envoy.connection_classes import connection_classes
from hardening.errors import ConfigError
from hardening.registry.partners import Partner
from infra.runtime.boundary.keys import pseudonyms_of, receipt_key_of
from infra.runtime.boundary.service import HEALTH
from infra.runtime.guard.certificate import check_certificate
from infra.runtime.guard.credentials import credentials_programs
from infra.runtime.guard.envoy import EnvoyAdmin, envoy_command
from infra.runtime.guard.registry import PartnersFolder, replace_file
from infra.runtime.guard.settings import GuardSettings
from infra.runtime.policy_service.__main__ import programs
from infra.runtime.policy_service.environment import SOCKETS
from infra.runtime.policy_service.settings import policy_from
from infra.runtime.supervisor import Program, answers, python_module, supervise

# Two threads of Envoy's serve two cores.
_MOST_ENVOY_THREADS = 2
# Settings of the policy service that stand in our environment are another one's: `guard.toml` alone counts.
_OWN = "RAMPART_"
_HIDDEN_CERTIFICATES = "client_certificate_in: the proxies of trusted_hops hide the certificates of callers"


@dataclass(frozen=True, slots=True)
class GuardFiles:
    """The files of one run, in a folder that is this user's alone."""

    folder: Path

    @property
    def published(self) -> Path:
        """The registry that is served, as JSON."""
        return self.folder / "partners.json"

    @property
    def configuration(self) -> Path:
        """Envoy's bootstrap."""
        return self.folder / "envoy.yaml"

    @property
    def listeners(self) -> Path:
        """Envoy's listeners, which change with the partners' networks."""
        return self.folder / "listeners.yaml"

    @property
    def admin_socket(self) -> Path:
        """Envoy's administration."""
        return self.folder / "admin.sock"


def serve_guard(settings: GuardSettings) -> int:
    """Serve until SIGTERM or SIGINT, then stop without losing a call. Returns the exit code.

    Raises ConfigError for settings, registry or files that cannot be served, CollectError without Envoy.
    """
    with tempfile.TemporaryDirectory(prefix="rampart-guard-") as folder:
        files = GuardFiles(Path(folder))
        registry = prepare(settings, files)
        stopped = threading.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: stopped.set())
        watch = threading.Thread(target=registry.watch, args=(stopped,), name="registry")
        watch.start()
        try:
            return supervise(guard_programs(settings, files), stopped)
        finally:
            stopped.set()
            watch.join()


def check_settings(settings: GuardSettings) -> int:
    """How many partners would be served. Raises what `serve_guard` raises, and starts nothing."""
    with tempfile.TemporaryDirectory(prefix="rampart-guard-") as folder:
        files = GuardFiles(Path(folder))
        prepare(settings, files)
        envoy_command(files.configuration, 1)
        return len(policy_from(worker_environment(settings, files)).partners)


def prepare(settings: GuardSettings, files: GuardFiles) -> PartnersFolder:
    """Check the certificate, publish the registry, write Envoy's configuration. Raises ConfigError."""
    check_certificate(settings)
    rendered = envoy_settings(settings, files)

    def write_listeners(partners: tuple[Partner, ...]) -> None:
        asked = any(one.client_certificate_in for one in partners)
        if asked and settings.trusted_hops:
            raise ConfigError(_HIDDEN_CERTIFICATES, "end TLS at the guard: trusted_hops = 0")
        classes = connection_classes(partners) if not settings.trusted_hops else ()
        changed = replace(rendered, networks=classes, client_certificates=asked)
        replace_file(files.listeners, listeners(changed))

    try:
        files.configuration.write_text(envoy(rendered), encoding="utf-8")
    except ValueError as error:
        raise ConfigError(f"upstream: {error}", "use https, or a service on 127.0.0.1") from None
    registry = PartnersFolder(settings.partners, settings.environment, files.published, write_listeners)
    registry.take_over()
    # What is wrong with store or key is said now, in one line, not by each worker.
    policy_from(worker_environment(settings, files))
    pseudonyms_of(settings.pseudonym_key)
    receipt_key_of(settings.receipt_key)
    return registry


def guard_programs(settings: GuardSettings, files: GuardFiles) -> tuple[Program, ...]:
    """The workers, then Envoy: the last is the first to stop. Raises CollectError without Envoy."""
    admin = EnvoyAdmin(files.admin_socket)
    threads = min(_MOST_ENVOY_THREADS, os.cpu_count() or 1)
    gateway = Program(
        "envoy",
        envoy_command(files.configuration, threads),
        dict(os.environ),
        admin.is_well,
        before_stop=admin.drain,
    )
    environment = worker_environment(settings, files)
    workers = programs(environment, settings.policy_port, settings.workers)
    own = settings.credentials
    before_service = boundary_programs(settings, environment)
    return (
        *before_service,
        *workers,
        *(credentials_programs(own, environment, files.folder) if own else ()),
        gateway,
    )


def worker_environment(settings: GuardSettings, files: GuardFiles) -> Mapping[str, str]:
    """The settings of a worker (`infra.runtime.policy_service.settings`)."""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith(_OWN)}
    return inherited | {
        "RAMPART_ENVIRONMENT": settings.environment,
        "RAMPART_PARTNERS_FILE": str(files.published),
        "RAMPART_TOKEN_FILE": str(settings.token_store),
        "RAMPART_HOP_KEY_FILE": str(settings.hop_key),
        "RAMPART_RATE_FILE": str(files.folder / "rates"),
        SOCKETS: str(files.folder),
    }


def boundary_programs(settings: GuardSettings, worker: Mapping[str, str]) -> tuple[Program, ...]:
    """What stands before the OCPI service: one for each worker. `worker`: a policy worker's settings."""
    host, port = settings.upstream
    scheme = "https" if settings.upstream_tls else "http"
    environment = {
        **worker,
        "RAMPART_SERVICE": f"{scheme}://{f'[{host}]' if ':' in host else host}:{port}",
        "RAMPART_SERVICE_CA": settings.upstream_ca,
        "RAMPART_LEDGER_FILE": str(settings.ledger),
        "RAMPART_SERVER_NAMES": ",".join(settings.server_names),
        "RAMPART_PSEUDONYM_KEY_FILE": str(settings.pseudonym_key),
        "RAMPART_RECEIPT_KEY_FILE": str(settings.receipt_key),
        "RAMPART_RETENTION": json.dumps(settings.retention),
        "RAMPART_ON_FOREIGN_OBJECT": settings.on_foreign_object,
    }
    ports = range(settings.boundary_port, settings.boundary_port + settings.workers)
    return tuple(
        Program(
            f"boundary-{one}",
            python_module("infra.runtime.boundary"),
            {**environment, "RAMPART_BOUNDARY_PORT": str(one)},
            partial(answers, one, HEALTH),
        )
        for one in ports
    )


def envoy_settings(settings: GuardSettings, files: GuardFiles) -> EnvoySettings:
    """What Envoy's configuration is rendered from, without the partners' networks."""
    return EnvoySettings(
        server_names=settings.server_names,
        listen_host=settings.listen[0],
        listen_port=settings.listen[1],
        certificate_file=str(settings.certificate),
        key_file=str(settings.key),
        policy_host="127.0.0.1",
        policy_port=settings.policy_port,
        policy_workers=settings.workers,
        policy_sockets=str(files.folder),
        service_host=settings.upstream[0],
        service_port=settings.upstream[1],
        service_ca_file=settings.upstream_ca if settings.upstream_tls else "",
        trusted_hops=settings.trusted_hops,
        otlp_port=settings.otlp_port,
        admin_socket=str(files.admin_socket),
        listeners_file=str(files.listeners),
        credentials_port=settings.credentials.credentials_port if settings.credentials else 0,
        boundary_port=settings.boundary_port,
        boundaries=settings.workers,
    )
