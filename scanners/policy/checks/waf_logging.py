"""Checks of the web application firewall's log and samples: what is kept, and what must be left out of it."""

from __future__ import annotations

from hardening.checks import Verdicts, check
from scanners.policy.checks.reading import attached, items, read, verdict
from scanners.policy.checks.waf import ACL, rules_of
from scanners.policy.samples.edge import EDGE
from scanners.policy.samples.sample_stack import weaken, without
from scanners.policy.stack import Resource, Stack

_LOG = "aws:wafv2/webAclLoggingConfiguration:WebAclLoggingConfiguration"


@check("firewall-logged", good=EDGE, bad=without(EDGE, "waf-log"))
def firewall_is_logged(stack: Stack) -> Verdicts:
    """Each web ACL has a log of all that it judges."""
    for acl in stack.of_type(ACL):
        logs = _logs(stack, acl)
        kept = any(items(log, "logDestinationConfigs") and "loggingFilter" not in log.inputs for log in logs)
        yield verdict(acl.urn, kept, "no complete log of what the firewall judges")


@check("logs-carry-no-tokens", good=EDGE, bad=weaken(EDGE, "waf-log", "redactedFields", []))
def firewall_log_redacts_tokens(stack: Stack) -> Verdicts:
    """The firewall's log leaves the Authorization header out."""
    for acl in stack.of_type(ACL):
        for log in _logs(stack, acl):
            fields = [field.get("singleHeader") or {} for field in items(log, "redactedFields")]
            redacted = any(str(field.get("name")).lower() == "authorization" for field in fields)
            yield verdict(f"{log.urn}#redactedFields", redacted, "the Authorization header is not redacted")


@check(
    "logs-carry-no-tokens",
    good=EDGE,
    bad=weaken(EDGE, "waf-1", "rules.0.visibilityConfig.sampledRequestsEnabled", True),
)
def firewall_samples_hold_no_tokens(stack: Stack) -> Verdicts:
    """A sampled request is kept with its headers, for anybody who may open the console."""
    for acl in stack.of_type(ACL):
        configs = [rule.get("visibilityConfig") or {} for rule in rules_of(acl)]
        configs.append(read(acl, "visibilityConfig") or {})
        off = all(config.get("sampledRequestsEnabled") is False for config in configs)
        yield verdict(f"{acl.urn}#visibilityConfig", off, "requests are sampled with their headers")


@check(
    "logs-carry-no-identifiers", good=EDGE, bad=weaken(EDGE, "waf-log", "redactedFields.1", {"method": {}})
)
def the_firewalls_log_has_no_query(stack: Stack) -> Verdicts:
    """A query string may hold a driver's card or a contract: the log leaves it out."""
    for log in stack.of_type(_LOG):
        redacted = any("queryString" in field for field in items(log, "redactedFields"))
        yield verdict(f"{log.urn}#redactedFields", redacted, "the query string is not redacted")


def _logs(stack: Stack, acl: Resource) -> list[Resource]:
    return attached(stack, acl, _LOG, "resourceArn")
