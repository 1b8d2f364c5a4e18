"""`rampart render`: configurations for the places where the guard runs."""

from __future__ import annotations

from pathlib import Path

import click

from hardening.envoy.configuration import EnvoySettings
from hardening.envoy.configuration import envoy as envoy_configuration
from hardening.envoy.connection_classes import connection_classes
from hardening.errors import ConfigError
from hardening.registry.partners import Partner
from hardening.registry.reader import read_registry
from hardening.registry.rules.identity import ENVIRONMENTS


@click.group()
def render() -> None:
    """Render the guard's configuration."""


@render.command()
@click.option("--name", "names", multiple=True, required=True, help="A host name of the gateway. Repeatable.")
@click.option("--listen", default="0.0.0.0:8443", show_default=True, help="host:port")
@click.option("--certificate", required=True, help="The chain, PEM.")
@click.option("--key", required=True, help="Its private key, PEM.")
@click.option(
    "--policy", default="127.0.0.1:9000", show_default=True, help="The policy service, on loopback."
)
@click.option("--service", required=True, help="The OCPI service, host:port.")
@click.option("--service-ca", default="", help="The CA of the OCPI service. Needed beyond loopback.")
@click.option("--trusted-hops", type=click.IntRange(0, 5), default=0, show_default=True,
              help="Proxies before the guard that write X-Forwarded-For.")  # fmt: skip
@click.option("--otlp-port", type=click.IntRange(0, 65535), default=0, show_default=True,
              help="Of an OpenTelemetry collector on loopback (gRPC); 0: none.")  # fmt: skip
@click.option("--partners", type=click.Path(path_type=Path, exists=True, file_okay=False),
              help="The registry: each partner's connections and client certificates.")  # fmt: skip
@click.option("--environment", type=click.Choice(ENVIRONMENTS), help="Whose partners; with --partners.")
def envoy(
    otlp_port: int,
    trusted_hops: int,
    names: tuple[str, ...],
    partners: Path | None,
    environment: str | None,
    **given: str,
) -> None:
    """Print Envoy's configuration: TLS, limits, and the question to the policy service."""
    served = _served(partners, environment)
    if served and trusted_hops:
        hint = "end TLS at the guard, or leave out --partners"
        raise ConfigError("--trusted-hops: expected 0 with --partners: proxies hide who connects", hint)
    places = {option: _place(option, given[option]) for option in ("listen", "policy", "service")}
    settings = EnvoySettings(
        server_names=names,
        listen_host=places["listen"][0],
        listen_port=places["listen"][1],
        certificate_file=given["certificate"],
        key_file=given["key"],
        policy_host=places["policy"][0],
        policy_port=places["policy"][1],
        service_host=places["service"][0],
        service_port=places["service"][1],
        service_ca_file=given["service_ca"],
        trusted_hops=trusted_hops,
        otlp_port=otlp_port,
        networks=connection_classes(served),
        client_certificates=any(one.client_certificate_in for one in served),
    )
    try:
        click.echo(envoy_configuration(settings), nl=False)
    except ValueError as error:
        raise ConfigError(f"--service, --policy: {error}", "see docs/guard.md") from None


def _served(partners: Path | None, environment: str | None) -> tuple[Partner, ...]:
    """The partners of an environment; none without one. Raises ConfigError."""
    if (partners is None) != (environment is None):
        raise ConfigError("--partners, --environment: expected both or neither")
    if partners is None:
        return ()
    served = tuple(one for one in read_registry(partners) if one.environment == environment)
    if not served:
        raise ConfigError(f"--environment: no partner of {environment!r} in {partners}")
    return served


def _place(option: str, text: str) -> tuple[str, int]:
    host, colon, port = text.rpartition(":")
    if not colon or not host or not port.isdecimal() or not 1 <= int(port) <= 65535:
        raise ConfigError(f"--{option}: {text!r}: expected host:port")
    return host, int(port)
