"""API Gateway: stages and the settings of their methods (REST API reference)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from scanners.drift.account import View
from scanners.drift.declared import Declared, block
from scanners.drift.fields import TAGS, exposure, only, protection, setting
from scanners.drift.normalize import log_group, number, plain
from scanners.drift.records import Live, ResourceReader
from scanners.policy.stack import Resource


def stages(view: View) -> Iterator[Live]:
    """Stages, and the method settings of each as a resource of their own type (GetStages)."""
    for api in view.pages("apigateway", "get_rest_apis", "items"):
        for stage in view.ask("apigateway", "get_stages", restApiId=api["id"])["item"]:
            key = f"{api['id']}/{stage['stageName']}"
            yield Live(
                "aws:apigateway/stage:Stage",
                key,
                {
                    "deployment": stage.get("deploymentId"),
                    "description": stage.get("description"),
                    "accessLogSettings": stage.get("accessLogSettings"),
                    "clientCertificateId": stage.get("clientCertificateId"),
                    "cacheClusterEnabled": stage.get("cacheClusterEnabled"),
                    "xrayTracingEnabled": stage.get("tracingEnabled"),
                    "variables": stage.get("variables"),
                    "tags": stage.get("tags"),
                },
                view.region,
            )
            for path, settings in (stage.get("methodSettings") or {}).items():
                yield Live(
                    "aws:apigateway/methodSettings:MethodSettings",
                    f"{key}/{path.replace('~1', '/').lstrip('/')}",
                    {f"settings.{name}": value for name, value in settings.items()},
                    view.region,
                )


def access_log(value: Any) -> Any:
    """A stage's access log: its destination and its format."""
    found = block(value)
    return plain({"destinationArn": log_group(found.get("destinationArn")), "format": found.get("format")})


def throttling_limit(value: Any) -> Any:
    """A throttling limit: requests a second or burst. -1 is how the provider writes that there is none."""
    return None if number(value) == -1 else number(value)


def _declared_settings(_: Declared, resource: Resource) -> Mapping[str, Any]:
    found = block(resource.inputs.get("settings"))
    return {**resource.inputs, **{f"settings.{name}": value for name, value in found.items()}}


def _stage_key(resource: Resource) -> str:
    api, name = resource.inputs.get("restApi"), resource.inputs.get("stageName")
    return f"{api}/{name}" if isinstance(api, str) and isinstance(name, str) else ""


def _settings_key(resource: Resource) -> str:
    stage, path = _stage_key(resource), resource.inputs.get("methodPath")
    return f"{stage}/{path}" if stage else ""


READERS: Final = (
    ResourceReader(
        type="aws:apigateway/stage:Stage",
        service="apigateway",
        read=only("aws:apigateway/stage:Stage", stages),
        key=_stage_key,
        identity=("restApi", "stageName"),
        fields=(
            exposure("deployment"),
            exposure("variables", default=()),
            protection("accessLogSettings", access_log, default=()),
            protection("clientCertificateId"),
            protection("xrayTracingEnabled", default=False),
            setting("cacheClusterEnabled", default=False),
            setting("description"),
            TAGS,
        ),
    ),
    ResourceReader(
        type="aws:apigateway/methodSettings:MethodSettings",
        service="apigateway",
        read=only("aws:apigateway/methodSettings:MethodSettings", stages),
        key=_settings_key,
        identity=("restApi", "stageName", "methodPath"),
        declare=_declared_settings,
        fields=(
            protection("settings.loggingLevel", default="OFF"),
            protection("settings.metricsEnabled", default=False),
            protection("settings.dataTraceEnabled", default=False),
            protection("settings.throttlingRateLimit", throttling_limit),
            protection("settings.throttlingBurstLimit", throttling_limit),
            protection("settings.cachingEnabled", default=False),
            protection("settings.cacheDataEncrypted"),
        ),
    ),
)
