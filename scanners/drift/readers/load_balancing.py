"""Elastic Load Balancing: load balancers, listeners and rules (API version 2015-12-01)."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import Any, Final

from scanners.drift.account import View
from scanners.drift.declared import Declared, block, blocks, by
from scanners.drift.fields import TAGS, exposure, protection, setting
from scanners.drift.normalize import number, unordered
from scanners.drift.records import Live, Part, ResourceReader
from scanners.policy.stack import Resource

# Attribute of a load balancer -> Pulumi's property, of those that say true or false.
_BALANCER: Final = {
    "deletion_protection.enabled": "enableDeletionProtection",
    "load_balancing.cross_zone.enabled": "enableCrossZoneLoadBalancing",
    "routing.http.drop_invalid_header_fields.enabled": "dropInvalidHeaderFields",
}


def balancers(view: View) -> Iterator[Live]:
    """Load balancers with their attributes (DescribeLoadBalancers)."""
    for found in view.pages("elbv2", "describe_load_balancers", "LoadBalancers"):
        arn = found["LoadBalancerArn"]
        attributes = partial(_of_attributes, view, arn)
        yield Live(
            "aws:lb/loadBalancer:LoadBalancer",
            arn,
            {
                "name": found.get("LoadBalancerName"),
                "internal": found.get("Scheme") == "internal",
                "loadBalancerType": found.get("Type"),
                "ipAddressType": found.get("IpAddressType"),
                "subnets": [each["SubnetId"] for each in found.get("AvailabilityZones") or ()],
                "securityGroups": found.get("SecurityGroups"),
                **{name: partial(attributes, partial(_is_on, key)) for key, name in _BALANCER.items()},
                "accessLogs": partial(attributes, _access_log),
                "tags": view.tags_or(arn, partial(balancer_tags, view, arn)),
            },
            view.region,
        )


def _of_attributes(view: View, arn: str, part: Callable[[Mapping[str, str]], Any]) -> Any:
    answer = view.ask("elbv2", "describe_load_balancer_attributes", LoadBalancerArn=arn)["Attributes"]
    return part({each["Key"]: each["Value"] for each in answer})


def _is_on(key: str, attributes: Mapping[str, str]) -> bool:
    return attributes.get(key) == "true"


def _access_log(attributes: Mapping[str, str]) -> str | None:
    if not _is_on("access_logs.s3.enabled", attributes):
        return None
    return _log(attributes.get("access_logs.s3.bucket"), attributes.get("access_logs.s3.prefix"))


def balancer_tags(view: View, arn: str) -> Any:
    """The tags of one load balancer, target group, listener or rule (DescribeTags)."""
    return view.ask("elbv2", "describe_tags", ResourceArns=[arn])["TagDescriptions"][0].get("Tags")


def _log(bucket: Any, prefix: Any) -> str:
    return f"{bucket}/{prefix or ''}"


def _declared_balancer(_: Declared, balancer: Resource) -> Mapping[str, Any]:
    inputs = balancer.inputs
    mapped = [each.get("subnetId") for each in blocks(inputs.get("subnetMappings"))]
    logs = block(inputs.get("accessLogs"))
    return {
        **inputs,
        "subnets": [*(inputs.get("subnets") or ()), *mapped],
        "accessLogs": _log(logs.get("bucket"), logs.get("prefix")) if logs.get("enabled") else None,
    }


def _listeners(view: View) -> Iterator[Mapping[str, Any]]:
    for balancer in view.pages("elbv2", "describe_load_balancers", "LoadBalancers"):
        arn = balancer["LoadBalancerArn"]
        yield from view.pages("elbv2", "describe_listeners", "Listeners", LoadBalancerArn=arn)


def listeners(view: View) -> Iterator[Live]:
    """Listeners of all load balancers (DescribeListeners)."""
    for found in _listeners(view):
        certificates = found.get("Certificates") or [{}]
        arn = found["ListenerArn"]
        yield Live(
            "aws:lb/listener:Listener",
            arn,
            {
                "loadBalancerArn": found.get("LoadBalancerArn"),
                "port": found.get("Port"),
                "protocol": found.get("Protocol"),
                "sslPolicy": found.get("SslPolicy"),
                "certificateArn": certificates[0].get("CertificateArn"),
                "certificates": partial(_more_certificates, view, arn),
                "alpnPolicy": (found.get("AlpnPolicy") or [None])[0],
                "defaultActions": [_action(each) for each in found.get("DefaultActions") or ()],
                "tags": view.tags_or(arn, partial(balancer_tags, view, arn)),
            },
            view.region,
        )


def _action(found: Mapping[str, Any]) -> str:
    return f"{found['Type']} {found.get('TargetGroupArn') or ''}"


def _more_certificates(view: View, listener: str) -> list[str]:
    asked: dict[str, Any] = {"ListenerArn": listener}
    found = view.pages("elbv2", "describe_listener_certificates", "Certificates", **asked)
    return [each["CertificateArn"] for each in found if not each.get("IsDefault")]


def listener_rules(view: View) -> Iterator[Live]:
    """Rules that lead some requests elsewhere (DescribeRules). Each listener has a default one, left out."""
    for listener in _listeners(view):
        asked = {"ListenerArn": listener["ListenerArn"]}
        for found in view.pages("elbv2", "describe_rules", "Rules", **asked):
            if found.get("IsDefault"):
                continue
            facts = {
                "listenerArn": listener["ListenerArn"],
                "priority": found.get("Priority"),
                "actions": [_action(each) for each in found.get("Actions") or ()],
                "conditions": [
                    f"{each.get('Field')} {sorted(each.get('Values') or ())}"
                    for each in found.get("Conditions") or ()
                ],
            }
            yield Live(_RULE, found["RuleArn"], facts, view.region)


_RULE: Final = "aws:lb/listenerRule:ListenerRule"
_CERTIFICATE: Final = "aws:lb/listenerCertificate:ListenerCertificate"
_FIELDS: Final = {
    "hostHeader": "host-header",
    "httpRequestMethod": "http-request-method",
    "pathPattern": "path-pattern",
    "sourceIp": "source-ip",
}


def _declared_rule(_: Declared, rule: Resource) -> Mapping[str, Any]:
    inputs = rule.inputs
    return {
        **inputs,
        "actions": [
            f"{x.get('type')} {x.get('targetGroupArn') or ''}" for x in blocks(inputs.get("actions"))
        ],
        "conditions": [
            f"{field} {sorted(block(each.get(name)).get('values') or ())}"
            for each in blocks(inputs.get("conditions"))
            for name, field in _FIELDS.items()
            if each.get(name)
        ],
    }


def _declared_listener(declared: Declared, listener: Resource) -> Mapping[str, Any]:
    more = declared.parts(listener, _CERTIFICATE, "listenerArn")
    actions = blocks(listener.inputs.get("defaultActions"))
    texts = [f"{each.get('type')} {each.get('targetGroupArn') or ''}" for each in actions]
    certificates = [one.inputs.get("certificateArn") for one in more]
    return {**listener.inputs, "defaultActions": texts, "certificates": certificates}


READERS: Final = (
    ResourceReader(
        type="aws:lb/loadBalancer:LoadBalancer",
        service="elbv2",
        read=balancers,
        key=by("arn"),
        declare=_declared_balancer,
        fields=(
            exposure("internal", default=False),
            exposure("securityGroups", unordered, default=()),
            exposure("subnets", unordered),
            protection("enableDeletionProtection", default=False),
            protection("accessLogs", default=None),
            protection("dropInvalidHeaderFields"),
            exposure("ipAddressType", default="ipv4"),
            setting("enableCrossZoneLoadBalancing"),
            setting("loadBalancerType", default="application"),
            setting("name"),
            TAGS,
        ),
    ),
    ResourceReader(
        type="aws:lb/listener:Listener",
        service="elbv2",
        read=listeners,
        key=by("arn"),
        declare=_declared_listener,
        fields=(
            exposure("sslPolicy"),
            exposure("protocol"),
            exposure("port", number),
            exposure("certificateArn"),
            exposure("certificates", unordered, default=()),
            exposure("defaultActions", unordered),
            exposure("loadBalancerArn"),
            setting("alpnPolicy"),
            TAGS,
        ),
        parts=(Part(_CERTIFICATE, "listenerArn", "certificates", ("certificateArn",)),),
    ),
    ResourceReader(
        type=_RULE,
        service="elbv2",
        read=listener_rules,
        key=by("arn"),
        declare=_declared_rule,
        fields=(
            exposure("listenerArn"),
            exposure("actions", unordered),
            exposure("conditions", unordered),
            exposure("priority", number),
        ),
    ),
)
