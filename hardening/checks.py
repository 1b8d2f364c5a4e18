"""A check judges one kind of subject for one control.

A check is a function that takes a subject and yields `(where, problem)`: `problem` is None for a
place where the control holds. Yielding nothing means not applicable; an exception means that it
could not be verified. Checks never do IO, never catch, never log.

    @check("token-a-only-registers", good=REGISTERING, bad=READING_WITH_TOKEN_A)
    def token_a_only_registers(request: Request) -> Verdicts:
        ...

Every check carries a `good` and a `bad` subject; one test proves that it can pass and can fail, and
the `bad` request of a request check is also replayed against the running gateway.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from types import ModuleType
from typing import Any, Generic, TypeVar

from hardening.controls import CONTROLS, Severity

Subject = TypeVar("Subject")

# What a check yields: where it looked, and the problem there (None: the control holds).
Verdicts = Iterable[tuple[str, str | None]]


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
    `host:port`, or `METHOD /path`. `source` is the `file:line` that declares it, when known.
    """

    control: str
    check: str
    status: Status
    where: str
    detail: str = ""
    severity: Severity = Severity.MEDIUM
    source: str = ""


@dataclass(frozen=True, slots=True)
class Check(Generic[Subject]):
    """A judgement for one control, with a subject that it must pass and one that it must fail."""

    name: str
    control: str
    judge: Callable[[Subject], Verdicts]
    good: Subject
    bad: Subject

    def run(self, subject: Subject) -> list[Finding]:
        """Judge `subject`. A crash is an `error` finding: it could not be verified."""
        severity = CONTROLS[self.control].severity
        try:
            verdicts = list(self.judge(subject))
        except Exception as crash:  # the one place where a check's crash becomes a finding
            return [Finding(self.control, self.name, Status.ERROR, "", _crash_site(crash), severity)]
        if not verdicts:
            return [Finding(self.control, self.name, Status.NOT_APPLICABLE, "", "", severity)]
        return [
            Finding(
                self.control,
                self.name,
                Status.PASS if problem is None else Status.FAIL,
                where,
                problem or "",
                severity,
            )
            for where, problem in verdicts
        ]


def check(
    control: str, *, good: Subject, bad: Subject
) -> Callable[[Callable[[Subject], Verdicts]], Check[Subject]]:
    """Make a function a `Check` of `control`, named after the function."""
    if control not in CONTROLS:
        raise LookupError(f"no control {control!r} in the catalogue (hardening/controls)")

    def bind(judge: Callable[[Subject], Verdicts]) -> Check[Subject]:
        return Check(judge.__name__.replace("_", "-"), control, judge, good, bad)

    return bind


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
