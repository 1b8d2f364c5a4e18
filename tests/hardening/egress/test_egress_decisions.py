"""What leaves for a partner: signed calls of known callers, to contracted hosts at public addresses."""

from __future__ import annotations

import ipaddress
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hardening.egress.addresses import is_public, refused_address
from hardening.egress.callers import CALLER_HEADER, Asked, Caller, caller_of, signed
from hardening.egress.headers import incoming, outgoing
from hardening.egress.target import Refused, Target, path_to, target_of
from hardening.requests.samples import CPO, EMSP

PARTNERS = {EMSP.name: EMSP, CPO.name: CPO}
KEY = bytes(range(32))
CALLERS = {
    "service": Caller("service", (KEY,)),
    "rotation": Caller("rotation", (KEY[::-1],), changes_tokens=True),
}
NOW = 1_767_225_600
TARGET = target_of("/example-emsp/ocpi.emsp.example/ocpi/versions", PARTNERS)


@pytest.mark.parametrize(
    "address",
    [
        *(
            "127.0.0.1",
            "10.0.0.7",
            "172.16.0.1",
            "192.168.1.1",
            "169.254.169.254",
            "169.254.170.2",
            "0.0.0.0",
        ),
        *(
            "100.64.0.1",
            "192.0.2.1",
            "198.18.0.1",
            "224.0.0.1",
            "255.255.255.255",
            "240.0.0.1",
        ),
        *("::1", "::", "fe80::1", "fc00::1", "fd00:ec2::254", "ff02::1", "2001:db8::1", "fec0::1"),
        *(
            "::ffff:10.0.0.7",
            "::ffff:8.8.8.8",
            "64:ff9b::a00:7",
            "2002:a00:7::1",
            "2001:0:a00:7::1",
            "::a00:7",
        ),
        *("64:ff9b:1::1", "localhost", "", "8.8.8.8 ", "0x7f.1", "2130706433"),
    ],
)
def test_no_address_but_a_public_one_is_called(address: str) -> None:
    assert not is_public(address)


