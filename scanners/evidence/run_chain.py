"""The runs of one folder as a chain: each holds the seal of the run before it."""

from __future__ import annotations

import fcntl
from collections import defaultdict
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from hardening.errors import ConfigError
from scanners.evidence.seal import MANIFEST, digest_of, read_manifest

_LOCK = ".lock"


@dataclass(frozen=True, slots=True)
class Link:
    """One run: its folder, its seal, the seal of the run before it (empty: it is the first)."""

    folder: Path
    seal: str
    previous: str


def runs_in(parent: Path) -> list[Path]:
    """The sealed runs under `parent`, by name: a name begins with the time at which the run began."""
    return sorted(p.parent for p in parent.glob(f"*/{MANIFEST}") if not p.parent.name.startswith("."))


@contextmanager
def extending(parent: Path) -> Iterator[Path | None]:
    """The last run of the chain under `parent`, or None; nobody else extends the chain meanwhile.

    Two runs that were sealed at once would both follow the same one. Raises OSError.
    """
    with (parent / _LOCK).open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # given back when the file is closed, however the process ends
        yield last(links(parent))


def links(parent: Path) -> list[Link]:
    """Every run under `parent`, by name. A run with no readable manifest is no link (`faults` names it)."""
    return [link for run in runs_in(parent) if (link := _link(run))]


def _link(run: Path) -> Link | None:
    try:
        return Link(run, digest_of(run), str(read_manifest(run).get("previous", "")))
    except ConfigError:
        return None


def last(chain: Iterable[Link]) -> Path | None:
    """The run that no other follows; of several the one that began last. None where there is no run."""
    every = list(chain)
    followed = {link.previous for link in every}
    return max((link.folder for link in every if link.seal not in followed), default=None)


def chain_faults(chain: Iterable[Link], after: str = "") -> Iterator[str]:
    """Every run that does not follow one run alone: the one before it was removed or touched, or has two.

    `after` is the seal that the first run may follow: of the last run of an archive that is kept elsewhere.
    """
    every = list(chain)
    known = {after, *(link.seal for link in every)}
    following: dict[str, list[Link]] = defaultdict(list)
    for link in every:
        following[link.previous].append(link)
        if link.previous not in known:
            yield f"{link.folder} follows {_named(link.previous)}, and no run here has that seal"
    for seal, forked in following.items():
        if len(forked) > 1:
            names = " and ".join(str(link.folder) for link in forked)
            yield f"{names} both follow {_named(seal)}: one was put in, or the chain was forked"


def _named(seal: str) -> str:
    return f"the run with the seal {seal}" if seal else "no run"
