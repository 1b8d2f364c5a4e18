"""A partner's two secrets in Secrets Manager; staging labels carry the states.

AWSPREVIOUS follows AWSCURRENT by itself (Secrets Manager API, UpdateSecretVersionStage).
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from hardening.rotation.connection import Secret, Stage

# The stage of a token that only registers, which an operator may read and hand over. Registration revokes
# that token and leaves the stage where it is, so a token that is in use never has it.
REGISTRATION = "REGISTRATION"


class SecretsVault:
    """See `Vault`. Errors of Secrets Manager go to the caller."""

    def __init__(self, client: Any, prefix: str, versions: Mapping[str, str] | None = None) -> None:
        """`client`: a boto3 client of Secrets Manager. `prefix` is the secrets' name without the direction.

        `versions` maps a direction to the version id that Secrets Manager wants the next version to have.
        """
        self._client = client
        self._prefix = prefix
        self._versions = dict(versions or {})

    def read(self, direction: str, stage: Stage) -> Secret | None:
        """See `Vault`. Raises ValueError for a secret that is none of ours, without its text."""
        held = self._held(direction)
        version = held.get(stage)
        if version is None or (stage is Stage.PENDING and version == held.get(Stage.CURRENT)):
            return None
        return self.read_version(direction, version)

    def read_version(self, direction: str, version: str) -> Secret | None:
        """The version of this id, whatever its label; None where there is none."""
        name = self._name(direction)
        try:
            found = self._client.get_secret_value(SecretId=name, VersionId=version)
        except self._client.exceptions.ResourceNotFoundException:
            return None
        return secret_of(found["SecretString"])

    def write_pending(self, direction: str, secret: Secret) -> None:
        """See `Vault`."""
        wanted = self._versions.pop(direction, "")
        # Secrets Manager lists the version that it wants from the start, without a value.
        if not wanted or self.read_version(direction, wanted) is not None:
            wanted = str(uuid.uuid4())
        self._client.put_secret_value(
            SecretId=self._name(direction),
            ClientRequestToken=wanted,
            SecretString=text_of(secret),
            VersionStages=[Stage.PENDING],
        )

    def promote(self, direction: str) -> None:
        """See `Vault`. The pending label stays: its version being current says that a rotation has ended."""
        held = self._held(direction)
        pending = held.get(Stage.PENDING)
        if pending is not None:
            self._move(direction, Stage.CURRENT, pending, held)

    def discard(self, direction: str) -> None:
        """See `Vault`."""
        held = self._held(direction)
        pending = held.get(Stage.PENDING)
        if pending is not None and pending != held.get(Stage.CURRENT):
            self._client.update_secret_version_stage(
                SecretId=self._name(direction), VersionStage=Stage.PENDING, RemoveFromVersionId=pending
            )

    def waits(self, direction: str) -> bool:
        """See `Vault`. One that is still empty counts: a rotation began, or died, before it was made."""
        held = self._held(direction)
        return Stage.PENDING in held and held[Stage.PENDING] != held.get(Stage.CURRENT)

    def label(self, direction: str, stage: str, version: str) -> None:
        """Move a staging label to the version of this id."""
        self._move(direction, stage, version, self._held(direction))

    def _move(self, direction: str, stage: str, version: str, held: Mapping[str, str]) -> None:
        holder = held.get(stage)
        if holder == version:
            return
        moved = {} if holder is None else {"RemoveFromVersionId": holder}
        self._client.update_secret_version_stage(
            SecretId=self._name(direction), VersionStage=stage, MoveToVersionId=version, **moved
        )

    def _name(self, direction: str) -> str:
        return f"{self._prefix}/{direction}"

    def _held(self, direction: str) -> dict[str, str]:
        """Staging label to version id."""
        found = self._client.describe_secret(SecretId=self._name(direction))
        versions: Mapping[str, list[str]] = found.get("VersionIdsToStages") or {}
        return {stage: version for version, stages in versions.items() for stage in stages}


def text_of(secret: Secret) -> str:
    """A secret as JSON; an inbound one is its token and nothing else."""
    plain = {name: value for name, value in asdict(secret).items() if value not in ("", {}, (), True)}
    return json.dumps(plain, sort_keys=True)


def secret_of(text: str) -> Secret:
    """The secret that `text_of` wrote. Raises ValueError for any other text, without it."""
    try:
        plain = json.loads(text)
        return Secret(**{**plain, "modules": tuple(plain.get("modules", ()))})
    except (AttributeError, TypeError, ValueError):
        raise ValueError("a secret that is not in the form of this program") from None
