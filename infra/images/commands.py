"""`rampart images`: build, push and pin the images of a stack."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click

from hardening.cli import Exit, say
from hardening.errors import ConfigError
from infra.images.builder import BUILDERS, Builder, find_builder, local_name
from infra.images.context import OWN, ROOTS, Context, prepare
from infra.images.registry import Repositories, repositories
from infra.settings import load
from infra.stack_file import write_settings

_FILE = click.Path(path_type=Path, exists=True, dir_okay=False)
_IMAGES = click.option(
    "--image",
    "images",
    type=click.Choice(sorted(ROOTS)),
    multiple=True,
    help="Default: guard and policy. `service` is the reference OCPI service.",
)
_STACK = click.option("--stack", required=True, help="The stack: its settings are in Pulumi.STACK.yaml.")
_AUTHORITY = click.option(
    "--service-authority",
    type=_FILE,
    help="The authority of your OCPI service's certificate (PEM), for the policy service's image.",
)
_BUILDER = click.option("--builder", type=click.Choice(BUILDERS), help="Default: the first that is there.")


@click.group()
def images() -> None:
    """Build, push and pin the images of guard and policy service."""


@images.command()
@_IMAGES
@_AUTHORITY
@_BUILDER
@click.option("--base", required=True, help="Python on glibc Linux, named by its digest.")
@click.option("--pip-config", type=_FILE, help="A pip.conf for the build; it is no part of the image.")
@click.option("--option", "options", multiple=True, help="For the builder, such as --isolation=chroot.")
def build(
    images: tuple[str, ...],
    service_authority: Path | None,
    builder: str | None,
    base: str,
    pip_config: Path | None,
    options: tuple[str, ...],
) -> int:
    """Build images on this machine, from the lock, with an SBOM in each. Prints their names."""
    if "@sha256:" not in base and not base.startswith("localhost/"):
        expected = "an image pinned by digest (name@sha256:...), or one of this machine (localhost/...)"
        raise ConfigError(f"--base: expected {expected}, found {base!r}", "a tag can be moved")
    chosen = find_builder(builder)
    with _contexts(images, service_authority) as contexts:
        for context in contexts:
            click.echo(chosen.build(context, base, pip_config, options))
            say(f"{context.image}: its packages are listed in {_keep_sbom(context)}")
    return Exit.HOLDS


@images.command()
@_STACK
@_IMAGES
@_AUTHORITY
@_BUILDER
def push(stack: str, images: tuple[str, ...], service_authority: Path | None, builder: str | None) -> int:
    """Push what was built to the stack's registries. The tag names the content, so it never moves."""
    where, chosen = _repositories(stack), find_builder(builder)
    chosen.log_in(where.host, where.password())
    with _contexts(images, service_authority) as contexts:
        for context in contexts:
            _push(chosen, where, context)
    return Exit.HOLDS


@images.command()
@_STACK
@_IMAGES
@_AUTHORITY
@click.option("--tag", default="", help="The tag of an image that something else pushed.")
def pin(stack: str, images: tuple[str, ...], service_authority: Path | None, tag: str) -> int:
    """Write the digests of the pushed images into the stack's file; comments stay."""
    where = _repositories(stack)
    with _contexts(images, service_authority) as contexts:
        pinned = {
            f"{one.image}Image": f"{where.url(one.image)}@{where.digest(one.image, tag or one.tag)}"
            for one in contexts
        }
    write_settings(Path.cwd() / f"Pulumi.{stack}.yaml", pinned)
    for key, image in pinned.items():
        click.echo(f"rampart:{key}: {image}")
    return Exit.HOLDS


def _repositories(stack: str) -> Repositories:
    return repositories(load(stack, Path.cwd()))


def _push(builder: Builder, where: Repositories, context: Context) -> None:
    remote = f"{where.url(context.image)}:{context.tag}"
    builder.push(local_name(context.image, context.tag), remote)
    click.echo(remote)


@contextmanager
def _contexts(images: tuple[str, ...], service_authority: Path | None) -> Iterator[list[Context]]:
    with tempfile.TemporaryDirectory(prefix="rampart-images-") as folder:
        yield [prepare(image, Path(folder, image), service_authority) for image in images or OWN]


def _keep_sbom(context: Context) -> Path:
    kept = Path(".rampart", "images", f"{context.image}-{context.tag}.cdx.json")
    kept.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(context.folder / "sbom.cdx.json", kept)
    return kept
