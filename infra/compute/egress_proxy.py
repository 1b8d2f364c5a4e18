"""The egress proxy: where it is, who goes through it, and its Envoy configuration.

It opens a tunnel to each partner's callback hosts, and to nothing else. The OCPI service speaks TLS with the
partner through the tunnel, so the proxy sees a name and no call.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from hardening.registry.callback_host import CallbackHost
from hardening.registry.partners import Partner
from infra.environment import Environment
from infra.network.ports import PROXY_PORT

_MOST_CONNECTIONS = 500
_EXTENSIONS = "type.googleapis.com/envoy.extensions"

# Python before 3.12 asks for a tunnel in HTTP/1.0.
_CONNECT: Mapping[str, Any] = {
    "upgrade_configs": [{"upgrade_type": "CONNECT"}],
    "http_protocol_options": {"accept_http_10": True},
}

# Where a task fetches the credentials of its role (Amazon ECS Developer Guide, "Task IAM role").
_TASK_CREDENTIALS = "169.254.170.2"


def internal_domain(environment: Environment) -> str:
    """The private domain in which our services find each other."""
    return f"{environment.name('ocpi')}.internal"


def proxy_environment(environment: Environment) -> Mapping[str, str]:
    """The environment variables of what calls partners: through the proxy, but AWS and our own directly.

    The proxy has no route to AWS, and the private endpoints need none. `NO_PROXY` names suffixes, as
    Python, curl and the AWS SDKs read it (AWS CLI User Guide, "Using an HTTP proxy").
    """
    domain = internal_domain(environment)
    direct = (f".{environment.region}.amazonaws.com", f".{domain}", _TASK_CREDENTIALS)
    return {"HTTPS_PROXY": f"http://proxy.{domain}:{PROXY_PORT}", "NO_PROXY": ",".join(direct)}


def egress_config(partners: Iterable[Partner], listen_host: str, listen_port: int) -> dict[str, Any]:
    """Envoy's bootstrap configuration, as JSON-able data: CONNECT `host:port` or no route at all."""
    targets = sorted({host for partner in partners for host in partner.callback_hosts})
    address = {"socket_address": {"address": listen_host, "port_value": listen_port}}
    filters = [{"name": "envoy.filters.network.http_connection_manager", "typed_config": _tunnels(targets)}]
    return {
        "static_resources": {
            "listeners": [{"name": "egress", "address": address, "filter_chains": [{"filters": filters}]}],
            "clusters": [_cluster(target) for target in targets],
        },
        "overload_manager": {
            "resource_monitors": [
                {
                    "name": "envoy.resource_monitors.global_downstream_max_connections",
                    "typed_config": {
                        "@type": f"{_EXTENSIONS}.resource_monitors.downstream_connections.v3"
                        ".DownstreamConnectionsConfig",
                        "max_active_downstream_connections": _MOST_CONNECTIONS,
                    },
                }
            ]
        },
    }


def _tunnels(targets: list[CallbackHost]) -> dict[str, Any]:
    log = f"{_EXTENSIONS}.access_loggers.stream.v3.StdoutAccessLog"
    return {
        "@type": f"{_EXTENSIONS}.filters.network.http_connection_manager.v3.HttpConnectionManager",
        "stat_prefix": "egress",
        "codec_type": "HTTP1",
        "use_remote_address": True,
        "stream_idle_timeout": "60s",
        "request_headers_timeout": "5s",
        **_CONNECT,
        "common_http_protocol_options": {"max_connection_duration": "600s", "max_headers_count": 20},
        "access_log": [
            {
                "name": "envoy.access_loggers.stdout",
                "typed_config": {
                    "@type": log,
                    "log_format": {
                        "json_format": {
                            "time": "%START_TIME%",
                            "method": "%REQ(:METHOD)%",
                            "target": "%REQ(:AUTHORITY)%",
                            "status": "%RESPONSE_CODE%",
                            "source": "%DOWNSTREAM_REMOTE_ADDRESS_WITHOUT_PORT%",
                            "bytes_sent": "%BYTES_SENT%",
                        }
                    },
                },
            }
        ],
        "http_filters": [
            {
                "name": "envoy.filters.http.router",
                "typed_config": {
                    "@type": f"{_EXTENSIONS}.filters.http.router.v3.Router",
                    "suppress_envoy_headers": True,
                },
            }
        ],
        "route_config": {"name": "partners", "virtual_hosts": [_virtual_host(target) for target in targets]},
    }


def _virtual_host(target: CallbackHost) -> dict[str, Any]:
    tunnel = {"upgrade_type": "CONNECT", "connect_config": {}}
    route = {"cluster": target.authority, "timeout": "0s", "upgrade_configs": [tunnel]}
    return {
        "name": target.authority,
        # Envoy compares names without regard to case; the root's dot is a text of its own.
        "domains": [target.authority, f"{target.host}.:{target.port}"],
        "routes": [{"match": {"connect_matcher": {}}, "route": route}],
    }


def _cluster(target: CallbackHost) -> dict[str, Any]:
    endpoint = {"address": {"socket_address": {"address": target.host, "port_value": target.port}}}
    return {
        "name": target.authority,
        "type": "STRICT_DNS",
        "dns_lookup_family": "V4_ONLY",
        "connect_timeout": "5s",
        "load_assignment": {
            "cluster_name": target.authority,
            "endpoints": [{"lb_endpoints": [{"endpoint": endpoint}]}],
        },
    }
