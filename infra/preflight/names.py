"""Names that are taken, and regions that are not switched on: AWS refuses both in the middle of an `up`."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from infra.aws_calls import AwsCalls
from infra.edge.route53 import HOME
from infra.preflight.requirement import Results, met, unmet
from infra.program_run.deployment import Record
from infra.program_run.placeholders import TEXT
from infra.settings import Settings

_FREE = "none with our names"


@dataclass(frozen=True, slots=True)
class Taken:
    """A name that is taken: `identifier` is what an import needs, and `first` a command before it.

    `key` is the id of the KMS key that an alias names.
    """

    identifier: str
    first: str = ""
    key: str = ""


@dataclass(frozen=True, slots=True)
class Named:
    """A type whose names the program chooses, in the input `key`; `taken` has those of a region by name.

    `otherwise` is what else can be done than to adopt one.
    """

    what: str
    type: str
    key: str
    taken: Callable[[AwsCalls, str], Mapping[str, Taken]]
    otherwise: str = "or delete it"


Listed = Callable[[AwsCalls, str], Mapping[str, Taken]]


def _listed(
    service: str, operation: str, items: str, name: str, identifier: str = "", **parameters: Any
) -> Listed:
    """All that an operation lists, by the member `name` of each; `identifier`, or that name, imports it."""

    def taken(calls: AwsCalls, region: str) -> Mapping[str, Taken]:
        found = calls.pages(service, operation, items, region, **parameters)
        return {str(one[name]): Taken(str(one[identifier or name])) for one in found}

    return taken


def _aliases(calls: AwsCalls, region: str) -> Mapping[str, Taken]:
    """An alias without its key would be led to a new key, which opens nothing of what is kept."""
    found = calls.pages("kms", "list_aliases", "Aliases", region)
    return {
        str(one["AliasName"]): Taken(str(one["AliasName"]), key=str(one.get("TargetKeyId") or ""))
        for one in found
    }


def _secrets(calls: AwsCalls, region: str) -> Mapping[str, Taken]:
    """A deleted secret keeps its name while it can be restored (Secrets Manager User Guide, "Delete")."""
    found = calls.pages("secretsmanager", "list_secrets", "SecretList", region, IncludePlannedDeletion=True)
    restore = "aws secretsmanager restore-secret --secret-id"
    return {
        str(one["Name"]): Taken(str(one["ARN"]), f"{restore} {one['Name']}" if "DeletedDate" in one else "")
        for one in found
    }


def _tables(calls: AwsCalls, region: str) -> Mapping[str, Taken]:
    return {
        str(name): Taken(str(name)) for name in calls.pages("dynamodb", "list_tables", "TableNames", region)
    }


# A destroyed stack leaves behind what keeps evidence (buckets, vaults, keys with their aliases), what is
# protected (tables, boundaries), secrets for thirty days, and log groups of functions that wrote once more. A
# role may be somebody else's.
NAMED = (
    Named("S3 buckets", "aws:s3/bucket:Bucket", "bucket", _listed("s3", "list_buckets", "Buckets", "Name")),
    Named("IAM roles", "aws:iam/role:Role", "name", _listed("iam", "list_roles", "Roles", "RoleName")),
    Named(
        "IAM policies",
        "aws:iam/policy:Policy",
        "name",
        _listed("iam", "list_policies", "Policies", "PolicyName", "Arn", Scope="Local"),
    ),
    Named(
        "backup vaults",
        "aws:backup/vault:Vault",
        "name",
        _listed("backup", "list_backup_vaults", "BackupVaultList", "BackupVaultName"),
        "or delete it once its last copy has ended",
    ),
    Named("aliases of KMS keys", "aws:kms/alias:Alias", "name", _aliases, "or delete the alias, not the key"),
    Named("secrets", "aws:secretsmanager/secret:Secret", "name", _secrets, "or wait until it is gone"),
    Named("tables", "aws:dynamodb/table:Table", "name", _tables),
    Named(
        "log groups",
        "aws:cloudwatch/logGroup:LogGroup",
        "name",
        _listed("logs", "describe_log_groups", "logGroups", "logGroupName"),
    ),
)


def look_up_names(
    calls: AwsCalls, account: str, declared: Sequence[Record], standing: frozenset[str], results: Results
) -> None:
    """No name that the program gives is taken; `standing` are the URNs of the stack's state.

    The records stand without an account, which is part of the names of buckets.
    """
    for named in NAMED:
        new = [one for one in declared if one.type == named.type and one.urn not in standing]
        if not new:
            continue
        with results.looking_up(named.what, _FREE):
            taken = {region: named.taken(calls, region) for region in {_region(calls, one) for one in new}}
            names = [(str(one.inputs.get(named.key)).replace(TEXT, account), one) for one in new]
            found = [(name, one) for name, one in names if name in taken[_region(calls, one)]]
            if not found:
                results.all.append(met(named.what, "none", _FREE))
            for name, one in found:
                mend = f"{_adopting(calls, one, taken[_region(calls, one)][name])}; {named.otherwise}"
                results.all.append(unmet(f"{named.what}: {name}", "there", "a free name", mend))


def _region(calls: AwsCalls, record: Record) -> str:
    return str(record.inputs.get("region") or calls.region)


def _adopting(calls: AwsCalls, record: Record, taken: Taken) -> str:
    """The commands that adopt it; an id in another region ends with that region (Pulumi AWS 7, "region")."""
    title, region = record.urn.rsplit("::", 1)[1], _region(calls, record)
    parent = f" --parent {record.parent}" if record.parent else ""
    there = "" if region == calls.region else f"@{region}"
    wanted = [(record.type, taken.identifier)]
    if taken.key:
        wanted.insert(0, ("aws:kms/key:Key", taken.key))
    imports = [f"pulumi import {kind} {title} {identifier}{there}{parent}" for kind, identifier in wanted]
    return "adopt it: " + ", then ".join([*([taken.first] if taken.first else []), *imports])


def look_up_regions(calls: AwsCalls, settings: Settings, results: Results) -> None:
    """Each region is on in the account (AWS Account Management, "Enable or disable AWS Regions")."""
    ours = sorted({settings.region, settings.replica_region, HOME, *settings.detection_regions})
    needed = "switched on"
    with results.looking_up("regions", needed):
        answer = calls.ask("ec2", "describe_regions", AllRegions=True)["Regions"]
        status = {str(one["RegionName"]): str(one.get("OptInStatus")) for one in answer}
        off = [region for region in ours if status.get(region) not in ("opt-in-not-required", "opted-in")]
        if not off:
            results.all.append(met("regions", f"{len(ours)} switched on", needed))
        for region in off:
            mend = f"aws account enable-region --region-name {region}, or leave it out of the settings"
            found = status.get(region, "no such region")
            results.all.append(unmet(f"region {region}", found, needed, mend))
