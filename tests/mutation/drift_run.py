"""Changes what a case made, one member of one call at a time, and asks the drift audit what it sees.

What counts is what the emulator holds: where its own answers are the same after a write, that write is
listed as not held. A change is seen where the audit reports something that it did not report before, and
rightly named where the report names a member that differs.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from importlib import import_module
from pathlib import Path
from typing import Any, Final

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError
from botocore.parsers import ResponseParserError
from botocore.session import get_session

from scanners.drift.compare import compare
from scanners.drift.declared import Declared
from scanners.drift.readers import READERS
from scanners.drift.reading import read, read_tasks
from scanners.drift.records import Drift, ResourceReader
from scanners.policy.stack import Resource
from tests.beds.aws_account import REGION, Account, stack_of
from tests.mutation.drift_state import Questions, State, changed_names
from tests.mutation.drift_writes import Known, Write, texts_of, writes
from tests.scanners.drift.case import Case

FOLDER = Path(__file__).parents[1] / "scanners" / "drift"
CASES: dict[str, Case] = {
    f"{file.stem.removesuffix('_cases')}: {name}": case
    for file in sorted(FOLDER.glob("*_cases.py"))
    for name, case in import_module(f"tests.scanners.drift.{file.stem}").CASES.items()
}

# What the account says, and what the audit reports.
Look = tuple[State, frozenset[str]]


# What takes the emulator seconds to list, and no write of ours makes.
_NOT_LISTED: Final = frozenset(
    {
        f"aws:ec2/{each}"
        for each in ("instance:Instance", "launchTemplate:LaunchTemplate", "keyPair:KeyPair", "ami:Ami")
    }
    | {"aws:ebs/volume:Volume", "aws:ebs/snapshot:Snapshot"}
)
# A member that Pulumi gives another name.
_SAME: Final = {"KeyState": "isEnabled"}
_NO_API: Final = re.compile(r"\((500|501|404|NotImplemented|InternalFailure)\)|ResponseParserError")


class Fate(StrEnum):
    """What became of a write."""

    SEEN = "seen"
    MISNAMED = "misnamed"  # something was reported, and not what was changed
    MISSED = "missed"
    LISTED = "listed"  # as not compared: nothing is declared, and AWS's default is not known
    NOT_HELD = "not held"  # the emulator answers as before
    REFUSED = "refused"  # the emulator does not take it


@dataclass(frozen=True, slots=True)
class Tried:
    """A write, what became of it, which members differ in the answers, and what the audit said."""

    case: str
    write: Write
    fate: Fate
    differs: frozenset[str] = frozenset()
    said: tuple[str, ...] = ()


@dataclass
class Bed:
    """One case in an account: made anew by `fresh`, and looked at by `state` and `drift`."""

    account: Account
    name: str
    questions: dict[str, Questions] = field(default_factory=dict)
    clients: dict[str, Any] = field(default_factory=dict)
    absent: dict[str, str] = field(default_factory=dict)
    known: Known = field(default_factory=Known)

    def __post_init__(self) -> None:
        self.heard: Any = _Heard(self.account, self.known)

    def fresh(self) -> None:
        """Empty the account, and make the case."""
        self.account.reset()
        self.known.values.clear()
        self.resources: Sequence[Resource] = CASES[self.name].make(self.heard)
        types = {resource.type for resource in self.resources}
        services = {reader.service for reader in READERS if reader.type in types}
        self.readers: tuple[ResourceReader, ...] = tuple(
            r for r in READERS if r.service in services and r.type not in _NOT_LISTED
        )
        self.service = next((r.service for r in READERS if r.type == self.resources[0].type), "")
        for resource in self.resources:
            self.known.take(self.service, {**resource.outputs})
        self.mine = texts_of(self.resources[0])
        model = get_session().get_service_model(self.service)
        self.calls = [(plain, *members) for plain, members in writes(model, self.resources[0], self.known)]

    def look(self) -> Look:
        """What the account says, and what the audit reports."""
        return self.state(), self.drift()

    def client(self, service: str) -> Any:
        """A client that nobody hears, and that takes a first answer for the last."""
        if service not in self.clients:
            once = Config(retries={"total_max_attempts": 1})
            session = boto3.Session("test", "test", region_name=REGION)
            client = session.client(service, endpoint_url=self.account.endpoint, config=once)
            client.meta.events.register("before-sign", self.account._at_the_endpoint)
            self.clients[service] = client
        return self.clients[service]

    def state(self) -> State:
        """What the account says."""
        if self.service not in self.questions:
            asked = Questions(get_session().get_service_model(self.service))
            asked.settle(self.client(self.service), self.known, self.mine)
            self.questions[self.service] = asked
        return self.questions[self.service].answers(self.client(self.service), self.known, self.mine)

    def drift(self) -> frozenset[str]:
        """What the audit reports, as texts."""
        declared = Declared(stack_of(*self.resources), REGION)
        reading = read(self.account.view(), tuple(read_tasks(declared, self.readers)), lambda _, __: None)
        found = compare(declared, reading, self.readers)
        self.listed = [each.property for each in found.not_compared if each.property]
        return frozenset(_said(found))

    def is_taken(self, write: Write) -> bool:
        """Whether the emulator has such an operation at all."""
        if write.operation not in self.absent:
            refused = self.write(write)
            self.absent[write.operation] = refused if _NO_API.search(refused) else ""
        return not self.absent[write.operation]

    def write(self, write: Write) -> str:
        """Make the call, and say why the emulator does not take it, if so."""
        try:
            self.client(write.service)._make_api_call(write.operation, dict(write.parameters))
        except (
            ClientError,
            BotoCoreError,
            ResponseParserError,
            ValueError,
            KeyError,
            TypeError,
            AttributeError,
        ) as error:
            return f"{type(error).__name__}: {error}".partition("\n")[0]
        return ""


class _Heard:
    """An account whose clients are heard while they make a case."""

    def __init__(self, account: Account, known: Known) -> None:
        self._account, self._known = account, known
        account.clients.clear()

    def client(self, service: str, region: str = REGION) -> Any:
        new = (service, region) not in self._account.clients
        client = self._account.client(service, region)
        if new:
            self._known.listen(client, service)
        return client

    def __getattr__(self, service: str) -> Any:
        return self.client(service.replace("_", "-"))


def _said(drift: Drift) -> Iterator[str]:
    for change in drift.changes:
        yield f"{change.urn}#{change.property}: {change.declared} -> {change.live}"
    for presence in drift.presences:
        if not presence.found:
            yield f"{presence.urn} deleted"
    for one in drift.unmanaged:
        yield f"{one.where} unmanaged {one.about}"
    for each in drift.unread:
        yield f"{each.urn or each.type}#{each.property} unread {each.reason}"


def tried(account: Account, name: str) -> Iterator[Tried]:
    """Every write of one case, and what became of it; what was not seen is tried once more, on its own."""
    bed = Bed(account, name)
    bed.fresh()
    for number, calls in enumerate(bed.calls):
        if not bed.is_taken(calls[0]):
            yield from (Tried(name, each, Fate.REFUSED, said=(bed.absent[each.operation],)) for each in calls)
            continue
        bed.fresh()  # each operation begins with what the case made
        look = bed.look()
        for index in range(len(calls)):
            one, look = _one(bed, bed.calls[number][index], look)
            if one.fate in (Fate.MISSED, Fate.MISNAMED, Fate.LISTED):
                bed.fresh()
                one, look = _one(bed, bed.calls[number][index], bed.look())
            yield one


def _one(bed: Bed, write: Write, before: Look) -> tuple[Tried, Look]:
    refused = bed.write(write)
    if refused:
        return Tried(bed.name, write, Fate.REFUSED, said=(refused,)), before
    state, drift = bed.state(), before[1]
    differs = changed_names(before[0], state)
    if not differs:
        return Tried(bed.name, write, Fate.NOT_HELD), before
    drift = bed.drift()
    said = tuple(sorted(drift - before[1])) or tuple(sorted(before[1] - drift))
    fate = _fate(write, differs, said, bed.listed)
    return Tried(bed.name, write, fate, differs, said), (state, drift)


def _fate(write: Write, differs: frozenset[str], said: tuple[str, ...], listed: list[str]) -> Fate:
    same = [_SAME[name] for name in differs if name in _SAME]
    names = [_words(each) for each in (*differs, *same, *write.member, write.operation)]
    if not said:
        return Fate.LISTED if any(_names(f"#{each}", names) for each in listed) else Fate.MISSED
    return Fate.SEEN if any(_names(text, names) for text in said) else Fate.MISNAMED


def _names(text: str, names: list[frozenset[str]]) -> bool:
    """Whether a report names one of the members that differ."""
    if "#" not in text:
        return True  # the resource as a whole: gone, or one that nobody declared
    prop = text.partition("#")[2].partition(":")[0]
    named = [_words(each) for each in (prop, *prop.split("."))]
    return any(one and (one <= other or other <= one) for one in names for other in named if other)


def _words(name: str) -> frozenset[str]:
    """The words of a member that say what it is about."""
    found = re.findall(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])|[0-9]+", name)
    words = {word.lower() for word in found}
    return frozenset(map(_singular, words - _EMPTY or words))


def _singular(word: str) -> str:
    return f"{word[:-3]}y" if word.endswith("ies") else word.removesuffix("s")


_EMPTY: Final = frozenset(
    [
        *("put", "update", "set", "modify", "create", "delete", "enable", "enabled", "disable", "disabled"),
        *("is", "add", "remove", "associate", "attach", "detach"),
    ]
)
