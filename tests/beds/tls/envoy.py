"""Envoy as a server of the bed: the program, and one listener for each case."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path
from typing import Any

from tests.beds.tls.servers import Envoy


def envoy_program() -> str:
    """The path of the Envoy of this environment, or of the PATH; empty if there is none."""
    beside = Path(sys.executable).with_name("envoy")
    return str(beside) if beside.exists() else shutil.which("envoy") or ""


def envoy_listener(name: str, port: int, server: Envoy, address: str = "127.0.0.1") -> dict[str, Any]:
    """A listener that answers 401 to everything."""
    package = "type.googleapis.com/envoy.extensions"
    headers = [{"header": {"key": k, "value": v}} for k, v in server.headers.items()]
    route = {
        "match": {"prefix": "/"},
        "direct_response": {"status": 401, "body": {"inline_string": "{}"}},
        "response_headers_to_add": headers,
    }
    http_filter = {
        "name": "router",
        "typed_config": {"@type": f"{package}.filters.http.router.v3.Router"},
    }
    manager = {
        "@type": f"{package}.filters.network.http_connection_manager.v3.HttpConnectionManager",
        "stat_prefix": name,
        "route_config": {"virtual_hosts": [{"name": "all", "domains": ["*"], "routes": [route]}]},
        "http_filters": [http_filter],
    }
    certificate = {
        "certificate_chain": {"filename": server.served.chain},
        "private_key": {"filename": server.served.key},
    }
    context: dict[str, Any] = {
        "@type": f"{package}.transport_sockets.tls.v3.DownstreamTlsContext",
        "common_tls_context": {"tls_params": dict(server.parameters), "tls_certificates": [certificate]},
    }
    if server.client_ca:
        context["require_client_certificate"] = True
        trusted = {"trusted_ca": {"filename": server.client_ca}}
        context["common_tls_context"]["validation_context"] = trusted
    return {
        "name": name,
        "address": {"socket_address": {"address": address, "port_value": port}},
        "filter_chains": [
            {
                "filters": [{"name": "http", "typed_config": manager}],
                "transport_socket": {"name": "tls", "typed_config": context},
            }
        ],
    }
