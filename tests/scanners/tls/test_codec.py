"""What we write is what a server reads, and no bytes from a server break the parser."""

from __future__ import annotations

import warnings
from pathlib import Path

from cryptography.hazmat.primitives import serialization
from hypothesis import given
from hypothesis import strategies as st

from scanners.tls import probes
from scanners.tls.audit.plaintext import parse_head, shown
from scanners.tls.certificates.chain import read_chain
from scanners.tls.certificates.facts import certificate_names
from scanners.tls.certificates.roots import roots_of
from scanners.tls.profiles import PROFILES
from scanners.tls.protocol.codepoints import GROUPS, SIGNATURES, TLS1_0, TLS1_2, TLS1_3, VERSIONS
from scanners.tls.protocol.hello import Offer, client_hello, hello_record, ssl2_hello
from scanners.tls.protocol.server_hello import (
    Malformed,
    messages,
    parse_certificates,
    parse_certificates_13,
    parse_key_exchange,
    parse_server_hello,
)
from scanners.tls.protocol.suites import CODES, SUITES, openssl_name
from tests.beds.tls.hellos import Flaw, _server_hello, parse
from tests.beds.tls.pki import NAME, NOW, Pki

codes = st.integers(0, 0xFFFF)
offers = st.builds(
    Offer,
    version=st.sampled_from([TLS1_0, TLS1_2, TLS1_3]),
    suites=st.lists(codes, min_size=1, max_size=300).map(tuple),
    server_name=st.from_regex(r"([a-z][a-z0-9]{0,20}\.){1,3}[a-z]{2,5}", fullmatch=True),
    groups=st.lists(codes, min_size=1, max_size=60).map(tuple),
    signatures=st.lists(codes, min_size=1, max_size=60).map(tuple),
)


@given(offers)
def test_any_offer_arrives_as_it_was_made(offer: Offer) -> None:
    hello = parse(client_hello(offer))
    assert hello.suites == offer.suites
    assert hello.listed(10) == offer.groups
    assert offer.server_name.encode() in hello.found[0]
    assert hello.newest == (offer.version == TLS1_3)
    if offer.version >= TLS1_2:
        assert hello.listed(13) == offer.signatures


@given(offers)
def test_a_hello_fits_its_record(offer: Offer) -> None:
    record = hello_record(offer)
    assert int.from_bytes(record[3:5], "big") == len(record) - 5


def test_an_sslv2_hello_states_its_length() -> None:
    hello = ssl2_hello()
    assert int.from_bytes(hello[:2], "big") & 0x7FFF == len(hello) - 2


@given(st.binary(max_size=400))
def test_no_bytes_break_the_parser(data: bytes) -> None:
    hello = parse_server_hello(_server_hello(Flaw(), 0x0303, 0xC02B)[4:])
    readers = (
        parse_server_hello,
        parse_certificates,
        parse_certificates_13,
        lambda body: parse_key_exchange(body, hello),
        lambda body: messages(bytearray(body)),
    )
    for read in readers:
        try:
            read(data)
        except Malformed:
            continue


@given(st.binary(max_size=400), st.text(max_size=80))
def test_no_http_answer_breaks_the_parser(data: bytes, location: str) -> None:
    parse_head(data)
    parse_head(b"HTTP/1.1 302 Found\r\nLocation: " + data)
    assert shown(location, "host.example")


@given(st.booleans(), st.booleans(), st.booleans(), st.booleans())
def test_what_a_server_hello_shows_is_read(secret: bool, info: bool, sentinel: bool, pressed: bool) -> None:
    flaw = Flaw(master_secret=secret, renegotiation=info, sentinel=sentinel, compression=pressed)
    hello = parse_server_hello(_server_hello(flaw, 0x0303, 0xC02B)[4:])
    assert (23 in hello.extensions, 0xFF01 in hello.extensions) == (secret, info)
    assert (hello.sentinel, hello.compression != 0) == (sentinel, pressed)


def test_no_profile_is_offered_what_it_allows() -> None:
    for profile in PROFILES.values():
        for offer in (probes.suites_1_2("a.example", profile), probes.suites_1_3("a.example", profile)):
            assert not offer or not {SUITES[code] for code in offer.suites} & set(profile.suites)
        groups = probes.groups_1_3("a.example", profile)
        assert not groups or not {GROUPS[code] for code in groups.groups} & set(profile.groups)
        signatures = probes.signatures_1_2("a.example", profile)
        assert not signatures or not {SIGNATURES[c] for c in signatures.signatures} & set(profile.signatures)


def test_profiles_name_only_what_exists() -> None:
    for profile in PROFILES.values():
        assert set(profile.suites) <= set(CODES)
        assert set(profile.groups) <= set(GROUPS.values())
        assert set(profile.signatures) <= set(SIGNATURES.values())
        assert set(profile.required) <= set(profile.allowed) <= set(VERSIONS.values())
        assert profile.source


def test_suites_have_their_openssl_names() -> None:
    assert openssl_name("TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256") == "ECDHE-RSA-CHACHA20-POLY1305"
    assert openssl_name("TLS_RSA_WITH_AES_128_CBC_SHA256") == "AES128-SHA256"
    assert openssl_name("TLS_AES_128_GCM_SHA256") == "TLS_AES_128_GCM_SHA256"


def test_a_certificate_with_any_byte_changed_is_read_or_told(tmp_path: Path) -> None:
    """A version that there is none of, an algorithm that nobody knows: a peer's bytes never end the audit."""
    pki = Pki(tmp_path)
    leaf, above = (one.public_bytes(serialization.Encoding.DER) for one in pki.good.certificates)
    roots = roots_of(pki.ca_file)
    begins = leaf.index(pki.good.certificates[0].tbs_certificate_bytes)
    signed = range(begins, begins + len(pki.good.certificates[0].tbs_certificate_bytes))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for at in range(len(leaf)):
            changed = leaf[:at] + bytes([leaf[at] ^ 0x01]) + leaf[at + 1 :]
            chain = read_chain((changed, above), b"", NAME, roots, NOW)
            assert chain.trust or chain.doubt or at not in signed
            certificate_names(changed)


def test_no_offer_names_anything_twice() -> None:
    """tlslite-ng takes a group that is named twice for a mistake: ours, not the endpoint's."""
    offers = [
        probes.tls_1_3("x"),
        probes.tls_1_2("x"),
        probes.old_versions("x"),
        probes.post_quantum_groups("x"),
        probes.renegotiable("x"),
    ]
    offers += [
        probes.modern("x", large=large, newest=newest) for large in (True, False) for newest in (True, False)
    ]
    for profile in PROFILES.values():
        made = (
            probes.suites_1_2,
            probes.suites_1_3,
            probes.groups_1_2,
            probes.groups_1_3,
            probes.signatures_1_2,
            probes.weak_first,
        )
        offers += [offer for make in made if (offer := make("x", profile))]
    for offer in offers:
        for codes in (offer.suites, offer.groups, offer.signatures):
            assert len(codes) == len(set(codes)), offer
