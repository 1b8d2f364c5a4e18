"""Exchanges of credentials that either side starts, step by step: what is kept, told and ended."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

import pytest

from hardening.requests.tokens import digest
from hardening.rotation.connection import INBOUND, OUTBOUND, Answer, Connection, Outcome, Stage
from hardening.rotation.receiver import end, serve, settle
from hardening.rotation.records import Change, Conflict, TokenRecord, confirm, first_use, revoke, withdraw
from hardening.rotation.registration import register, unregister
from hardening.rotation.result import End, Result
from hardening.rotation.starter import LET_IN_BY_A_PERSON, exchange, rotate
from hardening.rotation.working_token import find_working
from infra.runtime.policy_service.stores import MemoryTokenStore
from tests.beds.memory_connection import HOST, NOW, TERMS, Platform, connection, holds, honours, registered

VERSIONS, CREDENTIALS = f"{HOST}/versions", f"{HOST}/2.2.1/credentials"
OURS = {"url": "https://us.example/ocpi/versions"}
THEIRS = {"token": "their-next", "url": VERSIONS}
TAKEN = Answer(Outcome.DONE, THEIRS)
UNKNOWN = Answer(Outcome.UNKNOWN_TOKEN, detail="HTTP 401")


@pytest.fixture
def platform() -> Platform:
    return Platform()


@pytest.fixture
def here(platform: Platform) -> Connection:
    found = connection(platform)
    registered(found)
    return found


def _state(here: Connection, token: str) -> str:
    found = here.records.find(digest(token))
    return "" if found is None else found.state


def _token(here: Connection, direction: str, stage: Stage = Stage.CURRENT) -> str:
    found = here.vault.read(direction, stage)
    return "" if found is None else found.token


def _waits(here: Connection, direction: str, token: str) -> None:
    """Have a pending version beside the current one."""
    current = here.vault.read(direction, Stage.CURRENT)
    assert current is not None
    here.vault.write_pending(direction, replace(current, token=token))


def test_a_token_that_is_unknown_expired_or_ended_opens_nothing(here: Connection) -> None:
    honours(here, "ended", "revoked")
    for token in ("unknown", "ended"):
        reply = serve(here, OURS, "GET", digest(token))
        assert (reply.http_status, reply.ocpi_status, reply.data) == (401, 2000, None)
    later = replace(here, clock=lambda: NOW + TERMS.lifetime)
    assert serve(later, OURS, "GET", digest("ours")).http_status == 401


@pytest.mark.parametrize(
    ("kind", "allowed"), [("A", {"POST"}), ("C", {"GET", "PUT", "DELETE"})], ids=["registers", "calls"]
)
def test_a_token_opens_the_methods_of_its_kind_alone(kind: str, allowed: set[str], here: Connection) -> None:
    honours(here, "ours", kind=kind)
    for method in ("GET", "POST", "PUT", "DELETE", "PATCH"):
        status = serve(connection_of(here, kind), OURS, method, digest("ours"), THEIRS).http_status
        assert (status == 405) == (method not in allowed), method


def connection_of(here: Connection, kind: str) -> Connection:
    """The same vault with records of its own, so no call changes what the next one meets."""
    fresh = connection(Platform(), here.partner)
    honours(fresh, "ours", kind=kind)
    return replace(here, records=fresh.records)


def test_a_token_of_another_kind_opens_nothing(here: Connection) -> None:
    honours(here, "ours", kind="W")
    for method in ("GET", "POST", "PUT", "DELETE"):
        assert serve(here, OURS, method, digest("ours"), THEIRS).http_status == 401, method


@dataclass
class Revoking:
    """A platform that takes its time: a person revokes its token before it answers."""

    here: Connection
    platform: Platform

    def __call__(self, *asked: Any) -> Answer:
        record = self.here.records.find(digest("ours"))
        assert record is not None
        self.here.records.apply(revoke([record]))
        return self.platform.call(*asked)


def test_a_revocation_amid_the_partners_own_exchange_is_the_last_word(
    here: Connection, platform: Platform
) -> None:
    slow = replace(here, call=Revoking(here, platform))
    with pytest.raises(Conflict):
        serve(slow, OURS, "PUT", digest("ours"), THEIRS, "2.2.1")
    assert serve(slow, OURS, "PUT", digest("ours"), THEIRS, "2.2.1").http_status == 401
    assert _alive(here) == []


def test_a_revocation_amid_our_rotation_is_the_last_word(here: Connection, platform: Platform) -> None:
    slow = replace(here, call=Revoking(here, platform))
    assert rotate(slow) == Result(End.POSTPONED, "the tokens changed at the same moment")
    assert rotate(here) == Result(End.POSTPONED, LET_IN_BY_A_PERSON)
    assert _alive(here) == []
    assert all(asked.startswith("GET ") for asked, _ in platform.asked)
    platform.answers[f"PUT {CREDENTIALS}"] = TAKEN
    assert rotate(here, anew=True).end is End.ROTATED
    assert len(_alive(here)) == 1


def _alive(here: Connection) -> list[str]:
    assert isinstance(here.records, MemoryTokenStore)
    records = here.records.of_partner(here.partner.name)
    return [one.digest for one in records if one.honoured(here.clock())]


@pytest.fixture
def slashed(here: Connection, platform: Platform) -> Platform:
    """A platform that names its credentials endpoint without the `/` with which it serves it."""
    platform.answers[f"GET {CREDENTIALS}"] = Answer(Outcome.MOVED, detail="HTTP 307")
    platform.answers[f"PUT {CREDENTIALS}"] = Answer(Outcome.MOVED, detail="HTTP 307")
    platform.answers[f"GET {CREDENTIALS}/"] = Answer(Outcome.DONE, {"token": "#NA"})
    platform.answers[f"PUT {CREDENTIALS}/"] = TAKEN
    return platform


def test_an_endpoint_that_is_served_with_a_slash_at_its_end_is_asked_there(
    here: Connection, slashed: Platform
) -> None:
    assert rotate(here).end is End.ROTATED
    assert _token(here, OUTBOUND) == "their-next"
    assert {asked.partition(" ")[2] for asked, _ in slashed.asked} <= {
        VERSIONS, f"{HOST}/2.2.1", CREDENTIALS, f"{CREDENTIALS}/"
    }  # fmt: skip


def test_a_redirect_to_anywhere_else_is_a_refusal(here: Connection, slashed: Platform) -> None:
    slashed.answers[f"GET {CREDENTIALS}"] = Answer(Outcome.DONE, {"token": "#NA"})
    for there in (Answer(Outcome.MOVED, detail="HTTP 308"), Answer(Outcome.REFUSED, detail="HTTP 404")):
        slashed.answers[f"PUT {CREDENTIALS}/"] = there
        assert rotate(here) == Result(End.ROLLED_BACK, "HTTP 307")


def test_credentials_are_shown_without_the_token(here: Connection) -> None:
    assert serve(here, OURS, "GET", digest("ours")).data == {**OURS, "token": "#NA"}


def test_a_partner_that_rotates_gets_a_successor_and_its_new_token_is_tried_before_it_is_kept(
    here: Connection, platform: Platform
) -> None:
    reply = serve(here, OURS, "PUT", digest("ours"), THEIRS, "2.2.1")
    assert (reply.http_status, reply.ocpi_status) == (200, 1000)
    assert reply.data is not None
    assert _state(here, reply.data["token"]) == "offered"
    assert _token(here, OUTBOUND) == "their-next"
    assert _token(here, OUTBOUND, Stage.PREVIOUS) == "theirs"
    assert {token for _, token in platform.asked} == {"their-next"}
    again = serve(here, OURS, "PUT", digest("ours"), THEIRS, "2.2.1")
    assert again.data == reply.data, "the same call has the same answer"


@pytest.mark.parametrize(
    ("body", "detail"),
    [
        (None, "no credentials token"),
        ([], "no credentials token"),
        ({**THEIRS, "token": "#NA"}, "no credentials token"),
        ({**THEIRS, "roles": [{"country_code": "NL", "party_id": "EVL", "role": "EMSP"}]}, "not onboarded"),
        ({"token": "their-next"}, "not https on a callback host"),
    ],
)
def test_a_credentials_object_that_cannot_be_used_changes_nothing(
    body: Any, detail: str, here: Connection
) -> None:
    reply = serve(here, OURS, "PUT", digest("ours"), body)
    assert reply.http_status == 200
    assert reply.ocpi_status != 1000
    assert detail in reply.detail
    assert (_token(here, OUTBOUND), _token(here, INBOUND, Stage.PENDING)) == ("theirs", "")


def test_a_pending_token_becomes_current_once_the_partner_is_known_to_have_it(here: Connection) -> None:
    for state, current in (("offered", "ours"), ("revoked", "ours"), ("active", "next")):
        _waits(here, INBOUND, "next")
        honours(here, "next", state, replaces=digest("ours"))
        settle(here)
        assert _token(here, INBOUND) == current, state
    assert _state(here, "ours") == "active", "its predecessor retires by itself"
    settle(here)
    assert _token(here, INBOUND) == "next"


def test_a_pending_token_of_a_new_registration_ends_the_one_of_before(here: Connection) -> None:
    _waits(here, INBOUND, "next")
    honours(here, "next", replaces=digest("another"))
    settle(here)
    assert (_token(here, INBOUND), _state(here, "ours")) == ("next", "revoked")


def test_the_end_of_a_connection_is_the_end_of_every_token(here: Connection) -> None:
    honours(here, "oldest", "retiring")
    honours(here, "ours", replaces=digest("oldest"))
    _waits(here, INBOUND, "next")
    honours(here, "next", "offered", replaces=digest("ours"))
    _waits(here, OUTBOUND, "their-next")
    assert serve(here, OURS, "DELETE", digest("ours")).http_status == 200
    assert {_state(here, token) for token in ("oldest", "ours", "next")} == {"revoked"}
    known = here.vault.read(OUTBOUND, Stage.CURRENT)
    assert known is not None
    assert (known.token, known.registered) == ("theirs", False)
    for direction in (INBOUND, OUTBOUND):
        assert _token(here, direction, Stage.PENDING) == ""
    assert end(here).http_status == 200, "once more is no harm"


def test_who_was_never_registered_has_nothing_to_end(platform: Platform) -> None:
    here = connection(platform)
    assert unregister(here) == Result(End.ENDED, "the partner was never registered")
    holds(here, OUTBOUND, "token-a", versions=VERSIONS, registered=False)
    assert unregister(here).end is End.ENDED
    assert platform.asked == []


@pytest.mark.parametrize(
    ("outcome", "found"),
    [
        (Outcome.DONE, End.ENDED),
        (Outcome.NOT_ALLOWED, End.ENDED),
        (Outcome.UNKNOWN_TOKEN, End.ENDED),
        (Outcome.REFUSED, End.IN_DOUBT),
        (Outcome.IN_DOUBT, End.IN_DOUBT),
    ],
)
def test_the_partner_is_told_of_the_end_after_it_has_come(
    outcome: Outcome, found: End, here: Connection, platform: Platform
) -> None:
    platform.answers[f"DELETE {CREDENTIALS}"] = Answer(outcome)
    assert unregister(here).end is found
    assert platform.asked == [(f"DELETE {CREDENTIALS}", "theirs")]
    assert _state(here, "ours") == "revoked"


def test_a_registration_is_made_once_and_with_the_partners_host_alone(platform: Platform) -> None:
    here = connection(platform)
    refused = register(here, OURS, "https://elsewhere.example/versions", "token-a")
    assert (refused.end, platform.asked) == (End.ROLLED_BACK, [])
    platform.answers[f"POST {CREDENTIALS}"] = TAKEN
    assert register(here, OURS, VERSIONS, "token-a") == Result(End.ROTATED)
    assert _token(here, OUTBOUND) == "their-next"
    assert _state(here, _token(here, INBOUND)) == "active"
    platform.asked.clear()
    assert register(here, OURS, VERSIONS, "token-a").detail == "registered already"
    assert platform.asked == [(f"GET {CREDENTIALS}", "their-next")]


def test_a_partner_that_forgot_us_is_registered_with_anew(here: Connection, platform: Platform) -> None:
    """It takes none of our tokens, and handed us another one to register with."""
    platform.tokens["theirs"] = UNKNOWN
    platform.answers[f"POST {CREDENTIALS}"] = TAKEN
    assert register(here, OURS, VERSIONS, "token-a").end is End.ROTATED
    assert _token(here, OUTBOUND) == "their-next"
    assert _state(here, "ours") == "retiring"


def test_a_partner_that_does_not_say_whether_it_knows_us_is_not_registered_with(
    here: Connection, platform: Platform
) -> None:
    platform.tokens["theirs"] = Answer(Outcome.IN_DOUBT, detail="no answer")
    assert register(here, OURS, VERSIONS, "token-a") == Result(End.IN_DOUBT, "no answer")
    assert _token(here, OUTBOUND) == "theirs"


def test_another_registration_token_takes_the_place_of_the_one_that_did_not_work(platform: Platform) -> None:
    here = connection(platform)
    platform.answers[f"GET {VERSIONS}"] = Answer(Outcome.UNKNOWN_TOKEN)
    assert register(here, OURS, VERSIONS, "token-a").end is End.STRANDED
    assert register(here, OURS, VERSIONS, "another").end is End.STRANDED
    assert _token(here, OUTBOUND) == "another"


def test_a_registration_that_is_tried_again_says_who_we_are_now(platform: Platform) -> None:
    """What the partner did not like is put right; its token is the same one."""
    here = connection(platform)
    platform.answers[f"POST {CREDENTIALS}"] = Answer(Outcome.REFUSED, detail="HTTP 422")
    assert register(here, OURS, VERSIONS, "token-a").end is End.ROLLED_BACK
    platform.answers[f"POST {CREDENTIALS}"] = TAKEN
    better = {**OURS, "roles": ["whole"]}
    assert register(here, better, VERSIONS, "token-a").end is End.ROTATED
    assert platform.body["roles"] == ["whole"]
    kept = here.vault.read(OUTBOUND, Stage.CURRENT)
    assert kept is not None
    assert kept.ours == better


def test_an_offer_that_is_written_twice_meets_itself_and_not_another(
    here: Connection, platform: Platform
) -> None:
    """The store's answer came late, so its client repeated the call."""

    class Repeated(MemoryTokenStore):
        def find(self, digest: str) -> TokenRecord | None:
            return here.records.find(digest)

        def apply(self, changes: Iterable[Change]) -> None:
            wanted = tuple(changes)
            here.records.apply(wanted)
            here.records.apply(wanted)

    platform.answers[f"PUT {CREDENTIALS}"] = TAKEN
    assert rotate(replace(here, records=Repeated())).end is End.ROTATED
    assert _state(here, _token(here, INBOUND)) == "active"


