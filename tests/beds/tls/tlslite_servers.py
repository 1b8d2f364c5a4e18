"""Servers by tlslite-ng, for what OpenSSL no longer has: SSLv3, RC4, 3DES, odd signatures."""

from __future__ import annotations

import contextlib
import socket
import threading
from pathlib import Path

from tlslite.api import HandshakeSettings, TLSConnection, X509CertChain, parsePEMKey
from tlslite.errors import BaseTLSException

from tests.beds.tls.servers import TlsLite

_ANSWER = b"HTTP/1.1 401 Unauthorized\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{}"


class TlsLiteServer:
    """One thread a connection, which ends with its client."""

    def __init__(self, server: TlsLite) -> None:
        self._server = server
        self._chain = X509CertChain()
        self._chain.parsePemList(Path(server.served.chain).read_text())
        self._key = parsePEMKey(Path(server.served.key).read_text(), private=True)
        self._socket = socket.create_server(("127.0.0.1", 0), backlog=64)
        self.port = int(self._socket.getsockname()[1])
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self) -> None:
        """Stop taking connections."""
        self._socket.close()

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self._socket.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        connection.settimeout(5)
        settings = HandshakeSettings()
        for name, value in self._server.settings.items():
            assert hasattr(settings, name), name
            setattr(settings, name, value)
        tls = TLSConnection(connection)
        with contextlib.suppress(BaseTLSException, OSError, ValueError), connection:
            if self._server.anonymous:
                tls.handshakeServer(anon=True, settings=settings)
            else:
                tls.handshakeServer(
                    certChain=self._chain,
                    privateKey=self._key,
                    settings=settings,
                    alpn=[bytearray(b"http/1.1")],
                )
            tls.read(max=4096)
            tls.write(_ANSWER)
            tls.close()
