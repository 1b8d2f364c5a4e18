"""Which tests reach which functions, and how long each takes: noted by a plugin of pytest."""

from __future__ import annotations

import json
import os
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from types import FrameType
from typing import Any

import pytest

from tests.mutation.mutations import MODULE, Mutation

# A mutation is tried on tests that take this long together, the quickest first.
_SECONDS = 30.0
_TESTS = 300


@dataclass(frozen=True, slots=True)
class Reach:
    """One test that passes: what it reaches, as `module function`, and its seconds."""

    test: str
    seconds: float
    functions: list[str] = field(default_factory=list)


class Noting:
    """A plugin that notes what each test reaches, in the modules of one area."""

    def __init__(self, root: Path, modules: Sequence[str], file: Path) -> None:
        self._modules = {str(root / module): module for module in modules}
        self._file = file
        self._reached: set[str] = set()
        self._found: list[Reach] = []

    def _profile(self, frame: FrameType, event: str, _: Any) -> None:
        code = frame.f_code
        if event == "call" and code.co_filename in self._modules:
            name = code.co_qualname.partition(".<locals>")[0]
            function = MODULE if name.startswith("<") else name
            self._reached.add(f"{self._modules[code.co_filename]} {function}")

    @pytest.hookimpl(hookwrapper=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Iterator[None]:
        """Note what the test reaches, with the making of its fixtures."""
        self._reached = set()
        started = time.monotonic()
        threading.setprofile(self._profile)
        sys.setprofile(self._profile)
        yield
        sys.setprofile(None)
        threading.setprofile(None)
        took = time.monotonic() - started
        self._found.append(Reach(item.nodeid, took, sorted(self._reached)))

    @pytest.hookimpl(hookwrapper=True)
    def pytest_runtest_makereport(self, item: pytest.Item) -> Iterator[None]:
        """A test that does not pass proves nothing later."""
        outcome: Any = yield
        report = outcome.get_result()
        if not report.passed:
            self._reached.clear()

    def pytest_sessionfinish(self) -> None:
        """Write what was found."""
        self._file.write_text(json.dumps([asdict(one) for one in self._found if one.functions]))


class Selected:
    """A plugin that runs the named tests alone, in the given order, and says which failed."""

    def __init__(self, tests: Sequence[str], file: Path) -> None:
        self._order = {test: place for place, test in enumerate(tests)}
        self._file = file

    def pytest_collection(self) -> None:
        """A property test tries the same examples each time, so a verdict can be repeated."""
        from hypothesis import settings

        settings.register_profile("mutation", deadline=None, derandomize=True, database=None)
        settings.load_profile("mutation")

    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        """Keep what was named."""
        items[:] = sorted(
            (item for item in items if item.nodeid in self._order), key=lambda item: self._order[item.nodeid]
        )

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """The first failure ends the run."""
        if report.failed:
            self._file.write_text(report.nodeid)

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        """A module that no longer imports fails its tests."""
        if report.failed:
            self._file.write_text(report.nodeid)


def nearest(one: Mutation, reaches: Sequence[Reach]) -> list[str]:
    """The tests that a mutation is tried on: what reaches its function, then its module; quick ones first.

    Half of the time is for one case of each test: the hundreds of one table leave room for the others.
    """
    place = f"{one.module} {one.function}"
    direct = [reach for reach in reaches if place in reach.functions]
    module = [
        reach
        for reach in reaches
        if reach not in direct and any(name.startswith(f"{one.module} ") for name in reach.functions)
    ]
    near = [*_quickest(direct), *_quickest(module)[: _TESTS // 3]] or _quickest(reaches)[: _TESTS // 5]
    varied = _within(_SECONDS / 2, _one_of_each(near)[:_TESTS])
    others = [reach for reach in near if reach not in varied][: _TESTS - len(varied)]
    return [reach.test for reach in _quickest([*varied, *_within(_SECONDS / 2, others)])]


def _one_of_each(reaches: Sequence[Reach]) -> list[Reach]:
    """The first case of each test."""
    return list({reach.test.partition("[")[0]: reach for reach in reversed(reaches)}.values())[::-1]


def _within(seconds: float, reaches: Sequence[Reach]) -> list[Reach]:
    """The first of these that take so long together, and one at least."""
    chosen: list[Reach] = []
    for reach in reaches:
        if not chosen or seconds >= reach.seconds:
            chosen.append(reach)
            seconds -= reach.seconds
    return chosen


def _quickest(reaches: Sequence[Reach]) -> list[Reach]:
    return sorted(reaches, key=lambda reach: reach.seconds)


def read(file: Path) -> list[Reach]:
    """What a run of `Noting` wrote."""
    return [Reach(**one) for one in json.loads(file.read_text())] if file.exists() else []


def quiet() -> None:
    """What the tests print is nobody's to read."""
    null = os.open(os.devnull, os.O_WRONLY)
    os.dup2(null, 1)
    os.dup2(null, 2)
