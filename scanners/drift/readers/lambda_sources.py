"""AWS Lambda: what calls functions, and whose code they may have (Lambda API reference)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from scanners.drift.account import View
from scanners.drift.declared import Declared, block, by
from scanners.drift.fields import exposure, protection, setting
from scanners.drift.normalize import camel, last_part, number, unordered
from scanners.drift.records import Field, Live, ResourceReader
from scanners.policy.stack import Resource

_MAPPING: Final = "aws:lambda/eventSourceMapping:EventSourceMapping"


def event_source_mappings(view: View) -> Iterator[Live]:
    """Queues and streams that Lambda reads for a function (ListEventSourceMappings)."""
    for found in view.pages("lambda", "list_event_source_mappings", "EventSourceMappings"):
        where = found.get("DestinationConfig") or {}
        taken, failed = ((where.get(name) or {}).get("Destination") for name in ("OnSuccess", "OnFailure"))
        source, function = found.get("EventSourceArn"), last_part(found.get("FunctionArn"))
        yield Live(
            _MAPPING,
            found["UUID"],
            {
                "eventSourceArn": source,
                "functionName": found.get("FunctionArn"),
                "enabled": found.get("State") not in ("Disabled", "Disabling"),
                "batchSize": found.get("BatchSize"),
                "filterCriteria": [
                    each.get("Pattern") for each in (found.get("FilterCriteria") or {}).get("Filters") or ()
                ],
                "destination": failed,
                "destinationConfig.onSuccess": taken,
                "kmsKeyArn": found.get("KMSKeyArn"),
                **{name: camel(found.get(_of_aws(name))) for name in _MORE},
                "about": f"from {source} to {function}",
            },
            view.region,
        )


# Further settings with what AWS does where nobody says anything; -1 is for ever.
_MORE: Final[Mapping[str, Any]] = {
    "maximumBatchingWindowInSeconds": 0,
    "functionResponseTypes": (),
    "scalingConfig": None,
    "provisionedPollerConfig": None,
    "metricsConfig": None,
    # Of streams and brokers.
    "sourceAccessConfigurations": (),
    "parallelizationFactor": 1,
    "maximumRecordAgeInSeconds": -1,
    "maximumRetryAttempts": -1,
    "bisectBatchOnFunctionError": False,
    "tumblingWindowInSeconds": 0,
    "documentDbEventSourceConfig": None,
}


def _of_aws(name: str) -> str:
    return f"{name[0].upper()}{name[1:]}".replace("DocumentDb", "DocumentDB")


def _more(name: str, default: Any) -> Field:
    """One of these; where AWS answers none, its default holds."""
    return setting(name, lambda value: unordered(default if value is None else value), default=default)


def _declared_mapping(_: Declared, mapping: Resource) -> Mapping[str, Any]:
    inputs = mapping.inputs
    filters = block(inputs.get("filterCriteria")).get("filters") or ()
    return {
        **inputs,
        "filterCriteria": [each.get("pattern") for each in filters],
        "destination": block(inputs, "destinationConfig", "onFailure").get("destinationArn"),
    }


def signing_configs(view: View) -> Iterator[Live]:
    """Code signing configurations: whose code may be deployed (ListCodeSigningConfigs)."""
    for found in view.pages("lambda", "list_code_signing_configs", "CodeSigningConfigs"):
        publishers = (found.get("AllowedPublishers") or {}).get("SigningProfileVersionArns")
        yield Live(
            "aws:lambda/codeSigningConfig:CodeSigningConfig",
            found["CodeSigningConfigArn"],
            {
                "description": found.get("Description"),
                "allowedPublishers": publishers,
                "policies": (found.get("CodeSigningPolicies") or {}).get("UntrustedArtifactOnDeployment"),
            },
            view.region,
        )


def _declared_config(_: Declared, config: Resource) -> Mapping[str, Any]:
    publishers = block(config.inputs.get("allowedPublishers"))
    policies = block(config.inputs.get("policies"))
    return {
        **config.inputs,
        "allowedPublishers": publishers.get("signingProfileVersionArns"),
        "policies": policies.get("untrustedArtifactOnDeployment"),
    }


READERS: Final = (
    ResourceReader(
        type=_MAPPING,
        service="lambda",
        read=event_source_mappings,
        key=by("uuid"),
        declare=_declared_mapping,
        fields=(
            exposure("eventSourceArn"),
            exposure("functionName", last_part),
            exposure("destination", default=None),
            exposure("destinationConfig.onSuccess", default=None),
            protection("enabled", default=True),
            protection("filterCriteria", unordered, default=()),
            setting("batchSize", number),
            exposure("kmsKeyArn", last_part, default=None),
            *(_more(name, default) for name, default in _MORE.items()),
        ),
    ),
    ResourceReader(
        type="aws:lambda/codeSigningConfig:CodeSigningConfig",
        service="lambda",
        read=signing_configs,
        key=by("arn"),
        declare=_declared_config,
        fields=(
            protection("allowedPublishers", unordered),
            protection("policies", default="Warn"),
            setting("description"),
        ),
    ),
)
