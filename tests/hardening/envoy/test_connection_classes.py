"""One partner's connections are its own, as far as classes reach."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from hardening.envoy.connection_classes import MOST_CLASSES, connection_classes
from hardening.requests.samples import CPO, EMSP


def test_each_partner_has_a_class_of_its_own() -> None:
    assert connection_classes([EMSP, CPO]) == (("198.51.100.16/28",), ("203.0.113.0/28",))


def test_a_network_of_two_partners_is_a_class_of_its_own() -> None:
    shared = [replace(one, networks=(*one.networks, "127.0.0.1/32")) for one in (EMSP, CPO)]
    assert ("127.0.0.1/32",) in connection_classes(shared)


@given(st.lists(st.integers(0, 4000), min_size=1, max_size=300))
def test_any_registry_has_each_network_in_one_class(numbers: list[int]) -> None:
    partners = [
        replace(EMSP, name=f"partner-{n}", networks=(f"10.{n // 256}.{n % 256}.0/24",)) for n in numbers
    ]
    classes = connection_classes(partners)
    listed = [network for one in classes for network in one]
    assert len(classes) <= MOST_CLASSES
    assert sorted(listed) == sorted({network for one in partners for network in one.networks})
