"""Many inputs, each judged as what it holds, told in the order of their names; small ones on every core."""

from __future__ import annotations

import stat
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import groupby
from pathlib import Path
from typing import Final

from hardening.errors import ConfigError
from hardening.ocpi.batch import Outcome, Work, judged, outcomes, shared
from hardening.ocpi.detect import kind_of
from hardening.ocpi.inputs import Source, document, opened

_SMALL: Final = 256 * 1024  # bytes of a file that one process may judge beside others
_AT_ONCE: Final = 32  # such files that a process is given together
# So many of them, or of bytes in them, take longer than it takes to start a process.
_WORTH_SHARING: Final = 1000
_WORTH_SHARING_BYTES: Final = 4 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Piece:
    """What came of a part of an input: an outcome, or why the input cannot be read (any further).

    `before` counts the lines before it; None: the input is one message. `patch` is the object that the
    message was taken for a PATCH of.
    """

    name: str
    before: int | None = None
    outcome: Outcome | None = None
    patch: str = ""
    error: str = ""
    hint: str = ""


def pieces(names: Iterable[str], work: Work) -> Iterator[Piece]:
    """What came of all inputs. Raises CollectError where a process is killed."""
    for small, group in groupby(((name, _size(name)) for name in names), key=lambda one: one[1] is not None):
        some = [*group]
        much = len(some) >= _WORTH_SHARING or sum(size or 0 for _, size in some) >= _WORTH_SHARING_BYTES
        if small and much:
            chunks = [some[at : at + _AT_ONCE] for at in range(0, len(some), _AT_ONCE)]
            for found in shared(_together, (([name for name, _ in chunk], work) for chunk in chunks)):
                yield from found
        else:
            for name, _ in some:
                yield from _pieces_of(name, work, False)


def _size(name: str) -> int | None:
    """How large a small file is; None for stdin, and for what is large or no file."""
    if name == "-":
        return None
    try:
        found = Path(name).stat()
    except (OSError, ValueError):
        return 0  # it cannot be read, which is soon said
    return found.st_size if stat.S_ISREG(found.st_mode) and found.st_size <= _SMALL else None


def _together(names: list[str], work: Work) -> list[Piece]:
    return [piece for name in names for piece in _pieces_of(name, work, True)]


def _pieces_of(name: str, work: Work, alone: bool) -> Iterator[Piece]:
    try:
        with opened(name) as source:
            before = 0
            for outcome, patch in _outcomes(source, work, alone):
                yield Piece(name, before if source.lines else None, outcome, patch)
                before += outcome.lines
    except ConfigError as error:
        message = error.message.removeprefix(f"{name}: ")
        yield Piece(name, error=f"{name}: {message}", hint=error.hint)


def _outcomes(source: Source, work: Work, alone: bool) -> Iterator[tuple[Outcome, str]]:
    """Each outcome, and of what it was taken for a PATCH. `alone`: this process does all of it."""
    if source.lines:
        start = source.file.peek(1)  # type: ignore[attr-defined]  # a BufferedReader
        first = next((line for line in start.split(b"\n") if line.strip()), b"")
        for outcome in outcomes(source.path, source.file, work, _known(first, work), alone):
            yield outcome, ""
        return
    body = document(source)
    known = _known(body, work)
    guessed = known.shape == "patch" and work.shape == "auto"
    yield judged([body], known, known), known.object_type if guessed else ""


def _known(body: bytes, work: Work) -> Work:
    """What is to be done, with the object and shape of a body. Raises ConfigError where it is like none."""
    object_type, shape = kind_of(body, work.version, work.edition, work.object_type, work.shape)
    return replace(work, object_type=object_type, shape=shape)
