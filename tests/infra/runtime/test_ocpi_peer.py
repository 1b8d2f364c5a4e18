"""A partner's platform that behaves badly, in its own process: what we end in, and that both can talk."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from hardening.rotation.connection import Answer, Outcome, Stage
from hardening.rotation.registration import register, unregister
from hardening.rotation.result import End, Result
from hardening.rotation.starter import rotate
from tests.beds.ocpi_peer.peer import Peer, running_peer
from tests.beds.ocpi_peer.platform import DISCOVERY_FAULTS, FAULTS
from tests.infra.runtime.our_side import OURS, OurSide, answering, our_side, registered


@pytest.fixture(scope="module")
def process(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Peer]:
    with running_peer(tmp_path_factory.mktemp("peer")) as peer:
        yield peer


@pytest.fixture
def peer(process: Peer, monkeypatch: pytest.MonkeyPatch) -> Peer:
    monkeypatch.setenv("SSL_CERT_FILE", process.ca_file)
    process.told(fault="", discovery_fault="", old_token="at use", tells_token=False, reads="base64")
    process.told(writes="base64", versions=["2.2.1"], calls=[], takes=[], presents="", registered=False)
    process.told(token_a="token-a-of-the-peer")
    return process


@pytest.fixture
def us(peer: Peer, tmp_path: Path) -> Iterator[OurSide]:
    with answering(our_side(tmp_path, peer)) as side:
        yield side


class Case(NamedTuple):
    """What the peer does, what our first try ends in, and how often we try until both have new tokens.

    `tries` 0: they keep the old ones. `problem` is told beside the end.
    """

    state: dict[str, Any]
    first: End
    tries: int
    problem: str = ""


_PROBLEMS = {
    "same token": "repeats the token that we had",
    "our token": "repeats our own token",
    "no token": "carries no token",
    "plaintext URL": "versions URL is not https",
    "wrong party": "NL*EVL",
}
CASES = {
    "well-behaved": Case({}, End.ROTATED, 1),
    "slow": Case({"fault": "slow"}, End.IN_DOUBT, 2),
    "500": Case({"fault": "500"}, End.IN_DOUBT, 2, "HTTP 500"),
    "drops before it stores": Case({"fault": "drops before it stores"}, End.IN_DOUBT, 2),
    "drops after it stored": Case({"fault": "drops after it stored"}, End.IN_DOUBT, 2),
    "3000 after it stored": Case({"fault": "3000 after it stored"}, End.IN_DOUBT, 2, "OCPI status 3000"),
    "drops after it stored, and tells by GET": Case(
        {"fault": "drops after it stored", "tells_token": True}, End.IN_DOUBT, 2
    ),
    "not JSON": Case({"fault": "not JSON"}, End.IN_DOUBT, 2),
    "endless": Case({"fault": "endless"}, End.IN_DOUBT, 2),
    "405 to PUT, as it lost us": Case({"fault": "405 to PUT", "registered": False}, End.ROTATED, 1),
    "405 to all": Case({"fault": "405 to all"}, End.ROLLED_BACK, 0, "HTTP 405"),
    "refuses": Case({"fault": "refuses"}, End.ROLLED_BACK, 2, "OCPI status 3001"),
    "redirect": Case({"fault": "redirect"}, End.ROLLED_BACK, 2, "HTTP 307"),
    **{fault: Case({"fault": fault}, End.ROTATED, 1, problem) for fault, problem in _PROBLEMS.items()},
    "versions broken": Case({"discovery_fault": "versions broken"}, End.POSTPONED, 0, "OCPI 3001"),
    "no common version": Case({"discovery_fault": "no common version"}, End.POSTPONED, 0, "OCPI 3002"),
    "endpoints missing": Case({"discovery_fault": "endpoints missing"}, End.POSTPONED, 0, "OCPI 3003"),
    "plaintext endpoint": Case({"discovery_fault": "plaintext endpoint"}, End.POSTPONED, 0, "OCPI 3001"),
    "credentials at the metadata address": Case(
        {"discovery_fault": "credentials elsewhere"}, End.POSTPONED, 0, "OCPI 3001"
    ),
    "GET credentials redirected": Case(
        {"discovery_fault": "GET credentials redirected"}, End.POSTPONED, 0, "HTTP 302"
    ),
    "GET credentials refused": Case({"discovery_fault": "GET credentials refused"}, End.ROTATED, 1),
    "GET credentials unknown": Case({"discovery_fault": "GET credentials unknown"}, End.ROTATED, 1),
    "gives a token that it does not keep": Case({"fault": "a token that it does not keep"}, End.ROTATED, 1),
    "gives a token that it does not keep, and refuses GET credentials": Case(
        {"fault": "a token that it does not keep", "discovery_fault": "GET credentials refused"},
        End.ROTATED,
        1,
    ),
    "old token dead at once": Case({"old_token": "at once"}, End.ROTATED, 1),
    "old token alive for ever": Case({"old_token": "never"}, End.ROTATED, 1),
    "both start at once": Case({"fault": "starts too"}, End.ROTATED, 1),
    "both start at once, old token dead at once": Case(
        {"fault": "starts too", "old_token": "at once"}, End.ROTATED, 1
    ),
}


def test_each_fault_of_the_peer_has_a_case_that_says_what_we_end_in() -> None:
    played = {
        str(case.state.get(kind, "")) for case in CASES.values() for kind in ("fault", "discovery_fault")
    }
    assert {*FAULTS, *DISCOVERY_FAULTS} <= played


@pytest.mark.parametrize("name", CASES)
def test_whatever_the_partner_does_both_can_still_talk(name: str, peer: Peer, us: OurSide) -> None:
    case = CASES[name]
    registered(us, peer, **{"fault": "", **case.state})
    before = (us.outbound().token, peer.told()["presents"])
    result = rotate(us.connection)
    assert result.end is case.first, result
    assert case.problem in result.detail
    both_talk(peer, us)
    for _ in range(1, case.tries):
        result = rotate(us.connection)
    both_talk(peer, us)
    after = (us.outbound().token, peer.told()["presents"])
    if case.tries:
        assert result.end is End.ROTATED
        assert after[1] != before[1]
    else:
        assert after == before
    assert alive(us) <= 2


def both_talk(peer: Peer, us: OurSide) -> None:
    """Each takes the token that the other has."""
    assert us.connection.call("GET", peer.versions, us.outbound().token, None).outcome is Outcome.DONE
    assert peer.told(act="call")["done"] == 200


def alive(us: OurSide) -> int:
    records = us.connection.records.of_partner(us.connection.partner.name)  # type: ignore[attr-defined]  # SQLite's
    return sum(one.honoured(us.connection.clock()) for one in records)


def test_a_partner_that_lost_our_answer_and_ended_the_old_token_comes_back_by_its_own_call(
    peer: Peer, us: OurSide
) -> None:
    """The one case in which we are stranded outwards: OCPI has no way to ask for a token anew."""
    registered(us, peer, fault="drops after it stored", old_token="at once")
    assert rotate(us.connection).end is End.IN_DOUBT
    assert rotate(us.connection).end is End.STRANDED
    assert peer.told(act="call")["done"] == 200
    assert peer.told(act="rotate")["done"] == 1000
    assert rotate(us.connection).end is End.ROTATED
    both_talk(peer, us)


def test_a_partner_that_likes_patch_is_told_405_and_keeps_its_token(peer: Peer, us: OurSide) -> None:
    registered(us, peer)
    assert peer.told(act="PATCH")["done"] == 405
    both_talk(peer, us)


@pytest.mark.parametrize("form", ["line feed", "raw", "no padding"])
def test_a_partner_that_writes_another_base64_than_its_contract_is_let_in_only_where_it_is_harmless(
    form: str, peer: Peer, us: OurSide
) -> None:
    registered(us, peer, writes=form)
    assert peer.told(act="call")["done"] == (200 if form == "line feed" else 401)
    peer.told(writes="base64")
    both_talk(peer, us)


def test_a_partner_that_reads_raw_tokens_against_its_contract_is_given_nothing(
    peer: Peer, us: OurSide, tmp_path: Path
) -> None:
    registered(us, peer, reads="raw")
    before = peer.told()["presents"]
    assert rotate(us.connection).end is End.STRANDED
    assert peer.told(act="call")["presents"] == before
    again = our_side(tmp_path, peer, auth_encoding="raw")
    again.url = us.url
    assert rotate(again.connection).end is End.ROTATED


def test_a_partner_of_2_1_1_with_raw_tokens_rotates_like_any_other(peer: Peer, tmp_path: Path) -> None:
    with answering(our_side(tmp_path, peer, auth_encoding="raw", versions=("2.1.1",))) as us:
        registered(us, peer, reads="raw", writes="raw", versions=["2.1.1"])
        assert rotate(us.connection).end is End.ROTATED
        both_talk(peer, us)
        assert us.outbound().version == "2.1.1"
        assert us.outbound().endpoints["locations"].endswith("/ocpi/2.1.1/locations")


def test_both_sides_move_to_a_version_that_both_have_when_we_rotate(peer: Peer, us: OurSide) -> None:
    registered(us, peer)
    assert rotate(us.connection).end is End.ROTATED
    assert us.outbound().version == "2.2.1"
    peer.told(versions=["2.2.1", "2.3.0"], calls=[])
    assert rotate(us.connection).end is End.ROTATED
    assert us.outbound().version == "2.3.0"
    assert us.outbound().url.endswith("/ocpi/2.3.0/credentials")
    assert "PUT /ocpi/2.3.0/credentials" in peer.told()["calls"]
    both_talk(peer, us)


def test_endpoints_are_fetched_again_whenever_the_partner_rotates(peer: Peer, us: OurSide) -> None:
    registered(us, peer)
    assert us.outbound().endpoints == {}
    assert peer.told(act="rotate")["done"] == 1000
    root = peer.versions.removesuffix("/versions")
    assert us.outbound().endpoints["tokens:SENDER"] == f"{root}/2.2.1/tokens"
    assert us.outbound().endpoints["credentials"] == us.outbound().url


@pytest.mark.parametrize(
    ("form", "path"),
    [("by-version", "/ocpi/2.2.1/modules"), ("by-role", "/ocpi/emsp/2.2.1/modules")],
)
def test_the_partners_modules_are_asked_for_in_its_form_again_whenever_either_side_rotates(
    form: str, path: str, peer: Peer, tmp_path: Path
) -> None:
    with answering(our_side(tmp_path, peer, modules_route=form)) as us:
        contracted = sorted(us.connection.partner.modules)
        registered(us, peer, modules_route=path, modules=[*contracted, "parking"])
        assert rotate(us.connection) == Result(End.ROTATED)
        assert list(us.outbound().modules) == contracted
        peer.told(modules=contracted[1:])
        result = rotate(us.connection)
        assert result.detail == f"its modules route does not name {contracted[0]}"
        assert list(us.outbound().modules) == contracted[1:]
        peer.told(modules=contracted)
        assert peer.told(act="rotate")["done"] == 1000
        assert list(us.outbound().modules) == contracted
        peer.told(modules_route="")
        assert rotate(us.connection).detail == "its modules route names no modules"
        both_talk(peer, us)


@pytest.mark.parametrize(
    ("fault", "status"), [("versions broken", 3001), ("no common version", 3002), ("endpoints missing", 3003)]
)
def test_a_partner_whose_own_api_is_broken_is_told_so_and_both_keep_their_tokens(
    fault: str, status: int, peer: Peer, us: OurSide
) -> None:
    registered(us, peer, discovery_fault=fault)
    before = us.outbound()
    assert peer.told(act="rotate")["done"] == status
    assert us.outbound() == before
    both_talk(peer, us)


def test_we_register_with_the_token_that_the_partner_handed_us(peer: Peer, us: OurSide) -> None:
    peer.told(us=us.url)
    result = register(us.connection, OURS, peer.versions, "token-a-of-the-peer")
    assert result == Result(End.ROTATED)
    assert us.outbound().registered
    both_talk(peer, us)
    assert register(us.connection, OURS, peer.versions, "token-a-of-the-peer").detail == "registered already"


@pytest.mark.parametrize("fault", ["slow", "500", "drops before it stores"])
def test_a_registration_in_doubt_is_tried_again_until_both_can_talk(
    fault: str, peer: Peer, us: OurSide
) -> None:
    peer.told(us=us.url, fault=fault)
    ends = [register(us.connection, OURS, peer.versions, "token-a-of-the-peer").end for _ in range(2)]
    assert ends == [End.IN_DOUBT, End.ROTATED]
    both_talk(peer, us)


@pytest.mark.parametrize("fault", ["wrong party", "no token", "our token"])
def test_a_registration_with_somebody_else_is_undone_on_both_sides(
    fault: str, peer: Peer, us: OurSide
) -> None:
    peer.told(us=us.url, fault=fault)
    result = register(us.connection, OURS, peer.versions, "token-a-of-the-peer")
    assert result.end is End.ROLLED_BACK
    assert _PROBLEMS[fault] in result.detail
    assert not us.outbound().registered
    assert alive(us) == 0
    assert peer.told(act="call")["done"] == 401


def test_delete_ends_the_connection_on_both_sides(peer: Peer, us: OurSide) -> None:
    registered(us, peer)
    assert unregister(us.connection).end is End.ENDED
    assert peer.told()["registered"] is False
    assert peer.told(act="call")["done"] == 401
    assert us.connection.vault.read("inbound", Stage.PENDING) is None
    assert unregister(us.connection).end is End.ENDED


def test_a_partner_that_cannot_be_told_of_the_end_has_no_token_that_works(
    peer: Peer, us: OurSide, tmp_path: Path
) -> None:
    registered(us, peer)
    deaf = our_side(tmp_path, peer, call=lambda *_: Answer(Outcome.IN_DOUBT))
    assert unregister(deaf.connection).end is End.IN_DOUBT
    assert peer.told(act="call")["done"] == 401
    assert unregister(us.connection).end is End.ENDED
    assert peer.told()["registered"] is False
