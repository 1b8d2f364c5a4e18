"""Dashboards: every metric that they name is one that the guard emits, with these labels and dimensions."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime

from click.testing import CliRunner

from hardening.cli import rampart
from hardening.envoy.statistics import COUNTED, MEASURED
from infra.observability.dashboards import cloudwatch_body, grafana
from infra.observability.panels import PANELS
from infra.runtime.policy_service.embedded_metrics import EmbeddedMetrics
from infra.runtime.policy_service.metrics import Metrics
from scanners.policy.checks.alarms import METRICS
from tests.own_stack import own_stack

# What the reports of a worker add (`infra/runtime/policy_service/reports.py`).
REPORTED = {"StoreReads": 0, "CacheHits": 0, "LongBodiesWaiting": 0, "TokensKnown": 0}


def busy() -> Metrics:
    """A worker that counted one of everything."""
    metrics = Metrics()
    metrics.decided("acme", "cdrs", "", 0.001)
    metrics.decided("", "cdrs", "token-known", 0.001)
    metrics.read_as_agreed("acme", {"offset": 1})
    metrics.shed("queue")
    metrics.crashed()
    return metrics


def told() -> set[tuple[str, frozenset[str]]]:
    """Each metric that CloudWatch gets, with the names of its dimensions."""
    found = {(name, frozenset({"Service", "Part"})) for name in (*COUNTED.values(), *MEASURED.values())}
    for line in EmbeddedMetrics("Rampart/test", busy()).lines(datetime.now(UTC), ["acme"], REPORTED):
        [directive] = json.loads(line)["_aws"]["CloudWatchMetrics"]
        [dimensions] = directive["Dimensions"]
        found |= {(one["Name"], frozenset(dimensions)) for one in directive["Metrics"]}
    return found


def exposed() -> dict[str, set[str]]:
    """Each metric that Prometheus reads, with its labels."""
    text = busy().text(store_reads=1, cache_hits=1, long_bodies=0).decode()
    lines = re.findall(r"^(\w+)(?:\{(.*)\})? ", text, re.MULTILINE)
    return {name: set(re.findall(r"(\w+)=", labels)) for name, labels in lines if name != "#"}


def test_every_metric_in_cloudwatch_is_emitted_with_these_dimensions() -> None:
    emitted = told()
    for panel in PANELS:
        for one in panel.series:
            if one.namespace:
                assert one.metric in METRICS[one.namespace], one
            else:
                assert (one.metric, frozenset({"Service", one.by} - {""})) in emitted, one


def test_every_metric_and_label_in_prometheus_is_exposed() -> None:
    emitted = exposed()
    asked = [query for panel in PANELS for query in panel.queries]
    assert len(asked) > 10
    for query in asked:
        [name] = re.findall(r"rampart_guard_\w+", query.text)
        labels = {label for by in re.findall(r"by \(([^)]*)\)", query.text) for label in by.split(", ")}
        labels |= set(re.findall(r"(\w+)!?=\"", query.text))
        assert labels <= emitted[name], query
        assert set(re.findall(r"\{\{(\w+)\}\}", query.legend)) <= labels, query


def test_the_stack_declares_the_dashboard_and_the_command_prints_it() -> None:
    [declared] = own_stack("test").of_type("aws:cloudwatch/dashboard:Dashboard")
    body = cloudwatch_body("Rampart/test", "eu-central-1", "rampart-test-ocpi")
    assert declared.inputs["dashboardBody"] == body
    assert CliRunner().invoke(rampart, ["dashboard", "--stack", "test"]).output == body + "\n"
    widgets = json.loads(body)["widgets"]
    assert len({(one["x"], one["y"]) for one in widgets}) == len(widgets) > 10


def test_grafanas_dashboard_has_every_query_once_and_its_own_data_source() -> None:
    printed = json.loads(CliRunner().invoke(rampart, ["dashboard"]).output)
    assert printed == grafana()
    targets = [one for panel in printed["panels"] for one in panel["targets"]]
    assert [one["expr"] for one in targets] == [query.text for panel in PANELS for query in panel.queries]
    assert {one["datasource"]["uid"] for one in targets} == {"${source}"}
    assert [one["name"] for one in printed["templating"]["list"]] == ["source"]
