"""Many good endpoints: one nginx on many loopback addresses, and a proxy that adds a delay.

    python -m tests.beds.tls.good_fleet FOLDER --endpoints 500 [--delay 0.05]

writes FOLDER/endpoints.yaml and serves until SIGTERM.
"""

from __future__ import annotations

import asyncio
import collections
import contextlib
import signal
import subprocess
from pathlib import Path

import click
import yaml

from tests.beds.tls.pki import NAME, Pki
from tests.beds.tls.ports import free_ports
from tests.beds.tls.servers import Handler


def addresses(number: int, net: int) -> list[str]:
    """`number` addresses in 127.`net`.0.0/16."""
    return [f"127.{net}.{index // 250}.{index % 250 + 1}" for index in range(number)]


def start_nginx(folder: Path, hosts: list[str], port: int) -> subprocess.Popen[bytes]:
    """One nginx, one worker, one certificate; TLS 1.2 and 1.3 with good suites."""
    pki = Pki(folder)
    listens = "\n".join(f"listen {host}:{port} ssl backlog=512;" for host in hosts)
    temporary = " ".join(
        f"{kind}_temp_path {folder}/{kind};" for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    (folder / "nginx.conf").write_text(
        f"daemon off; pid {folder}/pid; error_log {folder}/error.log; worker_processes 1;\n"
        "worker_rlimit_nofile 16384;\nevents { worker_connections 8192; }\n"
        f"http {{ access_log off; {temporary}\n"
        "ssl_ciphers ECDHE+AESGCM:ECDHE+CHACHA20; ssl_protocols TLSv1.2 TLSv1.3;\n"
        f"server {{ {listens}\nssl_certificate {pki.good.chain}; ssl_certificate_key {pki.good.key};"
        " return 401; } }\n"
    )
    command = ["nginx", "-p", str(folder), "-c", str(folder / "nginx.conf")]
    return subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)


class DelayProxy:
    """Passes connections on; every byte arrives `seconds` later, each way half of it, connecting included."""

    def __init__(self, seconds: float, port: int) -> None:
        self._half = seconds / 2
        self._port = port

    async def serve(self, hosts: list[str], upstream: dict[str, str], port: int) -> list[asyncio.Server]:
        """Listen on `hosts`; `upstream` gives the address behind each."""

        def to(behind: str) -> Handler:
            async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
                with contextlib.suppress(OSError, asyncio.IncompleteReadError):
                    await asyncio.sleep(self._half * 2)  # the round trip of connecting
                    upstream_reader, upstream_writer = await asyncio.open_connection(behind, self._port)
                    pumps = [self._pump(reader, upstream_writer), self._pump(upstream_reader, writer)]
                    await asyncio.gather(*pumps)

            return handle

        servers = []
        for host in hosts:
            handle = to(upstream[host])
            servers.append(await asyncio.start_server(handle, host, port, backlog=512))
        return servers

    async def _pump(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Every chunk leaves `half` after it came, however many are on their way."""
        loop = asyncio.get_running_loop()
        underway: collections.deque[tuple[float, bytes]] = collections.deque()
        arrived = asyncio.Event()

        async def leave() -> None:
            while True:
                while not underway:
                    arrived.clear()
                    await arrived.wait()
                when, data = underway.popleft()
                await asyncio.sleep(max(0.0, when - loop.time()))
                if not data:
                    with contextlib.suppress(OSError, RuntimeError):
                        writer.close()
                    return
                with contextlib.suppress(OSError):
                    writer.write(data)

        leaving = asyncio.create_task(leave())
        while True:
            try:
                data = await reader.read(65536)
            except OSError:
                data = b""
            underway.append((loop.time() + self._half, data))
            arrived.set()
            if not data:
                break
        await leaving


@click.command()
@click.argument("folder", type=click.Path(path_type=Path))
@click.option("--endpoints", default=500, show_default=True)
@click.option("--delay", default=0.0, help="Round trip time to add, in seconds.")
def serve(folder: Path, endpoints: int, delay: float) -> None:
    """Serve good endpoints until SIGTERM."""
    folder = folder.resolve()
    folder.mkdir(parents=True, exist_ok=True)
    port, proxy_port = free_ports(2)
    behind = addresses(endpoints, 1)
    nginx = start_nginx(folder, behind, port)
    try:
        asyncio.run(_serve(folder, behind, (port, proxy_port), delay))
    finally:
        nginx.terminate()
        nginx.wait(10)


async def _serve(folder: Path, behind: list[str], ports: tuple[int, int], delay: float) -> None:
    port, proxy_port = ports
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    hosts, shown_port = behind, port
    if delay:
        hosts, shown_port = addresses(len(behind), 2), proxy_port
        await DelayProxy(delay, port).serve(hosts, dict(zip(hosts, behind, strict=True)), proxy_port)
    entries = [
        {"endpoint": f"{host}:{shown_port}", "sni": NAME, "ca": str(folder / "ca.pem")} for host in hosts
    ]
    (folder / "partial.yaml").write_text(yaml.safe_dump(entries))
    (folder / "partial.yaml").rename(folder / "endpoints.yaml")
    await stop.wait()


if __name__ == "__main__":
    serve()
