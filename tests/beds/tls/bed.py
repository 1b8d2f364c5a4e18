"""Brings the bed's servers up on free ports of 127.0.0.1, and takes them down again."""

from __future__ import annotations

import asyncio
import contextlib
import json
import shutil
import ssl
import subprocess
import tempfile
import threading
from collections.abc import Coroutine, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import TracebackType
from typing import Any, TypeVar

from tests.beds.tls.behaviours import http
from tests.beds.tls.envoy import envoy_listener, envoy_program
from tests.beds.tls.pki import Pki
from tests.beds.tls.ports import free_ports, wait_for
from tests.beds.tls.servers import Envoy, Handler, Nginx, OpenSsl, Python, Raw, Server, TlsLite
from tests.beds.tls.tlslite_servers import TlsLiteServer

T = TypeVar("T")
_ANYWHERE = ("127.0.0.1", 0)
_OCPI = http("401 Unauthorized", "Content-Type: application/json")


class Bed:
    """Servers of all kinds. Use it as a context; `start` gives a server's port."""

    def __init__(self, folder: Path | None = None) -> None:
        self._temporary = None if folder else tempfile.TemporaryDirectory(prefix="tls-bed-")
        self.folder = (folder or Path(self._temporary.name if self._temporary else "")).resolve()
        self.pki = Pki(self.folder)
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._processes: list[subprocess.Popen[bytes]] = []
        self._closers: list[Any] = []

    def __enter__(self) -> Bed:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None
    ) -> None:
        for process in self._processes:
            process.terminate()
        for process in self._processes:
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(5)
            process.kill()
            process.wait()
        for closer in self._closers:
            closer.close()
        self._run(self._cancel())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(5)
        self._loop.close()
        if self._temporary:
            self._temporary.cleanup()

    @staticmethod
    def missing() -> dict[type[Server], str]:
        """The kinds that this machine cannot run, and the program that they lack."""
        programs: Mapping[type[Server], str] = {OpenSsl: "openssl", Nginx: "nginx"}
        lacking = {kind: program for kind, program in programs.items() if not shutil.which(program)}
        if not envoy_program():
            lacking[Envoy] = "envoy"
        return lacking

    def start_all(self, servers: Mapping[str, Server]) -> dict[str, int]:
        """The port of each server, by name."""
        nginx = {name: s for name, s in servers.items() if isinstance(s, Nginx)}
        envoy = {name: s for name, s in servers.items() if isinstance(s, Envoy)}
        ports: dict[str, int] = {}
        # One after the other: their ports are chosen before they are bound.
        if nginx:
            ports.update(self._nginx(nginx))
        if envoy:
            ports.update(self._envoy(envoy))
        with ThreadPoolExecutor(8) as pool:
            single = {name: s for name, s in servers.items() if not isinstance(s, Nginx | Envoy)}
            running = {name: pool.submit(self.start, server) for name, server in single.items()}
            ports.update({name: future.result() for name, future in running.items()})
        return ports

    def start(self, server: Server) -> int:
        """The port of one server of a kind that has a process or thread of its own."""
        match server:
            case Python():
                return self._run(self._python(server))
            case Raw():
                return self._run(self._serve(server.handler, None))
            case OpenSsl():
                return self._openssl(server)
            case TlsLite():
                running = TlsLiteServer(server)
                self._closers.append(running)
                return running.port
        raise TypeError(f"{type(server).__name__} servers share a process: use start_all")

    def start_at(self, address: str, port: int, server: Python) -> int:
        """The port of a server on another loopback address (port 0: a free one)."""
        return self._run(self._python(server, (address, port)))

    async def _python(self, server: Python, at: tuple[str, int] = _ANYWHERE) -> int:
        context = _context(server)
        if server.by_name or server.strict_names:
            others = {name: _context(Python(served=served)) for name, served in server.by_name.items()}

            def choose(socket: ssl.SSLObject, name: str | None, _: ssl.SSLContext) -> int | None:
                if name in others:
                    socket.context = others[name]
                elif server.strict_names:
                    return ssl.ALERT_DESCRIPTION_UNRECOGNIZED_NAME
                return None

            context.sni_callback = choose
        return await self._serve(server.answer or _OCPI, context, at)

    async def _serve(
        self, handler: Handler, context: ssl.SSLContext | None, at: tuple[str, int] = _ANYWHERE
    ) -> int:
        async def guarded(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            with contextlib.suppress(OSError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
                await handler(reader, writer)
            with contextlib.suppress(OSError):
                if context is None and not writer.is_closing():
                    writer.write_eof()
                    # Let the other side close first, or unread bytes become a reset.
                    async with asyncio.timeout(0.5):
                        await reader.read()
            with contextlib.suppress(OSError, RuntimeError):
                writer.close()

        server = await asyncio.start_server(_quiet(guarded), *at, ssl=context, backlog=512)
        return int(server.sockets[0].getsockname()[1])

    def _openssl(self, server: OpenSsl) -> int:
        options = list(server.options)
        if server.secure:
            options += ["-cipher", "ECDHE+AESGCM:ECDHE+CHACHA20"]
        served = server.served
        command = ["openssl", "s_server", "-accept", "127.0.0.1:0", "-cert", served.chain]
        command += ["-cert_chain", served.above, "-key", served.key, "-www", *options]
        process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
        )
        self._processes.append(process)
        assert process.stdout
        seen = b""
        for line in process.stdout:
            seen += line
            if line.startswith(b"ACCEPT "):
                threading.Thread(target=process.stdout.read, daemon=True).start()
                return int(line.rsplit(b":", 1)[1])
        raise RuntimeError(f"openssl {' '.join(options)} ended: {seen.decode()[-400:]}")

    def _nginx(self, servers: Mapping[str, Nginx]) -> dict[str, int]:
        ports = dict(zip(servers, free_ports(len(servers)), strict=True))
        blocks = [
            f"server {{ listen 127.0.0.1:{ports[name]} {s.listen}; server_name _;"
            f" ssl_certificate {s.served.chain}; ssl_certificate_key {s.served.key}; {s.directives} }}"
            for name, s in servers.items()
        ]
        folder = self.folder / "nginx"
        folder.mkdir(exist_ok=True)
        temporary = " ".join(f"{kind}_temp_path {folder}/{kind};" for kind in
                             ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"))  # fmt: skip
        (folder / "nginx.conf").write_text(
            f"daemon off; pid {folder}/pid; error_log {folder}/error.log; worker_processes 1;\n"
            f"events {{ worker_connections 4096; }}\nhttp {{ access_log off; {temporary}\n"
            "ssl_ciphers ECDHE+AESGCM:ECDHE+CHACHA20; ssl_protocols TLSv1.2 TLSv1.3;\n"
            + "\n".join(blocks)
            + "\n}\n"
        )
        self._spawn(["nginx", "-p", str(folder), "-c", str(folder / "nginx.conf")])
        wait_for(list(ports.values()))
        return ports

    def _envoy(self, servers: Mapping[str, Envoy]) -> dict[str, int]:
        ports = dict(zip(servers, free_ports(len(servers)), strict=True))
        listeners = [envoy_listener(name, ports[name], s) for name, s in servers.items()]
        self.run_envoy({"static_resources": {"listeners": listeners}}, list(ports.values()))
        return ports

    def run_envoy(self, configuration: Mapping[str, Any], ports: list[int]) -> None:
        """Run Envoy with `configuration` until the bed ends, and wait for its `ports`."""
        file = self.folder / "envoy.json"
        file.write_text(json.dumps(configuration))
        self._spawn(
            [envoy_program(), "-c", str(file), "-l", "error", "--concurrency", "1", "--disable-hot-restart"]
        )
        wait_for(ports)

    def _spawn(self, command: list[str]) -> None:
        log = (self.folder / f"{Path(command[0]).name}.log").open("wb")
        self._closers.append(log)
        self._processes.append(subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log))

    async def _cancel(self) -> None:
        tasks = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def _run(self, work: Coroutine[Any, Any, T]) -> T:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(20)


def _context(server: Python) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.set_ciphers(server.ciphers)
    context.minimum_version = ssl.TLSVersion[server.oldest]
    context.maximum_version = ssl.TLSVersion[server.newest]
    context.load_cert_chain(server.served.chain, server.served.key)
    if server.second:
        context.load_cert_chain(server.second.chain, server.second.key)
    if server.client_ca:
        context.load_verify_locations(server.client_ca)
        context.verify_mode = ssl.CERT_REQUIRED if server.client_required else ssl.CERT_OPTIONAL
    return context


def _quiet(handler: Handler) -> Handler:
    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(TimeoutError, asyncio.CancelledError):
            await handler(reader, writer)

    return handle
