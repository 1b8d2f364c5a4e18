"""Reads the live account through boto3, and never writes. Answers are kept, so no call is made twice."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from threading import Lock
from typing import Any, Final
from urllib.parse import urlsplit

from botocore.exceptions import ClientError

_READS: Final = re.compile(r"(describe|get|list|batch_get)_")
# What would hand out a secret; the audit compares settings, never secrets.
_NEVER: Final = frozenset({"get_secret_value", "get_parameter", "get_parameters", "get_session_token"})

_TOKENS: Final = (("NextMarker", "NextMarker"), ("NextToken", "NextToken"), ("nextToken", "nextToken"))


@dataclass(slots=True)
class _Answers:
    """One answer for each call. A second thread with the same call waits for the first."""

    lock: Lock = field(default_factory=Lock)
    answers: dict[str, Any] = field(default_factory=dict)
    locks: dict[str, Lock] = field(default_factory=dict)
    clients: dict[tuple[str, str], Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class View:
    """One region of the account, for reading. Safe to share between threads.

    `session` is a session of boto3, which gives its clients their bounds (`scanners.drift.session`).

    `declared_keys` are the keys that the stack declares of the type that is being read, for types of
    which only these are looked up. `ca_file` is the CA of an emulator's `endpoint`.
    """

    session: Any
    region: str
    endpoint: str
    memory: _Answers = field(default_factory=_Answers)
    declared_keys: tuple[str, ...] = ()
    ca_file: str = ""

    def narrowed_to(self, declared_keys: tuple[str, ...], region: str) -> View:
        """The same account in a region (empty: this region), for these keys."""
        return replace(self, region=region or self.region, declared_keys=declared_keys)

    def afresh(self) -> View:
        """The same account without the kept answers."""
        return replace(self, memory=_Answers(clients=self.memory.clients), declared_keys=())

    def ask(
        self, service: str, operation: str, absent: tuple[str, ...] = (), **asked: Any
    ) -> Mapping[str, Any]:
        """One answer, or an empty one if AWS answers with an error code of `absent`.

        `service` and `operation` are boto3's names. Raises botocore's errors, and ValueError for an
        operation that writes or gives out a secret.
        """

        def call() -> Mapping[str, Any]:
            try:
                answer: dict[str, Any] = getattr(self._client(service), operation)(**asked)
            except ClientError as error:
                if error.response["Error"]["Code"] in absent:
                    return {}
                raise
            return answer

        return self._once(call, service, operation, asked)  # type: ignore[no-any-return]  # what `call` gives

    def pages(self, service: str, operation: str, key: str, **asked: Any) -> list[Any]:
        """All items of a list, from all its pages; `key` names the list in an answer. Raises like `ask`."""

        def call() -> list[Any]:
            client = self._client(service)
            if client.can_paginate(operation):
                pages = client.get_paginator(operation).paginate(**asked)
                return [item for page in pages for item in page.get(key) or []]
            return list(_by_hand(getattr(client, operation), key, asked))

        return self._once(call, service, operation, asked)  # type: ignore[no-any-return]  # what `call` gives

    def _once(self, call: Any, service: str, operation: str, asked: Mapping[str, Any]) -> Any:
        if not _READS.match(operation) or operation in _NEVER:
            raise ValueError(f"the audit does not call {service}.{operation}: it only reads settings")
        question = f"{self.region}/{service}.{operation}({sorted(asked.items())!r})"
        with self.memory.lock:
            lock = self.memory.locks.setdefault(question, Lock())
        with lock:
            if question not in self.memory.answers:
                self.memory.answers[question] = call()
            return self.memory.answers[question]

    def _client(self, service: str) -> Any:
        # A session makes clients for one thread at a time only.
        with self.memory.lock:
            if (service, self.region) not in self.memory.clients:
                client = self.session.client(
                    service,
                    region_name=self.region,
                    endpoint_url=self.endpoint or None,
                    verify=(self.endpoint and self.ca_file) or None,
                )
                if self.endpoint:
                    client.meta.events.register("before-sign", self._at_the_endpoint)
                self.memory.clients[service, self.region] = client
            return self.memory.clients[service, self.region]

    def _at_the_endpoint(self, request: Any, **_: Any) -> None:
        """An emulator has one host: S3 Control writes the account's number before it, which leads nowhere."""
        request.url = urlsplit(request.url)._replace(netloc=urlsplit(self.endpoint).netloc).geturl()


def _by_hand(call: Any, key: str, asked: Mapping[str, Any]) -> Iterator[Any]:
    """Pages of an operation for which botocore has no paginator (WAFv2)."""
    following: dict[str, str] = {}
    while True:
        page = call(**asked, **following)
        yield from page.get(key) or []
        following = {name: page[answered] for answered, name in _TOKENS if page.get(answered)}
        if not following:
            return
