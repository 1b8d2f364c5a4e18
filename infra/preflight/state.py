"""The stack's state: what of the stack stands already, and what encrypts the secrets in it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from hardening.errors import ConfigError
from hardening.yaml_file import read_yaml
from infra.preflight.requirement import Results, met, unmet


def urns_of(file: Path) -> frozenset[str]:
    """The URNs in what `pulumi stack export` writes. Raises ConfigError."""
    try:
        return urns_in(json.loads(file.read_text(encoding="utf-8"))["deployment"])
    except (OSError, ValueError, LookupError, TypeError, AttributeError):
        raise ConfigError(f"{file}: not a deployment", "expected what `pulumi stack export` writes") from None


def urns_in(deployment: Mapping[str, Any]) -> frozenset[str]:
    """The URNs of a deployment; none for a stack that was never deployed."""
    return frozenset(str(one["urn"]) for one in deployment.get("resources") or ())


def project_of(folder: Path) -> str:
    """The project's name in Pulumi.yaml: a part of every URN. Raises ConfigError."""
    file = folder / "Pulumi.yaml"
    data = read_yaml(file, file.name).data if file.is_file() else None
    name = data.get("name") if isinstance(data, dict) else None
    if not isinstance(name, str):
        raise ConfigError(
            f"{file.name}: name: expected the project's name", "run this in the project's folder"
        )
    return name


def look_up_secrets_provider(file: Path, results: Results) -> None:
    """Secrets in the state are under a KMS key: a passphrase is shared, and nobody sees who uses it.

    Pulumi's documentation, "Secrets": the stack's file names the provider once the stack is there.
    """
    what, needed = "secrets provider of the state", "awskms://"
    data = read_yaml(file, file.name).data if file.is_file() else None
    provider = str(data.get("secretsprovider") or "") if isinstance(data, dict) else ""
    if provider.startswith(needed):
        results.all.append(met(what, provider.partition("?")[0], needed))
    else:
        mend = "pulumi stack change-secrets-provider 'awskms://alias/YOUR-STATE-KEY?region=REGION'"
        found = provider.partition("://")[0] or "a passphrase, or the backend's default"
        results.all.append(unmet(what, found, needed, mend))
