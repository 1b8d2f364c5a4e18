"""`rampart audit probe`."""

from __future__ import annotations

from pathlib import Path

import click

from hardening.cli import Exit
from scanners.output import ReportOptions, finish, report_options, target_option
from scanners.probe.scan import scan
from scanners.target import Target


@click.command()
@target_option
@report_options
def probe(target: Path, report: ReportOptions) -> Exit:
    """Send forbidden OCPI calls to the gateway, which must refuse every one of them.

    Calls that were contracted come first: a gateway that refuses everything does not pass.
    """
    return finish(scan(Target.read(target)).findings, report)
