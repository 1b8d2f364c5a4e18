"""Which of Envoy's statistics are told to CloudWatch, and as which metrics. No other is kept where they are.

Names as in Envoy's documentation: "HTTP connection manager", "Cluster manager", "External Authorization",
"Connection limit", "Overload manager", "Server".
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

# Statistic -> metric. What is counted is added up, of what is measured the last value counts.
COUNTED: Mapping[str, str] = MappingProxyType(
    {
        "http.ocpi.downstream_rq_2xx": "Answers2xx",
        "http.ocpi.downstream_rq_4xx": "Answers4xx",
        "http.ocpi.downstream_rq_5xx": "Answers5xx",
        "connection_limit.ocpi.limited_connections": "ConnectionsRefused",
        "cluster.ocpi_service.ext_authz.error": "QuestionsUnanswered",
        "cluster.policy.upstream_rq_timeout": "QuestionsTimedOut",
        "cluster.ocpi_service.upstream_rq_timeout": "ServiceTimeouts",
        "cluster.ocpi_service.upstream_cx_connect_fail": "ServiceConnectFailures",
    }
)
MEASURED: Mapping[str, str] = MappingProxyType(
    {
        "http.ocpi.downstream_rq_active": "CallsActive",
        "http.ocpi.downstream_cx_active": "ConnectionsActive",
        "cluster.policy.membership_healthy": "WorkersWell",
        "cluster.ocpi_service.membership_healthy": "ServiceWell",
        "overload.envoy.overload_actions.stop_accepting_requests.active": "Overloaded",
        "server.memory_allocated": "EnvoyMemory",
    }
)
# Seconds between two reports.
EVERY = 60
