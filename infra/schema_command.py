"""`rampart settings-schema`: the JSON Schema of a stack's settings."""

from __future__ import annotations

import json

import click

from infra.settings import json_schema


@click.command("settings-schema")
def settings_schema() -> None:
    """Print the JSON Schema (2020-12) of `Pulumi.<stack>.yaml`, for editors: they complete and check it."""
    click.echo(json.dumps(json_schema(), indent=1))
