"""What the emulator does not support, and why: the one list that the lab, drift and docs go by.

Nothing here is judged as if it had been deployed. `rampart lab status` shows what of it the running
stack declares.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

_NO_API = "the emulator has no such API"
_FORGOTTEN = "the emulator accepts it and never answers it"


@dataclass(frozen=True, slots=True)
class Placeholder:
    """A type that the emulator does not support: why, and the outputs that other resources need."""

    reason: str
    outputs: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Unsupported:
    """A resource, or a property of one, that the emulator does not support.

    `property` is empty when it is the whole resource.
    """

    urn: str
    type: str
    property: str
    reason: str


# Types that the emulator creates and has no API to delete: they stay in it until the lab is down.
UNDELETABLE = frozenset(
    {
        "aws:route53/resolverQueryLogConfig:ResolverQueryLogConfig",
        "aws:route53/resolverQueryLogConfigAssociation:ResolverQueryLogConfigAssociation",
    }
)

# Types that are not created at all. Their id starts with `lab-`. Outputs are templates with {id},
# {region}, {account} and the resource's own text inputs.
TYPES: Mapping[str, Placeholder] = {
    "aws:lambda/codeSigningConfig:CodeSigningConfig": Placeholder(
        _NO_API, {"arn": "arn:aws:lambda:{region}:{account}:code-signing-config:csc-{id}"}
    ),
    "aws:route53/keySigningKey:KeySigningKey": Placeholder(_NO_API),
    "aws:route53/hostedZoneDnsSec:HostedZoneDnsSec": Placeholder(_NO_API),
    "aws:guardduty/detectorFeature:DetectorFeature": Placeholder(
        "the emulator's detectors have no features that can be set one by one"
    ),
    "aws:route53/resolverFirewallConfig:ResolverFirewallConfig": Placeholder(_NO_API),
    "aws:route53/resolverFirewallDomainList:ResolverFirewallDomainList": Placeholder(_NO_API),
    "aws:route53/resolverFirewallRule:ResolverFirewallRule": Placeholder(_NO_API),
    "aws:route53/resolverFirewallRuleGroup:ResolverFirewallRuleGroup": Placeholder(_NO_API),
    "aws:route53/resolverFirewallRuleGroupAssociation:ResolverFirewallRuleGroupAssociation": Placeholder(
        _NO_API
    ),
    "aws:backup/selection:Selection": Placeholder(_NO_API),
    "aws:cloudwatch/compositeAlarm:CompositeAlarm": Placeholder(_NO_API),
    "aws:securityhub/findingAggregator:FindingAggregator": Placeholder(_NO_API),
    "aws:securityhub/standardsSubscription:StandardsSubscription": Placeholder(_NO_API),
    "aws:accessanalyzer/analyzer:Analyzer": Placeholder(
        _NO_API, {"arn": "arn:aws:access-analyzer:{region}:{account}:analyzer/{id}"}
    ),
}

# Types that the emulator cannot list, so that nobody can say what of them is there.
_CANNOT_LIST = "the emulator does not list them"
UNLISTED: Mapping[str, str] = {
    "aws:guardduty/filter:Filter": _CANNOT_LIST,
    "aws:ec2clientvpn/endpoint:Endpoint": _CANNOT_LIST,
    "aws:ssm/association:Association": _CANNOT_LIST,
    "aws:ssm/activation:Activation": _CANNOT_LIST,
    "aws:cloudwatch/metricStream:MetricStream": _CANNOT_LIST,
    "aws:xray/group:Group": _CANNOT_LIST,
    "aws:ec2/networkInterface:NetworkInterface": "the emulator does not say which service has one",
    "aws:ebs/snapshot:Snapshot": "the emulator has hundreds of its own",
}

# Properties that the emulator's API refuses or does not know: they are left out of the call.
NOT_TAKEN: Mapping[str, Mapping[str, str]] = {
    "aws:kms/key:Key": {
        "deletionWindowInDays": "a parameter of the key's deletion, not of the key",
    },
    "aws:secretsmanager/secret:Secret": {
        "recoveryWindowInDays": "a parameter of the secret's deletion, not of the secret",
    },
    "aws:securityhub/account:Account": {"autoEnableControls": _NO_API},
}

# Properties that are sent, and that the emulator forgets or answers differently.
NOT_KEPT: Mapping[str, Mapping[str, str]] = {
    "aws:kms/key:Key": {"rotationPeriodInDays": _FORGOTTEN},
    "aws:budgets/budget:Budget": {"notifications.subscriberEmailAddresses": _FORGOTTEN},
    "aws:s3/bucketNotification:BucketNotification": {"eventbridge": _FORGOTTEN},
    "aws:apigateway/domainName:DomainName": {"endpointAccessMode": _FORGOTTEN},
    "aws:apigateway/restApi:RestApi": {
        "body.connections": "the emulator does not answer an integration's connection",
        "endpointAccessMode": _FORGOTTEN,
        "securityPolicy": _FORGOTTEN,
    },
    "aws:acm/certificate:Certificate": {"keyAlgorithm": "the emulator answers RSA_2048 for every key"},
    "aws:ecs/service:Service": {
        "availabilityZoneRebalancing": _FORGOTTEN,
        "deploymentCircuitBreaker": _FORGOTTEN,
        "deploymentMaximumPercent": _FORGOTTEN,
        "deploymentMinimumHealthyPercent": _FORGOTTEN,
        "enableEcsManagedTags": _FORGOTTEN,
        "enableExecuteCommand": _FORGOTTEN,
    },
    "aws:appautoscaling/target:Target": {"tags": _FORGOTTEN},
    "aws:lambda/function:Function": {"deadLetterConfig": _FORGOTTEN, "loggingConfig": _FORGOTTEN},
    "aws:cloudwatch/logGroup:LogGroup": {"logGroupClass": _FORGOTTEN},
    "aws:signer/signingJob:SigningJob": {
        "profileName": "the emulator has no signing jobs: the object is copied, not signed"
    },
}


def unsupported_parts(urn: str, kind: str, inputs: Mapping[str, object]) -> tuple[Unsupported, ...]:
    """What of this resource the emulator does not support."""
    if kind in TYPES:
        return (Unsupported(urn, kind, "", TYPES[kind].reason),)
    reasons = {**NOT_TAKEN.get(kind, {}), **NOT_KEPT.get(kind, {})}
    return tuple(
        Unsupported(urn, kind, name, reason) for name, reason in reasons.items() if _declares(inputs, name)
    )


def _declares(inputs: object, path: str) -> bool:
    """Whether the dotted path leads to a value; a list is looked at item by item."""
    if isinstance(inputs, list):
        return any(_declares(item, path) for item in inputs)
    if not isinstance(inputs, Mapping):
        return isinstance(inputs, str)  # a document, of which the path names a part
    step, _, rest = path.partition(".")
    value = inputs.get(step)
    return _declares(value, rest) if rest else value is not None


def without_refused(kind: str, inputs: Mapping[str, object]) -> dict[str, object]:
    """The inputs without what the emulator's API does not take."""
    left = dict(inputs)
    for path in NOT_TAKEN.get(kind, {}):
        left = _without(left, path)
    return left


def _without(inputs: Mapping[str, object], path: str) -> dict[str, object]:
    step, _, rest = path.partition(".")
    if not rest:
        return {key: value for key, value in inputs.items() if key != step}
    return {key: _inside(value, rest) if key == step else value for key, value in inputs.items()}


def _inside(value: object, path: str) -> object:
    if isinstance(value, list):
        return [_inside(item, path) for item in value]
    return _without(value, path) if isinstance(value, Mapping) else value
