"""`rampart audit`: all scanners, or one of them, against a deployed environment."""

from __future__ import annotations

import click
from click.core import ParameterSource

from hardening.cli import Exit, LazyGroup, say
from scanners.aim import Aim, aim_options
from scanners.outcome import Outcome
from scanners.output import ReportOptions, finish, judge, report_options
from scanners.report.chain import chain, sentence
from scanners.selection import Selection, selection_options

# name -> (module:attribute, one line of help), loaded when asked for.
AUDITS = {
    "policy": ("scanners.policy.command:policy", "Our checks and checkov's on the declared stack."),
    "intent": ("scanners.intent.command:intent", "The stack held against today's program and registry."),
    "tls": ("scanners.tls.command:tls", "TLS of the gateway, of partners, or of any endpoint."),
    "drift": ("scanners.drift.command:drift", "The live account held against the declared stack."),
    "probe": ("scanners.probe.command:probe", "Forbidden OCPI calls, which the gateway must refuse."),
    "gates": (
        "scanners.reach.command:gates",
        "Firewall, API, authorizer, guard: do they agree?",
    ),
    "tokens": ("scanners.books.command:tokens", "Age, rotation, overlap and use of live tokens."),
    "schema": (
        "scanners.schema_command:schema",
        "The JSON Schemas of what rampart writes.",
    ),
    "separation": ("scanners.policy.separation_command:separation", "Two stacks, which must share nothing."),
}


@click.group(cls=LazyGroup, table=AUDITS, invoke_without_command=True)
@aim_options
@selection_options
@report_options
@click.pass_context
def audit(ctx: click.Context, aim: Aim, selection: Selection, report: ReportOptions) -> Exit | None:
    """Audit what is deployed. Without a command: everything."""
    if ctx.invoked_subcommand:
        given = [n for n in ctx.params if ctx.get_parameter_source(n) is not ParameterSource.DEFAULT]
        if given:
            raise click.UsageError(f"options go after the audit: rampart audit {ctx.invoked_subcommand} ...")
        return None
    from scanners.run import scan_all  # loads every scanner: not for `--help`

    scans = scan_all(aim.read(), selection, report.only)
    findings = [finding for scan in scans.values() for finding in scan.findings]
    code, outcome = finish(findings, report), judge(findings, report)
    say(f"the chain: {sentence(chain(scans, outcome))}")
    return told_unseen(outcome, code, required=selection.require_all)


def told_unseen(outcome: Outcome, code: Exit, *, required: bool) -> Exit:
    """Say how many controls nobody looked at. The code is 3 where all were `required` and the rest holds."""
    from scanners.report.page.verdicts import control_views, unseen  # loads every check: not for `--help`

    if not (names := unseen(control_views(outcome))):
        return code
    say(f"controls not looked at by any audit of this run: {len(names)} (the report names them)")
    return Exit.UNVERIFIED if required and code is Exit.HOLDS else code
