"""`python -m infra.runtime.policy_service`: keep the workers of the policy service running.

Settings are environment variables, so a container and the lab start it alike: those of `settings`, and
RAMPART_POLICY_WORKERS (1), the number of workers; they listen on RAMPART_POLICY_PORT and the ports after it.
"""

from __future__ import annotations

import os
import sys
import tempfile

from hardening.errors import ConfigError, RampartError
from infra.runtime.http_service import log
from infra.runtime.policy_service.environment import HEALTH, port_of
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
        return supervise_until_signal(programs(port, count, rates.name))


def programs(port: int, count: int, rate_file: str) -> tuple[Program, ...]:
    """The workers as programs of a supervisor, which passes our environment on; they count in one file."""
    return tuple(_worker(port + number, rate_file) for number in range(count))


def _worker(port: int, rate_file: str) -> Program:
    return Program(
        f"policy-{port}",
        python_module("infra.runtime.policy_service.worker"),
        {**os.environ, "RAMPART_POLICY_PORT": str(port), "RAMPART_RATE_FILE": rate_file},
        # Not how it is, but that it answers: a store that is gone is no reason to start it again.
        lambda: answers(port, HEALTH),
    )


def _count() -> int:
    text = os.environ.get("RAMPART_POLICY_WORKERS", "1")
    if not text.isdigit() or not 1 <= int(text) <= _MOST_WORKERS:
        raise ConfigError(f"RAMPART_POLICY_WORKERS: expected 1 to {_MOST_WORKERS}")
    return int(text)


if __name__ == "__main__":
    sys.exit(main())
