"""AWS WAF: web ACLs with what they protect and log, and IP sets (WAFV2 API reference)."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator, Mapping
from functools import partial
from typing import Any, Final

from scanners.drift.account import View
from scanners.drift.declared import Declared, blocks
from scanners.drift.fields import TAGS, exposure, protection, setting
from scanners.drift.normalize import log_group, marked, unordered
from scanners.drift.records import Live, Part, ResourceReader
from scanners.policy.stack import Resource


def waf_rules(value: Any) -> Any:
    """WAF rules by meaning, with names in lower case: the API and Pulumi write acronyms differently."""
    if isinstance(value, str):
        try:
            value = json.loads(value)
        except ValueError:
            return value
    return marked(_nameless(value))


def _nameless(value: Any) -> Any:
    if isinstance(value, bytes):
        return value.decode("utf-8", "replace")
    if isinstance(value, list | tuple):
        return [_nameless(item) for item in value]
    if not isinstance(value, Mapping):
        return value
    found = {str(name).lower(): _nameless(item) for name, item in value.items() if item is not None}
    if found.get("evaluationwindowsec") == 300:  # what a rate rule has when it does not say
        del found["evaluationwindowsec"]
    negated = found.get("notstatement")
    if isinstance(negated, dict) and "statement" in negated:
        found["notstatement"] = {"statements": [negated["statement"]]}
    return found


def _scopes(view: View) -> tuple[str, ...]:
    # Web ACLs for CloudFront live in us-east-1 only (AWS WAF API, ListWebACLs).
    return ("REGIONAL", "CLOUDFRONT") if view.region == "us-east-1" else ("REGIONAL",)


def web_acls(view: View) -> Iterator[Live]:
    """Web ACLs with their rules, the resources that they protect and their logging (GetWebACL)."""
    for scope in _scopes(view):
        for entry in view.pages("wafv2", "list_web_acls", "WebACLs", Scope=scope):
            yield Live("aws:wafv2/webAcl:WebAcl", entry["Id"], partial(_acl, view, scope, entry), view.region)


def _acl(view: View, scope: str, entry: Mapping[str, Any]) -> Mapping[str, Any]:
    acl = view.ask("wafv2", "get_web_acl", Name=entry["Name"], Id=entry["Id"], Scope=scope)["WebACL"]
    return {
        "name": acl["Name"],
        "scope": scope,
        "description": acl.get("Description"),
        "defaultAction": acl.get("DefaultAction"),
        "rules": _decoded(acl.get("Rules")),
        "visibilityConfig": acl.get("VisibilityConfig"),
        "associationConfig": acl.get("AssociationConfig"),
        "guards": partial(_guarded_by, view, acl["ARN"]),
        "logDestinations": partial(_logging, view, scope, acl["ARN"], "LogDestinationConfigs"),
        "redactedFields": partial(_logging, view, scope, acl["ARN"], "RedactedFields"),
        "loggingFilter": partial(_logging, view, scope, acl["ARN"], "LoggingFilter"),
        "tags": view.tags_or(acl["ARN"], partial(_tags, view, acl["ARN"])),
    }


def _logging(view: View, scope: str, arn: str, name: str) -> Any:
    found = view.pages("wafv2", "list_logging_configurations", "LoggingConfigurations", Scope=scope)
    return next((each.get(name) for each in found if each["ResourceArn"] == arn), None)


def _guarded_by(view: View, arn: str) -> Any:
    return _guarded(view).get(arn)


def _guarded(view: View) -> Mapping[str, list[str]]:
    """ARN of a web ACL -> the stages and load balancers behind it, as these say it themselves."""
    found: dict[str, list[str]] = defaultdict(list)
    for api in view.pages("apigateway", "get_rest_apis", "items"):
        for stage in view.ask("apigateway", "get_stages", restApiId=api["id"])["item"]:
            if stage.get("webAclArn"):
                of = f"restapis/{api['id']}/stages/{stage['stageName']}"
                arn = f"arn:{view.partition}:apigateway:{view.region}::/{of}"
                found[stage["webAclArn"]].append(arn)
    for balancer in view.pages("elbv2", "describe_load_balancers", "LoadBalancers"):
        if balancer.get("Type") == "application":
            arn = balancer["LoadBalancerArn"]
            answer = view.ask("wafv2", "get_web_acl_for_resource", ResourceArn=arn)
            if answer.get("WebACL"):
                found[answer["WebACL"]["ARN"]].append(arn)
    return found


def _tags(view: View, arn: str) -> Any:
    answer = view.ask("wafv2", "list_tags_for_resource", ResourceARN=arn)
    return answer.get("TagInfoForResource", {}).get("TagList")


def _decoded(value: Any) -> Any:
    """Search strings come as bytes, which evidence cannot hold."""
    if isinstance(value, bytes):
        return value.decode("utf-8", "replace")
    if isinstance(value, list | tuple):
        return [_decoded(item) for item in value]
    if isinstance(value, Mapping):
        return {key: _decoded(item) for key, item in value.items()}
    return value


def _declared_acl(declared: Declared, acl: Resource) -> Mapping[str, Any]:
    found = {**acl.inputs}
    if acl.inputs.get("ruleJson"):
        found["rules"] = acl.inputs["ruleJson"]
    associations = declared.parts(acl, "aws:wafv2/webAclAssociation:WebAclAssociation", "webAclArn")
    found["guards"] = [one.inputs.get("resourceArn") for one in associations]
    configuration = "aws:wafv2/webAclLoggingConfiguration:WebAclLoggingConfiguration"
    for one in declared.parts(acl, configuration, "resourceArn"):
        found["logDestinations"] = one.inputs.get("logDestinationConfigs")
        found["redactedFields"] = one.inputs.get("redactedFields")
        found["loggingFilter"] = one.inputs.get("loggingFilter")
    return found


def ip_sets(view: View) -> Iterator[Live]:
    """IP sets with their addresses in CIDR notation (GetIPSet)."""
    for scope in _scopes(view):
        for entry in view.pages("wafv2", "list_ip_sets", "IPSets", Scope=scope):
            yield Live(
                "aws:wafv2/ipSet:IpSet", entry["Id"], partial(_ip_set, view, scope, entry), view.region
            )


def _ip_set(view: View, scope: str, entry: Mapping[str, Any]) -> Mapping[str, Any]:
    found = view.ask("wafv2", "get_ip_set", Name=entry["Name"], Id=entry["Id"], Scope=scope)["IPSet"]
    return {
        "name": found["Name"],
        "scope": scope,
        "description": found.get("Description"),
        "addresses": found.get("Addresses"),
        "ipAddressVersion": found.get("IPAddressVersion"),
        "tags": view.tags_or(found["ARN"], partial(_tags, view, found["ARN"])),
    }


def association(value: Any) -> Any:
    """How many bytes of a body are inspected, by type of protected resource (`API_GATEWAY`, `apiGateway`)."""
    found = _nameless(value) if isinstance(value, Mapping) else {}
    bodies = blocks(found.get("requestbody")) + blocks(found.get("requestbodies"))
    return marked({name.replace("_", ""): item for each in bodies for name, item in each.items()})


def destinations(value: Any) -> Any:
    """The ARNs that a web ACL logs to, as a set."""
    return sorted(str(log_group(each)) for each in value or ()) or None


_LOGGING: Final = "aws:wafv2/webAclLoggingConfiguration:WebAclLoggingConfiguration"


READERS: Final = (
    ResourceReader(
        type="aws:wafv2/webAcl:WebAcl",
        service="wafv2",
        read=web_acls,
        declare=_declared_acl,
        fields=(
            exposure("defaultAction", waf_rules),
            exposure("rules", waf_rules, default=()),
            exposure("guards", unordered, default=()),
            protection("logDestinations", destinations, default=()),
            protection("redactedFields", waf_rules, default=()),
            protection("loggingFilter", waf_rules, default=()),
            protection("visibilityConfig", waf_rules),
            setting("name"),
            setting("associationConfig", association, default=()),
            setting("scope"),
            setting("description", default=None),
            TAGS,
        ),
        parts=(
            Part("aws:wafv2/webAclAssociation:WebAclAssociation", "webAclArn", "guards", ("resourceArn",)),
            Part(
                _LOGGING,
                "resourceArn",
                "logDestinations",
                ("logDestinationConfigs", "redactedFields", "loggingFilter"),
            ),
        ),
    ),
    ResourceReader(
        type="aws:wafv2/ipSet:IpSet",
        service="wafv2",
        read=ip_sets,
        fields=(
            exposure("addresses", unordered, default=()),
            exposure("ipAddressVersion"),
            setting("name"),
            setting("scope"),
            setting("description", default=None),
            TAGS,
        ),
    ),
)
