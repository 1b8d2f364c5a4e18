"""The records of a runbook: no step is anything but a command or a decision that has a name behind it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Phase(StrEnum):
    """The parts of a runbook, in their order. The value is the heading."""

    FIRST = "First five minutes"
    CONTAIN = "Contain"
    RESTORE = "Restore"
    TELL = "Tell whom, by when"
    AFTERWARDS = "Afterwards"


class Who(StrEnum):
    """Who acts: a role of the stack, the pipeline, a person, or the account's owner."""

    READER = "reader"
    OPERATOR = "operator"
    ADMIN = "admin"
    PIPELINE = "pipeline"
    OWNER = "account owner"
    LEAD = "security lead"


ROLES = (Who.READER, Who.OPERATOR, Who.ADMIN)


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One step. With a `command` it is that; without one `does` is a decision of whoever it is `by`.

    `command` holds names of the stack in braces (`Names`), and words in capitals that people fill in.
    `by_hand` says why a drill does not follow the command; empty: it does. One that `finds` exits 1 while the
    incident lasts.
    """

    phase: Phase
    by: Who
    does: str
    command: str = ""
    by_hand: str = ""
    finds: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Runbook:
    """What to do about one kind of incident.

    `alarms` are the names of the alarms and event rules that lead here, `signs` what else does. `no_drill`
    says why none is played in the lab; empty: `rampart drill NAME` plays it.
    """

    name: str
    title: str
    about: str
    signs: tuple[str, ...]
    steps: tuple[Step, ...]
    alarms: tuple[str, ...] = ()
    no_drill: str = ""

    def of(self, phase: Phase) -> tuple[Step, ...]:
        """The steps of a phase, in their order."""
        return tuple(step for step in self.steps if step.phase is phase)


@dataclass(frozen=True, slots=True, kw_only=True)
class Names:
    """What a stack is called: `on` is the option that names it to rampart (`--stack production`).

    `label` is its environment, `prefix` how its resources' names begin, `emails` get its alarms; `phone` is
    whom AWS calls.
    """

    on: str
    stack: str
    label: str
    region: str
    replica_region: str
    domain: str
    emails: tuple[str, ...]
    phone: str

    @property
    def prefix(self) -> str:
        """The beginning of every resource's name."""
        return f"rampart-{self.label}"


def first(by: Who, does: str, command: str = "", by_hand: str = "", *, finds: bool = False) -> Step:
    """A step of the first five minutes."""
    return Step(phase=Phase.FIRST, by=by, does=does, command=command, by_hand=by_hand, finds=finds)


def contain(by: Who, does: str, command: str = "", by_hand: str = "") -> Step:
    """A step that ends the harm."""
    return Step(phase=Phase.CONTAIN, by=by, does=does, command=command, by_hand=by_hand)


def restore(by: Who, does: str, command: str = "", by_hand: str = "") -> Step:
    """A step that brings the service back."""
    return Step(phase=Phase.RESTORE, by=by, does=does, command=command, by_hand=by_hand)


def tell(by: Who, does: str) -> Step:
    """Whom somebody has to tell, and by when."""
    return Step(phase=Phase.TELL, by=by, does=does)


def afterwards(by: Who, does: str, command: str = "", by_hand: str = "") -> Step:
    """A step for the days after."""
    return Step(phase=Phase.AFTERWARDS, by=by, does=does, command=command, by_hand=by_hand)
