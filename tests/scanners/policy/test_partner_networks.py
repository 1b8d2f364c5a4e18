"""The stack check judges a partner's networks of both families by the registry's own rule."""

from __future__ import annotations

from dataclasses import replace

import pytest

from hardening.checks import Status, checks_in
from hardening.requests.samples import EMSP
from scanners.policy.checks import waf
from scanners.policy.checks.waf import partner_networks_are_narrow
from scanners.policy.samples.edge import EDGE
from scanners.policy.samples.sample_stack import weaken
from tests.own_stack import stack_with


@pytest.mark.parametrize(
    ("family", "address", "status"),
    [
        ("IPV4", "198.51.96.0/20", Status.PASS),
        ("IPV4", "198.51.96.0/19", Status.FAIL),
        ("IPV6", "2001:db8:7::/48", Status.PASS),
        ("IPV6", "2001:db8::/47", Status.FAIL),
        ("IPV6", "nonsense", Status.ERROR),
        ("", "198.51.100.0/24", Status.FAIL),
    ],
)
def test_each_family_has_its_own_width(family: str, address: str, status: Status) -> None:
    stack = weaken(
        weaken(EDGE, "partners-4", "ipAddressVersion", family), "partners-4", "addresses", [address]
    )
    assert [finding.status for finding in partner_networks_are_narrow.run(stack)] == [status]


@pytest.mark.parametrize("networks", [("2001:db8:7::/48",), ("203.0.113.0/28", "2001:db8:7::/64")])
def test_our_own_firewall_holds_its_controls_for_each_family(networks: tuple[str, ...]) -> None:
    stack = stack_with("test", (replace(EMSP, networks=networks),))
    for check in checks_in(waf):
        assert {finding.status for finding in check.run(stack)} == {Status.PASS}, check.name
