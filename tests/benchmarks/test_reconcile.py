"""Millions of sessions and CDRs, reconciled by every rule; beside polars, which only joins them and compares.

    uv run --group bench pytest tests/benchmarks/test_reconcile.py -s

Each runs in a process of its own, one after the other, on the same Parquet files. What is printed is the wall
clock, the processor's time and the most memory of each, and the load of the machine before and after.
"""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import duckdb
import pytest

SIZES = (1_000_000, 3_000_000, 10_000_000)
# One in so many sessions has no CDR, one CDR no session, and one CDR more energy.
EACH = 1000
_COLUMNS = """
    'NL*C' || lpad(CAST(i % 20 AS VARCHAR), 2, '0') AS party, {id} AS {name},
    TIMESTAMP '2026-03-01' + INTERVAL (i % 2592000) SECOND AS start_date_time,
    TIMESTAMP '2026-03-01' + INTERVAL (i % 2592000 + 3600) SECOND AS end_date_time,
    CAST(4 + (i % 4000) / 250.0 AS DECIMAL(18, 6)) AS total_cost, 'EUR' AS currency,
    'location-' || (i % 3000) AS location_id, 'evse-' || (i % 9000) AS evse_uid, '1' AS connector_id,
    'token-' || (i % 200000) AS token_uid,
    TIMESTAMP '2026-03-01' + INTERVAL (i % 2592000 + 3700) SECOND AS last_updated
"""
_ID = "md5(CAST(i AS VARCHAR))"
_JOIN = """
import sys, time
import polars
sessions, cdrs = (polars.scan_parquet(f"{sys.argv[1]}/{name}.parquet") for name in ("sessions", "cdrs"))
key = [
    polars.col("party").str.to_uppercase().alias("p"),
    polars.col("session_id").str.to_lowercase().alias("k"),
]
sessions = sessions.rename({"id": "session_id"})
pairs = sessions.with_columns(key).join(cdrs.with_columns(key), on=["p", "k"], how="full")
missing = polars.col("k").is_null() | polars.col("k_right").is_null()
names = ("location_id", "evse_uid", "token_uid")
differ = [(polars.col(name) != polars.col(name + "_right")) for name in names]
differ.append((polars.col("kwh") - polars.col("total_energy")).abs() > 0.1)
print(pairs.select(polars.sum_horizontal(missing, *differ).sum()).collect(engine="streaming"))
"""


@dataclass(frozen=True, slots=True)
class Cost:
    """Seconds by the clock and of the processor, and the most memory in MB."""

    wall: float
    cpu: float
    memory: float


def write_books(folder: Path, count: int) -> None:
    """`count` sessions and CDRs, in no common order."""
    with duckdb.connect() as connection:
        connection.execute("SET preserve_insertion_order = false")
        connection.execute(f"SET temp_directory = '{folder / 'spill'}'")
        kwh = "CAST(10 + (i % 4000) / 100.0 AS DECIMAL(18, 6))"
        columns = _COLUMNS.format(id=_ID, name="id")
        connection.execute(
            f"COPY (SELECT {columns}, {kwh} AS kwh, 'COMPLETED' AS status FROM range({count}) AS t(i) "
            f"WHERE i % {EACH} <> 1) TO '{folder / 'sessions.parquet'}'"
        )
        columns = _COLUMNS.format(id=_ID, name="session_id")
        connection.execute(
            f"COPY (SELECT 'CDR-' || lpad(CAST(i AS VARCHAR), 9, '0') AS id, {columns}, "
            f"{kwh} + CASE WHEN i % {EACH} = 3 THEN 5 ELSE 0 END AS total_energy, "
            "CAST(1 AS DECIMAL(18, 6)) AS total_time FROM "
            f"range({count}) AS t(i) WHERE i % {EACH} <> 2 ORDER BY hash(i)) TO '{folder / 'cdrs.parquet'}'"
        )


def measured(*command: str) -> tuple[Cost, str]:
    """Run a command to its end, alone; the parent's high-water mark is of the largest child so far."""
    began, before = time.monotonic(), resource.getrusage(resource.RUSAGE_CHILDREN)
    script = (
        "import resource, subprocess, sys; "
        f"done = subprocess.run({list(command)!r}, stdout=subprocess.PIPE); "
        "sys.stdout.buffer.write(done.stdout); "
        "print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss, file=sys.stderr); "
        "sys.exit(done.returncode)"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    assert done.returncode in (0, 1), done.stderr
    assert "Error" not in done.stderr, done.stderr  # a traceback ends with 1 too
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return Cost(time.monotonic() - began, cpu, int(done.stderr.splitlines()[-1]) / 1024), done.stdout


@pytest.mark.timeout(3600)
@pytest.mark.parametrize("count", SIZES)
def test_millions_of_sessions_and_cdrs(tmp_path: Path, count: int) -> None:
    write_books(tmp_path, count)
    print(f"\n{count:,} sessions and CDRs, load {os.getloadavg()[0]:.1f}")
    names = [str(tmp_path / f"{name}.parquet") for name in ("sessions", "cdrs")]
    ours, text = measured(
        sys.executable, "-m", "hardening.cli", "reconcile", *names, "--format", "json", "--limit", "10"
    )
    rules = {one["of"]: one["places"] for one in json.loads(text)["sums"]["rules"]}
    # The last grace of the month is still waiting for its CDRs.
    assert rules["cdr_without_session"] == count // EACH
    assert 0.9 * count // EACH <= rules["session_without_cdr"] <= count // EACH
    assert rules["energy"] == count // EACH
    theirs, _ = measured(sys.executable, "-c", _JOIN, str(tmp_path))
    for name, cost in (("rampart reconcile, every rule", ours), ("polars, one join", theirs)):
        print(f"{name:30} {cost.wall:6.1f} s, {cost.cpu:6.1f} s of processor, {cost.memory:6.0f} MB")
    print(f"load {os.getloadavg()[0]:.1f} afterwards")
