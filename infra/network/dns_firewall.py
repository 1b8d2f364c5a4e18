"""The DNS firewall: inside the VPC, no name resolves but the partners' and AWS's own."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from hardening.registry.partners import Partner
from infra.component_context import ComponentContext


@dataclass(frozen=True, slots=True)
class DnsFirewallArgs:
    """`internal` is the private domain in which our own services find each other."""

    context: ComponentContext
    vpc_id: pulumi.Input[str]
    internal: str
    partners: tuple[Partner, ...]


class DnsFirewall(pulumi.ComponentResource):
    """An allow-list of names, a block for the rest, and a log of every query."""

    def __init__(self, name: str, args: DnsFirewallArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("rampart:network:DnsFirewall", name, None, opts)
        self._args = args
        self._child = pulumi.ResourceOptions(parent=self)
        environment = args.context.environment
        own = [f"*.{environment.region}.amazonaws.com", f"*.{args.internal}"]
        rules = aws.route53.ResolverFirewallRuleGroup(
            "egress", name=environment.name("egress"), tags=environment.tags("egress"), opts=self._child
        )
        self._rule(rules, 100, "allowed", "ALLOW", [*own, *callback_names(args.partners)])
        self._rule(rules, 200, "others", "BLOCK", ["*"])
        aws.route53.ResolverFirewallRuleGroupAssociation(
            "egress",
            name=environment.name("egress"),
            vpc_id=args.vpc_id,
            firewall_rule_group_id=rules.id,
            priority=101,
            mutation_protection="ENABLED",
            tags=environment.tags("egress"),
            opts=self._child,
        )
        # Without an answer from the firewall, nothing resolves.
        aws.route53.ResolverFirewallConfig(
            "egress", resource_id=args.vpc_id, firewall_fail_open="DISABLED", opts=self._child
        )
        self._query_log()
        self.register_outputs({})

    def _rule(
        self,
        rules: aws.route53.ResolverFirewallRuleGroup,
        priority: int,
        name: str,
        action: str,
        domains: list[str],
    ) -> None:
        environment = self._args.context.environment
        names = aws.route53.ResolverFirewallDomainList(
            name, name=environment.name(name), domains=domains, tags=environment.tags(name), opts=self._child
        )
        aws.route53.ResolverFirewallRule(
            name,
            name=environment.name(name),
            action=action,
            block_response="NXDOMAIN" if action == "BLOCK" else None,
            # A partner's name may be an alias (CNAME) of its host's: the alias is listed, its target is not.
            firewall_domain_redirection_action="TRUST_REDIRECTION_DOMAIN" if action == "ALLOW" else None,
            firewall_domain_list_id=names.id,
            firewall_rule_group_id=rules.id,
            priority=priority,
            opts=self._child,
        )

    def _query_log(self) -> None:
        context = self._args.context
        group = context.log_group("name-queries", self._child)
        config = aws.route53.ResolverQueryLogConfig(
            "queries",
            name=context.environment.name("queries"),
            destination_arn=group.arn,
            tags=context.environment.tags("queries"),
            opts=self._child,
        )
        aws.route53.ResolverQueryLogConfigAssociation(
            "queries",
            resolver_query_log_config_id=config.id,
            resource_id=self._args.vpc_id,
            opts=self._child,
        )


def callback_names(partners: Iterable[Partner]) -> list[str]:
    """The host names on which partners take our calls, without ports."""
    return sorted({host.host for partner in partners for host in partner.callback_hosts})
