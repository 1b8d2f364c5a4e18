"""A check judges one kind of subject for one control.

A check is a function that takes a subject and yields `(where, problem)`: `problem` is None for a
place where the control holds. Yielding nothing means not applicable; an exception means that it
could not be verified. Checks never do IO, never catch, never log.

    @check("token-a-only-registers", good=REGISTERING, bad=READING_WITH_TOKEN_A)
    def token_a_only_registers(request: Request) -> Verdicts:
        ...

Every check carries a `good` subject and a `bad` one for each clause of its judgement. Tests prove that
it passes the first, that it fails each of the others, and that no branch is left that no case reaches.
Each `bad` request of a request check is also replayed against the running gateway.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import ModuleType
from typing import Any, Generic, TypeVar

from hardening.controls import CONTROLS, Severity

Subject = TypeVar("Subject")

# What a check yields: where it looked (its text is shown), and the problem there (None: the control holds).
Verdicts = Iterable[tuple[object, str | None]]


class Unverifiable(Exception):
    """A check raises it when a value that it needs is unknown, secret or malformed: an `error` finding.

    `reason` reaches reports: it names the property and what is wrong, and never quotes a value.
    """

    def __init__(self, where: str, reason: str) -> None:
        super().__init__(f"{where}: {reason}")
        self.where = where
        self.reason = reason


class Status(StrEnum):
    """What is known about a control at one place. `ERROR` means "could not verify", never a pass."""

    PASS = "pass"  # noqa: S105  (a status, not a password)
    FAIL = "fail"
    NOT_APPLICABLE = "not-applicable"
    ERROR = "error"


@dataclass(frozen=True, slots=True, order=True)
class Finding:
    """One judgement: this control, by this check, has this status here.

    `where` names the place in the subject's own terms: a URN (`URN#property` for one property of it),
    `host:port`, or `METHOD /path`. `source` is the `file:line` that declares it, when known. `identity` is
    what stays of `where` when components are renamed (empty: all of it). `blocks` are the other controls that
    could not be verified there for the same reason, and have no finding of their own. `remedies` say what can
    be done, one way each.
    """

    control: str
    check: str
    status: Status
    where: str
    detail: str = ""
    severity: Severity = Severity.MEDIUM
    source: str = ""
    identity: str = ""
    blocks: tuple[str, ...] = ()
    remedies: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Check(Generic[Subject]):
    """A judgement for one control, with the named cases that prove it.

    `bad` has a subject for each clause, which must fail. `also_good` has more subjects that must not fail,
    where a clause has more than one way to hold. `unverifiable` has those that must give an `error`.
    """

    name: str
    control: str
    judge: Callable[[Subject], Verdicts]
    good: Subject
    bad: Mapping[str, Subject]
    also_good: Mapping[str, Subject] = field(default_factory=dict)
    unverifiable: Mapping[str, Subject] = field(default_factory=dict)

    def run(self, subject: Subject) -> list[Finding]:
        """Judge `subject`. A crash is an `error` finding: not verified, beside what came before."""
        findings: list[Finding] = []
        try:
            for where, problem in self.judge(subject):
                status = Status.PASS if problem is None else Status.FAIL
                findings.append(self._finding(status, str(where), problem or ""))
        except Unverifiable as gap:
            findings.append(self._finding(Status.ERROR, gap.where, gap.reason))
        except Exception as crash:  # the one place where a check's crash becomes a finding
            findings.append(self._finding(Status.ERROR, "", _crash_site(crash)))
        return findings or [self._finding(Status.NOT_APPLICABLE, "", "")]

    def holds(self, subject: Subject) -> bool | None:
        """What `run` would find, without findings: True for a pass, None for not applicable.

        False is a failure or a crash; `run` says which, and why.
        """
        passed, refusing = passed_until((self,), subject)
        return False if refusing is not None else True if passed else None

    def _finding(self, status: Status, where: str, detail: str) -> Finding:
        return Finding(self.control, self.name, status, where, detail, CONTROLS[self.control].severity)


def passed_until(
    checks: Iterable[Check[Subject]], subject: Subject
) -> tuple[set[str], Check[Subject] | None]:
    """The controls that hold, up to the first check that fails or crashes, and that check.

    One loop without findings: the guard asks some forty of every call.
    """
    passed: set[str] = set()
    for one in checks:
        try:
            for _, problem in one.judge(subject):
                if problem is not None:
                    return passed, one
                passed.add(one.control)
        except Exception:  # as in `Check.run`, which is then asked what it was
            return passed, one
    return passed, None


def check(
    control: str,
    *,
    good: Subject,
    bad: Subject | Mapping[str, Subject],
    also_good: Mapping[str, Subject] | None = None,
    unverifiable: Mapping[str, Subject] | None = None,
) -> Callable[[Callable[[Subject], Verdicts]], Check[Subject]]:
    """Make a function a `Check` of `control`, named after the function.

    `bad` is one subject, or a mapping of named subjects, one a clause.
    """
    if control not in CONTROLS:
        raise LookupError(f"no control {control!r} in the catalogue (hardening/controls)")

    def bind(judge: Callable[[Subject], Verdicts]) -> Check[Subject]:
        name = judge.__name__.replace("_", "-")
        return Check(name, control, judge, good, named_cases(bad), also_good or {}, unverifiable or {})

    return bind


def named_cases(bad: Subject | Mapping[str, Subject]) -> Mapping[str, Subject]:
    """The bad cases by name. A single subject is the case without a name."""
    return bad if isinstance(bad, Mapping) else {"": bad}


def judge(checks: Iterable[Check[Subject]], subject: Subject) -> Iterator[Finding]:
    """What each of `checks` finds on one subject, in their order.

    Lazy: who stops at the first refusal asks no further check.
    """
    for one in checks:
        yield from one.run(subject)


def checks_in(*modules: ModuleType) -> tuple[Check[Any], ...]:
    """All checks that `modules` define, in the order in which they are written."""
    return tuple(_checks(modules))


def _checks(modules: Iterable[ModuleType]) -> Iterator[Check[Any]]:
    for module in modules:
        for value in vars(module).values():
            if isinstance(value, Check) and value.judge.__module__ == module.__name__:
                yield value


def _crash_site(crash: Exception) -> str:
    """Type and place of a crash; not its message, which may quote a secret."""
    trace = crash.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    if trace is None:
        return type(crash).__name__
    file = trace.tb_frame.f_code.co_filename.replace("\\", "/").rsplit("/", 1)[-1]
    return f"{type(crash).__name__} at {file}:{trace.tb_lineno}"
