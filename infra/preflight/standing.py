"""What AWS allows once in an account or region, and is there already: to adopt, not to collide with."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from infra.aws_calls import Absent, AwsCalls
from infra.preflight.requirement import Results, met, unmet
from infra.program_run.deployment import Record

Found = Callable[[AwsCalls, str], str]


@dataclass(frozen=True, slots=True)
class Single:
    """A resource type of which there is one; `find` gives the id of the one in a region, or an empty text."""

    what: str
    type: str
    find: Found


def _recorder(calls: AwsCalls, region: str) -> str:
    found = calls.ask("config", "describe_configuration_recorders", region)["ConfigurationRecorders"]
    return str(found[0]["name"]) if found else ""


def _channel(calls: AwsCalls, region: str) -> str:
    found = calls.ask("config", "describe_delivery_channels", region)["DeliveryChannels"]
    return str(found[0]["name"]) if found else ""


def _detector(calls: AwsCalls, region: str) -> str:
    found = calls.ask("guardduty", "list_detectors", region)["DetectorIds"]
    return str(found[0]) if found else ""


def _hub(calls: AwsCalls, region: str) -> str:
    try:
        return str(calls.ask("securityhub", "describe_hub", region)["HubArn"])
    except Absent:
        return ""


def _config_role(calls: AwsCalls, _region: str) -> str:
    path = "/aws-service-role/config.amazonaws.com/"
    found = calls.ask("iam", "list_roles", PathPrefix=path)["Roles"]
    return str(found[0]["Arn"]) if found else ""


# AWS Config and GuardDuty quotas: one recorder, one channel, one detector in a region. A service-linked role,
# Security Hub and its aggregator can be made once. The others that an account has once (password policy,
# public access block, EBS encryption, API Gateway's account, scanning) are set, not made: nothing collides.
SINGLES = (
    Single("AWS Config's recorder", "aws:cfg/recorder:Recorder", _recorder),
    Single("AWS Config's delivery channel", "aws:cfg/deliveryChannel:DeliveryChannel", _channel),
    Single("AWS Config's service-linked role", "aws:iam/serviceLinkedRole:ServiceLinkedRole", _config_role),
    Single("GuardDuty's detector", "aws:guardduty/detector:Detector", _detector),
    Single("Security Hub", "aws:securityhub/account:Account", _hub),
)


def look_up_singles(
    calls: AwsCalls, declared: Sequence[Record], standing: frozenset[str], results: Results
) -> None:
    """Each single thing that is declared must not be there; `standing` are the URNs of the stack's state."""
    for single in SINGLES:
        for record in (one for one in declared if one.type == single.type):
            if record.urn in standing:
                continue
            region = str(record.inputs.get("region") or calls.region)
            what = f"{single.what} in {region}"
            with results.looking_up(what, "none yet"):
                found = single.find(calls, region)
                if found:
                    name = record.urn.rsplit("::", 1)[1]
                    parent = f" --parent {record.parent}" if record.parent else ""
                    mend = f"adopt it: pulumi import {single.type} {name} {found}{parent}"
                    results.all.append(unmet(what, found, "none yet", mend))
                else:
                    results.all.append(met(what, "none", "none yet"))
