"""`rampart dashboard`: what the guard counts, as a dashboard for Grafana or CloudWatch."""

from __future__ import annotations

import json
from pathlib import Path

import click

from infra.environment import Environment
from infra.observability.dashboards import cloudwatch_body, grafana
from infra.settings import load


@click.command()
@click.option("--stack", default="", help="CloudWatch's of this stack, which `up` makes. Else: Grafana's.")
def dashboard(stack: str) -> None:
    """Print the dashboard of the guard's metrics: JSON to import into Grafana, over Prometheus."""
    if not stack:
        click.echo(json.dumps(grafana(), indent=1))
        return
    settings = load(stack, Path())
    environment = Environment(settings.environment, "", settings.region)
    click.echo(cloudwatch_body(environment.metrics, environment.region, environment.name("ocpi")))
