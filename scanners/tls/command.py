"""`rampart audit tls`."""

from __future__ import annotations

from pathlib import Path

import click

from hardening.cli import Exit
from scanners.output import ReportOptions, finish, report_options, target_option
from scanners.target import Target
from scanners.tls.scan import scan


@click.command()
@target_option
@click.option("--deep", is_flag=True, help="Run sslyze on every endpoint, not only after a failure.")
@report_options
def tls(target: Path, deep: bool, report: ReportOptions) -> Exit:
    """Audit the TLS of the gateway."""
    return finish(scan(Target.read(target), deep=deep).findings, report)
