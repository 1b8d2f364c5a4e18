"""What a partner's answers mean: done, refused, or in doubt; and what of a Credentials object is believed."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from hardening.requests.samples import EMSP, HUB
from hardening.requests.tokens import digest
from hardening.rotation.connection import Answer, Outcome, Secret, answer_of
from hardening.rotation.credentials_object import given, own_credentials, strange_parties
from hardening.rotation.records import Conflict
from tests.beds.memory_connection import HOST, NOW, TERMS, Platform, connection, honours

PARTY = {"country_code": "NL", "party_id": "EMX", "role": "EMSP"}
VERSIONS = f"{HOST}/versions"


@pytest.mark.parametrize(
    ("status", "envelope", "outcome"),
    [
        (None, None, Outcome.IN_DOUBT),
        *((status, None, Outcome.IN_DOUBT) for status in (408, 429, 500, 502, 503, 599)),
        *((status, None, Outcome.UNKNOWN_TOKEN) for status in (401, 403)),
        (405, None, Outcome.NOT_ALLOWED),
        *((status, None, Outcome.MOVED) for status in (101, 199, 300, 302, 307, 399)),
        *((status, None, Outcome.REFUSED) for status in (400, 404, 409, 499)),
        (200, {"status_code": 1000, "data": 7}, Outcome.DONE),
        (299, {"status_code": 1000, "data": 7}, Outcome.DONE),
        *((200, {"status_code": code, "data": 7}, Outcome.REFUSED) for code in (2000, 2001, 3001, 3999)),
        *(
            (200, {"status_code": code}, Outcome.IN_DOUBT)
            for code in (999, 1001, 1999, 3000, 4000, "2000", None)
        ),
        (200, {}, Outcome.IN_DOUBT),
        (200, [1000], Outcome.IN_DOUBT),
        (200, None, Outcome.IN_DOUBT),
    ],
)
def test_an_answer_that_does_not_say_what_was_done_is_in_doubt(
    status: int | None, envelope: Any, outcome: Outcome
) -> None:
    found = answer_of(status, envelope)
    assert found.outcome is outcome
    assert found.data == (7 if outcome is Outcome.DONE else None)
    assert bool(found.detail) == (outcome is not Outcome.DONE)


@pytest.mark.parametrize(
    ("outcome", "meaning"),
    [
        (Outcome.DONE, Outcome.DONE),
        (Outcome.MOVED, Outcome.IN_DOUBT),  # who redirects has not looked at it
        (Outcome.UNKNOWN_TOKEN, Outcome.UNKNOWN_TOKEN),
        (Outcome.IN_DOUBT, Outcome.IN_DOUBT),
    ],
)
def test_whether_a_partner_takes_a_token_is_told_by_what_it_looked_at(
    outcome: Outcome, meaning: Outcome
) -> None:
    platform = Platform({f"GET {HOST}/credentials": Answer(outcome, {"token": "x"}, "why")})
    found = connection(platform).honours(Secret("theirs", url=f"{HOST}/credentials", versions=VERSIONS))
    assert found.outcome is meaning
    assert found.detail == "why"
    assert found.data == {"token": "x"}
    asked = [f"GET {HOST}/credentials"]
    asked += [f"{asked[0]}/"] if outcome is Outcome.MOVED else []
    assert platform.asked == [(one, "theirs") for one in asked]


@pytest.mark.parametrize("refusal", [Outcome.REFUSED, Outcome.NOT_ALLOWED])
@pytest.mark.parametrize(
    ("versions", "meaning"),
    [
        (Outcome.DONE, Outcome.DONE),
        (Outcome.UNKNOWN_TOKEN, Outcome.UNKNOWN_TOKEN),
        (Outcome.REFUSED, Outcome.IN_DOUBT),
        (Outcome.NOT_ALLOWED, Outcome.IN_DOUBT),
        (Outcome.MOVED, Outcome.IN_DOUBT),
        (Outcome.IN_DOUBT, Outcome.IN_DOUBT),
    ],
)
def test_a_refusal_of_the_method_says_nothing_of_the_token_and_versions_decide(
    refusal: Outcome, versions: Outcome, meaning: Outcome
) -> None:
    platform = Platform(
        {f"GET {HOST}/credentials": Answer(refusal), f"GET {VERSIONS}": Answer(versions, [{"token": "x"}])}
    )
    secret = Secret("theirs", url=f"{HOST}/credentials", versions=VERSIONS)
    found = connection(platform).honours(secret)
    assert (found.outcome, found.data) == (meaning, None)
    # An old secret does not say where versions are: there the refusal is all that is known.
    assert connection(platform).honours(replace(secret, versions="")).outcome is Outcome.DONE


def test_a_registration_token_is_tried_where_it_opens_something() -> None:
    platform = Platform()
    here = connection(platform)
    secret = Secret("token-a", url=f"{HOST}/2.2.1/credentials", versions=VERSIONS, registered=False)
    assert here.honours(secret).outcome is Outcome.DONE
    assert here.honours(replace(secret, registered=True, url="")).outcome is Outcome.DONE
    assert [call for call, _ in platform.asked] == [f"GET {VERSIONS}"] * 2


def test_a_confirmed_token_is_active_and_its_predecessor_ends_with_the_overlap() -> None:
    here = connection(Platform())
    old = honours(here, "old")
    new = here.records.find(honours(here, "new", "offered", replaces=old))
    assert new is not None
    here.confirm(new)
    active, retiring = here.records.find(new.digest), here.records.find(old)
    assert active is not None
    assert retiring is not None
    assert (active.state, retiring.state) == ("active", "retiring")
    assert retiring.expires == int((NOW + TERMS.overlap).timestamp())
    here.confirm(new)
    assert here.records.find(old) == retiring, "once is enough"


def test_a_token_that_was_ended_or_is_not_known_any_more_is_not_confirmed() -> None:
    here = connection(Platform())
    new = here.records.find(honours(here, "new", "offered"))
    assert new is not None
    honours(here, "new", "revoked")
    here.confirm(new)
    ended = here.records.find(new.digest)
    assert ended is not None
    assert ended.state == "revoked"
    here.confirm(replace(new, digest=digest("never made")))
    assert here.records.find(digest("never made")) is None


def test_records_that_others_keep_changing_are_given_up_on() -> None:
    here = connection(Platform())
    new = here.records.find(honours(here, "new", "offered"))
    assert new is not None

    class Busy:
        tries = 0

        def find(self, key: str) -> Any:
            return here.records.find(key)

        def apply(self, _: Any) -> None:
            self.tries += 1
            raise Conflict

    busy = Busy()
    with pytest.raises(Conflict):
        replace(here, records=busy).confirm(new)
    assert busy.tries == 5


@pytest.mark.parametrize(
    ("data", "token", "versions", "problem"),
    [
        ({"token": "new", "url": VERSIONS, "roles": [PARTY]}, "new", VERSIONS, ""),
        ({"token": "new", "url": VERSIONS, **PARTY}, "new", VERSIONS, ""),
        ({"token": "ours", "url": VERSIONS}, "", VERSIONS, "repeats our own token"),
        ({"token": "theirs", "url": VERSIONS}, "theirs", VERSIONS, "repeats the token that we had"),
        ({"url": VERSIONS}, "", VERSIONS, "carries no token"),
        ({"token": "#NA", "url": VERSIONS}, "", VERSIONS, "carries no token"),
        ({"token": "a b", "url": VERSIONS}, "", VERSIONS, "carries no token"),
        ({"token": 7, "url": VERSIONS}, "", VERSIONS, "carries no token"),
        ({"token": "new", "url": "http://ocpi.emsp.example/versions"}, "new", "", "not https"),
        ({"token": "new", "url": "https://elsewhere.example/"}, "new", "", "not https"),
        ({"token": "new"}, "new", "", "not https"),
        ([], "", "", "carries no token; the versions URL is not https"),
        (
            {"token": "new", "url": VERSIONS, "roles": [{**PARTY, "party_id": "EVL"}]},
            "new",
            VERSIONS,
            "not onboarded: NL*EVL",
        ),
    ],
)
def test_of_a_credentials_object_only_what_can_be_used_is_taken(
    data: Any, token: str, versions: str, problem: str
) -> None:
    found = given(EMSP, data, "ours", "theirs")
    assert (found.token, found.versions) == (token, versions)
    assert problem in "; ".join(found.problems)
    assert bool(found.problems) == bool(problem)


@pytest.mark.parametrize(
    ("roles", "strangers"),
    [
        ([PARTY], ()),
        ([{**PARTY, "country_code": "nl", "party_id": "emx"}], ()),
        ([{**PARTY, "role": "CPO"}], ("NL*EMX",)),
        ([PARTY, {**PARTY, "party_id": "EVL"}], ("NL*EVL",)),
        ([PARTY, "NL*EVL", None, 7], ()),
        ([{"party_id": "a-token-of-ours", "country_code": "NL"}], ("no party's name",)),
        ("NL*EVL", ()),
    ],
)
def test_a_party_that_nobody_onboarded_is_named_unless_it_could_be_a_secret(
    roles: Any, strangers: tuple[str, ...]
) -> None:
    assert strange_parties(EMSP, {"roles": roles}) == strangers
    assert strange_parties(EMSP, roles) == ()


def test_a_party_of_2_1_1_needs_no_role_and_a_hub_has_many() -> None:
    assert strange_parties(EMSP, {"country_code": "NL", "party_id": "EMX"}) == ()
    assert strange_parties(EMSP, {"country_code": "NL", "party_id": "EVL"}) == ("NL*EVL",)
    assert strange_parties(EMSP, {"token": "x"}) == ()
    listed = [
        {"country_code": one.country_code, "party_id": one.party_id, "role": one.role} for one in HUB.parties
    ]
    assert strange_parties(HUB, {"roles": listed}) == ()


def test_our_own_object_has_the_form_of_its_version() -> None:
    roles = [{**PARTY, "business_details": {"name": "We"}}]
    new = own_credentials("https://us.example", roles, "2.2.1")
    assert new == {"url": "https://us.example/ocpi/versions", "roles": roles}
    old = own_credentials("https://us.example", roles, "2.1.1")
    about_us = {"country_code": "NL", "party_id": "EMX", "business_details": {"name": "We"}}
    assert old == {"url": "https://us.example/ocpi/versions", **about_us}
