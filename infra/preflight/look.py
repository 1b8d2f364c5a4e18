"""All that a deployment needs of the account, looked up: what is declared is what the program would build."""

from __future__ import annotations

from pathlib import Path

from hardening.checks import Status
from hardening.errors import CollectError, ConfigError
from hardening.registry.partners import Partner
from infra.aws_calls import AwsCalls
from infra.environment import Environment
from infra.preflight.backups import look_up_backup_settings
from infra.preflight.firewall import look_up_capacity
from infra.preflight.inputs import look_up_delegation, look_up_images, look_up_principals
from infra.preflight.name_servers import Address
from infra.preflight.names import look_up_names, look_up_regions
from infra.preflight.quotas import look_up_quotas
from infra.preflight.requirement import Requirement, Results
from infra.preflight.standing import look_up_singles
from infra.preflight.state import look_up_secrets_provider
from infra.program_run.deployment import Deployment, Record
from infra.program_run.monitor import StackName
from infra.program_run.provision import SOURCE_ROOT, Unplanned, run_program
from infra.settings import Settings


def declared(name: StackName, settings: Settings, partners: tuple[Partner, ...]) -> tuple[Record, ...]:
    """The resources that the program declares, with what AWS would answer unknown."""
    from infra.program import build

    deployment = Deployment(None, {})
    run_program(lambda: build(settings, partners), name, Unplanned(), deployment, root=SOURCE_ROOT)
    return deployment.records()


def look(
    settings: Settings,
    records: tuple[Record, ...],
    standing: frozenset[str] = frozenset(),
    resolver: Address | None = None,
    stack_file: Path | None = None,
) -> tuple[Requirement, ...]:
    """Every requirement, met or not; `standing` are the URNs in the stack's state.

    `stack_file` is the stack's `Pulumi.<stack>.yaml`, which says what encrypts the state.

    Raises CredentialsError, or CollectError where not even the account is known.
    """
    calls, results = AwsCalls(settings.region), Results()
    account = str(calls.ask("sts", "get_caller_identity")["Account"])
    own = Environment(settings.environment, account, settings.region).name("")
    look_up_quotas(calls, records, own, results)
    look_up_singles(calls, records, standing, results)
    look_up_names(calls, account, records, standing, results)
    look_up_regions(calls, settings, results)
    look_up_backup_settings(calls, records, results)
    look_up_capacity(records, results)
    look_up_principals(calls, settings, account, results)
    look_up_images(calls, settings, results)
    look_up_delegation(calls, settings, results, resolver)
    if stack_file is not None:
        look_up_secrets_provider(stack_file, results)
    return tuple(results.all)


def refuse(found: tuple[Requirement, ...]) -> None:
    """Stop before AWS does. Raises ConfigError for what it would refuse, CollectError for what is unknown."""
    failing = tuple(
        f"{one.what}: expected {one.needed}, found {one.found}; {one.mend}"
        for one in found
        if one.status is Status.FAIL
    )
    if failing:
        raise ConfigError("the account is not ready", "`rampart doctor --stack` shows all of it", failing)
    unknown = [one for one in found if one.status is Status.ERROR]
    if unknown:
        raise CollectError(
            f"{unknown[0].what}: {unknown[0].found} ({len(unknown)} could not be looked up)",
            f"{unknown[0].mend}; `--skip-preflight` deploys without a look",
        )
