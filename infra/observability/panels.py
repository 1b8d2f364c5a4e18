"""What the dashboards show: one table, from which CloudWatch's and Grafana's are made.

A name on the left is a metric of the guard in CloudWatch (`docs/guard.md`), one on the right in Prometheus.
Metrics that AWS keeps by itself have their namespace before the name.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True, kw_only=True)
class Series:
    """Values of one metric in CloudWatch: by each value of the dimension `by`, or `only` one of it.

    `namespace` is AWS's, empty for ours.
    """

    metric: str
    statistic: str = "Sum"
    by: str = ""
    only: str = ""
    namespace: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Query:
    """One query to Prometheus, and how its lines are called (`{{label}}`)."""

    text: str
    legend: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Panel:
    """One panel. `unit` is Grafana's; without series or queries it stands in the other dashboard alone."""

    title: str
    series: tuple[Series, ...] = ()
    queries: tuple[Query, ...] = ()
    unit: str = "short"


_CALLS = "rate(rampart_guard_decisions_total{0}[5m])"
_REFUSED = '{control!=""}'


def _calls(by: str, labels: str = "") -> Query:
    return Query(text=f"sum by ({by}) ({_CALLS.format(labels)})", legend=f"{{{{{by}}}}}")


def _all(labels: str, legend: str) -> Query:
    return Query(text=f"sum ({_CALLS.format(labels)})", legend=legend)


def _rate(metric: str, legend: str, by: str = "") -> Query:
    return Query(text=f"sum{f' by ({by})' if by else ''} (rate({metric}[5m]))", legend=legend)


def _decision_time(share: float) -> Query:
    buckets = "sum by (le) (rate(rampart_guard_decision_seconds_bucket[5m]))"
    return Query(text=f"histogram_quantile({share}, {buckets})", legend=f"p{share * 100:g}")


def _envoy(*metrics: str, statistic: str = "Sum") -> tuple[Series, ...]:
    return tuple(Series(metric=one, statistic=statistic, by="Part", only="envoy") for one in metrics)


PANELS: Final = (
    Panel(
        title="Calls by partner",
        series=(Series(metric="Decisions", by="Partner"),),
        queries=(_calls("partner"),),
        unit="reqps",
    ),
    Panel(
        title="Refusals by partner",
        series=(Series(metric="Refused", by="Partner"),),
        queries=(_calls("partner", _REFUSED),),
        unit="reqps",
    ),
    Panel(
        title="Refusals by control",
        series=(Series(metric="Refused", by="Control"),),
        queries=(_calls("control", _REFUSED),),
        unit="reqps",
    ),
    Panel(
        title="Calls by module",
        series=(Series(metric="Decisions", by="Module"),),
        queries=(_calls("module"),),
        unit="reqps",
    ),
    Panel(
        title="Calls about CDRs, and those refused",
        series=(
            Series(metric="Decisions", by="Module", only="cdrs"),
            Series(metric="Refused", by="Module", only="cdrs"),
        ),
        queries=(
            _all('{module="cdrs"}', "calls"),
            _all('{module="cdrs",control!=""}', "refused"),
        ),
        unit="reqps",
    ),
    Panel(
        title="Attacks: refusals of nobody, calls shed, crashes",
        series=(
            Series(metric="Refused", by="Partner", only="(nobody)"),
            Series(metric="Shed"),
            Series(metric="Crashes"),
        ),
        queries=(
            _all('{partner="",control!=""}', "nobody"),
            _rate("rampart_guard_shed_total", "shed: {{reason}}", by="reason"),
            _rate("rampart_guard_crashes_total", "crashes"),
        ),
        unit="reqps",
    ),
    Panel(
        title="Objectives: availability and latency at the gateway",
        series=(
            Series(metric="5XXError", statistic="Average", namespace="AWS/ApiGateway"),
            Series(metric="Latency", statistic="p99", namespace="AWS/ApiGateway"),
        ),
    ),
    Panel(
        title="Time of a decision",
        series=(Series(metric="Latency", statistic="p50"), Series(metric="Latency", statistic="p99")),
        queries=(_decision_time(0.5), _decision_time(0.99)),
        unit="s",
    ),
    Panel(
        title="Tokens: looks into the store, and tokens known without",
        series=(Series(metric="StoreReads"), Series(metric="CacheHits"), Series(metric="TokensKnown")),
        queries=(
            _rate("rampart_guard_store_reads_total", "looks"),
            _rate("rampart_guard_cache_hits_total", "known"),
        ),
        unit="reqps",
    ),
    Panel(
        title="A newer registry is refused; long bodies that wait",
        series=(
            Series(metric="RegistryRefused", statistic="Maximum"),
            Series(metric="LongBodiesWaiting", statistic="Maximum"),
        ),
        queries=(
            Query(text="max (rampart_guard_registry_refused)", legend="registry refused"),
            Query(text="sum (rampart_guard_long_bodies)", legend="long bodies"),
        ),
    ),
    Panel(
        title="Leniencies that contracts let through",
        queries=(
            _rate("rampart_guard_leniencies_total", "{{partner}}: {{leniency}}", by="partner, leniency"),
        ),
        unit="reqps",
    ),
    Panel(title="Answers of the guard", series=_envoy("Answers2xx", "Answers4xx", "Answers5xx")),
    Panel(
        title="The service behind",
        series=_envoy("ServiceTimeouts", "ServiceConnectFailures", "QuestionsUnanswered"),
    ),
)
