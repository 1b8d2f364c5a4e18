"""`rampart audit schema`: the JSON Schemas of what audits write."""

from __future__ import annotations

import json

import click

from hardening.cli import Exit


@click.command()
@click.argument("form", type=click.Choice(["findings", "tls"]))
def schema(form: str) -> Exit:
    """Print the JSON Schema (2020-12) of `--format json` (findings), or of `audit tls --save` (tls)."""
    from scanners.report.document import json_schema as findings_schema
    from scanners.tls.results import json_schema as tls_schema  # loads the audit: not for `--help`

    click.echo(json.dumps(findings_schema() if form == "findings" else tls_schema(), indent=1))
    return Exit.HOLDS
