"""`rampart evidence push`: a sealed run into an object-locked bucket, or its findings into Security Hub."""

from __future__ import annotations

from pathlib import Path

import click

from hardening.cli import Exit, say
from hardening.errors import ConfigError
from scanners.evidence.seal import digest_of, faults, read_manifest

SECURITY_HUB = "security-hub"


@click.command()
@click.argument("run", type=click.Path(path_type=Path))
@click.argument("destination", metavar="s3://BUCKET[/PREFIX]|security-hub")
def push(run: Path, destination: str) -> Exit:
    """Send the sealed run RUN to a bucket with Object Lock, or its findings to AWS Security Hub.

    A run that was touched is not sent. Nothing is written over; what is there already has to be the same.
    Exits 1 if something differs or is refused.
    """
    in_bucket = destination.startswith("s3://") and len(destination) > len("s3://")
    if not in_bucket and destination != SECURITY_HUB:
        raise ConfigError(f"{destination}: expected s3://BUCKET[/PREFIX] or {SECURITY_HUB}")
    manifest = read_manifest(run)
    for name in ("account", "region"):
        if not manifest.get(name):
            raise ConfigError(f"{run}: its manifest names no {name}", "build it of a stack on AWS")
    touched = [f"{run / fault.file} {fault.problem}" for fault in faults(run)]
    if touched:
        click.echo("\n".join(touched))
        return Exit.FAILS
    from scanners.evidence.push import to_bucket, to_security_hub  # boto3: not for `--help`

    if in_bucket:
        new, wrong = to_bucket(run, manifest, destination)
        say(f"{new} files are new in {destination}; the seal is {digest_of(run)}")
    else:
        taken, wrong = to_security_hub(run, manifest)
        say(f"Security Hub took {taken} findings")
    for line in wrong:
        click.echo(line)
    return Exit.FAILS if wrong else Exit.HOLDS
