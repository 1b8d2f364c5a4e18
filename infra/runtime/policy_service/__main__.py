"""`python -m infra.runtime.policy_service`: keep the workers of the policy service running.

Settings are environment variables, so a container and the lab start it alike: those of `settings`, and
RAMPART_POLICY_WORKERS (1), the number of workers; they listen on RAMPART_POLICY_PORT and the ports after it.
"""

from __future__ import annotations

import os
import sys

from hardening.errors import ConfigError, RampartError
from infra.runtime.http_service import log
from infra.runtime.policy_service.service import HEALTH
from infra.runtime.policy_service.settings import policy_from, port_of
from infra.runtime.supervisor import Program, answers_200, python_module, supervise_until_signal

_MOST_WORKERS = 64


def main() -> int:
    """Serve until told to stop. A wrong setting is one line and exit code 2."""
    try:
        policy_from(os.environ)
        workers = programs(port_of(os.environ), _count())
    except RampartError as error:
        log(level="error", event="settings", detail=error.message)
        return 2
    supervise_until_signal(workers)
    return 0


def programs(port: int, count: int) -> tuple[Program, ...]:
    """The workers as programs of a supervisor, which passes our environment on."""
    return tuple(_worker(port + number) for number in range(count))


def _worker(port: int) -> Program:
    return Program(
        f"policy-{port}",
        python_module("infra.runtime.policy_service.worker"),
        {**os.environ, "RAMPART_POLICY_PORT": str(port)},
        lambda: answers_200(port, HEALTH),
    )


def _count() -> int:
    text = os.environ.get("RAMPART_POLICY_WORKERS", "1")
    if not text.isdigit() or not 1 <= int(text) <= _MOST_WORKERS:
        raise ConfigError(f"RAMPART_POLICY_WORKERS: expected 1 to {_MOST_WORKERS}")
    return int(text)


if __name__ == "__main__":
    sys.exit(main())
