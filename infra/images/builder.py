"""The program that builds and pushes: docker, podman or buildah, whichever is there."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from hardening.errors import ConfigError
from infra.images.context import Context

BUILDERS = ("docker", "podman", "buildah")
# What Fargate runs (infra/compute/ecs.py).
PLATFORM = "linux/amd64"


@dataclass(frozen=True, slots=True)
class Builder:
    """One of `BUILDERS`, which take the same commands."""

    name: str

    def build(self, context: Context, base: str, pip_config: Path | None, options: Sequence[str]) -> str:
        """Build an image and return its local name. `options` are the builder's own. Raises ConfigError."""
        name = local_name(context.image, context.tag)
        secret = ["--secret", f"id=pip,src={pip_config}"] if pip_config else []
        self._run(
            "build",
            *("--file", str(context.folder / "Containerfile"), "--target", context.image),
            *("--build-arg", f"BASE_IMAGE={base}", "--platform", PLATFORM, "--tag", name),
            *secret,
            *options,
            str(context.folder),
        )
        return name

    def log_in(self, registry: str, password: str) -> None:
        """Log in to ECR; the password goes through standard input, and is in no argument."""
        self._run("login", "--username", "AWS", "--password-stdin", registry, given=password)

    def push(self, local: str, remote: str) -> None:
        """Push a local image under its name in the registry."""
        self._run("tag", local, remote)
        self._run("push", remote)

    def _run(self, *arguments: str, given: str = "") -> None:
        command = [self.name, *arguments]
        try:
            done = subprocess.run(command, input=given, text=True, check=False)  # noqa: S603  (no shell)
        except OSError as error:
            raise ConfigError(f"{self.name} does not start: {error.strerror}") from None
        if done.returncode:
            raise ConfigError(f"{self.name} {arguments[0]} failed with code {done.returncode}", "see above")


def find_builder(name: str | None = None) -> Builder:
    """The builder called `name`, or the first that is on the PATH. Raises ConfigError."""
    for one in (name,) if name else BUILDERS:
        if shutil.which(one):
            return Builder(one)
    raise ConfigError(
        f"no {name or ', '.join(BUILDERS)} on the PATH", "install one of docker, podman and buildah"
    )


def local_name(image: str, tag: str) -> str:
    """The name of an image on this machine."""
    return f"localhost/rampart-{image}:{tag}"
