"""Runs mutations of the product code, each against its nearest tests, in a copy of the project.

The process that runs this never imports what is mutated. Each mutation is tried in a child that imports the
copy: what is slow to import and not ours is there already.
"""

from __future__ import annotations

import importlib
import os
import resource
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Container, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import pytest

from tests.mutation.code_areas import AREAS, ROOT, Area, drawn
from tests.mutation.mutations import Mutation
from tests.mutation.nearest import Noting, Reach, Selected, nearest, quiet, read

_CPU_SECONDS: Final = 60  # of a child: what takes longer than this runs for ever
_WALL_SECONDS: Final = 150
_PRELOADED: Final = (
    "aiohttp", "boto3", "click", "cryptography.x509", "hypothesis.strategies", "jinja2", "msgspec", "moto",
    "psutil", "pulumi", "pulumi_aws", "pytest_timeout", "rich.console", "ruamel.yaml",
    "sslyze", "trustme", "yaml",
)  # fmt: skip
_OURS: Final = ("hardening", "infra", "scanners", "tests")


@dataclass(frozen=True, slots=True)
class Verdict:
    """What became of a mutation: the test that failed, `time` where none ended, or nothing: it survived."""

    mutation: str
    killer: str = ""


@contextmanager
def copied() -> Iterator[Path]:
    """A copy of the project, with what is not committed yet; it is gone afterwards."""
    listed = subprocess.run(
        ["git", "ls-files", "-coz", "--exclude-standard"], cwd=ROOT, capture_output=True, check=True
    ).stdout
    with tempfile.TemporaryDirectory(prefix="mutations-") as folder:
        copy = Path(folder)
        for name in filter(None, listed.decode().split("\0")):
            if (ROOT / name).is_file():
                (copy / name).parent.mkdir(parents=True, exist_ok=True)
                shutil.copy2(ROOT / name, copy / name)
        yield copy


def preload() -> None:
    """Import what the children need and is not ours."""
    for name in _PRELOADED:
        with suppress(ImportError):
            importlib.import_module(name)


def reaches(copy: Path, area: Area) -> list[Reach]:
    """What each nearest test of an area reaches, on the code as it is."""
    file = copy / "reaches.json"
    file.unlink(missing_ok=True)
    noting = Noting(copy, list(area.paths()), file)
    _in_child(copy, lambda: _tests(area.tests, noting), cpu=600, wall=900)
    return read(file)


def tried(copy: Path, mutation: Mutation, tests: Sequence[str]) -> Verdict:
    """One mutation on the given tests. It survives where there is none."""
    if not tests:
        return Verdict(mutation.name)
    path, failed = copy / mutation.module, copy / "failed"
    failed.unlink(missing_ok=True)
    before, status = path.read_text(encoding="utf-8"), path.stat()
    path.write_text(mutation.source, encoding="utf-8")
    try:
        files = sorted({test.partition("::")[0] for test in tests})
        ended = _in_child(
            copy, lambda: _tests(files, Selected(tests, failed)), cpu=_CPU_SECONDS, wall=_WALL_SECONDS
        )
    finally:
        path.write_text(before, encoding="utf-8")
        os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))  # its bytecode is valid again
    if failed.exists():
        return Verdict(mutation.name, failed.read_text())
    if ended is None:
        return Verdict(mutation.name, "time")
    noticed = ended not in (pytest.ExitCode.OK, pytest.ExitCode.NO_TESTS_COLLECTED)
    return Verdict(mutation.name, f"exit {ended}" if noticed else "")


def _tests(paths: Sequence[str], plugin: object) -> int:
    options = ["-x", "-q", "-p", "no:cacheprovider", "--timeout=60", "--no-header"]
    if isinstance(plugin, Noting):
        options.remove("-x")
    return int(pytest.main([*options, *paths], plugins=[plugin]))


def _in_child(copy: Path, task: Callable[[], int], *, cpu: int, wall: int) -> int | None:
    """The exit code of the task in a child over the copy; None where it took too long."""
    child = os.fork()
    if child == 0:
        _become_child(copy, cpu, noting=cpu > _CPU_SECONDS)
        code = 1
        try:
            code = task()
        finally:
            os._exit(code)
    ended = _waited(child, wall)
    with suppress(ProcessLookupError):  # what the tests started goes with it
        os.killpg(child, signal.SIGKILL)
    return ended


def _become_child(copy: Path, cpu: int, *, noting: bool) -> None:
    os.setsid()
    quiet()
    os.chdir(copy)
    sys.path_importer_cache.clear()
    importlib.invalidate_caches()
    resource.setrlimit(resource.RLIMIT_CPU, (cpu, cpu))
    if not noting:  # bytecode is of the code as it is
        sys.dont_write_bytecode = True
        os.environ["PYTHONDONTWRITEBYTECODE"] = "1"
    os.environ["PYTHONPATH"] = str(copy)
    sys.path[:] = [str(copy), *(path for path in sys.path if path not in ("", str(ROOT)))]
    for name in [name for name in sys.modules if name.partition(".")[0] in _OURS]:
        del sys.modules[name]


def _waited(child: int, wall: int) -> int | None:
    until = time.monotonic() + wall
    while time.monotonic() < until:
        done, status = os.waitpid(child, os.WNOHANG)
        if done:
            return None if os.WIFSIGNALED(status) else os.waitstatus_to_exitcode(status)
        time.sleep(0.02)
    os.killpg(child, signal.SIGKILL)
    os.waitpid(child, 0)
    return None


def judge(name: str, known: Container[str]) -> Iterator[Verdict]:
    """Each drawn mutation of an area that is not known, on the tests that reach it."""
    preload()
    with copied() as copy:
        area = AREAS[name]
        found = reaches(copy, area)
        for mutation in drawn(area):
            if mutation.name not in known:
                yield tried(copy, mutation, nearest(mutation, found))


def again(verdicts: Mapping[str, str]) -> list[Verdict]:
    """Killed mutations once more, each on the test that killed it."""
    every = {one.name: one for area in AREAS.values() for one in drawn(area)}
    preload()
    with copied() as copy:
        return [tried(copy, every[name], [killer]) for name, killer in verdicts.items() if name in every]
