"""What CloudWatch is told: lines that its page describes, differences and not totals, of bounded number."""

from __future__ import annotations

import asyncio
import json
import socket
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import botocore.session
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hardening.errors import ConfigError
from hardening.requests.samples import EMSP
from infra.lab.ports import free_port
from infra.runtime.policy_service.__main__ import programs
from infra.runtime.policy_service.embedded_metrics import MOST_PARTNERS
from infra.runtime.policy_service.envoy_statistics import EnvoyStatistics
from infra.runtime.policy_service.metrics import Metrics
from infra.runtime.policy_service.rate_limits import RateLimits
from infra.runtime.policy_service.reports import Reports, ReportSettings, report_settings
from infra.runtime.policy_service.service import Policy
from infra.runtime.policy_service.stores import MemoryTokenStore
from infra.runtime.policy_service.token_cache import TokenCache

NOW = datetime(2026, 1, 15, 12, tzinfo=UTC)
UNITS = set(botocore.session.get_session().get_service_model("cloudwatch").shape_for("StandardUnit").enum)
TIMES = st.lists(st.floats(0, 5), max_size=300)


def follow_the_specification(lines: Iterator[str]) -> list[dict[str, Any]]:
    """The events. CloudWatch User Guide, "Specification: Embedded metric format"."""
    events = [json.loads(line) for line in lines]
    for event in events:
        about = event["_aws"]
        assert set(about) == {"Timestamp", "CloudWatchMetrics"}
        assert about["Timestamp"] == NOW.timestamp() * 1000
        assert len(json.dumps(event)) < 256 * 1024
        for directive in about["CloudWatchMetrics"]:
            assert set(directive) == {"Namespace", "Dimensions", "Metrics"}
            assert directive["Namespace"] == "Rampart/test"
            for names in directive["Dimensions"]:
                assert len(names) <= 30
                assert all(isinstance(event[name], str) and 1 <= len(event[name]) <= 1024 for name in names)
            assert 1 <= len(directive["Metrics"]) <= 100
            for defined in directive["Metrics"]:
                assert set(defined) == {"Name", "Unit"}
                assert defined["Unit"] in UNITS
                values = event[defined["Name"]]
                values = values if isinstance(values, list) else [values]
                assert 1 <= len(values) <= 100
                assert all(type(value) in (int, float) for value in values)
        targets = {one["Name"] for one in directive["Metrics"]} | set(directive["Dimensions"][0])
        assert set(event) == {"_aws"} | targets
    return events


def _policy(partners: int = 1) -> Policy:
    named = {f"partner-{number:03}": replace(EMSP, name=f"partner-{number:03}") for number in range(partners)}
    return Policy("test", TokenCache(MemoryTokenStore()), named, RateLimits(named.values()))


def _reports(policy: Policy, port: int = 0) -> Reports:
    return Reports(ReportSettings("Rampart/test", port), lambda: policy)


def _of(events: list[dict[str, Any]], dimension: str) -> dict[str, tuple[int, int]]:
    return {e[dimension]: (e.get("Decisions", 0), e["Refused"]) for e in events if dimension in e}


def test_decisions_are_told_by_partner_module_and_control_once() -> None:
    policy = _policy()
    reports = _reports(policy)
    for partner, module, control in (
        ("partner-000", "cdrs", ""),
        ("partner-000", "cdrs", "owner-in-body"),
        ("partner-000", "tokens", ""),
        ("", "", "token-known"),
    ):
        policy.metrics.decided(partner, module, control, 0.002)
    policy.metrics.shed("LaneFull")
    events = follow_the_specification(reports.lines(NOW))
    assert _of(events, "Partner") == {"partner-000": (3, 1), "(nobody)": (1, 1)}
    assert _of(events, "Module") == {"cdrs": (2, 1), "tokens": (1, 0), "none": (1, 1)}
    assert _of(events, "Control") == {"owner-in-body": (0, 1), "token-known": (0, 1)}
    assert events[0]["Decisions"] == 4
    assert events[0]["Refused"] == 2
    assert events[0]["Shed"] == 1
    assert events[0]["Latency"] == [2.0] * 4
    [again] = follow_the_specification(reports.lines(NOW))
    assert again["Decisions"] == again["Refused"] == again["Shed"] == 0
    assert "Latency" not in again


def test_queue_cache_and_store_are_told() -> None:
    async def told() -> list[dict[str, Any]]:
        policy = _policy()
        reports = _reports(policy)
        for _ in range(3):
            await policy.tokens.find("unknown")
        policy.metrics.crashed()
        policy.metrics.registry_refused = True
        return follow_the_specification(reports.lines(NOW))

    [event] = asyncio.run(told())
    assert (event["StoreReads"], event["CacheHits"], event["TokensKnown"]) == (1, 2, 0)
    assert (event["Crashes"], event["RegistryRefused"], event["LongBodiesWaiting"]) == (1, 1, 0)


