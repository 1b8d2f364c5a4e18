"""One acceptance run against AWS: whom it calls as, what it looks at, and what came of each step."""

from __future__ import annotations

import http.client
import json
import ssl
import time
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from hardening.errors import CollectError, RampartError
from hardening.registry.partners import Partner
from hardening.registry.reader import read_registry
from hardening.requests import tokens
from infra.acceptance.deployed import Deployed
from infra.aws_calls import AwsCalls
from infra.lab.acceptance import Step
from infra.lab.credentials_exchange import VERSION

_PAUSE = 5.0


@dataclass(frozen=True, slots=True)
class Answer:
    """`outcome` is `HTTP status/OCPI status`; the ids are ours of the request, and API Gateway's."""

    outcome: str
    ours: str
    gateway: str


@dataclass(slots=True)
class Run:
    """One run against `target`: `deployed` is what the stack's export says, `token` the test partner's.

    What AWS delivers late is asked for again until `patience` (seconds) has ended.
    """

    target: Mapping[str, str]
    calls: AwsCalls
    deployed: Deployed
    partner: Partner
    token: str
    patience: float
    started: int = field(default_factory=lambda: int(time.time() * 1000))
    steps: list[Step] = field(default_factory=list)

    @classmethod
    def prepared(cls, target: Mapping[str, str], patience: float) -> Run:
        """A run as the first partner of the tokens file that speaks VERSION. Raises RampartError."""
        try:
            held: dict[str, str] = json.loads(Path(target["tokens_file"]).read_text(encoding="utf-8"))
        except (OSError, ValueError):
            hint = "name a tokens_file in the target"
            raise CollectError("no token of a test partner", hint) from None
        known = {one.name: one for one in read_registry(Path(target["partners"])) if VERSION in one.versions}
        partners = [known[name] for name in held if name in known]
        if not partners:
            hint = "issue a token for a test partner"
            raise CollectError(f"no partner of the tokens file speaks {VERSION}", hint)
        deployed = Deployed.read(Path(target["stack_file"]))
        calls = AwsCalls(target["region"])
        return cls(target, calls, deployed, partners[0], held[partners[0].name], patience)

    def tried(self, control: str, where: str, wanted: str, look: Callable[[], str]) -> None:
        """Look, and note it. What cannot be looked at is not seen."""
        try:
            self.steps.append(Step(control, where, wanted, look()))
        except RampartError as error:
            self.steps.append(Step(control, where, wanted, None, error.message))

    def eventually(self, found: Callable[[], bool], seen: str, otherwise: str) -> str:
        """`seen` once it is found, `otherwise` when the patience has ended."""
        deadline = time.monotonic() + self.patience
        while not found():
            if time.monotonic() > deadline:
                return otherwise
            time.sleep(min(_PAUSE, self.patience))
        return seen

    def logged(self, group: Callable[[], str], mark: str) -> str:
        """`the call` where the log group has the mark, in the end; else `nothing`. Raises CollectError."""
        if not mark:
            raise CollectError("the call has no id to look for")
        wanted: dict[str, Any] = {"logGroupName": group(), "startTime": self.started}
        wanted["filterPattern"] = f'"{mark}"'

        def found() -> bool:
            return bool(self.calls.ask("logs", "filter_log_events", **wanted).get("events"))

        return self.eventually(found, "the call", "nothing")

    def called(self, control: str, path: str, token: str, wanted: str) -> Answer:
        """GET `path` at the gateway, and note how it ended; without ids where nothing answered."""
        answers: list[Answer] = []

        def look() -> str:
            answers.append(self._get(path, token))
            return answers[0].outcome

        self.tried(control, f"GET {path}", wanted, look)
        return answers[0] if answers else Answer("", "", "")

    def _get(self, path: str, token: str) -> Answer:
        host, _, port = self.target["gateway"].partition(":")
        trust = ssl.create_default_context(cafile=self.target.get("ca_file") or None)
        connection = http.client.HTTPSConnection(host, int(port or 443), timeout=30, context=trust)
        ours = str(uuid.uuid4())
        headers = {
            "Authorization": tokens.header(token, self.partner.auth_encoding),
            "X-Request-ID": ours,
            "X-Correlation-ID": str(uuid.uuid4()),
        }
        try:
            connection.request("GET", path, headers=headers)
            answer = connection.getresponse()
            outcome = f"{answer.status}/{json.loads(answer.read())['status_code']}"
            return Answer(outcome, ours, answer.headers.get("x-amzn-RequestId") or "")
        except (OSError, ValueError, LookupError, TypeError, http.client.HTTPException) as error:
            raise CollectError(f"GET {path}: {type(error).__name__}") from None
        finally:
            connection.close()
