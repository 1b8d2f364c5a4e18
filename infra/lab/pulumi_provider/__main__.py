"""`python -m infra.lab.pulumi_provider PORT PROJECT ENDPOINT REGION CA`: serve the provider on loopback."""

from __future__ import annotations

import os
import sys
from importlib.metadata import version

from infra.lab.clients import Clients
from infra.lab.cloud import EmulatedCloud
from infra.lab.pulumi_provider.service import AwsProvider, serve
from infra.lab.pulumi_provider.standing_resources import StandingResources


def main(port: str, project: str, endpoint: str, region: str, ca_file: str) -> None:
    """Serve until ended."""
    # The engine says where a file is from the project's folder.
    os.chdir(project)
    clients = Clients(endpoint, region, ca_file)
    provider = AwsProvider(StandingResources(clients), EmulatedCloud(clients), version("pulumi-aws"))
    serve(provider, int(port)).wait_for_termination()


if __name__ == "__main__":
    main(*sys.argv[1:])
