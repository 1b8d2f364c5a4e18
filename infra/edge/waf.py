"""The web application firewall: only partners' addresses, only OCPI's methods and paths, only so fast."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import pulumi
import pulumi_aws as aws

from hardening.registry.networks import of_version
from hardening.registry.partners import Partner
from hardening.requests.routes import PREFIX
from infra.component_context import ComponentContext

# The managed groups, and the rules in them that only count here, because OCPI trips over them.
_MANAGED: Mapping[str, tuple[str, ...]] = {
    "AWSManagedRulesAmazonIpReputationList": (),
    # Partners' platforms run at hosting providers.
    "AWSManagedRulesAnonymousIpList": ("HostingProviderIPList",),
    "AWSManagedRulesKnownBadInputsRuleSet": (),
    # Bodies are bounded by our own rule, and OCPI platforms often send no User-Agent.
    "AWSManagedRulesCommonRuleSet": ("NoUserAgent_HEADER", "SizeRestrictions_BODY"),
    "AWSManagedRulesSQLiRuleSet": (),
}
_METHODS = "^(GET|POST|PUT|PATCH|DELETE)$"
_LONGEST_PATH = 512
_LONGEST_QUERY = 1024
_WINDOW_SECONDS = 300
_AS_IT_IS = [{"priority": 0, "type": "NONE"}]

# Keys of statements are camelCase, as on the wire: the SDK leaves the names below a nested statement as
# they are.
Statement = dict[str, Any]


@dataclass(frozen=True, slots=True)
class WebAclArgs:
    """`max_body_kilobytes`: a longer body is blocked, as WAF cannot inspect it (16, 32, 48 or 64)."""

    context: ComponentContext
    partners: tuple[Partner, ...]
    max_body_kilobytes: int


class WebAcl(pulumi.ComponentResource):
    """`arn` is the web ACL's. What no rule allows is blocked."""

    def __init__(self, name: str, args: WebAclArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("rampart:edge:WebAcl", name, None, opts)
        self._args = args
        self._child = pulumi.ResourceOptions(parent=self)
        networks = list(self._networks())
        kilobytes = args.max_body_kilobytes
        environment = args.context.environment
        acl = aws.wafv2.WebAcl(
            "ocpi",
            name=environment.name("ocpi"),
            description="In front of the OCPI gateway",
            scope="REGIONAL",
            default_action={"block": {}},
            rules=acl_rules(networks, _calls_in_window(args.partners), kilobytes),
            association_config=_inspected(kilobytes),
            visibility_config=_visible(environment.name("ocpi")),
            tags=environment.tags("ocpi"),
            opts=self._child,
        )
        self.arn = acl.arn
        self.name = acl.name
        self._log(acl)
        self.register_outputs({"arn": self.arn})

    def _networks(self) -> Iterator[pulumi.Output[str]]:
        """The IP sets of all partners: one for each address family that there are networks of.

        Not one for each partner: a web ACL refers to fifty sets and groups at most, and no request raises
        that (AWS WAF Developer Guide, "AWS WAF quotas"; API, IPSet, IPAddressVersion).
        """
        environment = self._args.context.environment
        networks = [network for partner in self._args.partners for network in partner.networks]
        for version, name in ((4, "partners"), (6, "partners-ipv6")):
            addresses = sorted(set(of_version(networks, version)))
            if addresses:
                yield aws.wafv2.IpSet(
                    name,
                    name=environment.name(name),
                    description=f"IPv{version} networks that partners call from",
                    scope="REGIONAL",
                    ip_address_version=f"IPV{version}",
                    addresses=addresses,
                    tags=environment.tags(name),
                    opts=self._child,
                ).arn

    def _log(self, acl: aws.wafv2.WebAcl) -> None:
        context = self._args.context
        # WAF only writes to log groups whose name begins so.
        group = context.log_group("waf", self._child, f"aws-waf-logs-{context.environment.name('ocpi')}")
        aws.wafv2.WebAclLoggingConfiguration(
            "ocpi",
            resource_arn=acl.arn,
            log_destination_configs=[group.arn],
            redacted_fields=[
                {"single_header": {"name": "authorization"}},
                # Tokens and sessions are named in paths and filters.
                {"query_string": {}},
            ],
            opts=self._child,
        )


def acl_rules(networks: list[pulumi.Output[str]], calls: int, kilobytes: int) -> list[Any]:
    """The rules in order: strangers, wrong shapes, what AWS knows to be bad, too fast; the rest may pass.

    `calls` is the limit for one address or token in five minutes. Without networks, nobody passes.
    """
    blocks = [
        ("method", _not(_regex({"method": {}}, _METHODS))),
        ("path", _not(_starts(PREFIX + "/"))),
        ("path-length", _longer({"uriPath": {}}, _LONGEST_PATH)),
        ("query-length", _longer({"queryString": {}}, _LONGEST_QUERY)),
        ("body-length", _longer({"body": {"oversizeHandling": "MATCH"}}, kilobytes * 1024)),
    ]
    rates = [("rate-by-address", _rate(calls, None)), ("rate-by-token", _rate(calls, "authorization"))]
    rules: list[Any] = [_rule(name, {"action": {"block": {}}}, statement) for name, statement in blocks]
    rules += [_managed(group, counted) for group, counted in _MANAGED.items()]
    rules += [_rule(name, {"action": {"block": {}}}, statement) for name, statement in rates]
    if networks:
        sets = [{"ipSetReferenceStatement": {"arn": arn}} for arn in networks]
        partners: Statement = sets[0] if len(sets) == 1 else {"orStatement": {"statements": sets}}
        rules.insert(0, _rule("strangers", {"action": {"block": {}}}, _not(partners)))
        rules.append(_rule("partners", {"action": {"allow": {}}}, partners))
    return [{**rule, "priority": priority} for priority, rule in enumerate(rules)]


def _calls_in_window(partners: tuple[Partner, ...]) -> int:
    """The fastest partner's contract over WAF's window, and its burst; WAF counts from ten."""
    most = (one.requests_per_minute * _WINDOW_SECONDS // 60 + one.requests_burst for one in partners)
    return max((10, *most))  # a stack may have no partner yet


def _rule(name: str, action: Mapping[str, Any], statement: Statement) -> dict[str, Any]:
    return {"name": name, **action, "statement": statement, "visibility_config": _visible(name)}


def _managed(group: str, counted: tuple[str, ...]) -> dict[str, Any]:
    overrides = [{"name": rule, "actionToUse": {"count": {}}} for rule in counted]
    statement: Statement = {"vendorName": "AWS", "name": group}
    if overrides:
        statement["ruleActionOverrides"] = overrides
    return _rule(group, {"override_action": {"none": {}}}, {"managedRuleGroupStatement": statement})


def _inspected(kilobytes: int) -> aws.wafv2.WebAclAssociationConfigArgsDict:
    """How much of a body WAF reads before API Gateway."""
    return {"request_bodies": [{"api_gateway": {"default_size_inspection_limit": f"KB_{kilobytes}"}}]}


def _visible(name: str) -> aws.wafv2.WebAclVisibilityConfigArgsDict:
    # Sampled requests would keep the Authorization header.
    return {"metric_name": name, "cloudwatch_metrics_enabled": True, "sampled_requests_enabled": False}


def _not(statement: Statement) -> Statement:
    return {"notStatement": {"statements": [statement]}}


def _regex(field: Statement, pattern: str) -> Statement:
    return {
        "regexMatchStatement": {
            "regexString": pattern,
            "fieldToMatch": field,
            "textTransformations": _AS_IT_IS,
        }
    }


def _starts(prefix: str) -> Statement:
    return {
        "byteMatchStatement": {
            "searchString": prefix,
            "positionalConstraint": "STARTS_WITH",
            "fieldToMatch": {"uriPath": {}},
            "textTransformations": _AS_IT_IS,
        }
    }


def _longer(field: Statement, size: int) -> Statement:
    return {
        "sizeConstraintStatement": {
            "comparisonOperator": "GT",
            "size": size,
            "fieldToMatch": field,
            "textTransformations": _AS_IT_IS,
        }
    }


def _rate(calls: int, header: str | None) -> Statement:
    """So many calls in the window: from one address, or with one value of `header`."""
    limit: Statement = {"limit": calls, "evaluationWindowSec": _WINDOW_SECONDS}
    if header is None:
        return {"rateBasedStatement": {**limit, "aggregateKeyType": "IP"}}
    key = {"header": {"name": header, "textTransformations": _AS_IT_IS}}
    return {"rateBasedStatement": {**limit, "aggregateKeyType": "CUSTOM_KEYS", "customKeys": [key]}}
