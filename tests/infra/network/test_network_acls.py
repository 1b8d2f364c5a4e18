"""Network ACLs and security groups agree: what may flow flows both ways, and the world gets in nowhere."""

from __future__ import annotations

import ipaddress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hardening.errors import ConfigError
from infra.network.network_acls import Rule, acl_rules
from infra.network.security_groups import FLOWS, GROUPS
from infra.network.vpc import TIERS, tier_cidrs, tier_ranges

CIDRS = tier_cidrs("10.40.0.0/16", 4)
RANGES = tier_ranges("10.40.0.0/16")
PORTS = (443, 8443)
PARTNER = "203.0.113.7"
# Where a client's answers come back to (Linux, NAT gateway); 3389 is nobody's here.
EPHEMERAL = (1024, 3388, 3390, 32768, 65535)


def admits(rules: tuple[Rule, ...], address: str, port: int) -> bool:
    """The first rule that matches decides; none is a refusal."""
    for rule in sorted(rules, key=lambda one: one.rule_no):
        inside = ipaddress.ip_address(address) in ipaddress.ip_network(rule.cidr_block)
        if inside and rule.from_port <= port <= rule.to_port:
            return rule.action == "allow"
    return False


def hosts(tier: str) -> list[str]:
    return [str(ipaddress.ip_network(cidr)[10]) for cidr in CIDRS[tier]]


@pytest.mark.parametrize(("source", "target", "port"), FLOWS)
def test_what_the_groups_let_flow_passes_both_tiers_lists_and_is_answered(
    source: str, target: str, port: int
) -> None:
    (out_of, _), (into, _) = GROUPS[source], GROUPS[target]
    source_in, source_out = acl_rules(out_of, RANGES, PORTS)
    target_in, target_out = acl_rules(into, RANGES, PORTS)
    for here in hosts(out_of):
        for there in hosts(into):
            assert admits(source_out, there, port)
            assert admits(target_in, here, port)
            assert all(admits(target_out, here, back) for back in EPHEMERAL)
            assert all(admits(source_in, there, back) for back in EPHEMERAL)


@pytest.mark.parametrize("port", PORTS)
def test_the_egress_guard_reaches_partners_through_nat(port: int) -> None:
    guard_in, guard_out = acl_rules("guard", RANGES, PORTS)
    edge_in, edge_out = acl_rules("edge", RANGES, PORTS)
    assert admits(guard_out, PARTNER, port)
    assert all(admits(edge_in, host, port) for host in hosts("guard"))
    assert admits(edge_out, PARTNER, port)
    assert admits(edge_in, PARTNER, 40000)
    assert all(admits(edge_out, host, 40000) for host in hosts("guard"))
    assert admits(guard_in, PARTNER, 40000)


@given(st.sampled_from(TIERS), st.integers(1, 1023), st.ip_addresses(v=4))
def test_no_service_port_of_any_tier_is_open_to_any_outside_address(
    tier: str, port: int, address: ipaddress.IPv4Address
) -> None:
    if address not in ipaddress.ip_network("10.40.0.0/16"):
        assert not admits(acl_rules(tier, RANGES, PORTS)[0], str(address), port)


@given(st.integers(1, 65535))
def test_the_service_tier_cannot_speak_to_the_data_tier_but_over_https(port: int) -> None:
    _, out = acl_rules("service", RANGES, PORTS)
    into, _ = acl_rules("data", RANGES, PORTS)
    both = all(admits(out, host, port) for host in hosts("data")) and admits(into, hosts("service")[0], port)
    assert both == (port == 443)


@given(st.integers(16, 20), st.integers(2, 4))
def test_tiers_never_overlap_in_any_network(prefix: int, zones: int) -> None:
    ranges = [
        ipaddress.ip_network(c) for found in tier_cidrs(f"10.40.0.0/{prefix}", zones).values() for c in found
    ]
    assert len(ranges) == 4 * zones
    assert not any(a.overlaps(b) for i, a in enumerate(ranges) for b in ranges[i + 1 :])


@given(st.integers(16, 20), st.integers(2, 4))
def test_a_tiers_range_holds_its_subnets_and_no_other_tiers(prefix: int, zones: int) -> None:
    ranges = tier_ranges(f"10.40.0.0/{prefix}")
    for tier, cidrs in tier_cidrs(f"10.40.0.0/{prefix}", zones).items():
        for cidr in cidrs:
            holding = [t for t, wide in ranges.items() if _inside(cidr, wide)]
            assert holding == [tier]


def _inside(cidr: str, wide: str) -> bool:
    inner, outer = ipaddress.IPv4Network(cidr), ipaddress.IPv4Network(wide)
    return inner.subnet_of(outer)


@pytest.mark.parametrize("tier", TIERS)
def test_a_list_stays_within_the_quota_with_a_dozen_of_partners_ports(tier: str) -> None:
    ports = (443, *range(8441, 8452))
    for rules in acl_rules(tier, RANGES, ports):
        assert len(rules) < 20


def test_more_ports_than_a_list_has_room_for_are_a_fault_of_the_registry() -> None:
    with pytest.raises(ConfigError, match="20 different ports"):
        acl_rules("guard", RANGES, tuple(range(8441, 8461)))
