"""The configuration of a stack, as the engine gives it to the program and to the providers it makes itself.

Source: Pulumi's docs (Configuration, Project file reference), and its `default_providers.go`: a provider that
no program made gets the keys of its package's namespace, and what its plugin fills in.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from hardening.yaml_file import read_yaml
from infra.program_run.property_values import Secret

# What a provider's plugin fills in where nothing is set (pulumi-aws 7, `provider/resources.go`). The region
# of the environment is not among them: what one machine has set is nothing that a stack says.
FILLED_IN: Mapping[str, Mapping[str, str]] = {
    "aws": {"skipCredentialsValidation": "false", "skipRegionValidation": "true"},
}


def stack_configuration(folder: Path, stack: str) -> dict[str, str | Secret]:
    """The settings of Pulumi.yaml and `Pulumi.<stack>.yaml` in `folder`: `key` or `namespace:key` to a text.

    An encrypted one has no value here, but stays secret. A file that is not there says nothing.
    """
    found: dict[str, Any] = {}
    for key, item in _values(folder / "Pulumi.yaml").items():
        if not isinstance(item, Mapping):
            found[key] = item
        elif "value" in item or "default" in item:
            found[key] = item["value"] if "value" in item else item["default"]
    found |= _values(folder / f"Pulumi.{stack}.yaml")
    return {key: _text(value) for key, value in found.items()}


def provider_settings(configuration: Mapping[str, str | Secret], package: str) -> dict[str, str | Secret]:
    """The inputs of the provider that the engine makes of a package (`aws`), without its version."""
    own = {
        key.removeprefix(f"{package}:"): value
        for key, value in configuration.items()
        if key.startswith(f"{package}:")
    }
    return {**FILLED_IN.get(package, {}), **own}


def _values(file: Path) -> Mapping[str, Any]:
    read = read_yaml(file).data if file.is_file() else None
    found = read.get("config") if isinstance(read, Mapping) else None
    return found if isinstance(found, Mapping) else {}


def _text(value: Any) -> str | Secret:
    if isinstance(value, Mapping) and "secure" in value:
        return Secret("not known")
    return value if isinstance(value, str) else json.dumps(value)
