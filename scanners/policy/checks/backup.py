"""Checks of AWS Backup: tables have copies that nobody can delete, in this region and in another."""

from __future__ import annotations

from dataclasses import replace
from math import inf
from typing import Any, Final

from hardening.checks import Unverifiable, Verdicts, check
from scanners.policy.checks.dynamodb import TABLE
from scanners.policy.checks.reading import attached, items, number, points_at, read, tag, verdict
from scanners.policy.samples.data import DATA
from scanners.policy.samples.sample_stack import ABSENT, aws, plus, retained, weaken, without
from scanners.policy.stack import UNKNOWN, Resource, Stack

_VAULT: Final = "aws:backup/vault:Vault"
_LOCK: Final = "aws:backup/vaultLockConfiguration:VaultLockConfiguration"
PLAN: Final = "aws:backup/plan:Plan"
SELECTION: Final = "aws:backup/selection:Selection"
_LEAST: Final = 35  # days: as far as point-in-time recovery reaches back
_NARROWING: Final = ("notResources", "selectionTags", "conditions")
_CLASS: Final = "rampart:data-class"


def _vault(name: str, **inputs: Any) -> tuple[Resource, Resource]:
    return (
        retained(aws("backup/vault:Vault", name, name=name, kmsKeyArn="arn:kms-data", **inputs)),
        retained(
            aws(
                "backup/vaultLockConfiguration:VaultLockConfiguration",
                f"lock-{name}",
                backupVaultName=name,
                minRetentionDays=35,
                maxRetentionDays=100,
                changeableForDays=3,
            )
        ),
    )


_COPIES: Final = [{"destinationVaultArn": "arn:vault-copy", "lifecycle": {"deleteAfter": 35}}]
BACKED: Final = plus(
    DATA,
    *_vault("vault-1", region="eu-central-1"),
    *_vault("vault-copy", region="eu-west-1"),
    aws(
        "backup/plan:Plan",
        "plan-1",
        rules=[
            {
                "ruleName": "daily",
                "targetVaultName": "vault-1",
                "schedule": "cron(0 2 * * ? *)",
                "startWindow": 60,
                "completionWindow": 360,
                "lifecycle": {"deleteAfter": 35},
                "copyActions": _COPIES,
            }
        ],
    ),
    aws(
        "backup/selection:Selection",
        "selection-1",
        planId="plan-1",
        resources=[r.outputs["arn"] for r in DATA.resources if r.type == TABLE],
    ),
)


_TAGGED: Final = [{"type": "STRINGEQUALS", "key": "backup", "value": "yes"}]
_CONDITION: Final = {"stringEquals": [{"key": "aws:ResourceTag/backup", "value": "yes"}]}


def _with_stack(stack: Stack, name: str) -> Stack:
    """`stack`, in which the resource `name` goes with it."""
    return replace(
        stack,
        resources=tuple(replace(r, retain_on_delete=False) if r.name == name else r for r in stack.resources),
    )


@check(
    "backups-locked",
    good=BACKED,
    bad={
        "no lock": without(BACKED, "lock-vault-1"),
        "governance": weaken(BACKED, "lock-vault-1", "changeableForDays", ABSENT),
        "gone at once": weaken(BACKED, "lock-vault-1", "minRetentionDays", ABSENT),
        "gone tomorrow": weaken(BACKED, "lock-vault-copy", "minRetentionDays", 1),
    },
)
def vaults_are_locked(stack: Stack) -> Verdicts:
    """Each vault is locked in compliance mode, with `minRetentionDays` of 35 or more."""
    for vault in stack.of_type(_VAULT):
        yield verdict(vault.urn, _is_locked(stack, vault), "is not locked so that nobody can take it off")


def _is_locked(stack: Stack, vault: Resource) -> bool:
    return any(
        number(lock, "changeableForDays") is not None and (number(lock, "minRetentionDays") or 0) >= _LEAST
        for lock in attached(stack, vault, _LOCK, "backupVaultName")
    )


@check(
    "backups-locked",
    good=BACKED,
    bad={"the vault": _with_stack(BACKED, "vault-1"), "its lock": _with_stack(BACKED, "lock-vault-1")},
)
def vaults_outlive_the_stack(stack: Stack) -> Verdicts:
    """A vault with locked copies cannot be deleted, so a destroy that tries stops half-way."""
    for each in stack.of_type(_VAULT, _LOCK):
        yield verdict(each.urn, each.retain_on_delete, "is deleted with the stack")


@check("data-under-own-keys", good=BACKED, bad=weaken(BACKED, "vault-1", "kmsKeyArn", ABSENT))
def vaults_have_keys_of_ours(stack: Stack) -> Verdicts:
    """Each vault names a key; without one AWS takes its own."""
    for vault in stack.of_type(_VAULT):
        yield verdict(f"{vault.urn}#kmsKeyArn", bool(read(vault, "kmsKeyArn")), "is under no key of ours")