def test_a_rotation_says_who_we_are_now(here: Connection, platform: Platform) -> None:
    """A party that came since the registration is told; where nobody says it, what was told then is."""
    platform.answers[f"PUT {CREDENTIALS}"] = TAKEN
    assert rotate(here).end is End.ROTATED
    assert "roles" not in platform.body
    now = replace(here, ours=lambda version: {**OURS, "roles": [version]})
    platform.answers[f"PUT {CREDENTIALS}"] = replace(TAKEN, data={**THEIRS, "token": "their-third"})
    assert rotate(now).end is End.ROTATED
    assert platform.body["roles"] == ["2.2.1"]
    kept = here.vault.read(OUTBOUND, Stage.CURRENT)
    assert kept is not None
    assert kept.ours["roles"] == ["2.2.1"]


def test_a_rotation_before_registration_waits(platform: Platform) -> None:
    here = connection(platform)
    assert rotate(here) == Result(End.POSTPONED, "not registered yet")
    assert platform.asked == []
    assert _token(here, INBOUND, Stage.PENDING), "the candidate is kept"


def test_a_whole_rotation_changes_both_tokens(here: Connection, platform: Platform) -> None:
    platform.answers[f"PUT {CREDENTIALS}"] = TAKEN
    assert rotate(here) == Result(End.ROTATED)
    assert _token(here, OUTBOUND) == "their-next"
    assert (_state(here, "ours"), _state(here, _token(here, INBOUND))) == ("retiring", "active")


