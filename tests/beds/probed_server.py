"""A small OCPI server on HTTPS, right in everything but one seeded fault: what `rampart probe` is shown.

`python -m tests.beds.probed_server CERTIFICATE TOKEN_FILE VERSION FAULT HOST` prints its port and serves.
"""

from __future__ import annotations

import json
import re
import socket
import ssl
import sys
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

from hardening.requests import tokens
from infra.lab.ocpi_service.objects import objects

# Fault -> the one control that must fail.
FAULTS = {
    "no-authentication-on-lists": "token-required",
    "any-token": "token-known",
    "token-prefix": "token-known",
    "token-case": "token-known",
    "raw-too": "token-encoding-strict",
    "lenient-base64": "token-encoding-strict",
    "bearer": "token-scheme-exact",
    "last-header-counts": "one-authorization-header",
    "no-count": "answers-paginated-and-capped",
    "limit-ignored": "answers-paginated-and-capped",
    "offset-ignored": "answers-paginated-and-capped",
    "dates-ignored": "answers-paginated-and-capped",
    "no-link": "answers-paginated-and-capped",
    "link-without-filter": "answers-paginated-and-capped",
    "no-cap": "answers-paginated-and-capped",
    "plaintext-endpoint": "answer-urls-on-agreed-hosts",
    "link-to-a-stranger": "answer-urls-on-agreed-hosts",
    "forwarded-host": "answer-urls-on-agreed-hosts",
    "no-credentials-endpoint": "discovery-lists-contracted-modules",
    "no-role": "discovery-lists-contracted-modules",
    "foreign-objects": "answers-hold-own-objects",
    "invalid-objects": "message-matches-its-edition",
    "stack-trace": "errors-tell-no-internals",
    "token-echoed": "answers-hold-no-token",
    "breaks-on-bad-pages": "pagination-parameters-valid",
    "unknown-paths-served": "unknown-path-refused",
    "trace-served": "method-defined-by-ocpi",
    "foreign-party-shown": "url-party-belongs-to-partner",
    "ids-lost": "answers-repeat-request-ids",
    "bare-refusals": "answers-in-ocpi-envelope",
    "names-its-software": "answers-name-no-software",
    "no-hsts": "answers-require-https",
    "list-fails": "gateway-serves-contracted-calls",
    "other-roles": "credentials-roles-as-onboarded",
}
# No fault: a server whose partner is not connected yet.
EMPTY = "no-objects"
# What a hostile server sends: each makes the probe fail it or say that it cannot verify, and breaks nothing.
HOSTILE = ("deep-json", "terminal-escapes", "a-book-for-a-message", "lists-for-names", "no-answers")
# Those that only writes show (`--full`).
FULL_FAULTS = {
    "foreign-party-written": "url-party-belongs-to-partner",
    "half-a-body-taken": "message-is-bounded",
}
_MOST = 50


