"""A partner calls from its own networks of both address families, and from nowhere else."""

from __future__ import annotations

import ipaddress
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hardening.registry.networks import SHORTEST_PREFIX, holds, is_too_wide, network, of_version
from hardening.requests.policy import decide
from hardening.requests.request import Request
from hardening.requests.samples import EMSP, call, from_source

_MIXED = ("203.0.113.0/28", "2001:db8:7::/64")


def _called(networks: tuple[str, ...], source: str) -> Request:
    sample = from_source(call("GET", "/ocpi/2.2.1/sender/locations"), source)
    assert sample.credentials is not None
    partner = replace(EMSP, networks=networks)
    return replace(sample, credentials=replace(sample.credentials, partner=partner))


@pytest.mark.parametrize(
    ("networks", "source", "admitted"),
    [
        (_MIXED, "203.0.113.7", True),
        (_MIXED, "::ffff:203.0.113.7", True),
        (_MIXED, "2001:db8:7::1", True),
        (_MIXED, "2001:DB8:7:0::1", True),
        (_MIXED, "2001:db8:8::1", False),
        (_MIXED[1:], "2001:db8:7::1", True),
        (_MIXED[1:], "203.0.113.7", False),
        (_MIXED[1:], "::ffff:203.0.113.7", False),
        (_MIXED, "fe80::1%eth0", False),
        (_MIXED, "", False),
        ((), "203.0.113.7", False),
    ],
)
def test_the_guard_admits_a_partner_from_its_networks_only(
    networks: tuple[str, ...], source: str, admitted: bool
) -> None:
    decision = decide(_called(networks, source))
    assert decision.allowed is admitted
    assert decision.control == ("" if admitted else "source-on-allow-list")


def test_networks_are_told_apart_by_family() -> None:
    assert of_version(_MIXED, 4) == _MIXED[:1]
    assert of_version(_MIXED, 6) == _MIXED[1:]


def test_waf_gets_one_spelling_of_a_network_with_its_prefix() -> None:
    """WAF refuses an address without a prefix, and a second spelling would be drift for ever."""
    written = ("203.0.113.7", "2001:DB8:7:0::/64", "2001:db8::7")
    assert of_version(written, 4) == ("203.0.113.7/32",)
    assert of_version(written, 6) == ("2001:db8:7::/64", "2001:db8::7/128")


@given(found=st.ip_addresses().flatmap(lambda a: st.tuples(st.just(a), st.integers(0, a.max_prefixlen))))
def test_a_network_is_too_wide_by_its_prefix_alone(
    found: tuple[ipaddress.IPv4Address | ipaddress.IPv6Address, int],
) -> None:
    address, prefix = found
    one = ipaddress.ip_network(f"{address}/{prefix}", strict=False)
    assert is_too_wide(one) == (prefix < SHORTEST_PREFIX[address.version])


@given(source=st.ip_addresses(v=4))
def test_an_address_is_the_same_in_both_spellings(source: ipaddress.IPv4Address) -> None:
    networks = (str(ipaddress.ip_network(f"{source}/24", strict=False)),)
    assert holds(networks, str(source))
    assert holds(networks, f"::ffff:{source}")


@pytest.mark.parametrize(
    "text",
    [
        "203.0.113.7/28",
        "::ffff:0:0/96",
        "nowhere",
        "",
        "203.0.113.0/255.255.255.0",
        "203.0.113.0/0.0.0.255",
        "fe80::1%eth0/128",
        "fe80::%1/64",
        "203.0.113.0/٢٤",
        "203.0.113.0/24\n",
    ],
)
def test_what_is_no_network_of_its_own_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"\S"):
        network(text)
