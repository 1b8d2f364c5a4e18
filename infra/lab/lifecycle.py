"""Bring the lab up, and take it down again."""

from __future__ import annotations

import base64
import json
import secrets
from pathlib import Path

from hardening.egress.callers import (
    CHANGE_TOKENS,
    certificate_secret,
    client_certificate_secret,
    key_secret,
    service_certificate_secret,
)
from hardening.errors import CollectError
from hardening.registry.partners import Partner
from hardening.requests.hop_signature import LEAST_KEY_BYTES
from infra.compute.egress_guard import egress_host, internal_domain, shown_certificates
from infra.environment import Environment
from infra.lab.certificates import CLIENT, pem
from infra.lab.clients import Clients
from infra.lab.credentials_exchange import Exchange, register_and_rotate
from infra.lab.emulator import Emulator, start_emulator
from infra.lab.gateway import GatewayInputs, Prepared, prepare, seed_tokens
from infra.lab.lab_folder import LabFolder
from infra.lab.plan import Plan
from infra.lab.processes import Children, Process, is_alive
from infra.lab.provisioning import Report, provision
from infra.lab.pulumi_project import PASSPHRASE
from infra.lab.tasks.start import Site, Tasks, start_tasks

_TABLE = "aws:dynamodb/table:Table"
_SECRET = "aws:secretsmanager/secret:Secret"  # noqa: S105  (a type, not a secret)


def bring_up(plan: Plan, children: Children, report: Report) -> None:
    """Start the emulator, create the stack in it, start the gateway. Raises CollectError.

    Whatever goes wrong, nothing is left running, and no target is written that an audit could take
    for a lab.
    """
    plan.folder.clear()
    prepared = prepare(plan.folder.path, plan.registry, _servers(plan))
    try:
        emulator = start_emulator(children, prepared.certificates)
        report("the AWS emulator is starting")
        provision(plan, children, emulator, report)
        report("the gateway is starting")
        inputs = _gateway_inputs(plan, emulator)
        _seed_egress(plan, prepared, inputs)
        tokens_file = seed_tokens(plan.folder.path, prepared, inputs)
        site = _site(plan, prepared, emulator)
        tasks = start_tasks(children, site)
        report("partners register, their tokens rotate, and we register with them")
        register_and_rotate(_exchange(site, tasks, inputs, tokens_file))
        plan.folder.write_target(
            {
                "name": plan.stack,
                "stack_file": str(plan.folder.stack),
                "region": plan.settings.region,
                "gateway": f"127.0.0.1:{tasks.guard_port}",
                "server_name": plan.settings.domain,
                "ca_file": emulator.ca_file,
                "aws_endpoint": emulator.endpoint,
                "tokens_file": str(tokens_file),
                "partners": str(plan.registry),
                "project": str(plan.project),
            }
        )
    except BaseException:
        plan.folder.target.unlink(missing_ok=True)
        children.stop_all()
        raise


def _gateway_inputs(plan: Plan, emulator: Emulator) -> GatewayInputs:
    """What the gateway needs of the deployed stack: the token table, and each partner's inbound secret."""
    resources = plan.folder.resources()
    tables = [r for r in resources if r["type"] == _TABLE and r["inputs"].get("hashKey") == "digest"]
    if len(tables) != 1:
        raise CollectError(
            f"the stack has {len(tables)} token tables (hash key `digest`), the gateway needs one",
            "infra/data/token_store.py declares it",
        )
    inbound = {
        tags["rampart:partner"]: resource["id"]
        for resource in resources
        if resource["type"] == _SECRET
        and (tags := resource["inputs"].get("tags", {})).get("rampart:direction") == "inbound"
    }
    return GatewayInputs(
        aws_endpoint=emulator.endpoint,
        region=plan.settings.region,
        token_table=tables[0]["id"],
        secrets=inbound,
        partners=plan.registry,
        environment=plan.settings.environment,
        aws_ca_file=emulator.ca_file,
    )


def _seed_egress(plan: Plan, prepared: Prepared, inputs: GatewayInputs) -> None:
    """The certificates that in AWS a person puts there, and the first keys of the egress guard's callers.

    AWS's first rotation would have made the keys; the emulator moves no label that no version has.
    """
    label, made = plan.settings.environment, prepared.certificates.of
    values = {
        certificate_secret(label): pem(made["egress"]),
        service_certificate_secret(label): pem(made["service"]),
    }
    for name in shown_certificates(_own(plan)):
        values[client_certificate_secret(label, name)] = pem(made[f"{CLIENT}{name}"])
    for caller in CHANGE_TOKENS:
        values[key_secret(label, caller)] = base64.b64encode(secrets.token_bytes(LEAST_KEY_BYTES))
    client = Clients(inputs.aws_endpoint, inputs.region, inputs.aws_ca_file).get("secretsmanager")
    for name, value in values.items():
        client.put_secret_value(SecretId=name, SecretString=value.decode("ascii"))


def _servers(plan: Plan) -> dict[str, tuple[str, ...]]:
    """Every server of the lab, and the host names and addresses of its certificate."""
    settings = plan.settings
    hosts = sorted({host.host for partner in plan.partners for host in partner.callback_hosts})
    environment = Environment(settings.environment, "", settings.region)
    return {
        "emulator": (
            "127.0.0.1",
            f"*.{settings.region}.amazonaws.com",
            f"*.s3.{settings.region}.amazonaws.com",
        ),
        "guard": (settings.domain, f"guard.{settings.domain}", "127.0.0.1"),
        "service": (f"service.{internal_domain(environment)}",),
        "egress": (egress_host(environment),),
        "partner": tuple(hosts),
        **{f"{CLIENT}{name}": (name,) for name in shown_certificates(_own(plan))},
    }


def _own(plan: Plan) -> tuple[Partner, ...]:
    """The partners of the plan's environment."""
    return tuple(one for one in plan.partners if one.environment == plan.settings.environment)


def _exchange(site: Site, tasks: Tasks, inputs: GatewayInputs, tokens_file: Path) -> Exchange:
    return Exchange(
        clients=Clients(inputs.aws_endpoint, inputs.region, inputs.aws_ca_file),
        folder=site.folder,
        network=tasks.network,
        port=tasks.guard_port,
        label=inputs.environment,
        partners=site.partners,
        tokens=json.loads(tokens_file.read_text(encoding="utf-8")),
        partner_tokens=tasks.partner_tokens,
    )


def _site(plan: Plan, prepared: Prepared, emulator: Emulator) -> Site:
    return Site(
        folder=plan.folder.path,
        resources=tuple(plan.folder.resources()),
        environment=plan.settings.environment,
        region=plan.settings.region,
        domain=plan.settings.domain,
        emulator_port=int(emulator.endpoint.rpartition(":")[2]),
        certificates=prepared.certificates,
        partners=plan.partners,
        partners_folder=prepared.partners,
    )


def take_down(folder: LabFolder) -> tuple[Process, ...]:
    """End the lab's processes; returns those that still ran. Doing it twice, or after a crash, is fine."""
    folder.target.unlink(missing_ok=True)
    folder.tokens.unlink(missing_ok=True)
    folder.partner_tokens.unlink(missing_ok=True)
    (folder.pulumi / PASSPHRASE).unlink(missing_ok=True)
    return Children(folder.path).stop_all()


def missing_processes(folder: LabFolder) -> tuple[Process, ...]:
    """The processes of the lab that ought to run and do not."""
    return tuple(process for process in Children(folder.path).listed() if not is_alive(process))
