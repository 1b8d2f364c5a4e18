"""`python -m infra.runtime.policy_service`: keep the workers of the policy service running.

Settings are environment variables, so a container and the lab start it alike: those of `settings`, and
RAMPART_POLICY_WORKERS (1), the number of workers; they listen on RAMPART_POLICY_PORT and the ports after it.
"""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Mapping

from hardening.errors import ConfigError, RampartError
from infra.runtime.http_service import log
from infra.runtime.policy_service.environment import HEALTH, STATISTICS_PORT, port_of
from infra.runtime.supervisor import Program, answers, python_module, supervise_until_signal

_MOST_WORKERS = 64


def main() -> int:
    """Serve until told to stop. A wrong setting is one line and exit code 2."""
    try:
        port, count = port_of(os.environ), _count()
    except RampartError as error:
        log(level="error", event="settings", detail=error.message)
        return 2
    with tempfile.NamedTemporaryFile(prefix="rampart-rates-") as rates:
        environment = {**os.environ, "RAMPART_RATE_FILE": rates.name}
        return supervise_until_signal(programs(environment, port, count))


def programs(environment: Mapping[str, str], port: int, count: int) -> tuple[Program, ...]:
    """The workers as programs of a supervisor: the first listens on `port`, the others on those after it."""
    # One of them is told what Envoy counts.
    others = {name: value for name, value in environment.items() if name != STATISTICS_PORT}
    return tuple(_worker(environment if number == 0 else others, port + number) for number in range(count))


def _worker(environment: Mapping[str, str], port: int) -> Program:
    return Program(
        f"policy-{port}",
        python_module("infra.runtime.policy_service.worker"),
        {**environment, "RAMPART_POLICY_PORT": str(port)},
        # Not how it is, but that it answers: a store that is gone is no reason to start it again.
        lambda: answers(port, HEALTH),
    )


def _count() -> int:
    text = os.environ.get("RAMPART_POLICY_WORKERS", "1")
    if not text.isdecimal() or not 1 <= int(text) <= _MOST_WORKERS:
        raise ConfigError(f"RAMPART_POLICY_WORKERS: expected 1 to {_MOST_WORKERS}")
    return int(text)


if __name__ == "__main__":
    sys.exit(main())
