"""Every spelling of a callback host is one place, and no other place is taken for it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hardening.registry.callback_host import CallbackHost
from hardening.requests.samples import EMSP
from infra.network.dns_firewall import callback_names
from infra.network.ports import partner_ports
from infra.runtime.functions.partners_file import dump, load
from scanners.tls.endpoint import Endpoint
from scanners.tls.partner_endpoints import partner_endpoints

_label = st.from_regex(r"[a-z][a-z0-9]{1,8}", fullmatch=True)
_names = st.builds(".".join, st.lists(_label, min_size=2, max_size=4))
_hosts = st.builds(CallbackHost, _names, st.integers(1, 65535))


@st.composite
def _spelt(draw: st.DrawFn) -> tuple[CallbackHost, str]:
    """A place, and one of the ways to write it: case, the root's dot, the explicit port."""
    place = draw(_hosts)
    name = "".join(draw(st.sampled_from([c, c.upper()])) for c in place.host)
    port = draw(st.sampled_from(["", ":443"])) if place.port == 443 else f":{place.port}"
    return place, name + draw(st.sampled_from(["", "."])) + port


@given(spelt=_spelt() | _names.map(lambda name: (CallbackHost(name), f"{name.title()}.:443")))
def test_every_spelling_is_the_same_place_everywhere(spelt: tuple[CallbackHost, str]) -> None:
    place, text = spelt
    partner = replace(EMSP, callback_hosts=(CallbackHost.parse(text),))
    assert partner.callback_hosts == (place,)
    assert partner.may_call(f"HTTPS://{text}/ocpi/versions?x=1")
    assert partner.may_call(f"https://{place}") == partner.may_call(f"https://{place.authority}") is True
    assert callback_names([partner]) == [place.host]
    assert place.port in partner_ports([partner])
    [endpoint] = partner_endpoints([partner], Endpoint(host="", port=0), Path("partners"))
    assert (endpoint.host, endpoint.port) == (place.host, place.port)
    assert load(dump([partner])) == (partner,)


@given(one=_hosts, other=_hosts)
def test_another_host_or_port_is_another_place(one: CallbackHost, other: CallbackHost) -> None:
    partner = replace(EMSP, callback_hosts=(one,))
    assert partner.may_call(f"https://{other}/x") == (one == other)


@given(url=st.text(alphabet=st.sampled_from(list("htps:/\\@#?.[]%\t 19aE:")), max_size=30))
def test_any_text_that_may_be_called_has_one_reading(url: str) -> None:
    place = CallbackHost.of_url(f"https://{url}")
    if place is not None:
        parts = urlsplit(f"https://{url}")
        assert parts.username is None
        assert (parts.hostname or "").removesuffix(".") == place.host
        assert (parts.port or 443) == place.port


@pytest.mark.parametrize(
    "text",
    ["", ".", "localhost", "127.0.0.1", "127.1", "0x7f.1", "[::1]", "*.emsp.example", "https://a.example",
     "ocpi.emsp.example:0", "ocpi.emsp.example:0443", "ocpi.emsp.example:65536", "a.example:", "a..example",
     "-a.example", "ocpi.emsp.example..", "\u043ecpi.emsp.example", "ocpi.emsp.example/x", "a_b.example"],
)  # fmt: skip
def test_what_is_no_dns_name_is_no_callback_host(text: str) -> None:
    with pytest.raises(ValueError, match="DNS name"):
        CallbackHost.parse(text)
