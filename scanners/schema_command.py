"""`rampart audit schema`: the JSON Schemas of what rampart writes."""

from __future__ import annotations

import importlib
import json
from typing import Final

import click

from hardening.cli import Exit

# What is written -> the module that has its `json_schema`.
_FORMS: Final = {
    "findings": "scanners.report.document",
    "tls": "scanners.tls.results",
    "due": "scanners.due.forms",
    "slo": "scanners.objectives.forms",
}


@click.command()
@click.argument("form", type=click.Choice([*_FORMS]))
def schema(form: str) -> Exit:
    """Print the JSON Schema (2020-12) of `--format json` (findings), `audit tls --save`, `due` or `slo`."""
    written = importlib.import_module(_FORMS[form])  # loads the audit: not for `--help`
    click.echo(json.dumps(written.json_schema(), indent=1))
    return Exit.HOLDS