@pytest.mark.parametrize(
    ("outcome", "found", "state"),
    [
        (Outcome.REFUSED, End.ROLLED_BACK, "revoked"),
        (Outcome.MOVED, End.ROLLED_BACK, "revoked"),
        (Outcome.NOT_ALLOWED, End.ROLLED_BACK, "revoked"),
        (Outcome.IN_DOUBT, End.IN_DOUBT, "offered"),
        (Outcome.UNKNOWN_TOKEN, End.IN_DOUBT, "offered"),
    ],
)
def test_a_candidate_dies_where_the_partner_refused_and_lives_where_it_may_have_it(
    outcome: Outcome, found: End, state: str, here: Connection, platform: Platform
) -> None:
    for method in ("PUT", "POST"):
        platform.answers[f"{method} {CREDENTIALS}"] = Answer(outcome, detail="why")
    assert rotate(here) == Result(found, "why")
    known = here.records.of_partner(here.partner.name)  # type: ignore[attr-defined]  # the store's own
    assert [one.state for one in known if one.digest != digest("ours")] == [state]
    assert (_state(here, "ours"), _token(here, OUTBOUND)) == ("active", "theirs")
    assert bool(_token(here, INBOUND, Stage.PENDING)) == (found is End.IN_DOUBT)


def test_a_refusal_after_a_try_in_doubt_is_in_doubt(here: Connection, platform: Platform) -> None:
    platform.answers[f"PUT {CREDENTIALS}"] = Answer(Outcome.IN_DOUBT)
    assert rotate(here).end is End.IN_DOUBT
    candidate = _token(here, INBOUND, Stage.PENDING)
    platform.answers[f"PUT {CREDENTIALS}"] = Answer(Outcome.REFUSED, detail="OCPI status 3001")
    assert rotate(here) == Result(End.IN_DOUBT, "OCPI status 3001")
    assert _state(here, candidate) == "offered"
    platform.answers[f"GET {VERSIONS}"] = Answer(Outcome.IN_DOUBT, detail="HTTP 500")
    assert rotate(here) == Result(End.IN_DOUBT, "OCPI 3001: HTTP 500")


