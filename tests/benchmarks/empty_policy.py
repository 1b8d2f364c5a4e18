"""`python -m tests.benchmarks.empty_policy`: a policy service that says yes: what the question costs."""

from __future__ import annotations

import asyncio
import os
import sys

from hardening.envoy.policy_socket import policy_socket
from infra.runtime.http_service import HttpRequest, HttpResponse, serve
from infra.runtime.policy_service.environment import SOCKETS, port_of
from infra.runtime.supervisor import Program, python_module, supervise_until_signal

_YES = HttpResponse(200, headers={"x-rampart-partner": "anybody", "x-rampart-token-kind": "C"})


async def _yes(_: HttpRequest) -> HttpResponse:
    return _YES


def main() -> int:
    """As many workers as the real one, each on its port."""
    if len(sys.argv) > 1:
        port = int(sys.argv[1])
        own = policy_socket(os.environ[SOCKETS], port)
        asyncio.run(serve(_yes, "127.0.0.1", port, ends_with_input=True, socket_file=own))
        return 0
    first, count = port_of(os.environ), int(os.environ["RAMPART_POLICY_WORKERS"])
    module = python_module("tests.benchmarks.empty_policy")
    return supervise_until_signal(
        [Program(f"empty-{port}", (*module, str(port)), os.environ) for port in range(first, first + count)]
    )


if __name__ == "__main__":
    sys.exit(main())
