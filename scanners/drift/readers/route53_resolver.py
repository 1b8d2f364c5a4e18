"""Query logs of Route 53 Resolver (Resolver API reference, ListResolverQueryLogConfigs)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from scanners.drift.account import View
from scanners.drift.declared import Declared
from scanners.drift.fields import protection, setting
from scanners.drift.normalize import unordered
from scanners.drift.records import Live, Part, ResourceReader
from scanners.policy.stack import Resource

_LOGGED: Final = "aws:route53/resolverQueryLogConfigAssociation:ResolverQueryLogConfigAssociation"


def query_logs(view: View) -> Iterator[Live]:
    """Query logs, and the VPCs whose queries they hold (ListResolverQueryLogConfigs)."""
    associations = view.pages(
        "route53resolver", "list_resolver_query_log_config_associations", "ResolverQueryLogConfigAssociations"
    )
    for found in view.pages("route53resolver", "list_resolver_query_log_configs", "ResolverQueryLogConfigs"):
        key = found["Id"]
        yield Live(
            "aws:route53/resolverQueryLogConfig:ResolverQueryLogConfig",
            key,
            {
                "name": found.get("Name"),
                "destinationArn": found.get("DestinationArn"),
                "logged": [
                    each.get("ResourceId")
                    for each in associations
                    if each.get("ResolverQueryLogConfigId") == key
                ],
            },
            view.region,
        )


def _declared_log(declared: Declared, log: Resource) -> Mapping[str, Any]:
    associations = declared.parts(log, _LOGGED, "resolverQueryLogConfigId")
    return {**log.inputs, "logged": [one.inputs.get("resourceId") for one in associations]}


READERS: Final = (
    ResourceReader(
        type="aws:route53/resolverQueryLogConfig:ResolverQueryLogConfig",
        service="route53resolver",
        read=query_logs,
        declare=_declared_log,
        fields=(
            protection("destinationArn"),
            protection("logged", unordered, default=()),
            setting("name"),
        ),
        parts=(Part(_LOGGED, "resolverQueryLogConfigId", "logged", ("resourceId",)),),
    ),
)