def test_a_candidate_that_was_ended_is_put_away(here: Connection, platform: Platform) -> None:
    _waits(here, INBOUND, "next")
    honours(here, "next", "revoked")
    assert exchange(here, "next") == Result(End.ROLLED_BACK, "this token was withdrawn")
    assert (_token(here, INBOUND, Stage.PENDING), platform.asked) == ("", [])


def test_nothing_is_offered_to_a_partner_whose_api_cannot_be_used_or_while_others_change_tokens(
    here: Connection, platform: Platform
) -> None:
    busy = replace(here, records=Busy(here.records))
    assert rotate(busy) == Result(End.POSTPONED, "the tokens changed at the same moment")
    platform.answers[f"GET {VERSIONS}"] = Answer(Outcome.DONE, "none")
    assert rotate(here) == Result(End.POSTPONED, "OCPI 3001: the versions are no list")
    assert not any(call.startswith(("PUT", "POST")) for call, _ in platform.asked)


class Busy:
    """Records that somebody else always changes first."""

    def __init__(self, records: Any) -> None:
        self.find = records.find

    def apply(self, _: Any) -> None:
        raise Conflict


def test_of_two_tokens_the_one_that_the_partner_takes_is_used(here: Connection, platform: Platform) -> None:
    _waits(here, OUTBOUND, "lost")
    platform.tokens["lost"] = UNKNOWN
    assert find_working(here) == here.vault.read(OUTBOUND, Stage.CURRENT)
    assert (_token(here, OUTBOUND), _token(here, OUTBOUND, Stage.PENDING)) == ("theirs", "")


