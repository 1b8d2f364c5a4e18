"""`rampart init`: a project of one's own."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import click

from hardening.cli import Exit, say
from hardening.errors import ConfigError
from infra.project import SHARED, shipped_project

_TEMPLATE = Path(__file__).resolve().parent / "template"
# A file of the template, and its path in a project. (As `__main__.py` it would be a program here, too.)
_TEMPLATES = {
    "Pulumi.yaml": "Pulumi.yaml",
    "main.txt": "__main__.py",
    "gitignore": ".gitignore",
    "workflow.yaml": ".github/workflows/rampart.yaml",
}


@click.command()
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False), default=Path())
def init(folder: Path) -> int:
    """Write a project of your own into FOLDER: settings, example partners, program, waivers, CI.

    No file is overwritten: when one of them is there, nothing is written (exit code 2).
    """
    write_project(folder)
    say(f"a project is in {folder.resolve()}")
    if folder.resolve() != Path.cwd():
        say(f"next: cd {folder}")
    say("next: rampart partner check     your partners are partners/*.yaml")
    say("next: rampart demo              the stack in an emulator, audited, with evidence")
    say("next: copy Pulumi.lab.yaml to Pulumi.test.yaml, write your own values, rampart up --stack test")
    return Exit.HOLDS


def write_project(folder: Path) -> None:
    """Write all files of a new project, or none. Raises ConfigError when one is there already.

    A link below `folder` is one as well: what is written through it would land elsewhere.
    """
    contents = dict(_contents())
    taken = [name for name in contents if (folder / name).exists()]
    linked = {path for name in contents for path in (Path(name), *Path(name).parents[:-1])}
    taken += sorted({str(path) for path in linked if (folder / path).is_symlink()} - set(taken))
    if taken:
        raise ConfigError(
            f"{folder}: {len(taken)} file(s) are there already",
            "name another folder: `rampart init FOLDER`",
            tuple(f"{folder / name}: is there already; nothing was written" for name in taken),
        )
    written: list[Path] = []
    try:
        for name, content in contents.items():
            file = folder / name
            file.parent.mkdir(parents=True, exist_ok=True)
            with file.open("xb") as output:
                written.append(file)
                output.write(content)
    except BaseException as failure:
        for file in written:
            file.unlink()
        if isinstance(failure, OSError):
            where = failure.filename or folder
            raise ConfigError(
                f"{where}: cannot be written: {failure.strerror}", "name another folder"
            ) from None
        raise


def _contents() -> Iterator[tuple[str, bytes]]:
    """Path in the project to content."""
    for source, name in _TEMPLATES.items():
        yield name, (_TEMPLATE / source).read_bytes()
    shipped = shipped_project()
    for name in SHARED:
        files = sorted((shipped / name).glob("*.yaml")) if (shipped / name).is_dir() else [shipped / name]
        for file in files:
            yield file.relative_to(shipped).as_posix(), file.read_bytes()
