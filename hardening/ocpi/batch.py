"""Many messages, a line each: read in pieces and validated on every core, in flat memory."""

from __future__ import annotations

import os
import signal
from collections import Counter, deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass, field
from itertools import chain, islice
from math import inf
from pathlib import Path
from typing import Any, BinaryIO, TypeVar

from hardening.errors import CollectError, ConfigError
from hardening.ocpi.beside import Named, beside
from hardening.ocpi.bounds import MOST_BYTES
from hardening.ocpi.detect import kind_of
from hardening.ocpi.leniencies import NO_CONTRACT, Contract
from hardening.ocpi.lenient import as_agreed
from hardening.ocpi.problems import Problem
from hardening.ocpi.validation import RelatedOf, plan, structure, validate

_Judged = TypeVar("_Judged")
_PIECE = 4 * 1024 * 1024
# Below this size, starting a second process costs more than it gives.
_WORTH_SHARING = 4 * _PIECE
# Of one piece, no more problems than this are carried back; all are counted.
_KEPT = 200


@dataclass(frozen=True, slots=True)
class Work:
    """How messages are to be validated. `object_type` and `shape` may be `auto`."""

    version: str
    edition: str
    object_type: str
    shape: str
    contract: Contract = NO_CONTRACT
    beside: Named = ()


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of one piece. `found` holds (line within the piece, problem); `size` counts bytes.

    `missing`: how often a message named an object that is not among those beside it, by kind. `leniencies`:
    how often each was needed.
    """

    lines: int
    messages: int
    refused: int
    problems: int
    warnings: int
    size: int
    found: tuple[tuple[int, Problem], ...]
    missing: Mapping[str, int] = field(default_factory=dict)
    leniencies: Mapping[str, int] = field(default_factory=dict)


def problems_in(body: bytes, work: Work) -> list[Problem]:
    """Every problem of one message. Raises ConfigError where its object is not recognised."""
    object_type, shape = kind_of(body, work.version, work.edition, work.object_type, work.shape)
    return validate(
        body,
        version=work.version,
        edition=work.edition,
        object_type=object_type,
        shape=shape,
        related=related_of(work),
        contract=work.contract,
    )


def related_of(work: Work) -> RelatedOf | None:
    """What finds the objects beside a message; None where none were named. Each process reads them once."""
    return beside(work.version, work.edition, work.beside).related if work.beside else None


def judged(lines: Iterable[bytes], work: Work, known: Work) -> Outcome:
    """Validate a message a line. `known` is `work` with the object and shape of the first message.

    A message that is not of that kind is asked what it is, if `work` leaves that open.
    """
    count = messages = refused = problems = warnings = size = 0
    found: list[tuple[int, Problem]] = []
    version, edition, object_type, shape = known.version, known.edition, known.object_type, known.shape
    related = related_of(work)
    before = _missing(work)
    used: Counter[str] = Counter()
    for line in lines:
        count += 1
        size += len(line)
        body = line.strip()
        if not body:
            continue
        messages += 1
        used.update(_leniencies(body, known))
        faults = validate(
            body,
            version=version,
            edition=edition,
            object_type=object_type,
            shape=shape,
            related=related,
            contract=work.contract,
        )
        if faults and work != known:
            faults = _asked_again(body, work, faults)
        if faults:
            warned = sum(one.warning for one in faults)
            warnings += warned
            problems += len(faults) - warned
            refused += warned < len(faults)
            if len(found) < _KEPT:
                found += ((count, one) for one in faults)
    missing = dict(_missing(work) - before)
    kept = tuple(found[:_KEPT])
    return Outcome(count, messages, refused, problems, warnings, size, kept, missing, dict(used))


def _leniencies(body: bytes, known: Work) -> Mapping[str, int]:
    """How often each leniency was needed for a message; none where it is refused all the same."""
    if not known.contract.accept:
        return {}
    of = plan(known.version, known.edition, known.object_type, known.shape)
    if not structure(body, of):
        return {}
    agreed = as_agreed(body, of.tables, of.object_type, of.shape, known.contract.accept)
    return {} if agreed is None or agreed.problems else agreed.used


def _missing(work: Work) -> Counter[str]:
    return Counter(beside(work.version, work.edition, work.beside).missing) if work.beside else Counter()


def _asked_again(body: bytes, work: Work, faults: list[Problem]) -> list[Problem]:
    try:
        return problems_in(body, work)
    except ConfigError:
        return faults


def lines_of(file: BinaryIO, left: float = inf) -> Iterator[bytes]:
    """The lines of `file` that begin in its next `left` bytes.

    Of a line that is too long to be a message, only as much is given as shows that.
    """
    while left > 0 and (line := file.readline(MOST_BYTES + 2)):
        left -= len(line)
        if not line.endswith(b"\n"):
            left -= _skip_line(file)
        yield line


def _skip_line(file: BinaryIO) -> int:
    """Skip the rest of a line; how many bytes that was."""
    skipped = 0
    while rest := file.readline(_PIECE):
        skipped += len(rest)
        if rest.endswith(b"\n"):
            break
    return skipped


def _piece_of(path: str, start: int, end: int, work: Work, known: Work) -> Outcome:
    """Validate the lines of a file that begin in `start` to `end`."""
    with Path(path).open("rb") as file:
        begin = start
        if start:
            file.seek(start - 1)
            begin += _skip_line(file) - 1
        return judged(lines_of(file, end - begin), work, known)


def outcomes(
    path: Path | None, file: BinaryIO, work: Work, known: Work, alone: bool = False
) -> Iterator[Outcome]:
    """What came of each piece, in order. `path` is None for what cannot be read from its middle.

    `alone`: other processes have other work.
    """
    if path is not None and not alone:
        size = path.stat().st_size
        if size >= _WORTH_SHARING:
            pieces = ((str(path), at, min(at + _PIECE, size), work, known) for at in range(0, size, _PIECE))
            yield from shared(_piece_of, pieces)
            return
    batches = _batches(lines_of(file))
    some = [*islice(batches, 2)] or [[]]
    every = chain(some, batches)
    if alone or len(some) < 2:
        yield from (judged(one, work, known) for one in every)
    else:
        yield from shared(judged, ((one, work, known) for one in every))


def _batches(lines: Iterator[bytes]) -> Iterator[list[bytes]]:
    batch: list[bytes] = []
    size = 0
    for line in lines:
        batch.append(line)
        size += len(line)
        if size >= _PIECE // 4:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch


def _end_when_interrupted() -> None:
    """A Ctrl-C reaches every process of a terminal: this one ends at once, and its parent says so."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def shared(judge: Callable[..., _Judged], pieces: Iterable[tuple[Any, ...]]) -> Iterator[_Judged]:
    """Judge the pieces on every core, never more of them at hand than the cores need; told in their order.

    Raises CollectError where a process is killed: what it had is not judged.
    """
    cores = os.cpu_count() or 1
    waiting: deque[Future[_Judged]] = deque()
    try:
        with ProcessPoolExecutor(cores, initializer=_end_when_interrupted) as pool:
            for piece in pieces:
                waiting.append(pool.submit(judge, *piece))
                if len(waiting) > cores + 1:
                    yield waiting.popleft().result()
            while waiting:
                yield waiting.popleft().result()
    except BrokenProcessPool:
        raise CollectError("a validating process ended before its time", "is there enough memory?") from None
