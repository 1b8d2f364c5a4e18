"""Render the gateway's configuration out of its settings."""

from __future__ import annotations

import ipaddress
from dataclasses import asdict, dataclass

import jinja2

from hardening.envoy.connection_classes import MOST_CLASSES
from hardening.envoy.policy_socket import policy_socket
from hardening.envoy.service_headers import REPEATED_HEADERS, other_names
from hardening.envoy.statistics import COUNTED, EVERY, HEALTH_PATHS, MEASURED, READ_FOR_HEALTH
from hardening.requests.checks.body import LONG_BODY_BYTES, LONG_BODY_DIGITS, MOST_BODY_BYTES
from hardening.requests.checks.call import METHOD_OVERRIDES
from hardening.requests.checks.ownership import ROUTING_HEADERS
from hardening.requests.header_names import (
    ADMITTED_HEADER,
    CERTIFICATE_HEADER,
    HOP_SIGNATURE_HEADER,
    IDEMPOTENCY_HEADER,
    KIND_HEADER,
    LENGTH_HEADER,
    OCPI_ERROR_MARK,
    PARTNER_HEADER,
    SOURCE_HEADER,
    TOKEN_HEADER,
)
from hardening.requests.trace import TRACE_HEADER

# TLS 1.2 suites with forward secrecy and AEAD (RFC 9325, 4.2), strongest first: those of the policy that the
# API domain declares, so the guard never accepts more than the domain in front of it.
CIPHER_SUITES = (
    "ECDHE-ECDSA-AES256-GCM-SHA384",
    "ECDHE-ECDSA-AES128-GCM-SHA256",
    "ECDHE-RSA-AES256-GCM-SHA384",
    "ECDHE-RSA-AES128-GCM-SHA256",
)
# Without a list of its own, Envoy still signs TLS 1.2 handshakes with SHA-1 (RFC 9155 forbids it).
SIGNATURE_ALGORITHMS = (
    "ecdsa_secp256r1_sha256",
    "ecdsa_secp384r1_sha384",
    "rsa_pss_rsae_sha256",
    "rsa_pss_rsae_sha384",
    "rsa_pkcs1_sha256",
)
KEY_EXCHANGE_GROUPS = ("X25519MLKEM768", "X25519", "P-256")

# Every header that a request check reads. What is not listed does not reach the policy service.
JUDGED_HEADERS = (
    "authorization",
    "content-type",
    "content-encoding",
    "x-forwarded-proto",
    "x-request-id",
    "x-correlation-id",
    TRACE_HEADER,
    *ROUTING_HEADERS,
    *METHOD_OVERRIDES,
)
# Only the guard writes these.
_INTERNAL_HEADERS = (
    PARTNER_HEADER,
    KIND_HEADER,
    TOKEN_HEADER,
    IDEMPOTENCY_HEADER,
    HOP_SIGNATURE_HEADER,
    ADMITTED_HEADER,
)
# The only methods with which OCPI sends a body.
BODY_METHODS = ("POST", "PUT", "PATCH")


@dataclass(frozen=True, slots=True, kw_only=True)
class EnvoySettings:
    """Where the guard listens, with which certificate, and whom it asks and serves.

    `trusted_hops` counts the proxies before the guard that write X-Forwarded-For (0: none).
    `policy_workers` listen on `policy_port` and the ports after it, and are asked on their sockets in the
    folder `policy_sockets` ("": on those ports). `networks` are those of the partners in classes
    (`connection_classes`): each class, and everybody else, has `most_per_class` connections; without
    classes (behind a load balancer, which hides the sources) all share `most_connections`.
    `service_ca_file` makes the connection to the OCPI service TLS, verified against that CA ("": plain,
    for loopback only). `admin_socket` is a UNIX socket for this user alone ("": no administration).
    `listeners_file` holds what `listeners` renders, and Envoy reads it again when another file is moved
    into its place ("": the listeners are in the configuration). `credentials_port`: where, beside the policy
    service, the guard's own credentials module listens; 0: the OCPI service has one. `otlp_port` is that of
    an OpenTelemetry collector there (gRPC; 0: none; the policy service passes traces on). `stage` is that of
    an API Gateway before the guard, which begins each path with it: the service never sees it ("": none).
    `client_certificates`: ask callers for one, and show it to the policy service. `statistics_port`: where,
    beside the policy service, `hardening.envoy.statistics` are taken over UDP (0: told nobody).
    `boundary_port`: the first of the ports on which, beside the policy service, `boundaries` processes stand
    before the OCPI service (0: none does, and answers leave unjudged).
    """

    server_names: tuple[str, ...]
    listen_host: str
    listen_port: int
    certificate_file: str
    key_file: str
    policy_host: str
    policy_port: int
    service_host: str
    service_port: int
    service_ca_file: str = ""
    credentials_port: int = 0
    trusted_hops: int = 0
    most_connections: int = 1000
    policy_workers: int = 1
    policy_sockets: str = ""
    networks: tuple[tuple[str, ...], ...] = ()
    most_per_class: int = 100
    most_heap_bytes: int = 512 * 1024 * 1024
    admin_socket: str = ""
    listeners_file: str = ""
    otlp_port: int = 0
    stage: str = ""
    client_certificates: bool = False
    statistics_port: int = 0
    boundary_port: int = 0
    boundaries: int = 1


