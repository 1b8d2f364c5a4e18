"""Reads the live account through boto3, and never writes. Answers are kept, so no call is made twice."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from threading import Lock
from typing import Any, Final
from urllib.parse import urlsplit

from botocore.exceptions import ClientError, PaginationError

from scanners.drift.answers import must_be_of_the_service
from scanners.drift.pace import Pace
from scanners.drift.unanswered import UNANSWERED, is_in_vain

_READS: Final = re.compile(r"(describe|get|list|lookup|select|batch_get)_")
# What would hand out a secret; the audit compares settings, never secrets.
_NEVER: Final = frozenset({"get_secret_value", "get_parameter", "get_parameters", "get_session_token"})

# The most items of a page, where a service answers fewer unless asked (each API's reference).
_PAGE_SIZES: Final = {"apigateway": 500, "cloudwatch": 100, "ecs": 100, "iam": 1000, "sqs": 1000, "ssm": 50}
# Lists whose pages have no size (CloudWatch API, ListDashboards).
_WITHOUT_SIZE: Final = ("list_dashboards",)
_TOKENS: Final = (("NextMarker", "NextMarker"), ("NextToken", "NextToken"), ("nextToken", "nextToken"))


@dataclass(slots=True)
class _Answers:
    """One answer for each call, or its failure. A second thread with the same call waits for the first."""

    lock: Lock = field(default_factory=Lock)
    answers: dict[str, Any] = field(default_factory=dict)
    failures: dict[str, Exception] = field(default_factory=dict)
    tags: dict[str, Mapping[str, Any]] = field(default_factory=dict)  # by region, of all that has any
    given_up: dict[str, Exception] = field(default_factory=dict)  # by region and operation
    locks: dict[str, Lock] = field(default_factory=dict)
    clients: dict[tuple[str, str], Any] = field(default_factory=dict)
    pace: Pace = field(default_factory=Pace)


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
        memory = _Answers(clients=self.memory.clients, pace=self.memory.pace)
        return replace(self, memory=memory, declared_keys=())

    def afresh_clients(self) -> View:
        """The same account without the kept answers, and with clients of what the session is by now."""
        return replace(self, memory=_Answers(), declared_keys=())

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

    def later(self, service: str, operation: str, key: str, **asked: Any) -> partial[Any]:
        """A question that is asked when all rows are listed: `key` of one answer. Raises like `ask`."""
        return partial(self._one, service, operation, key, asked)

    def _one(self, service: str, operation: str, key: str, asked: Mapping[str, Any]) -> Any:
        absent = asked.get("absent") or ()
        rest = {name: value for name, value in asked.items() if name != "absent"}
        return self.ask(service, operation, absent=absent, **rest).get(key)

    def tags(self, arn: str, service: str, operation: str, key: str, **asked: Any) -> partial[Any]:
        """The tags of a resource: of all at once (GetResources), or, of those not there, one by one."""
        return self.tags_or(arn, self.later(service, operation, key, **asked))

    def tags_or(self, arn: str, one_by_one: partial[Any]) -> partial[Any]:
        """Like `tags`, where one question and one key are not enough."""
        return partial(self._tags, arn, one_by_one)

    def _tags(self, arn: str, one_by_one: partial[Any]) -> Any:
        found = self.tagged().get(arn)
        return one_by_one() if found is None else found

    def tagged(self) -> Mapping[str, Any]:
        """The tags of all that has or had any, by ARN; none where the rights do not allow the question."""
        if self.region not in self.memory.tags:
            try:
                listed = self.pages("resourcegroupstaggingapi", "get_resources", "ResourceTagMappingList")
            except UNANSWERED:
                return {}
            self.memory.tags[self.region] = {each["ResourceARN"]: each.get("Tags") or [] for each in listed}
        return self.memory.tags[self.region]

    @property
    def partition(self) -> str:
        """The partition of the region, which its ARNs begin with: `aws`, `aws-cn`, `aws-us-gov`."""
        return str(self.session.get_partition_for_region(self.region))

    def account(self) -> str:
        """The account's number. Raises like `ask`."""
        return str(self.ask("sts", "get_caller_identity")["Account"])

    def regions(self) -> frozenset[str]:
        """The regions that the account can use (DescribeRegions). Raises like `ask`."""
        found = self.pages("ec2", "describe_regions", "Regions")
        return frozenset(each["RegionName"] for each in found if each.get("OptInStatus") != "not-opted-in")

    def offers(self, service: str) -> bool:
        """Whether AWS has the service in the region; of a service that boto3 does not know, that it has."""
        regions = self.session.get_available_regions(service)
        return not regions or self.region in regions

    def pages(
        self, service: str, operation: str, key: str, absent: tuple[str, ...] = (), **asked: Any
    ) -> list[Any]:
        """All items of a list, from all its pages; `key` leads to the list in an answer.

        `absent` and what is raised are those of `ask`.
        """

        def call() -> list[Any]:
            client = self._client(service)
            try:
                if client.can_paginate(operation):
                    pages = client.get_paginator(operation)
                    sized = service in _PAGE_SIZES and operation not in _WITHOUT_SIZE
                    size = {"PageSize": _PAGE_SIZES[service]} if sized else {}
                    return _items(pages.paginate(**asked, PaginationConfig=size), key)
                return list(_by_hand(getattr(client, operation), key, asked))
            except ClientError as error:
                if error.response["Error"]["Code"] in absent:
                    return []
                raise

        return self._once(call, service, f"{operation}.{key}", asked)  # type: ignore[no-any-return]  # as above

    def _once(self, call: Any, service: str, operation: str, asked: Mapping[str, Any]) -> Any:
        name = operation.partition(".")[0]
        if not _READS.match(name) or name in _NEVER:
            raise ValueError(f"the audit does not call {service}.{name}: it only reads settings")
        question = f"{self.region}/{service}.{operation}({sorted(asked.items())!r})"
        with self.memory.lock:
            lock = self.memory.locks.setdefault(question, Lock())
        with lock:
            if question in self.memory.failures:
                raise self.memory.failures[question]
            if question not in self.memory.answers:
                # Each time it would be waited for until the last try: what hung hangs.
                given_up = self.memory.given_up.get(f"{self.region}/{service}.{name}")
                if given_up:
                    raise given_up
                try:
                    self.memory.answers[question] = call()
                except UNANSWERED as error:
                    # It was tried again as often as makes sense: what is denied or hangs does so once.
                    self.memory.failures[question] = error
                    if is_in_vain(error):
                        self.memory.given_up[f"{self.region}/{service}.{name}"] = error
                    raise
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
                client.meta.events.register("before-parse", must_be_of_the_service)
                if self.endpoint:
                    client.meta.events.register("before-sign", self._at_the_endpoint)
                else:
                    self.memory.pace.keep(client, service, self.region)
                self.memory.clients[service, self.region] = client
            return self.memory.clients[service, self.region]

    def _at_the_endpoint(self, request: Any, **_: Any) -> None:
        """An emulator has one host: S3 Control writes the account's number before it, which leads nowhere."""
        request.url = urlsplit(request.url)._replace(netloc=urlsplit(self.endpoint).netloc).geturl()


def _items(pages: Any, path: str) -> list[Any]:
    return [item for page in pages for item in _walked(page, path.split("."))]


def _walked(value: Any, path: list[str]) -> Iterator[Any]:
    """What a dotted path leads to; on the way, each item of a list is gone into."""
    if isinstance(value, list):
        for each in value:
            yield from _walked(each, path) if path else [each]
    elif path:
        yield from _walked(value.get(path[0]) or [], path[1:])


def _by_hand(call: Any, key: str, asked: Mapping[str, Any]) -> Iterator[Any]:
    """Pages of an operation for which botocore has no paginator (WAFv2)."""
    following: dict[str, str] = {}
    while True:
        page = call(**asked, **following)
        yield from _walked(page, key.split("."))
        before = following
        following = {name: page[answered] for answered, name in _TOKENS if page.get(answered)}
        if not following:
            return
        if following == before:
            raise PaginationError(message="the same page comes again and again")
