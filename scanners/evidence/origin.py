"""Where what a run judges comes from: account, stack, commit, inputs, and whose it is."""

from __future__ import annotations

import getpass
import hashlib
import subprocess
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from hardening.errors import RampartError
from hardening.registry.reader import read_registry
from scanners.drift.declared import account_of
from scanners.policy.stack import Stack
from scanners.target import Target

_OWNER_TAGS: Final = ("owner", "Owner")
_GIT_SECONDS: Final = 20.0


def origin(target: Target, stack: Stack, waivers: Path | None) -> dict[str, Any]:
    """What a manifest says of its subject. An empty text is what nobody knows.

    `account` is the one of the declared ARNs. `inputs` has the SHA-256 of registry, settings and waivers;
    `commit` is git's, with `-dirty` where the project holds what is not in it.
    """
    project = Path(target.project) if target.project else None
    return {
        "account": account_of(stack),
        "region": target.region,
        "stack": stack.name,
        "environment": target.environment,
        "commit": _commit(project) if project else "",
        "operator": _operator(),
        "inputs": {
            "registry": _digest(sorted(Path(target.partners).glob("*.yaml"))),
            "settings": _digest(sorted(project.glob("Pulumi*.yaml")) if project else ()),
            "waivers": _digest([waivers] if waivers else ()),
        },
    }


def partners_of(target: Target) -> Mapping[str, tuple[str, ...]]:
    """Each partner's name and callback hosts; none where the registry cannot be read (a finding says so)."""
    try:
        partners = read_registry(Path(target.partners))
    except RampartError:
        return {}
    return {one.name: tuple(place.host for place in one.callback_hosts) for one in partners}


def owners_of(stack: Stack) -> Mapping[str, str]:
    """URN to owner, for each resource with a tag `owner`."""
    return dict(_owners(stack))


def _owners(stack: Stack) -> Iterator[tuple[str, str]]:
    for resource in stack.resources:
        tags = resource.inputs.get("tags")
        if isinstance(tags, Mapping):
            named = [tags[name] for name in _OWNER_TAGS if isinstance(tags.get(name), str)]
            yield from ((resource.urn, owner) for owner in named[:1])


def _digest(files: Iterable[Path]) -> str:
    """One digest of several files, with their names; empty where there is none, or one cannot be read."""
    every = list(files)
    found = hashlib.sha256()
    try:
        for file in every:
            found.update(f"{hashlib.sha256(file.read_bytes()).hexdigest()}  {file.name}\n".encode())
    except OSError:
        return ""
    return found.hexdigest() if every else ""


def _commit(project: Path) -> str:
    head = _git(project, "rev-parse", "HEAD").strip()
    return f"{head}-dirty" if head and _git(project, "status", "--porcelain").strip() else head


def _git(project: Path, *words: str) -> str:
    try:
        done = subprocess.run(  # noqa: S603  (fixed words, no shell)
            ["git", "-C", str(project), *words],  # noqa: S607  (the git that the operator uses)
            stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=_GIT_SECONDS, check=False,
        )  # fmt: skip
    except (OSError, subprocess.TimeoutExpired, UnicodeDecodeError):
        return ""
    return done.stdout if done.returncode == 0 else ""


def _operator() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # nobody's user id, as in a container
        return ""
