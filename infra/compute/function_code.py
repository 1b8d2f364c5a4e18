"""The code of the Lambda functions: an archive that is the same for the same sources.

It holds what the functions import and nothing else: no third-party package, so nothing must be compiled
for Lambda, and no bytecode cache.
"""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

import pulumi

ROOT = Path(__file__).resolve().parents[2]
_FOLDERS = ("hardening", "infra/runtime/functions")
_FILES = (
    "infra/__init__.py",
    "infra/runtime/__init__.py",
    "infra/runtime/policy_service/__init__.py",
    "infra/runtime/policy_service/stores.py",
)


def sources() -> dict[str, Path]:
    """The files of the archive: path in the archive to file, sorted by path."""
    found = [ROOT / file for file in _FILES]
    for folder in _FOLDERS:
        found += [p for p in (ROOT / folder).rglob("*") if p.suffix in {".py", ".json", ".gz"}]
    return {path.relative_to(ROOT).as_posix(): path for path in sorted(found)}


def archive() -> tuple[pulumi.AssetArchive, str]:
    """The archive, and the SHA-256 of its content (hexadecimal) that names it."""
    digest = hashlib.sha256()
    assets: dict[str, pulumi.Asset | pulumi.Archive] = {}
    for name, path in sources().items():
        digest.update(name.encode() + b"\0" + path.read_bytes())
        # Relative: the state must not say where on which machine it was built.
        assets[name] = pulumi.FileAsset(os.path.relpath(path))
    return pulumi.AssetArchive(assets), digest.hexdigest()
