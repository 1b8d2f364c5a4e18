"""From bytes to verdict: ours with every business rule, beside the peers and bare parsing.

`taskset -c 1 pytest tests/benchmarks/test_messages.py -s -k verdict` prints the table, `-k million` the
stream. The bodies are the specification's examples where they are at hand, else our own messages, as
compact JSON. Peers are given both parsers that people use with them: `orjson` and the standard library's.
Only ours refuses names that appear twice, times that are not in UTC, and what breaks a business rule.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

import jsonschema_rs
import ocpi_types.v2_2_1 as peer
import orjson
import pytest

from hardening.ocpi import json_schema, validate
from tests.hardening.ocpi.messages import MESSAGES
from tests.hardening.ocpi.test_examples import EXAMPLES

PEERS = {"CDR": peer.Cdr, "Session": peer.Session, "Location": peer.Location}
FILES = {
    "CDR": "cdr_example",
    "Session": "session_example_2_short_finished",
    "Location": "location_example",
}
ROUNDS, CALLS = 200, 100
# Of bare parsing, of ocpi-types and of jsonschema-rs; the last two with the standard library's parser.
MOST_OF_BARE, TIMES_OCPI_TYPES, TIMES_JSONSCHEMA = 3.5, 3.0, 1.2


def _microseconds(contestants: dict[str, Callable[[], object]]) -> dict[str, float]:
    """The best round of each, taking turns, so what else the machine does falls on all alike."""
    spent: dict[str, list[float]] = {name: [] for name in contestants}
    for _ in range(ROUNDS):
        for name, call in contestants.items():
            began = time.perf_counter()
            for _ in range(CALLS):
                call()
            spent[name].append((time.perf_counter() - began) / CALLS * 1e6)
    return {name: min(times) for name, times in spent.items()}


def _bodies(object_type: str) -> dict[str, bytes]:
    file = EXAMPLES / "2.2.1" / f"{FILES[object_type]}.json"
    message = orjson.loads(file.read_bytes()) if file.exists() else MESSAGES["2.2.1"][object_type]
    shuffled = dict(reversed(message.items()))
    return {
        "compact": orjson.dumps(message),
        "indented, other order": orjson.dumps(shuffled, option=orjson.OPT_INDENT_2),
        "millisecond times": orjson.dumps(message).replace(b'Z"', b'.000Z"'),
        "not ASCII": orjson.dumps(message).replace(b'"Gent', '"Gänt'.encode()),
        "an unknown field": orjson.dumps(message | {"x_vendor": {"a": [1, 2]}}),
    }


@pytest.mark.parametrize("object_type", ["CDR", "Session", "Location"])
def test_bytes_to_verdict(object_type: str) -> None:
    bodies = _bodies(object_type)
    body = bodies["compact"]
    schema = jsonschema_rs.Draft202012Validator(json_schema("2.2.1", "", object_type))
    from_dict = PEERS[object_type].from_dict

    def ours(of: bytes = body) -> list[object]:
        return list(validate(of, version="2.2.1", object_type=object_type))

    assert all(validate(one, version="2.2.1", object_type=object_type) == [] for one in bodies.values())
    assert schema.is_valid(orjson.loads(body))
    took = _microseconds(
        {
            "orjson.loads, no validation": lambda: orjson.loads(body),
            "ours": lambda: validate(body, version="2.2.1", object_type=object_type),
            "jsonschema-rs on our schema, orjson": lambda: schema.is_valid(orjson.loads(body)),
            "jsonschema-rs on our schema, json": lambda: schema.is_valid(json.loads(body)),
            "ocpi-types, orjson": lambda: from_dict(orjson.loads(body)),
            "ocpi-types, json": lambda: from_dict(json.loads(body)),
            **{f"ours, {name}": partial(ours, one) for name, one in bodies.items() if name != "compact"},
        }
    )
    print(f"\n2.2.1 {object_type}, {len(body)} bytes")
    for name, each in took.items():
        print(f"  {name:38} {each:7.2f} us {1e6 / each:10,.0f}/s   {each / took['ours']:5.2f} of ours")
    assert took["ours"] <= MOST_OF_BARE * took["orjson.loads, no validation"]
    assert took["ocpi-types, json"] >= TIMES_OCPI_TYPES * took["ours"]
    assert took["jsonschema-rs on our schema, json"] >= TIMES_JSONSCHEMA * took["ours"]


def _tree_kilobytes(root: int) -> int:
    """The resident memory of a process and its children, each page of each process counted."""
    total = 0
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            status = dict(line.split(":", 1) for line in (folder / "status").read_text().splitlines())
        except (OSError, ValueError):
            continue
        if root in (int(folder.name), int(status["PPid"])):
            total += int(status.get("VmRSS", "0 kB").split()[0])
    return total


def _write_messages(file: Path, count: int) -> None:
    """CDRs of our own that all differ: id, times, energy and cost; one in 10,000 has a wrong total."""
    message = json.loads(json.dumps(MESSAGES["2.2.1"]["CDR"]))
    with file.open("wb") as lines:
        for number in range(count):
            kwh = round(1 + number % 4000 / 100, 2)
            cost = round(kwh * 0.4 + 0.5, 4) if number % 10_000 else 1000.0
            message["id"] = f"cdr-{number}"
            message["last_updated"] = f"2026-03-01T12:{number // 60 % 60:02}:{number % 60:02}Z"
            message["total_energy"] = kwh
            message["charging_periods"][0]["dimensions"][0]["volume"] = kwh
            message["total_cost"] = {"excl_vat": cost, "incl_vat": round(cost * 1.21, 4)}
            lines.write(orjson.dumps(message) + b"\n")


def test_a_million_messages_in_flat_memory(tmp_path: Path) -> None:
    """On every core, as a file and as a stream; memory is that of all processes together, at its highest."""
    count = int(os.environ.get("RAMPART_MESSAGES", "1000000"))
    file = tmp_path / "cdrs.ndjson"
    _write_messages(file, count)
    for name, source in (("file", str(file)), ("stdin", "-")):
        command = [sys.executable, "-m", "hardening.cli", "validate", "--version", "2.2.1", source]
        began, peaks = time.perf_counter(), []
        with (
            file.open("rb") as stdin,
            subprocess.Popen(
                [*command, "--format", "json", "--limit", "10"],
                stdin=stdin,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
            ) as running,
        ):
            while running.poll() is None:
                peaks.append(_tree_kilobytes(running.pid))
                time.sleep(0.1)
            took = time.perf_counter() - began
            assert running.stdout is not None
            summary = json.loads(running.stdout.read())["summary"]
        half = len(peaks) // 2
        early, late = max(peaks[:half], default=0) / 1024, max(peaks[half:], default=0) / 1024
        size = file.stat().st_size / 1e6
        print(
            f"\n{name}: {count:,} CDRs, {size:,.0f} MB in {took:.1f} s: {count / took:,.0f}/s; highest memory"
            f" {early:.0f} MB in the first half, {late:.0f} MB in the second"
        )
        assert summary["messages"] == count
        assert summary["refused"] == -(-count // 10_000)
        assert max(early, late) < 250
