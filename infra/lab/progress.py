"""What a person sees while the lab comes up: one moving line on a terminal, plain lines elsewhere."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console

from hardening.cli import say


@contextmanager
def steps() -> Iterator[Callable[[str], None]]:
    """A function that tells the step under way, on stderr.

    A step that starts with a space is a detail: it moves the line on a terminal, and is left out of
    plain output.
    """
    console = Console(stderr=True)
    if not console.is_terminal or "CI" in os.environ:
        yield lambda step: None if step.startswith(" ") else say(step)
        return
    with console.status("rampart: starting") as line:
        yield lambda step: line.update(f"rampart:{step}" if step.startswith(" ") else f"rampart: {step}")
