"""What an audit of drift costs: calls, seconds and memory, against one call for each resource.

    uv run --group bench pytest tests/benchmarks/test_drift.py -s

The account is an emulator's, and answers from memory: the time is the audit's own, and each call's latency.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from scanners.drift.declared import Declared
from scanners.drift.scan import look_through, read_unsupported
from scanners.policy.stack_file import read_stack
from tests.beds.aws_recording import Recording, tags_of, view_through
from tests.beds.deployed_stack import deployed_stack

REGION = "eu-central-1"
# Partners for about so many resources: a partner is ten, and the rest of the stack not quite five hundred.
SIZES = {518: 3, 1000: 51, 5000: 451}
LATENCY = 0.06
QUIET = 2.0

pytestmark = pytest.mark.timeout(1800)


@pytest.fixture(scope="module", params=SIZES)
def recorded(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """The recording of one audit of the stack, and the stack."""
    folder = tmp_path_factory.mktemp("drift")
    with deployed_stack(folder, SIZES[request.param]) as target:
        stack_file = Path(target.stack_file)
        declared = Declared(read_stack(stack_file), REGION)
        recording = Recording(target.aws_endpoint, target.ca_file, tags_of(declared.stack))
        unsupported = read_unsupported(target)
        look_through(view_through(recording, REGION), declared, unsupported, lambda _, __: None)
    recording.keep(folder / "recording")
    return folder / "recording", stack_file


def measured(recorded: tuple[Path, Path], latency: float) -> Mapping[str, Any]:
    """One audit in a process of its own."""
    arguments = [*map(str, recorded), REGION, str(latency)]
    command = [sys.executable, "-m", "tests.benchmarks.drift_audit", *arguments]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    found: Mapping[str, Any] = json.loads(done.stdout)
    calls, resources, alone = found["calls"], found["resources"], found["one_by_one"]
    print(
        f"\n{resources} resources, {latency * 1000:.0f} ms a call, load {os.getloadavg()[0]:.1f}: "
        f"{found['seconds']:.1f} s ({found['busy']:.1f} s busy), {found['megabytes']:.0f} MB"
    )
    print(
        f"  {calls} calls, {calls / resources:.2f} a resource; less the {alone} that AWS answers one by one "
        f"{(calls - alone) / resources:.2f}; in other regions {found['elsewhere']} more"
    )
    naive = found["naive_seconds"]
    print(f"  one call a resource: {naive:.1f} s; the audit takes {found['seconds'] / naive:.2f} of that")
    return found


def test_calls_seconds_and_memory(recorded: tuple[Path, Path]) -> None:
    for latency in (0.0, LATENCY):
        found = measured(recorded, latency)
        assert found["drift"] == 0
        assert found["there"] > found["resources"] / 2
        assert found["calls"] < found["resources"]
        assert found["megabytes"] < 300
        assert found["busy"] < 10
    # Where others work on the machine, they are what is measured.
    if found["resources"] <= 1100 and os.getloadavg()[0] < QUIET:
        assert found["seconds"] < 10