def test_a_partner_that_takes_none_of_our_tokens_has_us_stranded_and_one_in_doubt_is_asked_again(
    here: Connection, platform: Platform
) -> None:
    platform.answers[f"GET {CREDENTIALS}"] = Answer(Outcome.IN_DOUBT, detail="HTTP 503")
    assert find_working(here) == Result(End.IN_DOUBT, "HTTP 503")
    platform.tokens["theirs"] = UNKNOWN
    assert find_working(here) == Result(End.STRANDED, "the partner takes none of our tokens")


def test_a_new_token_that_the_partner_gave_with_a_fault_is_used_and_the_fault_is_told(
    here: Connection, platform: Platform
) -> None:
    platform.answers[f"PUT {CREDENTIALS}"] = Answer(Outcome.DONE, {"token": "their-next"})
    result = rotate(here)
    assert (result.end, _token(here, OUTBOUND)) == (End.ROTATED, "their-next")
    assert "versions URL is not https" in result.detail


@pytest.mark.parametrize(
    ("answer", "found"),
    [
        (Answer(Outcome.IN_DOUBT, detail="HTTP 503"), Result(End.IN_DOUBT, "HTTP 503")),
        (UNKNOWN, Result(End.ROTATED)),
    ],
)
def test_a_new_token_is_tried_before_the_rotation_has_ended(
    answer: Answer, found: Result, here: Connection, platform: Platform
) -> None:
    """The partner may be slow to know it; one that it does not know leaves the old one in use."""
    platform.answers[f"PUT {CREDENTIALS}"] = TAKEN
    platform.tokens["their-next"] = answer
    assert rotate(here) == found
    assert _token(here, OUTBOUND) == "theirs"
    assert _state(here, "ours") == "retiring", "it has ours, whatever became of its own"
    pending = _token(here, OUTBOUND, Stage.PENDING)
    assert pending == ("their-next" if found.end is End.IN_DOUBT else "")


