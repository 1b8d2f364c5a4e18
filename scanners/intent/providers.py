"""Providers in a state: which of them the engine made, and their settings in one form.

The engine makes a provider for each package that a resource needs without naming one, and gives it the
stack's configuration (Pulumi, `pkg/resource/deploy/default_providers.go`). With it go account, role, region
and endpoints of every resource, so it is held against today's configuration.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any, Final

from scanners.policy.stack import Resource

PROVIDER: Final = "pulumi:providers:"
# `DefaultName` of the engine: by the plugin's version, and by where it is from.
_DEFAULT: Final = re.compile(r"default(_\d+_\d+_\d+[\w.]*)?")
# The version of the plugin is that of the SDK on the machine that deployed last, not the program's to say.
_OF_THE_MACHINE: Final = frozenset({"version"})


def known_by(urn: str) -> str:
    """The URN without the plugin's version in the name of a provider that the engine made."""
    owner, _, name = urn.rpartition("::")
    of_provider = owner.rpartition("::")[2].startswith(PROVIDER)
    return f"{owner}::default" if of_provider and _DEFAULT.fullmatch(name) else urn


def settings(provider: Resource) -> dict[str, Any]:
    """What a provider is told, in one form: each input is a text, be it of a number, a list or an object."""
    return {name: _written(value) for name, value in provider.inputs.items() if name not in _OF_THE_MACHINE}


def _written(value: Any) -> Any:
    if isinstance(value, str):
        try:
            parsed = json.loads(value)
        except ValueError:
            return value
        return _written(parsed) if isinstance(parsed, list | dict) else value
    if isinstance(value, Mapping):
        return {name: _written(item) for name, item in value.items()}
    if isinstance(value, list | tuple):
        return [_written(item) for item in value]
    return json.dumps(value) if isinstance(value, bool | int | float) else value
