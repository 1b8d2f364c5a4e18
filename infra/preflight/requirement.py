"""One thing that a deployment needs of the account: what, what is there, what is needed, how to mend it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from hardening.checks import Status
from hardening.errors import CollectError, CredentialsError
from infra.aws_calls import Absent


@dataclass(frozen=True, slots=True)
class Requirement:
    """`status`: pass, fail (AWS would refuse) or error (could not be looked up); `mend` says what to do."""

    what: str
    status: Status
    found: str
    needed: str
    mend: str = ""


def met(what: str, found: object, needed: object) -> Requirement:
    """A requirement that holds."""
    return Requirement(what, Status.PASS, str(found), str(needed))


def unmet(what: str, found: object, needed: object, mend: str) -> Requirement:
    """A requirement that does not hold."""
    return Requirement(what, Status.FAIL, str(found), str(needed), mend)


class Results:
    """Requirements in the order in which they were looked up."""

    def __init__(self) -> None:
        self.all: list[Requirement] = []

    @contextmanager
    def looking_up(self, what: str, needed: object) -> Iterator[None]:
        """Whatever could not be looked up inside is an error, never a pass."""
        try:
            yield
        except CredentialsError:
            raise
        except CollectError as error:
            self.all.append(Requirement(what, Status.ERROR, error.message, str(needed), error.hint))
        except Absent as absent:
            self.all.append(
                Requirement(what, Status.ERROR, f"AWS answers {absent}", str(needed), "look there")
            )
