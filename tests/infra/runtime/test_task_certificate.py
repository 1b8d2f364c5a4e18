"""The key of a guard's task: made when it starts, for its owner only, and replaced in time."""

from __future__ import annotations

import datetime
import json
import os
import ssl
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hardening.filter_patterns import matches
from infra.observability.log_filters import task_filters
from infra.runtime import task_certificate
from infra.runtime.task_certificate import DAYS, is_due, say_if_overdue, write_certificate

NOW = datetime.datetime(2026, 11, 28, tzinfo=datetime.UTC)


def test_key_and_certificate_fit_and_only_the_owner_reads_the_key(tmp_path: Path) -> None:
    write_certificate(tmp_path / "tls", NOW)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(tmp_path / "tls/guard.pem", tmp_path / "tls/guard.key")
    assert (tmp_path / "tls/guard.key").stat().st_mode & 0o777 == 0o600
    assert (tmp_path / "tls").stat().st_mode & 0o777 == 0o700


def test_each_start_makes_another_key(tmp_path: Path) -> None:
    keys = set()
    for _ in range(3):
        write_certificate(tmp_path, NOW)
        keys.add((tmp_path / "guard.key").read_bytes())
    assert len(keys) == 3


@given(st.integers(0, 400))
def test_a_task_is_due_before_its_certificate_ends_and_not_in_its_first_weeks(days: int) -> None:
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        write_certificate(Path(folder), NOW)
        due = is_due(Path(folder), NOW + datetime.timedelta(days=days))
    assert due or days < DAYS - 10
    assert not due or days >= 60


def test_a_certificate_that_cannot_be_read_makes_a_task_due(tmp_path: Path) -> None:
    assert is_due(tmp_path)
    (tmp_path / "guard.pem").write_text("nothing")
    assert is_due(tmp_path)


def test_the_command_runs_in_the_place_of_the_start_program() -> None:
    code = (
        "import infra.runtime.task_certificate as t, pathlib, tempfile, sys; "
        "t.FOLDER = pathlib.Path(tempfile.mkdtemp()); t._CONTAINER_LOG = t.FOLDER / 'log'; "
        "t.start([sys.executable, '-c', 'print(7)'])"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=30, check=True)
    assert run.stdout == "7\n"


def test_the_command_is_started_under_its_own_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """`execvp` does not come back, so here it is asked what it was told."""
    told: list[tuple[str, list[str]]] = []
    monkeypatch.setattr(task_certificate, "FOLDER", tmp_path / "tls")
    monkeypatch.setattr(os, "execvp", lambda file, arguments: told.append((file, arguments)))
    task_certificate.start(["envoy", "--config", "guard.yaml"])
    assert told == [("envoy", ["envoy", "--config", "guard.yaml"])]
    assert (tmp_path / "tls/guard.pem").exists()


def test_a_key_that_nobody_replaced_is_said_and_the_filter_counts_it(tmp_path: Path) -> None:
    write_certificate(tmp_path, NOW)
    log = tmp_path / "log"
    say_if_overdue(tmp_path, log, NOW + datetime.timedelta(days=79))
    assert not log.exists()
    say_if_overdue(tmp_path, log, NOW + datetime.timedelta(days=81))
    (line,) = log.read_text(encoding="utf-8").splitlines()
    assert json.loads(line)["days"] == 81 < DAYS
    group: Any = None
    counting = {one.name for one in task_filters(group, group) if matches(one.pattern, json.loads(line))}
    assert counting == {"guard-key-overdue"}


def test_a_log_that_takes_no_line_fails_the_health_command(tmp_path: Path) -> None:
    write_certificate(tmp_path, NOW)
    with pytest.raises(FileNotFoundError):
        say_if_overdue(tmp_path, tmp_path / "none/log", NOW + datetime.timedelta(days=81))


def test_a_task_says_at_its_start_that_its_health_command_cannot_be_heard(tmp_path: Path) -> None:
    def started(log: Path) -> list[str]:
        code = (
            "import infra.runtime.task_certificate as t, pathlib, sys; "
            f"t.FOLDER = pathlib.Path({str(tmp_path)!r}); t._CONTAINER_LOG = pathlib.Path({str(log)!r}); "
            "t.start([sys.executable, '-c', 'print(7)'])"
        )
        command = [sys.executable, "-c", code]
        return subprocess.run(command, capture_output=True, text=True, timeout=30, check=True).stdout.split(
            "\n"
        )

    assert started(tmp_path / "log") == ["7", ""]
    line, *rest = started(tmp_path / "none/log")
    assert rest == ["7", ""]
    group: Any = None
    counting = {one.name for one in task_filters(group, group) if matches(one.pattern, json.loads(line))}
    assert counting == {"guard-key-overdue"}
