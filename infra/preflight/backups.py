"""Whether AWS Backup makes copies of tables in this account, and manages them itself.

AWS Backup API Reference, "DescribeRegionSettings": without the opt-in it does not try to protect a service's
resources; "UpdateRegionSettings" excepts those that a plan names, as ours does. What is on needs none.
Copies in another region and under a key of their own need its own management (Developer Guide, "Advanced
DynamoDB backup").
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from hardening.errors import CollectError
from infra.aws_calls import AwsCalls
from infra.preflight.requirement import Results, met, unmet
from infra.program_run.deployment import Record

_SERVICE = "DynamoDB"
# Preference -> the option of `aws backup update-region-settings` that sets it.
_PREFERENCES: Mapping[str, str] = {
    "ResourceTypeOptInPreference": "--resource-type-opt-in-preference",
    "ResourceTypeManagementPreference": "--resource-type-management-preference",
}
_WHAT, _NEEDED = "AWS Backup of tables", "switched on, and managed by AWS Backup"


def look_up_backup_settings(calls: AwsCalls, declared: Sequence[Record], results: Results) -> None:
    """Both preferences for tables are true in each region with a declared plan."""
    plans = [one for one in declared if one.type == "aws:backup/plan:Plan"]
    for region in sorted({str(one.inputs.get("region") or calls.region) for one in plans}):
        what = f"{_WHAT} in {region}"
        with results.looking_up(what, _NEEDED):
            told = calls.ask("backup", "describe_region_settings", region)
            off = [name for name in _PREFERENCES if not _is_on(told, name)]
            if not off:
                results.all.append(met(what, "both", _NEEDED))
                continue
            options = " ".join(f"{_PREFERENCES[name]} {_SERVICE}=true" for name in off)
            mend = f"aws backup update-region-settings --region {region} {options}"
            results.all.append(unmet(what, f"{' and '.join(off)} off", _NEEDED, mend))


def _is_on(told: Mapping[str, Mapping[str, bool]], preference: str) -> bool:
    value = (told.get(preference) or {}).get(_SERVICE)
    if value is None:
        raise CollectError(f"backup: {preference} says nothing of {_SERVICE}", "look at its settings")
    return value
