"""`rampart deploy-role`: the template of the role that a pipeline deploys a stack with."""

from __future__ import annotations

import json
import re
from pathlib import Path

import click

from hardening.cli import Exit
from hardening.errors import ConfigError
from infra.edge.route53 import HOME
from infra.environment import Environment
from infra.identity.deploy_role import Pipeline, template
from infra.settings import Settings, load

_PROVIDER = re.compile(r"[a-z0-9.-]+\.[a-z]{2,}(/[\w./-]+)?")
_BUCKET = re.compile(r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]")
_KEY = re.compile(r"arn:aws:kms:[a-z0-9-]+:\d{12}:key/[\w-]+")
_ACCOUNT = re.compile(r"\d{12}")


@click.command("deploy-role")
@click.option("--stack", required=True, help="The stack: its settings are in Pulumi.STACK.yaml.")
@click.option("--account", required=True, help="The stack's AWS account, twelve digits.")
@click.option("--provider", required=True, help="The OIDC provider, such as token.actions.example.com.")
@click.option(
    "--subject", required=True, help="The subject of its tokens for this repository and environment."
)
@click.option(
    "--audience", default="sts.amazonaws.com", show_default=True, help="What the tokens are made for."
)
@click.option("--state-bucket", required=True, help="The bucket that keeps the state.")
@click.option("--state-key", required=True, help="The ARN of the KMS key that the state is under.")
def deploy_role(
    stack: str, account: str, provider: str, subject: str, audience: str, state_bucket: str, state_key: str
) -> int:
    """Print a CloudFormation template of the role that deploys a stack from a pipeline, over OIDC.

    A person deploys it once, before the first `up`: `aws cloudformation deploy --capabilities
    CAPABILITY_NAMED_IAM`. The account needs the OIDC provider already.
    """
    pipeline = Pipeline(provider, subject, audience, state_bucket, state_key)
    _check(account, pipeline)
    settings = load(stack, Path.cwd())
    environment = Environment(settings.environment, account, settings.region)
    click.echo(json.dumps(template(environment, _regions(settings), pipeline), indent=1))
    return Exit.HOLDS


def _regions(settings: Settings) -> tuple[str, ...]:
    """Every region with something of the stack: its own, that of the copies, and those that are watched."""
    own = {settings.region, settings.replica_region, HOME, *settings.detection_regions}
    return tuple(sorted(own))


def _check(account: str, pipeline: Pipeline) -> None:
    """Raises ConfigError with a line for each option that cannot be meant."""
    expected = (
        ("--account", account, _ACCOUNT, "twelve digits"),
        ("--provider", pipeline.provider, _PROVIDER, "a host name, without https://"),
        ("--state-bucket", pipeline.state_bucket, _BUCKET, "the name of a bucket"),
        ("--state-key", pipeline.state_key, _KEY, "the ARN of a KMS key"),
    )
    faults = [
        f"{name}: expected {what}, found {value!r}"
        for name, value, form, what in expected
        if not form.fullmatch(value)
    ]
    if not pipeline.subject.strip() or re.search(r"[*?\s]", pipeline.subject):
        found = f"found {pipeline.subject!r}"
        faults.append(f"--subject: expected one repository and environment, without wildcards, {found}")
    if faults:
        raise ConfigError("options of deploy-role", "`rampart deploy-role --help`", tuple(faults))
