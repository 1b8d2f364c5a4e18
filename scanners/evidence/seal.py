"""The seal of a run's folder: digests of every file, and of the run before.

`manifest.json` holds size, SHA-256 and block sums of each file, and the digest of the previous run's
manifest: runs form a chain. `SHA256SUMS` holds the same digests in the form that `sha256sum -c`
reads, so an auditor needs nothing of ours. The block sums find which byte was touched; what proves
that one was is the SHA-256.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import accumulate
from pathlib import Path
from typing import Any

from hardening.errors import ConfigError
from scanners.report.json_text import as_text

MANIFEST = "manifest.json"
SUMS = "SHA256SUMS"
STATEMENT = "statement.dsse.json"  # the signature over the manifest, where somebody signed
FORMAT = "rampart-evidence/1"
_BLOCK = 4096


@dataclass(frozen=True, slots=True)
class Fault:
    """A file that is not what was sealed."""

    file: str
    problem: str


def seal(folder: Path, facts: dict[str, Any], previous: str) -> str:
    """Seal all files of `folder` and give the digest. `previous` is the run before's (empty: the first)."""
    files = {name: _describe((folder / name).read_bytes()) for name in _names(folder)}
    manifest = {"format": FORMAT, **facts, "previous": previous, "files": files}
    text = as_text(manifest)
    (folder / MANIFEST).write_text(text, encoding="utf-8")
    digest = hashlib.sha256(text.encode()).hexdigest()
    (folder / SUMS).write_text(_sums({**_digests(files), MANIFEST: digest}), encoding="utf-8")
    return digest


def digest_of(folder: Path) -> str:
    """The digest of a sealed run: the SHA-256 of its manifest."""
    return hashlib.sha256((folder / MANIFEST).read_bytes()).hexdigest()


def faults(folder: Path) -> Iterator[Fault]:
    """Everything in `folder` that differs from what was sealed. Raises ConfigError if it was never sealed."""
    manifest = read_manifest(folder)
    files: dict[str, Any] = manifest["files"]
    yield from _disguised(folder, manifest)
    present = set(_names(folder))
    for name in sorted(present - set(files)):
        yield Fault(name, "was not there when the run was sealed")
    for name, sealed in files.items():
        if name not in present:
            yield Fault(name, "is missing")
        else:
            problem = _difference((folder / name).read_bytes(), sealed)
            if problem:
                yield Fault(name, problem)
    expected = _sums({**_digests(files), MANIFEST: digest_of(folder)})
    sums = folder / SUMS
    if not sums.is_file():
        yield Fault(SUMS, "is missing")
    elif sums.read_text(encoding="utf-8", errors="replace") != expected:
        yield Fault(SUMS, f"does not agree with {MANIFEST}: one of the two was touched")


def _disguised(folder: Path, manifest: dict[str, Any]) -> Iterator[Fault]:
    """A run under another name, and what is neither a folder nor a file: what a link leads to can change."""
    if folder.is_symlink():
        yield Fault(".", "is a link: a run is a folder")
    if manifest.get("name", folder.resolve().name) != folder.resolve().name:
        yield Fault(".", f"was sealed as {manifest['name']}")
    for path in sorted(folder.rglob("*")):
        if path.is_symlink():
            yield Fault(path.relative_to(folder).as_posix(), "is a link: it was a file when it was sealed")
        elif not path.is_dir() and not path.is_file():
            yield Fault(path.relative_to(folder).as_posix(), "is neither a file nor a folder")


def read_manifest(folder: Path) -> dict[str, Any]:
    """The manifest of a sealed run. Raises ConfigError."""
    hint = "name a folder that `rampart evidence build` wrote"
    try:
        manifest = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
    except (FileNotFoundError, NotADirectoryError):
        raise ConfigError(f"{folder}: no {MANIFEST} in it", hint) from None
    except OSError as error:
        raise ConfigError(f"{folder / MANIFEST}: {error.strerror}", hint) from None
    except ValueError as error:
        raise ConfigError(f"{folder / MANIFEST}: not JSON ({error}): it was touched", hint) from None
    if not isinstance(manifest, dict) or manifest.get("format") != FORMAT:
        raise ConfigError(f"{folder / MANIFEST}: expected format {FORMAT}", hint)
    if not _is_whole(manifest):
        raise ConfigError(f"{folder / MANIFEST}: files without digests: it was touched", hint)
    return manifest


def _is_whole(manifest: dict[str, Any]) -> bool:
    """Whether each file has what `seal` wrote for it: somebody else may have written this manifest."""
    files = manifest.get("files")
    return isinstance(files, dict) and all(
        isinstance(entry, dict)
        and isinstance(entry.get("sha256"), str)
        and isinstance(entry.get("size"), int)
        and isinstance(entry.get("blocks"), list)
        for entry in files.values()
    )


def _names(folder: Path) -> list[str]:
    found = (path for path in folder.rglob("*") if path.is_file() and not path.is_symlink())
    return sorted(
        p.relative_to(folder).as_posix()
        for p in found
        if p.parent != folder or p.name not in (MANIFEST, SUMS, STATEMENT)
    )


def _digests(files: dict[str, Any]) -> dict[str, str]:
    return {name: entry["sha256"] for name, entry in files.items()}


def _sums(digests: dict[str, str]) -> str:
    return "".join(f"{digest}  {name}\n" for name, digest in sorted(digests.items()))


def _describe(content: bytes) -> dict[str, Any]:
    return {
        "size": len(content),
        "sha256": hashlib.sha256(content).hexdigest(),
        "blocks": [_block_sums(block) for block in _blocks(content)],
    }


def _blocks(content: bytes) -> Iterator[bytes]:
    for start in range(0, len(content), _BLOCK):
        yield content[start : start + _BLOCK]


def _block_sums(block: bytes) -> list[int]:
    """The sum of the bytes, and the sum weighted by position: together they locate one changed byte."""
    total = sum(block)
    # The prefix sums count each byte once for itself and for each that follows.
    return [total, len(block) * total - sum(accumulate(block))]


def _difference(content: bytes, sealed: dict[str, Any]) -> str:
    """How `content` differs from what was sealed, to the byte if it can be known; empty if it does not."""
    if hashlib.sha256(content).hexdigest() == sealed["sha256"]:
        return ""
    size = (
        f"; it has {len(content)} bytes instead of {sealed['size']}" if len(content) != sealed["size"] else ""
    )
    for number, (block, sums) in enumerate(zip(_blocks(content), sealed["blocks"], strict=False)):
        total, weighted = (now - then for now, then in zip(_block_sums(block), sums, strict=True))
        start = number * _BLOCK
        if total and weighted % total == 0 and 0 <= weighted // total < len(block):
            return f"was touched at byte {start + weighted // total}{size}"
        if total or weighted:
            return f"was touched between bytes {start} and {start + len(block) - 1}{size}"
    return f"was touched{size or ' in a way that keeps all block sums'}"
