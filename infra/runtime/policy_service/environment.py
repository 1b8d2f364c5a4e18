"""Single settings of the policy service, each an environment variable; nothing here loads slowly."""

from __future__ import annotations

from collections.abc import Mapping

from hardening.errors import ConfigError

# Where a worker says how it is.
HEALTH = "/healthz"
# What it has counted.
METRICS = "/metrics"
# CloudWatch's namespace of what is counted ("": it is not written into the log).
NAMESPACE = "RAMPART_METRICS_NAMESPACE"
# The worker with this setting also tells what Envoy counts, which sends it there over UDP.
STATISTICS_PORT = "RAMPART_STATISTICS_PORT"
# The folder of the sockets on which Envoy asks, where it shares one with the workers ("": their ports alone).
SOCKETS = "RAMPART_POLICY_SOCKETS"


def setting(environment: Mapping[str, str], name: str) -> str:
    """The value of a setting. Raises ConfigError where it is missing or empty."""
    value = environment.get(name, "")
    if not value:
        raise ConfigError(f"{name}: expected a value in the environment")
    return value


def port_of(environment: Mapping[str, str], name: str = "RAMPART_POLICY_PORT") -> int:
    """The port of this setting. Raises ConfigError."""
    port = setting(environment, name)
    if not port.isdecimal() or not 1 <= int(port) <= 65535:
        raise ConfigError(f"{name}: expected a port number")
    return int(port)
