"""From one phase to the next: what `rampart up` looks at before it starts, and what it writes down."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from hardening.cli import say
from hardening.errors import CollectError
from infra.phases import COMPLETE, FOUNDATION, keys_left, never_back, steps_left
from infra.preflight.name_servers import is_delegated, name_servers
from infra.settings import Settings, load
from infra.stack_file import write_settings


def advanced(stack: str, folder: Path, settings: Settings, last: Mapping[str, Any]) -> Settings:
    """The settings of the phase to deploy; `last` are the stack's outputs of its last `up`.

    Where the foundation stands and nothing is missing, phase complete is written into the stack's file.
    Raises ConfigError for a step back.
    """
    never_back(last.get("phase"), settings.phase)
    stands = settings.phase == last.get("phase") == FOUNDATION
    if stands and not keys_left(settings) and _delegated(settings, last):
        write_settings(folder / f"Pulumi.{stack}.yaml", {"phase": COMPLETE})
        say(f"images are pinned and {settings.domain} is delegated: the stack's file says phase {COMPLETE}")
        settings = load(stack, folder)
    say(f"phase {settings.phase}")
    return settings


def say_what_is_left(settings: Settings) -> None:
    """After an `up`: what a person does before the next one."""
    for step in steps_left(settings):
        say(f"next: {step}")


def _delegated(settings: Settings, last: Mapping[str, Any]) -> bool:
    if settings.hosted_zone:
        return True
    try:
        found = name_servers(settings.domain)
    except CollectError as error:
        say(f"whether {settings.domain} is delegated is not known: {error.message}")
        return False
    if not is_delegated(found, last.get("nameServers") or ()):
        named = ", ".join(sorted(found)) or "none"
        say(f"{settings.domain} is not delegated yet: its name servers in the DNS are {named}")
        return False
    return True