def test_a_partner_that_takes_neither_token_after_a_rotation_has_us_stranded(
    here: Connection, platform: Platform
) -> None:
    def dies(method: str, url: str, token: str, body: Any) -> Answer:
        answer = platform.call(method, url, token, body)
        if method == "PUT":
            platform.tokens |= {"theirs": UNKNOWN, "their-next": UNKNOWN}
        return answer

    platform.answers[f"PUT {CREDENTIALS}"] = TAKEN
    assert rotate(replace(here, call=dies)).end is End.STRANDED


def test_a_registration_that_brings_no_token_is_undone_with_the_token_that_opened_it(
    platform: Platform,
) -> None:
    here = connection(platform)
    platform.answers[f"POST {CREDENTIALS}"] = Answer(Outcome.DONE, {"url": VERSIONS})
    result = register(here, OURS, VERSIONS, "token-a")
    assert (result.end, result.detail) == (End.ROLLED_BACK, "the answer carries no token")
    assert platform.asked[-1] == (f"DELETE {CREDENTIALS}", "token-a")
    strangers = [{"country_code": "NL", "party_id": "EVL", "role": "CPO"}]
    platform.answers[f"POST {CREDENTIALS}"] = Answer(Outcome.DONE, {**THEIRS, "roles": strangers})
    assert register(here, OURS, VERSIONS, "token-a").end is End.ROLLED_BACK
    assert platform.asked[-1] == (f"DELETE {CREDENTIALS}", "their-next")


def test_the_first_call_with_an_offered_token_makes_it_active_whether_or_not_it_follows_another(
    here: Connection,
) -> None:
    alone, after = (
        honours(here, "alone", "offered"),
        honours(here, "after", "offered", replaces=digest("ours")),
    )
    for key in (alone, after):
        assert first_use(here.records, key, NOW)
        assert not first_use(here.records, key, NOW), "it was not the first"
    assert [_state(here, token) for token in ("alone", "after", "ours")] == ["active", "active", "retiring"]
    assert not first_use(here.records, digest("unknown"), NOW)
    assert not first_use(
        replace(here, records=Busy(here.records)).records, honours(here, "late", "offered"), NOW
    )


def test_nothing_that_ended_comes_back_and_no_life_grows_longer(here: Connection) -> None:
    old, new = here.records.find(digest("ours")), here.records.find(honours(here, "next", "offered"))
    assert old is not None
    assert new is not None
    short = replace(old, expires=int(NOW.timestamp()) + 5)
    (made, retired) = confirm(new, short, now=NOW, remaining=TERMS.overlap)
    assert (made.after.state, retired.after.state) == ("active", "retiring")
    assert retired.after.expires == short.expires
    assert confirm(new, replace(old, state="revoked"), now=NOW, remaining=TERMS.overlap) == (made,)
    assert confirm(new, None, now=NOW, remaining=TERMS.overlap) == (made,)
    assert confirm(made.after, retired.after, now=NOW, remaining=TERMS.overlap) == ()
    assert withdraw(None) == withdraw(made.after) == ()
    assert [one.after.state for one in withdraw(new)] == ["revoked"]
