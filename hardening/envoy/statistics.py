"""Which of Envoy's statistics are told to CloudWatch, and as which metrics; and what health is read from.

No other is kept where they are told.

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
# Path -> the clusters that must be well. What a load balancer asks must not depend on the service behind.
HEALTH_PATHS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {"/healthz": ("policy",), "/healthz/path": ("policy", "ocpi_service")}
)
# What Envoy's health check filter answers from: one that is not kept reads as zero, and no cluster is well.
READ_FOR_HEALTH = tuple(
    f"cluster.{cluster}.membership_{which}"
    for cluster in sorted({one for clusters in HEALTH_PATHS.values() for one in clusters})
    for which in ("total", "healthy", "degraded")
)
# Seconds between two reports.
EVERY = 60
