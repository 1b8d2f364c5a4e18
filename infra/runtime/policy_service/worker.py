"""`python -m infra.runtime.policy_service.worker`: one process that answers Envoy's questions.

It ends when its supervisor is gone: its standard input is then closed.
"""

from __future__ import annotations

import asyncio
import os
import stat
import sys

from hardening.envoy.policy_socket import policy_socket
from hardening.errors import RampartError
from infra.runtime.garbage import collect_seldom
from infra.runtime.http_service import log, serve
from infra.runtime.policy_service.current_policy import CurrentPolicy
from infra.runtime.policy_service.environment import SOCKETS, port_of
from infra.runtime.policy_service.followers import FollowerEnded, followed
from infra.runtime.policy_service.reports import Reports, report_settings
from infra.runtime.policy_service.settings import policy_from, renewed_hop_key


def main() -> int:
    """Serve until told to stop. A wrong setting is one line and exit code 2."""
    try:
        policy, port = policy_from(os.environ), port_of(os.environ)
        reported = report_settings(os.environ)
    except RampartError as error:
        log(level="error", event="settings", detail=error.message)
        return 2
    host, sockets = os.environ.get("RAMPART_POLICY_HOST", "127.0.0.1"), os.environ.get(SOCKETS, "")
    log(level="info", event="serving", environment=policy.environment, port=port)
    collect_seldom()
    current = CurrentPolicy(policy, os.environ.get("RAMPART_PARTNERS_FILE", ""), renewed_hop_key(os.environ))
    code = 0
    try:
        place = (host, port, policy_socket(sockets, port) if sockets else "")
        asyncio.run(_serve(current, Reports(reported, lambda: current.policy), place))
    except* FollowerEnded:
        code = 1
    return code


async def _serve(current: CurrentPolicy, reports: Reports, place: tuple[str, int, str]) -> None:
    host, port, socket_file = place
    async with asyncio.TaskGroup() as group:
        beside = [
            group.create_task(follower)
            for follower in (
                followed("registry", current.follow()),
                followed("hop-key", current.follow_key()),
                # Calls are decided without it.
                followed("reports", reports.write(), ends_all=False),
            )
        ]
        await serve(current.answer, host, port, ends_with_input=_has_supervisor(), socket_file=socket_file)
        for one in beside:
            one.cancel()


def _has_supervisor() -> bool:
    return stat.S_ISFIFO(os.fstat(sys.stdin.fileno()).st_mode)


if __name__ == "__main__":
    sys.exit(main())