class ProbedServer(BaseHTTPRequestHandler):
    """One call. `fault`, `version`, `token` and `origin` are set on the class by `serve`."""

    protocol_version = "HTTP/1.1"
    # Header and body are two writes: the second would wait for the first one's acknowledgement.
    disable_nagle_algorithm = True
    fault = version = token = origin = ""

    def version_string(self) -> str:
        """The Server header, where one is sent."""
        return "ocpi-server/1.2"

    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing."""

    def _serve(self) -> None:
        url = urlsplit(self.path)
        size = int(self.headers.get("content-length", "0"))
        body = self.rfile.read(size)
        if not self._let_in(url.path):
            self._refuse(401, 2001, "authentication failed")
        elif self.command == "TRACE" and self.fault == "trace-served":
            self._answer(200, 1000, {})
        elif self.command in ("POST", "PUT") and url.path == f"/ocpi/{self.version}/credentials":
            type(self).token = tokens.issue()
            self._answer(200, 1000, self._credentials())
        elif self.command not in ("GET", "PUT"):
            self._refuse(405, 2000, "no such method")
        else:
            self._route(url.path.rstrip("/"), dict(parse_qsl(url.query)), body)

    do_GET = do_PUT = do_POST = do_TRACE = do_PATCH = _serve

    def _let_in(self, path: str) -> bool:
        headers = self.headers.get_all("authorization") or []
        if not headers:
            return self.fault == "no-authentication-on-lists" and "/sender/" in path
        if len(headers) > 1:
            return self.fault == "last-header-counts" and headers[-1] == self._right()
        given = headers[0]
        scheme, _, text = given.partition(" ")
        faulty = {
            "any-token": scheme == "Token" and "/sender/" in path and tokens.decoded(text) is not None,
            "token-prefix": scheme == "Token" and self.token.startswith(tokens.decoded(text) or " "),
            "token-case": scheme == "Token" and (tokens.decoded(text) or "").lower() == self.token.lower(),
            "raw-too": given == f"Token {self.token}",
            "lenient-base64": given.replace("!", "") == self._right(),
            "bearer": given.replace("Bearer", "Token") == self._right(),
        }
        return given == self._right() or faulty.get(self.fault, False)

    def _right(self) -> str:
        return tokens.header(self.token, "raw" if self.version == "2.1.1" else "base64")

    def _route(self, path: str, query: dict[str, str], body: bytes) -> None:
        root = f"/ocpi/{self.version}"
        if path == "/ocpi/versions":
            self._answer(200, 1000, [{"version": self.version, "url": f"{self._origin()}{root}"}])
        elif path == root:
            self._answer(200, 1000, {"version": self.version, "endpoints": self._endpoints(root)})
        elif path == f"{root}/credentials":
            self._answer(200, 1000, self._credentials())
        elif path in (f"{root}/sender/locations", f"{root}/sender/tariffs"):
            self._page(path, path.rpartition("/")[2], query)
        elif path.startswith(f"{root}/receiver/tokens/ZZ/RMP"):
            self._foreign(body)
        elif self.fault == "unknown-paths-served":
            self._answer(200, 1000, {})
        else:
            self._refuse(404, 2000, f"nothing here{self._echo()}")

    def _echo(self) -> str:
        return f" for {self.headers['authorization']}" if self.fault == "token-echoed" else ""

    def _origin(self) -> str:
        forwarded = self.headers.get("x-forwarded-host")
        return f"https://{forwarded}" if forwarded and self.fault == "forwarded-host" else self.origin

    def _endpoints(self, root: str) -> list[dict[str, str]]:
        origin = self.origin.replace("https", "http") if self.fault == "plaintext-endpoint" else self.origin
        listed = [("credentials", "SENDER", f"{self.origin}{root}/credentials")]
        listed += [
            (name, "SENDER", f"{self.origin}{root}/sender/{name}") for name in ("locations", "tariffs")
        ]
        listed += [("tokens", "RECEIVER", f"{origin}{root}/receiver/tokens")]
        if self.fault == "no-credentials-endpoint":
            listed = listed[1:]
        silent = self.version == "2.1.1" or self.fault == "no-role"
        return [
            {"identifier": name, "url": url, **({} if silent and name != "locations" else {"role": role})}
            for name, role, url in listed
        ]

    def _credentials(self) -> dict[str, Any]:
        party = {"country_code": "NL", "party_id": "OTH" if self.fault == "other-roles" else "LAB"}
        details = {"business_details": {"name": "Probed"}, **party}
        roles = details if self.version == "2.1.1" else {"roles": [{"role": "CPO", **details}]}
        return {"token": self.token, "url": f"{self.origin}/ocpi/versions", **roles}

    def _foreign(self, body: bytes) -> None:
        taken = self.command == "PUT" and self.fault == "foreign-party-written" and b"}" in body
        half = self.command == "PUT" and self.fault == "half-a-body-taken" and b"}" not in body
        shown = self.command == "GET" and self.fault == "foreign-party-shown"
        if taken or half or shown:
            self._answer(200, 1000, {"uid": "CARD-1"} if shown else None)
        else:
            self._refuse(404, 2003, "no such object")

    def _page(self, path: str, module: str, query: dict[str, str]) -> None:
        problem = _bad(query)
        if problem:
            trace = (
                'Traceback (most recent call last): File "pages.py", line 7'
                if self.fault == "stack-trace"
                else ""
            )
            self._refuse(500 if self.fault == "breaks-on-bad-pages" else 400, 2001, trace or problem)
            return
        if self.fault == "list-fails" and module == "tariffs":
            self._answer(200, 3000, None)
            return
        served = objects(self.version)[module][: 0 if self.fault == EMPTY else 30]
        rows = [self._object(one) for one in served if self._in_time(one, query)]
        offset = 0 if self.fault == "offset-ignored" else int(query.get("offset", "0"))
        limit = _MOST if self.fault == "limit-ignored" else int(query.get("limit", str(_MOST)))
        most = limit if self.fault == "no-cap" else _MOST
        page = rows[offset : offset + min(limit, most)]
        headers = {"x-total-count": str(len(rows)), "x-limit": str(most)}
        after = offset + len(page)
        if after < len(rows) and self.fault != "no-link":
            kept = {} if self.fault == "link-without-filter" else query
            origin = "https://other.example" if self.fault == "link-to-a-stranger" else self.origin
            rest = urlencode({**kept, "offset": after, "limit": min(limit, most)})
            headers["link"] = f'<{origin}{path}?{rest}>; rel="next"'
        self._answer(200, 1000, page, {} if self.fault == "no-count" else headers)

    def _in_time(self, row: Any, query: dict[str, str]) -> bool:
        early = query.get("date_from", "") <= row["last_updated"] < query.get("date_to", "9999")
        return early or self.fault == "dates-ignored"

    def _object(self, row: Any) -> Any:
        if self.fault == "foreign-objects":
            return {**row, "party_id": "OTH"}
        return {**row, "currency": 7} if self.fault == "invalid-objects" and "elements" in row else row

    def _refuse(self, status: int, code: int, message: str) -> None:
        self._answer(status, code, None, message=message)

    def _answer(
        self, status: int, code: int, data: Any, headers: dict[str, str] | None = None, message: str = ""
    ) -> None:
        now = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        envelope: dict[str, Any] = {"status_code": code, "timestamp": now}
        envelope |= {"status_message": message} if message else {}
        envelope |= {} if data is None else {"data": data}
        if self.fault == "no-answers" and status == 200 and "/sender/" in self.path:
            self.connection.shutdown(socket.SHUT_RDWR)
            return
        if self.fault == "lists-for-names" and isinstance(data, dict) and "endpoints" in data:
            envelope["data"] = {**data, "endpoints": [{"identifier": [1], "role": {}, "url": 7}, 3, None]}
        if self.fault == "terminal-escapes" and "/sender/" in self.path:
            envelope |= {"status_code": 3000, "status_message": "\x1b[2J\ud800 gone"}
        if self.fault == "a-book-for-a-message" and "/sender/" in self.path:
            envelope |= {"status_code": 3000, "status_message": "once upon a time " * 10_000}
        bare = self.fault == "bare-refusals" and status >= 400
        body = b"refused" if bare else json.dumps(envelope).encode()
        if self.fault == "deep-json" and "/sender/" in self.path:
            body = b"[" * 100_000
        self.send_response_only(status)
        if self.fault == "names-its-software":
            self.send_header("Server", self.version_string())
        if self.fault != "no-hsts":
            self.send_header("Strict-Transport-Security", "max-age=63072000")
        for name in ("x-request-id", "x-correlation-id"):
            if name in self.headers and self.fault != "ids-lost":
                self.send_header(name, self.headers[name])
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


def _bad(query: dict[str, str]) -> str:
    for name in ("limit", "offset"):
        if not re.fullmatch(r"[0-9]+", query.get(name, "0")):
            return f"{name} is no number"
    return "" if re.match(r"\d{4}-", query.get("date_from", "2000-")) else "date_from is no time"


def serve(certificate: str, token_file: str, version: str, fault: str, host: str) -> None:
    """Serve until killed; the port is printed first."""
    ProbedServer.fault, ProbedServer.version = fault, version
    ProbedServer.token = Path(token_file).read_text(encoding="utf-8").strip()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    context.set_ciphers("ECDHE+AESGCM:ECDHE+CHACHA20")
    with ThreadingHTTPServer(("127.0.0.1", 0), ProbedServer) as server:
        ProbedServer.origin = f"https://{host}:{server.server_port}"
        server.socket = context.wrap_socket(server.socket, server_side=True)
        print(server.server_port, flush=True)
        server.serve_forever()


if __name__ == "__main__":
    serve(*sys.argv[1:])
