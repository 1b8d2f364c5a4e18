"""The `rampart` command. Command groups load by name when they are asked for: `--help` stays fast."""

from __future__ import annotations

import errno
import importlib
import sys
import traceback
from collections.abc import Mapping
from enum import IntEnum
from typing import Any, Final, NoReturn

import click

from hardening.errors import CollectError, ConfigError, CredentialsError, RampartError


class Exit(IntEnum):
    """Exit codes, the same for every command. 1 wins over 3."""

    HOLDS = 0
    FAILS = 1
    USAGE = 2
    UNVERIFIED = 3
    NO_CREDENTIALS = 4
    INTERRUPTED = 130


# name -> (module:attribute, one line of help). The help is written here, so listing costs no import.
COMMANDS: dict[str, tuple[str, str]] = {
    "demo": ("infra.lab.demo:demo", "Provision, attack, audit and prove, on this machine."),
    "init": ("infra.project.init:init", "Write a project of your own."),
    "lab": ("infra.lab.commands:lab", "The embedded environment: up, down, status."),
    "preview": ("infra.deploy:preview", "Show what would change in the AWS account."),
    "up": ("infra.deploy:up", "Deploy the stack to the AWS account."),
    "refresh": ("infra.deploy:refresh", "Read the account back into the stack's state."),
    "destroy": ("infra.deploy:destroy", "Remove the stack from the AWS account."),
    "deploy-role": ("infra.deploy_role:deploy_role", "Print the role that a pipeline deploys with."),
    "images": ("infra.images.commands:images", "Build, push and pin the images of a stack."),
    "accept": (
        "scanners.acceptance.command:accept",
        "Use what is deployed as a partner would.",
    ),
    "audit": ("scanners.commands:audit", "Audit what is deployed: policy, intent, tls, drift, probe."),
    "drift": ("scanners.drift.acceptance:drift", "Accept a drift for a time."),
    "evidence": ("scanners.evidence.commands:evidence", "Build, verify and show evidence."),
    "controls": ("scanners.controls_command:controls", "The control catalogue, and what verifies it."),
    "due": ("scanners.due.command:due", "What falls due: waivers, tokens, certificates, onboardings."),
    "slo": ("scanners.objectives.command:slo", "The service objectives of a month, measured."),
    "dashboard": ("infra.dashboard_command:dashboard", "The guard's metrics for Grafana or CloudWatch."),
    "runbook": ("infra.runbook_command:runbook", "What to do about an incident, for one stack."),
    "drill": ("scanners.drills.command:drill", "Play an incident in the lab, by its runbook."),
    "doctor": ("scanners.doctor:doctor", "What this machine has, and what an account lacks."),
    "validate": ("hardening.ocpi.commands:validate", "Validate OCPI messages."),
    "reconcile": ("scanners.reconcile.command:reconcile", "Hold sessions and CDRs against each other."),
    "dispute": ("scanners.dispute.command:dispute", "Seal what a dispute about one CDR needs."),
    "schema": ("hardening.ocpi.commands:schema", "Print the JSON Schema of an OCPI object."),
    "settings-schema": (
        "infra.schema_command:settings_schema",
        "Print the JSON Schema of the settings.",
    ),
    "partner": (
        "hardening.registry.command:partner",
        "The partner registry, and partners' first to last day.",
    ),
    "guard": ("hardening.envoy.guard_command:guard", "Run the guard before an OCPI service."),
    "ledger": (
        "infra.runtime.boundary.ledger_commands:ledger",
        "What a guard took from its partners: digests, receipts, the trail.",
    ),
    "probe": ("scanners.probe.server.command:probe", "Probe the OCPI server of somebody else."),
    "token": ("infra.tokens.commands:token", "Issue, look at, rotate and revoke credentials tokens."),
    "render": ("hardening.envoy.command:render", "Render the guard's configuration."),
}

EPILOG = (
    "Exit codes: 0 every control holds, 1 one does not (or there is drift), 2 bad usage or "
    "configuration, 3 something could not be verified, 4 no credentials, 130 interrupted."
)


class LazyGroup(click.Group):
    """A group that imports a command's module when the command is used.

    `table` maps a command's name to `module:attribute` and one line of help.
    """

    def __init__(self, *args: Any, table: Mapping[str, tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.table = table

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The names in the table, in its order."""
        return list(self.table)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import and return a command; None for a name that the table does not have. Raises TypeError for
        a defect.
        """
        if cmd_name not in self.table:
            return None
        module, attribute = self.table[cmd_name][0].split(":")
        command = getattr(importlib.import_module(module), attribute)
        if not isinstance(command, click.Command):
            raise TypeError(f"{module}:{attribute} is not a click command")
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write names and help lines out of the table, without an import."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, help_line) for name, (_, help_line) in self.table.items()])


@click.group(
    cls=LazyGroup,
    table=COMMANDS,
    epilog=EPILOG,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110},
)
@click.version_option(package_name="ocpi-rampart", prog_name="rampart")
def rampart() -> None:
    """Provision, harden, audit and prove OCPI deployments on AWS."""


def say(line: str) -> None:
    """Talk to the person, on stderr: stdout is data."""
    click.echo(f"rampart: {line}", err=True)


def exit_code(error: RampartError) -> Exit:
    """The exit code that belongs to an error."""
    if isinstance(error, CollectError):
        return Exit.UNVERIFIED
    if isinstance(error, CredentialsError):
        return Exit.NO_CREDENTIALS
    return Exit.USAGE


def main() -> None:
    """Run the command line; turn the errors that a user can meet into lines and exit codes."""
    try:
        code = rampart.main(standalone_mode=False)
    except RampartError as error:
        lines = error.problems if isinstance(error, ConfigError) else (error.message,)
        for line in lines:
            say(f"error: {line}")
        if error.hint:
            say(f"hint: {error.hint}")
        sys.exit(exit_code(error))
    except click.ClickException as error:
        error.show()
        sys.exit(error.exit_code)
    except (click.Abort, KeyboardInterrupt):
        say("interrupted")
        sys.exit(Exit.INTERRUPTED)
    except OSError as error:
        if error.errno not in _NO_PATH:
            _defect()
        say(f"error: {str(error.filename)[:_LONGEST_PATH]}: {error.strerror}")
        sys.exit(Exit.USAGE)
    except Exception:  # the outer edge; exit code 1 would say that a control fails
        _defect()
    sys.exit(code if isinstance(code, int) else Exit.HOLDS)


# What no file can be called: whoever named it did.
_NO_PATH: Final = (errno.ENAMETOOLONG, errno.ELOOP)
_LONGEST_PATH: Final = 200


def _defect() -> NoReturn:
    traceback.print_exc()
    say("error: a defect of rampart, so nothing was verified")
    sys.exit(Exit.UNVERIFIED)


if __name__ == "__main__":
    main()
