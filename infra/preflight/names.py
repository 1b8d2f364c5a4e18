"""Names that are taken, and regions that are not switched on: AWS refuses both in the middle of an `up`."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from infra.aws_calls import AwsCalls
from infra.edge.route53 import HOME
from infra.preflight.requirement import Results, met, unmet
from infra.program_run.deployment import Record
from infra.program_run.placeholders import TEXT
from infra.settings import Settings

_FREE = "none with our names"


@dataclass(frozen=True, slots=True)
class Named:
    """A type whose names the program chooses, in the input `key`; `taken` lists the account's."""

    what: str
    type: str
    key: str
    taken: Callable[[AwsCalls], frozenset[str]]


def _buckets(calls: AwsCalls) -> frozenset[str]:
    return frozenset(str(one["Name"]) for one in calls.pages("s3", "list_buckets", "Buckets"))


def _roles(calls: AwsCalls) -> frozenset[str]:
    return frozenset(str(one["RoleName"]) for one in calls.pages("iam", "list_roles", "Roles"))


# A destroyed stack leaves buckets with locked objects behind; a role may be somebody else's.
NAMED = (
    Named("S3 buckets", "aws:s3/bucket:Bucket", "bucket", _buckets),
    Named("IAM roles", "aws:iam/role:Role", "name", _roles),
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
            taken = named.taken(calls)
            names = [(str(one.inputs.get(named.key)).replace(TEXT, account), one) for one in new]
            found = [(name, one) for name, one in names if name in taken]
            if not found:
                results.all.append(met(named.what, "none", _FREE))
            for name, one in found:
                title = one.urn.rsplit("::", 1)[1]
                parent = f" --parent {one.parent}" if one.parent else ""
                mend = f"adopt it: pulumi import {named.type} {title} {name}{parent}; or delete it"
                results.all.append(unmet(f"{named.what}: {name}", "there", "a free name", mend))


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
