"""The stack, created in the emulator: by the program in this process, or by Pulumi's CLI."""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Callable
from importlib.metadata import version

from hardening.errors import CollectError
from infra.lab.clients import Clients
from infra.lab.emulator import Emulator
from infra.lab.plan import PROJECT, Plan
from infra.lab.ports import free_port, listens
from infra.lab.processes import Children
from infra.lab.readiness import wait_until

Report = Callable[[str], None]
# Seconds until the provider answers: it loads all adapters.
_PATIENCE = 60.0


def provision(plan: Plan, children: Children, emulator: Emulator, report: Report) -> None:
    """Create the stack in the emulator, and keep its deployment in the lab's folder. Raises CollectError."""
    if plan.by_pulumi:
        emulator.wait()
        begin_by_pulumi(plan, children, emulator)
        report("Pulumi's CLI creates the stack")
        plan.pulumi.run(["up", "--yes", "--skip-preview"])
        plan.folder.write_stack(plan.pulumi.exported())
    else:
        provision_in_process(plan, emulator, report)


def begin_by_pulumi(plan: Plan, children: Children, emulator: Emulator) -> None:
    """Write the project for Pulumi's CLI, and start the provider that it attaches to. Raises CollectError."""
    plan.pulumi.create()
    port = free_port()
    place = (emulator.endpoint, plan.settings.region, emulator.ca_file)
    arguments = (str(port), str(plan.folder.pulumi), *place)
    process = children.start("provider", (sys.executable, "-m", "infra.lab.pulumi_provider", *arguments))
    wait_until(process, lambda: listens(port), _PATIENCE)
    plan.pulumi.attach(port)


def provision_in_process(plan: Plan, emulator: Emulator, report: Report) -> None:
    """Run the program here, and create each resource as it is registered. Raises CollectError."""
    os.environ.setdefault("GRPC_VERBOSITY", "ERROR")  # or it tells each fork
    # Imported while the emulator boots: Pulumi and boto3 take a second, which nothing else needs.
    from infra.lab.cloud import EmulatedCloud
    from infra.program import build
    from infra.program_run.configuration import stack_configuration
    from infra.program_run.deployment import Deployment
    from infra.program_run.monitor import StackName
    from infra.program_run.provision import SOURCE_ROOT, run_program

    emulator.wait()
    clients = Clients(emulator.endpoint, plan.settings.region, emulator.ca_file)
    # While the program declares its resources the emulator would be idle: let it load meanwhile.
    threading.Thread(target=clients.warm, daemon=True).start()
    cloud = EmulatedCloud(clients, report)
    deployment = Deployment(plan.folder.stack, {"aws": version("pulumi-aws")})
    try:
        run_program(
            lambda: build(plan.settings, plan.partners),
            StackName(PROJECT, plan.stack),
            cloud,
            deployment,
            root=SOURCE_ROOT,
            configuration=stack_configuration(plan.project, plan.stack),
        )
    except CollectError:
        if not emulator.is_alive():
            raise CollectError(
                "the AWS emulator ended while the stack was being created; everything is stopped",
                f"see {emulator.process.log}, then `rampart lab up` again",
            ) from None
        raise
    plan.folder.write_unsupported(cloud.unsupported())
