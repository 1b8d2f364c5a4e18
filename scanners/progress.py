"""What is under way, shown on a terminal only: a log or a pipe gets nothing."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager


def wanted() -> bool:
    """Whether a person watches: stderr is a terminal, and this is not CI."""
    return sys.stderr.isatty() and not os.environ.get("CI")


@contextmanager
def steps(names: Sequence[str]) -> Iterator[Callable[[str], None]]:
    """Show each name with a spinner and its time, until the function given here is called with it."""
    if not wanted():
        yield lambda _: None
        return
    from rich.console import Console  # not for those who watch nothing
    from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

    columns = (SpinnerColumn(finished_text="✓"), TextColumn("{task.description}"), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True)) as progress:
        tasks = {name: progress.add_task(name, total=1) for name in names}
        yield lambda name: progress.update(tasks[name], completed=1)