@given(
    st.sampled_from(["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "127.0.0.0/8", "169.254.0.0/16"]),
    st.data(),
)
def test_no_private_address_is_public_in_any_spelling(network: str, data: st.DataObject) -> None:
    found = ipaddress.ip_network(network)
    number = data.draw(st.integers(int(found[0]), int(found[-1])))
    for text in (str(ipaddress.IPv4Address(number)), f"::ffff:{ipaddress.IPv4Address(number)}"):
        assert not is_public(text)


def test_one_bad_address_refuses_all_addresses_of_a_name() -> None:
    assert refused_address(["8.8.8.8", "2606:4700::1"]) is None
    assert refused_address(["8.8.8.8", "127.0.0.1"])
    assert refused_address([])


def test_contracted_networks_hold_the_addresses_down() -> None:
    assert refused_address(["8.8.8.8"], ["8.8.8.0/24"]) is None
    assert refused_address(["8.8.8.8", "8.8.4.4"], ["8.8.8.0/24"]) == (
        "the name leads to an address outside the contracted networks"
    )
    # A contract cannot make a private address public.
    assert refused_address(["10.0.0.7"], ["10.0.0.0/24"])


@pytest.mark.parametrize(
    "url",
    [
        "https://ocpi.emsp.example/ocpi/versions",
        "https://OCPI.emsp.example:443/ocpi/2.2.1/tokens?offset=0&date_from=2026-01-01T00:00:00Z",
        "https://ocpi.emsp.example/a/%7B1%7D/b-c_d~e/",
    ],
)
def test_a_url_of_the_partner_is_called_as_it_is(url: str) -> None:
    found = target_of(path_to(EMSP.name, url), PARTNERS)
    assert found.url == url.replace("OCPI.", "ocpi.").replace(":443", "")


@pytest.mark.parametrize(
    "asked",
    [
        *("", "/", "/example-emsp", "/example-emsp/", "/stranger/ocpi.emsp.example/ocpi"),
        *("/example-emsp/ocpi.cpo.example:8443/ocpi", "/example-cpo/ocpi.cpo.example/ocpi"),
        *("/example-emsp/169.254.169.254/latest", "/example-emsp/[::1]/x", "/example-emsp/localhost/x"),
        *("/example-emsp/ocpi.emsp.example@evil.example/x", "/example-emsp/evil.example#ocpi.emsp.example/x"),
        *(
            "/example-emsp/ocpi.emsp.example.evil.example/x",
            "/example-emsp/ocpi.emsp.example%2eevil.example/x",
        ),
        *("/example-emsp/ocpi.emsp.example:80443/x", "/example-emsp/ocpi.emsp.example:0443/x"),
        "https://ocpi.emsp.example/ocpi",
    ],
)
def test_what_is_not_on_the_list_is_not_called(asked: str) -> None:
    with pytest.raises(Refused) as refused:
        target_of(asked, PARTNERS)
    assert refused.value.control == "egress-hosts-listed"


@pytest.mark.parametrize(
    "path",
    [
        *(
            "../admin",
            "a/./b",
            "a//b",
            "%2e%2e/admin",
            "a%2Fb",
            "a%5cb",
            "a\\b",
            "a;b",
            "a b",
            "a%00b",
            "a%0d%0ab",
        ),
        *("a%252e", "ä", "a\r\nHost: evil", "a?b\r\nc: d", "a?b#c", "a#b", "a?", "a%zz", "a?b%", "x" * 3000),
    ],
)
def test_a_path_with_two_readings_is_not_sent(path: str) -> None:
    with pytest.raises(Refused) as refused:
        target_of(f"/example-emsp/ocpi.emsp.example/{path}", PARTNERS)
    assert refused.value.control == "path-canonical"


@pytest.mark.parametrize(
    "url", ["http://ocpi.emsp.example/", "https://a@ocpi.emsp.example/", "x", "https://a\\b/"]
)
def test_what_is_no_https_url_has_no_path(url: str) -> None:
    with pytest.raises(Refused):
        path_to(EMSP.name, url)


def asked(caller: str = "service", key: bytes = KEY, at: int = NOW, **changes: object) -> Asked:
    call = Asked("PUT", "/example-emsp/ocpi.emsp.example/ocpi", {}, b"{}")
    signed_call = replace(call, headers=signed(caller, key, call, at))
    return replace(signed_call, **changes)  # type: ignore[arg-type]  # fields of a call


def test_a_known_caller_that_signs_its_call_is_heard() -> None:
    assert caller_of(CALLERS, asked(), NOW).name == "service"


@pytest.mark.parametrize(
    "call",
    [
        asked("stranger"),
        asked(key=KEY[::-1]),
        asked("rotation"),
        asked(at=NOW - 61),
        asked(at=NOW + 61),
        asked(method="POST"),
        asked(path="/example-emsp/ocpi.emsp.example/other"),
        asked(body=b"{} "),
        asked(headers={}),
        asked(headers={CALLER_HEADER: "service", "x-rampart-signature": ""}),
    ],
)
def test_who_is_unknown_or_did_not_sign_this_very_call_is_not_heard(call: Asked) -> None:
    with pytest.raises(Refused) as refused:
        caller_of(CALLERS, call, NOW)
    assert refused.value.status == 401


def test_a_token_is_sent_only_by_those_who_change_tokens_and_as_it_was_signed() -> None:
    for caller, key, status in (("service", KEY, 403), ("rotation", KEY[::-1], 0)):
        call = Asked("GET", "/example-emsp/ocpi.emsp.example/ocpi", {"authorization": "Token eA=="})
        call = replace(call, headers={**call.headers, **signed(caller, key, call, NOW)})
        if status:
            with pytest.raises(Refused) as refused:
                caller_of(CALLERS, call, NOW)
            assert refused.value.status == status
            continue
        assert caller_of(CALLERS, call, NOW).name == caller
        with pytest.raises(Refused):
            caller_of(CALLERS, replace(call, headers={**call.headers, "authorization": "Token eQ=="}), NOW)


def test_a_method_that_is_not_ocpis_is_not_sent() -> None:
    call = Asked("CONNECT", "/example-emsp/ocpi.emsp.example/x", {})
    with pytest.raises(Refused) as refused:
        caller_of(CALLERS, replace(call, headers=signed("service", KEY, call, NOW)), NOW)
    assert refused.value.status == 405


def test_only_known_headers_go_out_and_the_caller_names_no_host() -> None:
    sent = outgoing(
        {"host": "evil.example", "cookie": "a", "x-request-id": "1", "ocpi-to-party-id": "A\r\nHost: b",
         "x-forwarded-for": "1.2.3.4", "connection": "close", "x-rampart-caller": "service"},
        "Token eA==",
    )  # fmt: skip
    assert sent == {
        "x-request-id": "1", "authorization": "Token eA==",
        "accept-encoding": "identity", "user-agent": "rampart",
    }  # fmt: skip


def test_of_an_answer_only_known_headers_come_in_and_links_to_the_partner_alone() -> None:
    ours = '<https://ocpi.emsp.example/ocpi/2.2.1/tokens?offset=50>; rel="next"'
    answered = [
        ("Link", ours),
        ("X-Total-Count", "9"),
        ("Set-Cookie", "a"),
        ("Location", "https://169.254.169.254/"),
    ]
    assert incoming(TARGET, 200, answered) == {"link": ours, "x-total-count": "9"}
    assert incoming(TARGET, 200, [("Link", '<https://evil.example/>; rel="next"')]) == {}
    cdr = "https://ocpi.emsp.example/ocpi/2.2.1/cdrs/1"
    assert incoming(TARGET, 201, [("Location", cdr)]) == {"location": cdr}
    assert incoming(TARGET, 307, [("Location", cdr)]) == {}
    assert incoming(TARGET, 200, [("X-Limit", "1\r\nx: y")]) == {}


def test_no_key_and_no_token_is_in_what_a_caller_shows() -> None:
    assert "\\x" not in repr(CALLERS["service"])
    assert isinstance(TARGET, Target)
