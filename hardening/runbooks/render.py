"""A runbook as Markdown, with the names of one stack."""

from __future__ import annotations

from jinja2 import Environment, PackageLoader, StrictUndefined

from hardening.runbooks.runbook import ROLES, Names, Phase, Runbook, Step


def command(step: Step, names: Names) -> str:
    """The command of a step for this stack; empty for a decision."""
    return step.command.format(
        on=names.on,
        stack=names.stack,
        label=names.label,
        prefix=names.prefix,
        region=names.region,
        replica_region=names.replica_region,
    )


def page(runbook: Runbook, names: Names) -> str:
    """The whole runbook. It holds no secret."""
    environment = Environment(
        loader=PackageLoader("hardening.runbooks", "."),
        autoescape=False,  # noqa: S701  (Markdown is no HTML)
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    text = environment.get_template("page.md.j2").render(
        runbook=runbook,
        names=names,
        phases=[(phase.value, runbook.of(phase)) for phase in Phase],
        command=lambda step: command(step, names),
        who=lambda step: f"`{names.prefix}-{step.by}`" if step.by in ROLES else f"the {step.by}",
    )
    return text.rstrip() + "\n"
