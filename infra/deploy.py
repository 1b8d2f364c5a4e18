"""`rampart preview|up|refresh|destroy`: the stack on AWS, through Pulumi's own engine (Automation API).

The same as `pulumi preview|up|refresh|destroy` in the project's folder, but settings, partners, CLI and
credentials are checked first.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from hardening.cli import Exit, say
from hardening.errors import CollectError, ConfigError, CredentialsError
from hardening.registry.deployed import deployed_registry
from infra.advance import advanced, say_what_is_left
from infra.preflight.look import declared, look, refuse
from infra.preflight.state import project_of, urns_in
from infra.program_run.monitor import StackName
from infra.pulumi_cli import pulumi_path, without_cli
from infra.settings import Settings, load

if TYPE_CHECKING:
    from pulumi import automation

_STACK = click.option("--stack", required=True, help="The stack: its settings are in Pulumi.STACK.yaml.")
_YES = click.option("--yes", is_flag=True, help="Do not ask.")


@click.command()
@_STACK
@click.option("--diff", is_flag=True, help="Show every property that would change.")
def preview(stack: str, diff: bool) -> int:
    """Show what would change in the AWS account. Nothing is changed."""
    return _run(stack, lambda engine: engine.preview(diff=diff, on_output=_talk, color="never"))


@click.command()
@_STACK
@_YES
@click.option("--skip-preflight", is_flag=True, help="Deploy without a look at quotas and what is there.")
def up(stack: str, yes: bool, skip_preflight: bool) -> int:
    """Deploy the stack to the AWS account, and say in which phase it is and what comes next.

    Where the foundation stands, the images are pinned and the domain is delegated, phase complete begins.
    """
    code = _run(stack, _deploy(stack, not skip_preflight), _asked("Deploy", stack, yes))
    if code == Exit.HOLDS:
        say_what_is_left(load(stack, Path.cwd()))
    return code


def _deploy(stack: str, look_first: bool) -> Callable[[automation.Stack], Any]:
    def deploy(engine: automation.Stack) -> Any:
        folder = Path.cwd()
        last = {name: output.value for name, output in engine.outputs().items() if not output.secret}
        settings = advanced(stack, folder, load(stack, folder), last)
        if look_first:
            _preflight(StackName(project_of(folder), stack), settings, engine.export_stack().deployment)
        return engine.up(on_output=_talk, color="never")

    return deploy


def _preflight(name: StackName, settings: Settings, deployment: Mapping[str, Any] | None) -> None:
    records = declared(name, settings, deployed_registry(Path.cwd() / "partners"))
    file = Path.cwd() / f"Pulumi.{name.stack}.yaml"
    found = look(settings, records, urns_in(deployment or {}), stack_file=file)
    refuse(found)
    say(f"preflight: {len(found)} requirements hold")


@click.command()
@_STACK
@_YES
def refresh(stack: str, yes: bool) -> int:
    """Read the account back into the stack's state."""
    question = _asked("Overwrite the state of", stack, yes)
    return _run(stack, lambda engine: engine.refresh(on_output=_talk, color="never"), question)


@click.command()
@_STACK
@_YES
def destroy(stack: str, yes: bool) -> int:
    """Remove the stack from the AWS account.

    What keeps evidence stays until its retention ends: locked objects cannot be deleted, and tables and
    the load balancer are protected until that is switched off by hand.
    """
    question = _asked("Destroy", stack, yes)
    return _run(stack, lambda engine: engine.destroy(on_output=_talk, color="never"), question)


def _talk(line: str) -> None:
    click.echo(line, err=True)


def _asked(verb: str, stack: str, yes: bool) -> str:
    """The question to ask, or nothing where the answer was given."""
    return "" if yes else f"{verb} the stack {stack!r}?"


def _run(stack: str, action: Callable[[automation.Stack], Any], question: str = "") -> int:
    """Check, ask, act, and print what changed as JSON. 1 where the engine failed."""
    engine = _opened(stack, Path.cwd())
    if question:
        click.confirm(f"rampart: {question}", abort=True, err=True)
    from pulumi import automation

    try:
        result = action(engine)
    except automation.CommandError as error:
        for line in _last_lines(str(error)):
            say(f"error: {line}")
        return Exit.FAILS
    changes = getattr(result, "change_summary", None)
    if changes is None:
        changes = result.summary.resource_changes
    click.echo(json.dumps({"stack": stack, "changes": {str(kind): n for kind, n in (changes or {}).items()}}))
    return Exit.HOLDS


def _opened(stack: str, folder: Path) -> automation.Stack:
    """The stack on the real engine. Raises ConfigError, CredentialsError, CollectError."""
    if not (folder / "Pulumi.yaml").is_file():
        raise ConfigError(f"{folder}: no Pulumi.yaml", "run this in the project's folder")
    settings = load(stack, folder)
    deployed_registry(folder / "partners")
    from pulumi import automation

    command = _command()
    _check_credentials(settings.region)
    try:
        return automation.create_or_select_stack(
            stack_name=stack,
            work_dir=str(folder),
            opts=automation.LocalWorkspaceOptions(pulumi_command=command, env_vars={"PATH": pulumi_path()}),
        )
    except automation.CommandError as error:
        raise ConfigError(
            f"Pulumi cannot open the stack {stack!r}: {_last_lines(str(error))[-1]}",
            "log in to a state backend first, for example `pulumi login s3://BUCKET`",
        ) from None


def _command() -> automation.PulumiCommand:
    from pulumi import automation

    try:
        return automation.PulumiCommand()
    except FileNotFoundError:
        raise without_cli("; without it, `rampart demo` shows the same stack in an emulator") from None
    except automation.InvalidVersionError as error:
        raise ConfigError(f"the Pulumi CLI is too old: {error}", "install a current one") from None


def _check_credentials(region: str) -> None:
    import boto3
    from botocore.exceptions import BotoCoreError, ClientError, NoCredentialsError, PartialCredentialsError

    hint = "log in, for example with `aws sso login`, and set AWS_PROFILE"
    try:
        boto3.client("sts", region_name=region).get_caller_identity()
    except (NoCredentialsError, PartialCredentialsError) as error:
        raise CredentialsError(f"no AWS credentials: {error}", hint) from None
    except ClientError as error:
        raise CredentialsError(
            f"AWS refuses the credentials: {error.response['Error']['Code']}", hint
        ) from None
    except BotoCoreError as error:
        raise CollectError(f"AWS cannot be asked: {type(error).__name__}", "check the network") from None


def _last_lines(text: str) -> list[str]:
    """The last lines of the engine's output: its errors, if it printed any."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    said = [line for line in lines if "error:" in line] or lines
    return said[-5:] or ["the engine failed without a word"]
