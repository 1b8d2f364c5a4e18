"""Changes what a case made, one member of one call at a time, and asks the drift audit what it sees.

What counts is what the emulator holds: where its own answers are the same after a write, that write is
listed as not held. A change is seen where the audit reports something that it did not report before, and
rightly named where the report names a member that differs.
"""

from __future__ import annotations

import gc
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import Any, Final

from botocore.exceptions import BotoCoreError, ClientError
from botocore.parsers import ResponseParserError
from botocore.session import get_session

from scanners.drift.compare import compare
from scanners.drift.declared import Declared
from scanners.drift.readers import READERS
from scanners.drift.reading import read, read_tasks
from scanners.drift.records import Drift, ResourceReader
from scanners.policy.stack import Resource
from tests.beds.aws_account import REGION, stack_of
from tests.mutation.drift_in_process import InProcess, in_a_copy
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
_SAME: Final = {
    "KeyState": "isEnabled",
    "recording": "isEnabled",
    "TimeToLiveDescription": "ttl",
    "PolicyDocument": "inlinePolicies",
    "Contents": "etag",
    "AliasTarget": "aliases",
    "Weight": "weightedRoutingPolicies",
    "Region": "latencyRoutingPolicies",
    "GeoLocation": "geolocationRoutingPolicies",
    "MultiValueAnswer": "multivalueAnswerRoutingPolicy",
}
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
    """One case in an account of this process: made once by `make`, and looked at by `state` and `drift`."""

    account: InProcess
    name: str
    blind_for: str = ""  # a property that no reader shall compare: the measure itself is tried with it
    clients: dict[str, Any] = field(default_factory=dict)
    absent: dict[str, str] = field(default_factory=dict)
    known: Known = field(default_factory=Known)

    def make(self) -> None:
        """Empty the account, and make the case."""
        self.account.reset()
        heard: Any = _Heard(self.account, self.known)
        self.resources: Sequence[Resource] = CASES[self.name].make(heard)
        types = {resource.type for resource in self.resources}
        services = {reader.service for reader in READERS if reader.type in types}
        self.readers: tuple[ResourceReader, ...] = tuple(
            replace(r, fields=tuple(f for f in r.fields if f.name != self.blind_for))
            for r in READERS
            if r.service in services and r.type not in _NOT_LISTED
        )
        self.service = next((r.service for r in READERS if r.type == self.resources[0].type), "")
        for resource in self.resources:
            self.known.take(self.service, {**resource.outputs})
        self.mine = texts_of(self.resources[0])
        model = get_session().get_service_model(self.service)
        self.calls = [
            each
            for plain, members in writes(model, self.resources[0], self.known)
            for each in (plain, *members)
        ]
        self.questions = Questions(model)
        self.questions.settle(self.client(self.service), self.known, self.mine)

    def look(self) -> Look:
        """What the account says, and what the audit reports."""
        return self.state(), self.drift()

    def client(self, service: str) -> Any:
        """A client that nobody hears, and that takes a first answer for the last."""
        if service not in self.clients:
            self.clients[service] = self.account.new_client(service)
        return self.clients[service]

    def state(self) -> State:
        """What the account says."""
        return self.questions.answers(self.client(self.service), self.known, self.mine)

    def drift(self) -> frozenset[str]:
        """What the audit reports, as texts."""
        declared = Declared(stack_of(*self.resources), REGION)
        reading = read(self.account.view(), tuple(read_tasks(declared, self.readers)), lambda _, __: None)
        found = compare(declared, reading, self.readers)
        self.listed = [each.property for each in found.not_compared if each.property]
        return frozenset(_said(found))

    def write(self, write: Write) -> str:
        """Make the call, and say why the emulator does not take it, if so."""
        if write.operation in self.absent:
            return self.absent[write.operation]
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
            refused = f"{type(error).__name__}: {error}".partition("\n")[0]
            if _NO_API.search(refused):
                self.absent[write.operation] = refused
            return refused
        return ""


class _Heard:
    """An account whose clients are heard while they make a case."""

    def __init__(self, account: InProcess, known: Known) -> None:
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


def tried(name: str, blind_for: str = "") -> list[Tried]:
    """Every write of one case, and what became of it: each is made in a copy of what the case made."""
    bed = Bed(InProcess(), name, blind_for)
    bed.make()
    before = bed.look()
    gc.freeze()  # what is there by now is shared by all copies
    found: list[Tried] = []
    while len(found) < len(bed.calls):
        found.extend(in_a_copy(partial(_until_one_is_taken, bed, bed.calls[len(found) :], before)))
    return found


def _until_one_is_taken(bed: Bed, calls: Sequence[Write], before: Look) -> list[Tried]:
    """What became of the first calls: after one that was taken the account is no longer as it was made."""
    found: list[Tried] = []
    for write in calls:
        refused = bed.write(write)
        if not refused:
            return [*found, _judged(bed, write, before)]
        found.append(Tried(bed.name, write, Fate.REFUSED, said=(refused,)))
    return found


def _judged(bed: Bed, write: Write, before: Look) -> Tried:
    differs = changed_names(before[0], bed.state())
    if not differs:
        return Tried(bed.name, write, Fate.NOT_HELD)
    drift = bed.drift()
    said = tuple(sorted(drift - before[1])) or tuple(sorted(before[1] - drift))
    return Tried(bed.name, write, _fate(write, differs, said, bed.listed), differs, said)


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
