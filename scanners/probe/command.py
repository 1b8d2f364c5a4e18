"""`rampart audit probe`."""

from __future__ import annotations

import sys

import click

from hardening.cli import Exit
from scanners.aim import Aim, aim_options
from scanners.output import ReportOptions, finish, report_options
from scanners.probe.permission import asked_probe, is_free
from scanners.target import Target


@click.command()
@aim_options
@click.option("--attack-production", is_flag=True, help="Do not ask where the environment is no test one.")
@report_options
def probe(aim: Aim, attack_production: bool, report: ReportOptions) -> Exit:
    """Send forbidden OCPI calls to the gateway, which must refuse every one of them.

    Calls that were contracted come first: a gateway that refuses everything does not pass.
    """
    target = aim.read()
    asked = attack_production or _typed(target)
    return finish(asked_probe(target, attack_production=asked).findings, report)


def _typed(target: Target) -> bool:
    """Whether somebody at a terminal types the name of the environment that is to be attacked."""
    if is_free(target) or not sys.stdin.isatty():
        return False
    question = f"rampart: {target.gateway} is no test environment. Its name, to attack it"
    return bool(click.prompt(question, default="", show_default=False, err=True) == target.name)
