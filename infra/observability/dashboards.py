"""The dashboards of the table of panels: CloudWatch's body and Grafana's JSON."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any, Final

from infra.observability.panels import PANELS, Panel, Series

_PERIOD: Final = 300  # seconds
# Two panels a row: CloudWatch has 24 columns, and Grafana too.
_WIDTH: Final = 12
_HEIGHT: Final = 6
_GRAFANA_SCHEMA: Final = 39


def cloudwatch_body(namespace: str, region: str, api: str) -> str:
    """CloudWatch's (API reference, "Dashboard body structure and syntax"), for the API of that name."""
    shown = [panel for panel in PANELS if panel.series]
    widgets = [
        {
            "type": "metric",
            **dict(zip(("x", "y"), _place(number), strict=True)),
            "width": _WIDTH,
            "height": _HEIGHT,
            "properties": {
                "title": panel.title,
                "region": region,
                "view": "timeSeries",
                "period": _PERIOD,
                "metrics": [_metric(one, namespace, api) for one in panel.series],
            },
        }
        for number, panel in enumerate(shown)
    ]
    return json.dumps({"widgets": widgets}, sort_keys=True)


def _metric(one: Series, namespace: str, api: str) -> list[Any]:
    if one.namespace:
        return [one.namespace, one.metric, "ApiName", api, {"stat": one.statistic}]
    if one.by and not one.only:
        schema = f"{{{namespace},Service,{one.by}}}"
        found = (
            f"SEARCH('{schema} Service=\"guard\" MetricName=\"{one.metric}\"', '{one.statistic}', {_PERIOD})"
        )
        return [{"expression": found, "label": ""}]
    more = [one.by, one.only] if one.by else []
    return [namespace, one.metric, "Service", "guard", *more, {"stat": one.statistic}]


def grafana() -> dict[str, Any]:
    """Grafana's, over a data source of Prometheus that is chosen when it is imported."""
    shown = [panel for panel in PANELS if panel.queries]
    source = {"name": "source", "label": "Prometheus", "type": "datasource", "query": "prometheus"}
    return {
        "uid": "ocpi-rampart",
        "title": "OCPI guard",
        "schemaVersion": _GRAFANA_SCHEMA,
        "refresh": "1m",
        "time": {"from": "now-6h", "to": "now"},
        "templating": {"list": [source]},
        "panels": list(_grafana_panels(shown)),
    }


def _grafana_panels(shown: list[Panel]) -> Iterator[dict[str, Any]]:
    source = {"type": "prometheus", "uid": "${source}"}
    for number, panel in enumerate(shown):
        x, y = _place(number)
        yield {
            "id": number + 1,
            "type": "timeseries",
            "title": panel.title,
            "datasource": source,
            "gridPos": {"x": x, "y": y, "w": _WIDTH, "h": _HEIGHT},
            "fieldConfig": {"defaults": {"unit": panel.unit}, "overrides": []},
            "targets": [
                {
                    "refId": chr(ord("A") + at),
                    "datasource": source,
                    "expr": one.text,
                    "legendFormat": one.legend,
                }
                for at, one in enumerate(panel.queries)
            ],
        }


def _place(number: int) -> tuple[int, int]:
    """Column and row of a panel."""
    return (number % 2) * _WIDTH, (number // 2) * _HEIGHT