@check(
    "backups-locked",
    good=BACKED,
    bad={
        "nothing is selected": without(BACKED, "selection-1"),
        "another table is": weaken(BACKED, "selection-1", "resources", ["arn:table-another"]),
        "it is left out again": weaken(BACKED, "selection-1", "notResources", ["arn:*"]),
        "by no plan": without(BACKED, "plan-1"),
        "never": weaken(BACKED, "plan-1", "rules.0.schedule", ABSENT),
        "into another vault": weaken(BACKED, "plan-1", "rules.0.targetVaultName", "Default"),
        "by another plan": weaken(BACKED, "selection-1", "planId", "plan-2"),
        "a copy for a week": weaken(BACKED, "plan-1", "rules.0.copyActions.0.lifecycle.deleteAfter", 7),
        "until nobody says": weaken(BACKED, "plan-1", "rules.0.lifecycle", ABSENT),
        "for a week": weaken(BACKED, "plan-1", "rules.0.lifecycle.deleteAfter", 7),
        "once": weaken(BACKED, "plan-1", "rules.0.copyActions", []),
        "once in each vault of this region": weaken(BACKED, "vault-copy", "region", "eu-central-1"),
        "of tables with a tag": weaken(BACKED, "selection-1", "selectionTags", _TAGGED),
        "of tables under a condition": weaken(BACKED, "selection-1", "conditions", [_CONDITION]),
        "twice in one vault": weaken(
            BACKED, "plan-1", "rules.0.copyActions.0.destinationVaultArn", "arn:vault-1"
        ),
    },
    unverifiable={
        "here, wherever that is": weaken(BACKED, "vault-1", "region", ABSENT),
        "wherever that is": weaken(BACKED, "vault-copy", "region", UNKNOWN),
    },
)
def tables_have_copies_here_and_elsewhere(stack: Stack) -> Verdicts:
    """Each table with restricted data is copied on a schedule, into a vault here and one elsewhere."""
    for table in stack.of_type(TABLE):
        if tag(table, _CLASS) == "restricted":
            plans = [plan for one in _selecting(stack, table) for plan in _plans(stack, one)]
            kept = any(
                _keeps(stack, plan, f"rules.{n}")
                for plan in plans
                for n, _ in enumerate(items(plan, "rules"))
            )
            yield verdict(table.urn, kept, "no plan copies it into a vault of this region and one of another")


def _selecting(stack: Stack, table: Resource) -> list[Resource]:
    """What selects the table whatever its tags are: all else narrows a selection (API, BackupSelection)."""
    selecting = attached(stack, table, SELECTION, "resources")
    return [one for one in selecting if not any(read(one, name) for name in _NARROWING)]


def _plans(stack: Stack, selection: Resource) -> list[Resource]:
    return [plan for plan in stack.of_type(PLAN) if points_at(selection, "planId", plan)]


def _keeps(stack: Stack, plan: Resource, rule: str) -> bool:
    """Whether the rule at this path copies on a schedule, long enough, into vaults of two regions."""
    here = vaults_named(stack, read(plan, f"{rule}.targetVaultName"))
    copies = [f"{rule}.copyActions.{n}" for n, _ in enumerate(items(plan, f"{rule}.copyActions"))]
    kept = [read(plan, f"{copy}.destinationVaultArn") for copy in copies if _is_long(plan, copy)]
    regions = {_region(stack, vault) for vault in here}
    away = any(_region(stack, vault) not in regions for name in kept for vault in vaults_named(stack, name))
    return bool(here) and away and bool(read(plan, f"{rule}.schedule")) and _is_long(plan, rule)


def _region(stack: Stack, vault: Resource) -> str:
    region = stack.region_of(vault)
    if not region:
        raise Unverifiable(f"{vault.urn}#region", "nothing says in which region it is")
    return region


def vaults_named(stack: Stack, name: object) -> list[Resource]:
    """The vaults of this name or ARN."""
    return [v for v in stack.of_type(_VAULT) if name in (v.inputs.get("name"), v.id, v.outputs.get("arn"))]


def _is_long(plan: Resource, rule: str) -> bool:
    return (number(plan, f"{rule}.lifecycle.deleteAfter") or 0) >= _LEAST


@check(
    "backups-locked",
    good=BACKED,
    bad={
        "no day as long as the lock asks": weaken(BACKED, "lock-vault-1", "minRetentionDays", 36),
        "longer than it bears": weaken(BACKED, "plan-1", "rules.0.lifecycle.deleteAfter", 101),
        "for ever": weaken(BACKED, "plan-1", "rules.0.lifecycle.deleteAfter", ABSENT),
        "elsewhere too short": weaken(BACKED, "lock-vault-copy", "minRetentionDays", 36),
        "elsewhere too long": weaken(BACKED, "plan-1", "rules.0.copyActions.0.lifecycle.deleteAfter", 101),
    },
    also_good={
        "for ever, where the lock bears it": weaken(
            weaken(BACKED, "plan-1", "rules.0.lifecycle.deleteAfter", ABSENT),
            "lock-vault-1",
            "maxRetentionDays",
            ABSENT,
        ),
        "for a day, where the lock asks for none": weaken(
            weaken(BACKED, "plan-1", "rules.0.lifecycle.deleteAfter", 1),
            "lock-vault-1",
            "minRetentionDays",
            ABSENT,
        ),
    },
)
def retention_is_within_the_lock(stack: Stack) -> Verdicts:
    """A job with a retention that the lock of its vault does not bear fails (AWS Backup Vault Lock)."""
    for plan in stack.of_type(PLAN):
        for rule in [f"rules.{n}" for n, _ in enumerate(items(plan, "rules"))]:
            kept = [(rule, read(plan, f"{rule}.targetVaultName"))]
            for n, _ in enumerate(items(plan, f"{rule}.copyActions")):
                copy = f"{rule}.copyActions.{n}"
                kept.append((copy, read(plan, f"{copy}.destinationVaultArn")))
            for path, name in kept:
                days = number(plan, f"{path}.lifecycle.deleteAfter") or inf
                locks = [
                    k for v in vaults_named(stack, name) for k in attached(stack, v, _LOCK, "backupVaultName")
                ]
                taken = all(_bears(lock, days) for lock in locks)
                yield verdict(
                    f"{plan.urn}#{path}.lifecycle", taken, "the lock of its vault refuses such a copy"
                )


def _bears(lock: Resource, days: float) -> bool:
    least, most = number(lock, "minRetentionDays"), number(lock, "maxRetentionDays")
    return (least is None or days >= least) and (most is None or days <= most)
