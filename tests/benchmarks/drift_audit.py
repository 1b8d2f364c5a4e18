"""`python -m tests.benchmarks.drift_audit RECORDING STACK REGION LATENCY`: one audit, measured, as JSON."""

from __future__ import annotations

import json
import sys
import time
from collections import Counter
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from scanners.drift.account import View
from scanners.drift.declared import Declared
from scanners.drift.scan import look_through, read_unsupported
from scanners.policy.stack_file import read_stack
from scanners.target import Target
from tests.beds.aws_recording import Recording, view_through

# What AWS answers one by one, whoever asks: no call of it serves two resources.
_ONE_BY_ONE = (
    "secrets-manager.GetResourcePolicy",
    "api-gateway.GetUsagePlanKeys",
    "cloudwatch-logs.DescribeSubscriptionFilters",
    "kms.",
    "s3.GetBucket",
    "s3.GetPublicAccessBlock",
    "s3.GetObjectLockConfiguration",
)
_AT_ONCE = 32


def naive(view: View, resources: int) -> float:
    """Seconds for one call a resource, with as many threads."""
    client = view.session.client("sts", region_name=view.region)
    begin = time.perf_counter()
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        for done in [pool.submit(client.get_caller_identity) for _ in range(resources)]:
            done.result()
    return time.perf_counter() - begin


def most_memory() -> float:
    """The most memory that this process had, in MB. What getrusage says begins with its parent's."""
    status = Path("/proc/self/status").read_text()
    return int(status.partition("VmHWM:")[2].split()[0]) / 1024


def audit(recording: Recording, stack_file: Path, region: str) -> Mapping[str, Any]:
    """What one audit costs. Memory is the most of the whole process, with the recording in it."""
    target = Target(name="test", stack_file=str(stack_file), region=region, aws_endpoint="http://127.0.0.1:9")
    declared = Declared(read_stack(stack_file), region)
    view = view_through(recording, region)
    begin, busy = time.perf_counter(), time.process_time()
    drift, _ = look_through(view, declared, read_unsupported(target), lambda _, __: None)
    seconds, busy = time.perf_counter() - begin, time.process_time() - busy
    memory = most_memory()
    own, elsewhere = Counter[str](), 0
    for (where, name), count in recording.calls.items():
        # Global services are asked in one region.
        if where in (region, "us-east-1"):
            own[name] += count
        else:
            elsewhere += count
    resources = sum(1 for each in declared.stack.resources if each.custom)
    return {
        "resources": resources,
        "seconds": seconds,
        "busy": busy,
        "megabytes": memory,
        "calls": sum(own.values()),
        "one_by_one": sum(n for name, n in own.items() if name.startswith(_ONE_BY_ONE)),
        "elsewhere": elsewhere,
        "naive_seconds": naive(view, resources),
        "drift": len(drift.changes) + len(drift.unmanaged) + len(drift.unread),
        "there": sum(presence.found for presence in drift.presences),
    }


if __name__ == "__main__":
    recording = Recording.kept_in(Path(sys.argv[1]))
    recording.latency = float(sys.argv[4])
    print(json.dumps(audit(recording, Path(sys.argv[2]), sys.argv[3])))
