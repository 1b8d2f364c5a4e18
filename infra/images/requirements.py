"""What of the lock an image needs, and the SBOM of it."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from importlib.metadata import PackageNotFoundError, requires
from typing import Any
from uuid import UUID

from hardening.errors import ConfigError

_ENTRY = re.compile(r"^([A-Za-z0-9][\w.-]*)==([^\s;]+)[^\n]*(?:\n[ \t]+[^\n]+)*", re.MULTILINE)
_HASH = re.compile(r"--hash=sha256:([0-9a-f]{64})")
_NAME = re.compile(r"[A-Za-z0-9][\w.-]*")


def locked(lock: str) -> dict[str, str]:
    """Each package of a `requirements.lock` with its entry: version, marker and hashes."""
    return {_normal(match[1]): match[0] for match in _ENTRY.finditer(lock)}


def needed(roots: Iterable[str], lock: Mapping[str, str]) -> tuple[str, ...]:
    """`roots` and what they depend on, sorted. Raises ConfigError for a root that is not in the lock."""
    found: set[str] = set()
    waiting = [_normal(root) for root in roots]
    for root in waiting:
        if root not in lock:
            raise ConfigError(f"requirements.lock: no entry for {root}", "run .ci/lock")
    while waiting:
        name = waiting.pop()
        if name in lock and name not in found:
            found.add(name)
            waiting += _dependencies(name)
    return tuple(sorted(found))


def requirements(names: Iterable[str], lock: Mapping[str, str]) -> str:
    """The entries of `names` as a requirements file with hashes."""
    return "".join(f"{lock[name]}\n" for name in names)


def sbom(image: str, names: Iterable[str], lock: Mapping[str, str]) -> str:
    """The packages as a CycloneDX 1.6 document, the same for the same lock (CycloneDX specification)."""
    components = [_component(name, lock[name]) for name in names]
    content = json.dumps([image, components], sort_keys=True)
    document = {
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "serialNumber": UUID(bytes=hashlib.sha256(content.encode()).digest()[:16], version=4).urn,
        "version": 1,
        "metadata": {"component": {"type": "container", "name": f"rampart-{image}", "bom-ref": image}},
        "components": components,
    }
    return json.dumps(document, indent=1) + "\n"


def _component(name: str, entry: str) -> dict[str, Any]:
    match = _ENTRY.match(entry)
    if match is None:
        raise ConfigError(f"requirements.lock: {name}: not an entry")
    purl = f"pkg:pypi/{name}@{match[2]}"
    # One hash a file of the package: which file is installed depends on the platform.
    files = [{"type": "distribution", "url": purl, "hashes": [_sha256(one)]} for one in _HASH.findall(entry)]
    return {
        "type": "library",
        "name": name,
        "version": match[2],
        "purl": purl,
        "bom-ref": purl,
        "externalReferences": files,
    }


def _sha256(content: str) -> dict[str, str]:
    return {"alg": "SHA-256", "content": content}


def _dependencies(name: str) -> Iterator[str]:
    """What a package asks for on any platform, without its extras."""
    try:
        asked = requires(name) or []
    except PackageNotFoundError:
        raise ConfigError(f"{name} is not installed here", "uv sync") from None
    for one in asked:
        match = _NAME.match(one)
        if match and "extra ==" not in one:
            yield _normal(match.group())


def _normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()