def envoy(settings: EnvoySettings) -> str:
    """The guard's Envoy configuration, as YAML. Raises ValueError for plaintext beyond loopback."""
    if not settings.service_ca_file and not _is_loopback(settings.service_host):
        raise ValueError("the connection to the OCPI service must be TLS unless it is loopback")
    if not _is_loopback(settings.policy_host):
        raise ValueError("the policy service must share the guard's loopback: it is asked in plaintext")
    return _rendered(settings, "bootstrap" if settings.listeners_file else "whole")


def listeners(settings: EnvoySettings) -> str:
    """What belongs into `settings.listeners_file`, as YAML (Envoy, "Listener discovery service")."""
    return _rendered(settings, "listeners")


def _rendered(settings: EnvoySettings, part: str) -> str:
    """All of it (`whole`), or one of its two parts (`bootstrap`, `listeners`)."""
    return _TEMPLATES.get_template("envoy.yaml.j2").render(
        **asdict(settings),
        part=part,
        bases=("", f"/{settings.stage}") if settings.stage else ("",),
        # Classes may come with another registry; this limit stays.
        classes=MOST_CLASSES if settings.listeners_file else len(settings.networks),
        cipher_suites=CIPHER_SUITES,
        key_exchange_groups=KEY_EXCHANGE_GROUPS,
        signature_algorithms=SIGNATURE_ALGORITHMS,
        judged_headers=JUDGED_HEADERS,
        internal_headers=_INTERNAL_HEADERS,
        to_the_call=(*_INTERNAL_HEADERS, TRACE_HEADER),
        other_headers=other_names(),
        repeated_headers=REPEATED_HEADERS,
        partner_header=PARTNER_HEADER,
        source_header=SOURCE_HEADER,
        length_header=LENGTH_HEADER,
        admitted_header=ADMITTED_HEADER,
        certificate_header=CERTIFICATE_HEADER,
        short_length=f"[0-9]{{1,{LONG_BODY_DIGITS - 1}}}",
        long_body_bytes=LONG_BODY_BYTES,
        body_methods="|".join(BODY_METHODS),
        ocpi_error_mark=OCPI_ERROR_MARK,
        statistics=sorted({*COUNTED, *MEASURED, *READ_FOR_HEALTH}),
        statistics_every=EVERY,
        most_body_bytes=MOST_BODY_BYTES,
        prefix_range=_prefix_range,
        health_paths=HEALTH_PATHS,
        policy_socket=policy_socket,
        policy_is_address=_is_address(settings.policy_host),
        service_is_address=_is_address(settings.service_host),
    )


_TEMPLATES = jinja2.Environment(
    loader=jinja2.PackageLoader("hardening.envoy", "."),
    undefined=jinja2.StrictUndefined,
    autoescape=False,  # noqa: S701  (YAML, not HTML; every value goes through tojson)
    trim_blocks=False,
)


def _prefix_range(network: str) -> dict[str, str | int]:
    address, _, length = network.partition("/")
    return {"address_prefix": address, "prefix_len": int(length)}


def _is_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


def _is_loopback(host: str) -> bool:
    return _is_address(host) and ipaddress.ip_address(host).is_loopback
