"""Which audits of the chain a run makes: those that were asked for, and that `--only` leaves work to."""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import cache
from typing import Any, Final, TypeVar

import click

# In the order of the chain, after the declared stack itself.
AUDITS: Final = ("policy", "intent", "tls", "drift", "probe")
# The subjects of the catalogue that each of them judges.
_SUBJECTS: Final[Mapping[str, tuple[str, ...]]] = {
    "policy": ("stack",),
    "intent": ("intent",),
    "tls": ("tls",),
    "drift": ("drift",),
    "probe": ("request", "exchange"),
}

Command = TypeVar("Command", bound=Callable[..., Any])


@dataclass(frozen=True, slots=True, kw_only=True)
class Selection:
    """What a run looks at.

    `attack_production` sends forbidden calls to more than test environments; `require_all` is not content
    with a run in which a control was looked at by nobody.
    """

    scanners: tuple[str, ...] = AUDITS
    without: tuple[str, ...] = ()
    attack_production: bool = False
    require_all: bool = False

    def left_out(self, only: tuple[str, ...]) -> Mapping[str, str]:
        """Each audit that is not made, and by which option. `only` are globs of controls and checks."""
        named = {name: "--scanners" for name in AUDITS if name not in self.scanners}
        unmatched = {name: "--only" for name in AUDITS if only and not _may_judge(name, only)}
        return {**unmatched, **named, **{name: f"--without {name}" for name in self.without}}


def _may_judge(audit: str, only: tuple[str, ...]) -> bool:
    names = _names_by_audit()
    # What no check's name tells, such as checkov's own ids, is anybody's.
    told = [glob for glob in only if any(fnmatchcase(n, glob) for every in names.values() for n in every)]
    return len(told) < len(only) or any(fnmatchcase(name, glob) for name in names[audit] for glob in told)


@cache
def _names_by_audit() -> Mapping[str, frozenset[str]]:
    from scanners.catalogue import TOOLS, checks_by_subject  # loads every check: not for `--help`

    checks = checks_by_subject()
    found = {
        audit: {name for subject in subjects for one in checks[subject] for name in (one.control, one.name)}
        for audit, subjects in _SUBJECTS.items()
    }
    found["policy"] |= TOOLS.keys()
    return {audit: frozenset(names) for audit, names in found.items()}


def _names(value: str) -> tuple[str, ...]:
    names = tuple(name.strip() for name in value.split(",") if name.strip())
    unknown = [name for name in names if name not in AUDITS]
    if unknown or not names:
        raise click.UsageError(f"--scanners {value}: expected some of {','.join(AUDITS)}")
    return names


_OPTIONS = (
    click.option(
        "--scanners",
        default=",".join(AUDITS),
        show_default=True,
        help="The audits to make, with commas between.",
    ),
    click.option(
        "--without",
        multiple=True,
        type=click.Choice(AUDITS[1:]),
        help="Leave an audit out; the report says so. Repeatable.",
    ),
    click.option(
        "--attack-production",
        is_flag=True,
        help="Send the probe's forbidden calls to an environment that is not marked as test, too.",
    ),
    click.option(
        "--require-all", is_flag=True, help="Exit 3 if a control was not looked at by any audit of the run."
    ),
)


def selection_options(command: Command) -> Command:
    """Give a command the options above; it receives them as one `Selection` named `selection`."""

    @functools.wraps(command)
    def wrapped(**kwargs: Any) -> Any:
        chosen = {name: kwargs.pop(name) for name in Selection.__dataclass_fields__}
        chosen["scanners"] = _names(chosen["scanners"])
        return command(selection=Selection(**chosen), **kwargs)

    for option in reversed(_OPTIONS):
        wrapped = option(wrapped)
    return wrapped  # type: ignore[return-value]  # click's decorators keep the callable's shape
