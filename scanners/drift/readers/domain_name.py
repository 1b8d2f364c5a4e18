"""API Gateway's custom domain names (REST API reference, DomainName)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from scanners.drift.account import View
from scanners.drift.declared import Declared
from scanners.drift.fields import exposure, protection, setting
from scanners.drift.normalize import policy, tags, unordered
from scanners.drift.readers.api_gateway import endpoint_configuration, policy_text
from scanners.drift.records import Live, Part, ResourceReader
from scanners.policy.stack import Resource


def domain_names(view: View) -> Iterator[Live]:
    """Custom domain names with their TLS policy and base path mappings (GetDomainNames)."""
    for domain in view.pages("apigateway", "get_domain_names", "items"):
        key = domain["domainName"]
        mappings = view.pages("apigateway", "get_base_path_mappings", "items", domainName=key)
        yield Live(
            "aws:apigateway/domainName:DomainName",
            key,
            {
                "domainName": key,
                "securityPolicy": domain.get("securityPolicy"),
                "endpointAccessMode": domain.get("endpointAccessMode"),
                "regionalCertificateArn": domain.get("regionalCertificateArn"),
                "certificateArn": domain.get("certificateArn"),
                "endpointConfiguration": domain.get("endpointConfiguration"),
                "mutualTlsAuthentication": _mutual(domain.get("mutualTlsAuthentication")),
                "policy": policy_text(domain.get("policy")),
                "mappings": [
                    _mapping(each.get("restApiId"), each.get("stage"), each.get("basePath"))
                    for each in mappings
                ],
                "tags": domain.get("tags"),
            },
            view.region,
        )


def _mutual(value: Any) -> Any:
    return {name: value.get(name) for name in ("truststoreUri", "truststoreVersion")} if value else None


def _mapping(api: Any, stage: Any, path: Any) -> str:
    return f"/{'' if path in (None, '(none)') else path} -> {api}/{stage or '*'}"


def _declared_domain(declared: Declared, domain: Resource) -> Mapping[str, Any]:
    mappings = [
        _mapping(one.inputs.get("restApi"), one.inputs.get("stageName"), one.inputs.get("basePath"))
        for one in declared.parts(domain, "aws:apigateway/basePathMapping:BasePathMapping", "domainName")
    ]
    return {**domain.inputs, "mappings": mappings}


READERS: Final = (
    ResourceReader(
        type="aws:apigateway/domainName:DomainName",
        service="apigateway",
        read=domain_names,
        declare=_declared_domain,
        fields=(
            exposure("securityPolicy"),
            exposure("endpointAccessMode"),
            exposure("mutualTlsAuthentication", default=()),
            exposure("endpointConfiguration", endpoint_configuration),
            exposure("policy", policy, default=None),
            exposure("mappings", unordered, default=()),
            protection("regionalCertificateArn"),
            protection("certificateArn"),
            setting("domainName"),
            setting("tags", tags),
        ),
        parts=(
            Part(
                "aws:apigateway/basePathMapping:BasePathMapping",
                "domainName",
                "mappings",
                ("restApi", "stageName", "basePath"),
            ),
        ),
    ),
)
