"""Run the Pulumi program in this process, against a cloud of our own."""

from __future__ import annotations

import asyncio
import gc
import logging
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from pulumi.runtime import settings
from pulumi.runtime.mocks import MockEngine, MockSettings
from pulumi.runtime.stack import run_in_stack

import infra
from infra.program_run.deployment import Deployment
from infra.program_run.monitor import Cloud, Created, ProgramMonitor, StackName
from infra.program_run.placeholders import placeholder
from infra.program_run.property_values import Secret

# Where the program's own files stand, which source positions are relative to.
SOURCE_ROOT = Path(infra.__file__).resolve().parent.parent

# Seconds between looks at whether somebody interrupts.
_LISTENING = 0.1


class Unplanned:
    """The cloud of a dry run: nothing is created, and what AWS would answer is unknown."""

    def create(self, urn: str, kind: str, inputs: Mapping[str, Any]) -> Created:
        """No id: whatever depends on it becomes unknown."""
        return Created("", {})

    def read(self, kind: str, identifier: str) -> Created:
        """Only the id is known."""
        return Created(identifier, {})

    def invoke(self, token: str, arguments: Mapping[str, Any]) -> Mapping[str, Any]:
        """Nothing is asked: every field of the answer is unknown."""
        return placeholder(token, arguments)


def run_program(
    program: Callable[[], object],
    name: StackName,
    cloud: Cloud,
    deployment: Deployment,
    *,
    root: Path,
    configuration: Mapping[str, str | Secret] | None = None,
) -> None:
    """Run `program` as a stack: its resources are created in `cloud` and recorded in `deployment`.

    `root` is the project's folder; `configuration` is what its providers are given. With `Unplanned` as the
    cloud it is a dry run. Raises what the program, or the first create that failed, raised.
    """
    monitor = ProgramMonitor(name, cloud, deployment, root, configuration or {})
    raised: list[BaseException] = []

    def work() -> None:
        try:
            _run(program, name, monitor, dry_run=isinstance(cloud, Unplanned))
        except BaseException as failure:  # the edge of this thread; raised again below
            raised.append(failure)

    # Not in this thread: an interruption in the midst of Pulumi's event loop would wait for it for ever.
    thread = threading.Thread(target=work, name="program", daemon=True)
    try:
        with _no_collection_of_garbage():
            thread.start()
            while thread.is_alive():
                thread.join(_LISTENING)
    except BaseException as interruption:
        monitor.stop(interruption)
        raise
    finally:
        deployment.write()
    if raised:
        # What arrived is any of the failures that followed; the first one says what went wrong.
        raise (monitor.failure or raised[0]) from None


@contextmanager
def _no_collection_of_garbage() -> Iterator[None]:
    """Pulumi's modules make objects by the hundred thousand and drop none: to look through them again and
    again takes a sixth of the time."""
    collecting = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if collecting:
            gc.enable()


def _run(program: Callable[[], object], name: StackName, monitor: ProgramMonitor, *, dry_run: bool) -> None:
    quiet = logging.getLogger("rampart.pulumi")
    quiet.addHandler(logging.NullHandler())
    quiet.propagate = False
    settings.configure(
        MockSettings(  # type: ignore[no-untyped-call]  # the SDK leaves its testing part untyped
            monitor=monitor,
            monitor_features=set(),  # asked of the monitor by `run_in_stack`
            engine=MockEngine(quiet),
            project=name.project,
            stack=name.stack,
            dry_run=dry_run,
            organization="organization",
            callbacks=None,
        )
    )
    # What a run that failed left behind waits for an event loop that is closed.
    settings.SETTINGS.outputs.clear()
    settings.set_root_resource(None)  # type: ignore[arg-type]  # the SDK's own way to forget a stack

    def declare() -> None:
        program()

    async def main() -> None:
        # When one create fails, those that wait for it fail too; the first failure is the one to tell.
        asyncio.get_running_loop().set_exception_handler(lambda _loop, _context: None)
        await run_in_stack(declare)

    asyncio.run(main())
