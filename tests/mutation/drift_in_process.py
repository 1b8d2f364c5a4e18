"""The emulated account in this very process: no socket, and a fork of it is a copy with all that it holds."""

from __future__ import annotations

import io
import os
import pickle
import traceback
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, TypeVar, cast
from urllib.parse import unquote, urlsplit

import boto3
from botocore.awsrequest import AWSResponse
from botocore.config import Config
from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app

from scanners.drift.account import View
from scanners.drift.session import session_for
from scanners.target import Target
from tests.beds.aws_account import REGION, Account

# Nothing listens there: the requests are answered before they are sent.
_ENDPOINT = "http://127.0.0.1:9"
# What fails here fails the second time too.
_ONCE = Config(retries={"total_max_attempts": 1})


def _served(service: Any) -> Any:
    """One service of moto as its server has it: what breaks inside is an answer of 500."""
    application: Any = create_backend_app(service)
    application.testing = application.debug = False
    application.config["PROPAGATE_EXCEPTIONS"] = False
    application.logger.disabled = True
    return application


class _Raw(io.BytesIO):
    """A body as botocore reads it."""

    def stream(self, amount: int = 2**16, decode_content: bool | None = None) -> Iterator[bytes]:
        while data := self.read(amount):
            yield data


class _Headers(dict[str, str]):
    """Headers by any spelling, as urllib3 gives them; all of one name."""

    def get(self, name: str, default: Any = None) -> Any:
        return super().get(name.lower(), default)

    def __getitem__(self, name: str) -> str:
        return super().__getitem__(name.lower())

    def __contains__(self, name: object) -> bool:
        return super().__contains__(str(name).lower())


@dataclass
class InProcess(Account):
    """An account whose clients, and the audit's, are answered by moto's application in this process."""

    def __init__(self) -> None:
        super().__init__(_ENDPOINT, None)  # type: ignore[arg-type]  # there is no server to end
        self.application = DomainDispatcherApplication(_served)

    def client(self, service: str, region: str = REGION) -> Any:
        """A boto3 client of the account; the same one each time."""
        if (service, region) not in self.clients:
            client = super().client(service, region)
            client.meta.events.register("before-send", self._answer)
        return self.clients[service, region]

    def new_client(self, service: str) -> Any:
        """One more client, which takes a first answer for the last."""
        session = boto3.Session("test", "test", region_name=REGION)
        client = session.client(service, endpoint_url=self.endpoint, config=_ONCE)
        client.meta.events.register("before-sign", self._at_the_endpoint)
        client.meta.events.register("before-send", self._answer)
        return client

    def view(self) -> View:
        """The account as the audit reads it, with nothing read yet."""
        if self.opened is None:
            target = Target(name="test", stack_file="", region=REGION, aws_endpoint=self.endpoint)
            session: Any = session_for(target)
            inner = session._session
            inner.set_default_client_config(inner.get_default_client_config().merge(_ONCE))
            session.events.register("before-send", self._answer)
            self.opened = View(session, REGION, self.endpoint)
        return self.opened.afresh()

    def _tell(self, what: str, text: str = "") -> None:
        status, _, _ = self._ask("POST", f"{self.endpoint}/moto-api/{what}", {}, text.encode())
        assert status == 200, what

    def _answer(self, request: Any, **_: Any) -> AWSResponse:
        """botocore's `before-send`: the answer, in place of sending."""
        body = request.body or b""
        body = body.read() if hasattr(body, "read") else body
        body = body.encode() if isinstance(body, str) else bytes(body)
        status, headers, content = self._ask(request.method, request.url, dict(request.headers.items()), body)
        return AWSResponse(request.url, status, headers, _Raw(content))

    def _ask(
        self, method: str, url: str, headers: dict[str, Any], body: bytes
    ) -> tuple[int, _Headers, bytes]:
        parts = urlsplit(url)
        environ: dict[str, Any] = {
            "REQUEST_METHOD": method,
            "SCRIPT_NAME": "",
            "PATH_INFO": unquote(parts.path or "/", "latin-1"),
            "RAW_URI": f"{parts.path}?{parts.query}" if parts.query else parts.path,
            "REQUEST_URI": f"{parts.path}?{parts.query}" if parts.query else parts.path,
            "QUERY_STRING": parts.query,
            "SERVER_NAME": parts.hostname,
            "SERVER_PORT": str(parts.port or 80),
            "SERVER_PROTOCOL": "HTTP/1.1",
            "REMOTE_ADDR": "127.0.0.1",
            "HTTP_HOST": parts.netloc,
            "CONTENT_LENGTH": str(len(body)),
            "wsgi.version": (1, 0),
            "wsgi.url_scheme": "http",
            "wsgi.input": io.BytesIO(body),
            "wsgi.errors": io.StringIO(),
            "wsgi.multithread": True,
            "wsgi.multiprocess": False,
            "wsgi.run_once": False,
        }
        for name, value in headers.items():
            key = name.upper().replace("-", "_")
            text = value.decode("latin-1") if isinstance(value, bytes) else str(value)
            if key == "CONTENT_TYPE":
                environ[key] = text
            elif key not in ("CONTENT_LENGTH", "HOST"):
                environ[f"HTTP_{key}"] = text
        said: list[Any] = []
        application: Any = self.application.get_application(environ)
        written = application(environ, lambda status, answered, _=None: said.extend((status, answered)))
        try:
            content = b"".join(written)
        finally:
            close = getattr(written, "close", None)
            if close:
                close()
        answered = _Headers({name.lower(): value for name, value in said[1]})
        return int(said[0].split()[0]), answered, content


T = TypeVar("T")


def in_a_copy(work: Callable[[], T]) -> T:
    """What `work` gives in a fork of this process, which ends with it: here nothing is changed."""
    reads, writes = os.pipe()
    child = os.fork()
    if not child:
        os.close(reads)
        try:
            with os.fdopen(writes, "wb") as out:
                pickle.dump(work(), out)
            os._exit(0)
        finally:
            traceback.print_exc()
            os._exit(1)
    os.close(writes)
    with os.fdopen(reads, "rb") as answer:
        found = answer.read()
    _, status = os.waitpid(child, 0)
    if status:
        raise RuntimeError("the copy ended before its work")
    return cast(T, pickle.loads(found))  # noqa: S301  (our own fork wrote it)