def test_more_partners_than_there_may_be_metrics_share_one() -> None:
    policy = _policy(MOST_PARTNERS + 400)
    for partner in policy.partners:
        policy.metrics.decided(partner, "cdrs", "", 0.001)
    shares = _of(follow_the_specification(_reports(policy).lines(NOW)), "Partner")
    assert len(shares) == MOST_PARTNERS + 1
    assert shares["(others)"] == (400, 0)
    assert shares["partner-000"] == (1, 0)


def test_a_partner_called_like_nobody_or_the_others_is_not_counted_as_them() -> None:
    policy = replace(_policy(), partners={name: replace(EMSP, name=name) for name in ("nobody", "others")})
    for partner in ("nobody", "others", "", "gone"):
        policy.metrics.decided(partner, "cdrs", "", 0.001)
    shares = _of(follow_the_specification(_reports(policy).lines(NOW)), "Partner")
    assert shares == dict.fromkeys(("nobody", "others", "(nobody)", "(others)"), (1, 0))


@given(TIMES)
def test_a_sample_is_of_the_times_themselves_and_never_too_long(seconds: list[float]) -> None:
    metrics = Metrics()
    for one in seconds:
        metrics.decided("", "", "", one)
    sample = metrics.take_sample()
    assert len(sample) == min(len(seconds), 100)
    assert set(sample) <= {round(one * 1000, 3) for one in seconds}
    assert metrics.take_sample() == []


def test_what_envoy_counts_is_added_up_and_what_it_measures_is_the_last_value() -> None:
    envoy = EnvoyStatistics()
    assert envoy.take() == {}
    failed = b"envoy.http.ocpi.downstream_rq_5xx"
    envoy.datagram_received(failed + b":2|c\n" + failed + b":3|c", 0)
    envoy.datagram_received(b"envoy.cluster.policy.membership_healthy:2|g", 0)
    envoy.datagram_received(b"envoy.cluster.policy.membership_healthy:1|g", 0)
    taken = envoy.take()
    assert (taken["Answers5xx"], taken["Answers2xx"], taken["WorkersWell"]) == (5, 0, 1)
    assert envoy.take() == {}


@given(st.binary() | st.from_regex(rb"envoy\.[a-z.]{1,20}:[0-9-]{1,30}\|[a-z]{1,2}"))
def test_any_other_datagram_is_nothing(data: bytes) -> None:
    envoy = EnvoyStatistics()
    envoy.datagram_received(data, 0)
    assert envoy.take() == {}


def test_a_worker_writes_its_last_report_when_it_ends(capsys: pytest.CaptureFixture[str]) -> None:
    async def run() -> None:
        port = free_port()
        policy = _policy()
        reports = _reports(policy, port)
        writing = asyncio.create_task(reports.write(every=600))
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
            # Sent again until it is received: before the port is open, nobody hears it.
            async with asyncio.timeout(20):
                while not reports._envoy._told:
                    sender.sendto(b"envoy.cluster.ocpi_service.membership_healthy:1|g", ("127.0.0.1", port))
                    await asyncio.sleep(0.01)
        policy.metrics.decided("partner-000", "cdrs", "", 0.001)
        writing.cancel()
        with pytest.raises(asyncio.CancelledError):
            await writing

    asyncio.run(run())
    events = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert events[0]["Decisions"] == 1
    assert events[-1]["ServiceWell"] == 1
    assert events[-1]["Part"] == "envoy"


def test_a_port_that_is_taken_costs_envoys_metrics_alone(capsys: pytest.CaptureFixture[str]) -> None:
    async def run(port: int) -> None:
        writing = asyncio.create_task(_reports(_policy(), port).write(every=0.01))
        await asyncio.sleep(0.1)
        writing.cancel()

    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as taken:
        taken.bind(("127.0.0.1", 0))
        asyncio.run(run(taken.getsockname()[1]))
    out = capsys.readouterr().out
    assert '"no-envoy-statistics"' in out
    assert '"Decisions":0' in out


def test_without_a_namespace_nothing_is_written(capsys: pytest.CaptureFixture[str]) -> None:
    asyncio.run(Reports(ReportSettings(), _policy).write(every=0.01))
    assert capsys.readouterr().out == ""


def test_the_first_worker_alone_takes_what_envoy_counts() -> None:
    made = programs({"RAMPART_STATISTICS_PORT": "8125", "RAMPART_METRICS_NAMESPACE": "Rampart/test"}, 9000, 3)
    found = [report_settings(one.environment) for one in made]
    assert [one.port for one in found] == [8125, 0, 0]
    assert {one.namespace for one in found} == {"Rampart/test"}
    with pytest.raises(ConfigError, match="RAMPART_STATISTICS_PORT: expected a port number"):
        report_settings({"RAMPART_STATISTICS_PORT": "http"})


def test_partners_who_left_are_among_the_others() -> None:
    policy = _policy()
    policy.metrics.decided("somebody-who-left", "cdrs", "", 0.001)
    events = follow_the_specification(_reports(policy).lines(NOW))
    assert _of(events, "Partner") == {"(others)": (1, 0)}
