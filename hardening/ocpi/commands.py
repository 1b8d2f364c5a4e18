"""`rampart validate` and `rampart schema`."""

from __future__ import annotations

import json
from pathlib import Path

import click

from hardening.cli import Exit


@click.command()
@click.argument("files", nargs=-1, required=True)
@click.option("--version", "version", required=True)
@click.option("--edition", default="")
@click.option("--object", "object_type", default="auto")
def validate(files: tuple[str, ...], version: str, edition: str, object_type: str) -> int:
    """Validate OCPI messages."""
    from hardening.ocpi.validation import validate as problems_in

    bad = False
    for file in files:
        for problem in problems_in(
            Path(file).read_bytes(), version=version, edition=edition, object_type=object_type
        ):
            bad = True
            click.echo(f"{file}: {problem}")
    return Exit.FAILS if bad else Exit.HOLDS


@click.command()
@click.option("--version", "version", default="2.2.1", show_default=True, help="OCPI version.")
@click.option("--edition", default="", help="Edition of the version (default: its newest).")
@click.option("--object", "object_type", required=True, help="Object, such as CDR or Location.")
@click.option(
    "--shape",
    type=click.Choice(["object", "list", "patch", "response", "response-list"]),
    default="object",
    show_default=True,
    help="In what the object comes.",
)
@click.option(
    "--draft",
    type=click.Choice(["2020-12", "draft-4"]),
    default="2020-12",
    show_default=True,
    help="draft-4 is the subset that API Gateway models take.",
)
def schema(version: str, edition: str, object_type: str, shape: str, draft: str) -> None:
    """Print the JSON Schema of an OCPI object."""
    from hardening.ocpi.schema import json_schema

    found = json_schema(version, edition, object_type, draft, shape)
    click.echo(json.dumps(found, indent=2))
