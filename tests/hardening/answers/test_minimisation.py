"""Of our drivers a partner gets what its contract opens; an issuer gets his own drivers whole."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hardening.answers.answered import Answered
from hardening.answers.minimisation import closed_in
from hardening.answers.passing import Passed, passed_on
from hardening.answers.pseudonyms import Pseudonyms
from hardening.ocpi import Shape
from hardening.ocpi.validation import plan, structure
from hardening.registry.partners import Partner, Share
from hardening.registry.personal_fields import PERSONAL
from hardening.requests.sample_messages import CDR, LOCATION, SESSION, TOKEN
from hardening.requests.samples import CPO, EMSP, HUB

KEY, OTHER_KEY = Pseudonyms(bytes(32)), Pseudonyms(bytes(31) + b"1")
OURS = {"country_code": "NL", "party_id": "LAB"}
CLOSED = replace(CPO, shares=())
LEGACY_TOKEN = {
    **{name: TOKEN[name] for name in ("uid", "type", "issuer", "valid", "whitelist", "last_updated")},
    "auth_id": "NL-LAB-C00000001-1",
    "visual_number": "7",
}
FULL_TOKEN = {
    **TOKEN,
    **OURS,
    "uid": "CARD-9",
    "contract_id": "NL-LAB-C00000001-1",
    "visual_number": "NL 000 9",
    "group_id": "GROUP-9",
    "energy_contract": {"supplier_name": "Green", "contract_id": "E-9"},
    "driver_name": "A. Driver",
}
# What stands in these tokens and names a driver, whatever the version.
NAMES = ("CARD-9", "C00000001-1", "NL 000 9", "GROUP-9", "E-9", "A. Driver")


def answer(
    data: object, path: str, partner: Partner, method: str = "GET", key: Pseudonyms = KEY
) -> tuple[Passed, Any]:
    """What `partner` gets, and its data."""
    body = {"status_code": 1000, "timestamp": "2026-01-15T12:00:00Z", "data": data}
    answered = Answered(
        partner=partner,
        method=method,
        path=path,
        status=200,
        body=json.dumps(body).encode(),
        our_hosts=frozenset({"ocpi.lab.example"}),
    )
    passed = passed_on(answered, remove_foreign=False, pseudonyms=key)
    return passed, json.loads(passed.body)["data"] if passed.body else None


def tokens_for(partner: Partner, token: Mapping[str, Any] = FULL_TOKEN, version: str = "2.2.1") -> Any:
    passed, data = answer([token], f"/ocpi/{version}/sender/tokens", partner)
    assert passed.status == 200
    return data[0]


def test_without_shares_a_token_names_no_driver_and_is_still_a_token() -> None:
    passed, data = answer([FULL_TOKEN], "/ocpi/2.2.1/sender/tokens", CLOSED)
    assert not any(name.encode() in passed.body for name in NAMES)
    assert passed.minimised == 1
    assert passed.control == ""
    kept = {
        name: FULL_TOKEN[name] for name in FULL_TOKEN if name in TOKEN and name not in ("uid", "contract_id")
    }
    assert data == [{**kept, "uid": data[0]["uid"], "contract_id": data[0]["contract_id"]}]
    assert data[0]["contract_id"].startswith("NL-LAB-C")


@given(
    version=st.sampled_from(["2.1.1", "2.2.1", "2.3.0"]),
    opened=st.sets(st.sampled_from([*PERSONAL["tokens"]["Token"], "driver_name"])),
    absent=st.sets(st.sampled_from(["visual_number", "group_id", "energy_contract", "driver_name"])),
)
def test_whatever_is_opened_the_rest_stays_and_the_token_keeps_to_its_edition(
    version: str, opened: set[str], absent: set[str]
) -> None:
    whole = {**(LEGACY_TOKEN if version == "2.1.1" else FULL_TOKEN), "driver_name": "A. Driver"}
    token = {name: value for name, value in whole.items() if name not in absent}
    shares = (Share("tokens", tuple(sorted(opened)), "to be tried out here", "contract"),) if opened else ()
    passed, (got,) = answer([token], f"/ocpi/{version}/sender/tokens", replace(CPO, shares=shares))
    assert structure(passed.body, plan(version, "", "Token", Shape.RESPONSE_LIST)) == []
    for name in (*PERSONAL["tokens"]["Token"], "driver_name"):
        if name in opened:
            assert got.get(name) == token.get(name)
        elif name in token:
            assert got.get(name) != token[name]
    for name in token.keys() - {*PERSONAL["tokens"]["Token"], "driver_name"}:
        assert got[name] == token[name]


def test_a_pseudonym_is_one_drivers_for_one_partner_in_every_version_and_letter_case() -> None:
    first = tokens_for(CLOSED)
    assert tokens_for(CLOSED, {**FULL_TOKEN, "uid": "card-9"})["uid"] == first["uid"]
    assert tokens_for(CLOSED, {**FULL_TOKEN, "uid": "CARD-8"})["uid"] != first["uid"]
    legacy = tokens_for(CLOSED, {**LEGACY_TOKEN, "uid": "CARD-9"}, "2.1.1")
    assert (legacy["uid"], legacy["auth_id"]) == (first["uid"], first["contract_id"])
    hub = tokens_for(replace(HUB, shares=()))
    assert {hub["uid"], hub["contract_id"]}.isdisjoint({first["uid"], first["contract_id"]})
    _, other = answer([FULL_TOKEN], "/ocpi/2.2.1/sender/tokens", CLOSED, key=OTHER_KEY)
    assert other[0]["uid"] != first["uid"]


@given(st.text(st.characters(min_codepoint=32, max_codepoint=126), min_size=1, max_size=36))
def test_a_pseudonym_has_the_form_of_what_it_stands_for(value: str) -> None:
    for name in ("uid", "contract_id", "auth_id"):
        made = KEY.of("example-cpo", name, value)
        assert 26 <= len(made) <= 36
        assert made.isascii()
        assert value.upper() not in made or len(value) < 3


def test_who_asks_about_a_card_gets_it_back_and_no_contract() -> None:
    path = "/ocpi/2.2.1/sender/tokens/CARD-9/authorize"
    _, got = answer({"allowed": "ALLOWED", "token": FULL_TOKEN}, path, CLOSED, "POST")
    assert got["token"]["uid"] == "CARD-9"
    assert got["token"]["contract_id"] != FULL_TOKEN["contract_id"]
    assert "visual_number" not in got["token"]


@pytest.mark.parametrize("version", ["2.2.1", "2.3.0"])
@pytest.mark.parametrize(("module", "sample"), [("cdrs", CDR), ("sessions", SESSION)])
def test_an_issuer_gets_what_he_bills_by_without_any_share(
    version: str, module: str, sample: dict[str, Any]
) -> None:
    assert EMSP.shares == ()
    given_ = {**sample, "authorization_reference": "REF-1"}
    if version == "2.3.0" and module == "cdrs":
        given_ |= {"total_cost": {"before_taxes": 10}}
    passed, got = answer([given_], f"/ocpi/{version}/sender/{module}", EMSP)
    assert passed.minimised == 0
    assert got[0]["cdr_token"] == sample["cdr_token"]
    assert got[0]["authorization_reference"] == "REF-1"


def test_a_partner_with_its_own_drivers_gets_their_tokens_whole() -> None:
    own = {**FULL_TOKEN, "country_code": "FR", "party_id": "EMY"}
    del own["driver_name"]
    passed, got = answer([own], "/ocpi/2.2.1/sender/tokens", replace(HUB, our_parties=(), shares=()))
    assert (passed.minimised, got) == (0, [own])


def test_a_partner_reads_back_what_it_pushed_as_it_pushed_it() -> None:
    own = {**FULL_TOKEN, "country_code": "NL", "party_id": "EMX"}
    passed, got = answer(own, "/ocpi/2.2.1/receiver/tokens/NL/EMX/CARD-9", EMSP)
    assert (passed.minimised, got) == (0, own)


def test_cards_that_may_see_a_charger_at_home_stay_here() -> None:
    entries = [{"uid": "CARD-9", "type": "RFID"}, {"group_id": "GROUP-9", "issuer": "Example"}]
    home = {**LOCATION, **OURS, "publish": False, "publish_allowed_to": entries}
    _, got = answer([home], "/ocpi/2.2.1/sender/locations", EMSP)
    assert got == [{**home, "publish_allowed_to": []}]
    opened = replace(EMSP, shares=(Share("locations", ("group_id",), "show homes to a fleet", "contract"),))
    _, got = answer([home], "/ocpi/2.2.1/sender/locations", opened)
    assert got[0]["publish_allowed_to"] == [entries[1]]


PERSONS = (
    *("driver_name", "driverName", "DriverName", "customer-id", "e_mail", "emailAddress", "user", "VIN"),
    *("license_plate", "phoneNumber", "first_name", "holder", "date_of_birth"),
)


@pytest.mark.parametrize("name", PERSONS)
def test_a_field_of_no_edition_that_names_a_person_stays_here(name: str) -> None:
    passed, got = answer([{**CDR, "extra": {name: "canary"}}], "/ocpi/2.2.1/sender/cdrs", EMSP)
    assert b"canary" not in passed.body
    assert got == [{**CDR, "extra": {}}]
    opened = replace(EMSP, shares=(Share("cdrs", (name,), "asked for by its drivers", "consent"),))
    _, got = answer([{**CDR, "extra": {name: "canary"}}], "/ocpi/2.2.1/sender/cdrs", opened)
    assert got[0]["extra"] == {name: "canary"}


@pytest.mark.parametrize("name", ["serving_area", "template", "savings", "firmware", "userx"])
def test_other_fields_of_no_edition_pass(name: str) -> None:
    passed, got = answer([{**CDR, name: "1"}], "/ocpi/2.2.1/sender/cdrs", EMSP)
    assert (passed.minimised, got[0][name]) == (0, "1")


def test_a_list_that_loses_foreign_objects_is_minimised_too() -> None:
    foreign = {**FULL_TOKEN, "party_id": "ZZZ"}
    body = {"status_code": 1000, "timestamp": "2026-01-15T12:00:00Z", "data": [foreign, FULL_TOKEN]}
    answered = Answered(
        partner=CLOSED,
        method="GET",
        path="/ocpi/2.2.1/sender/tokens",
        status=200,
        body=json.dumps(body).encode(),
        our_hosts=frozenset(),
    )
    passed = passed_on(answered, remove_foreign=True, pseudonyms=KEY)
    assert (passed.removed, passed.minimised) == (1, 1)
    assert not any(name.encode() in passed.body for name in NAMES)


def test_what_is_judged_is_not_changed_by_it() -> None:
    body = json.dumps({"status_code": 1000, "timestamp": "2026", "data": [FULL_TOKEN]}).encode()
    answered = Answered(
        partner=CLOSED, method="GET", path="/ocpi/2.2.1/sender/tokens", status=200, body=body,
        our_hosts=frozenset(),
    )  # fmt: skip
    passed_on(answered, remove_foreign=False, pseudonyms=KEY)
    assert list(answered.objects) == [FULL_TOKEN]
    assert answered.found
    assert {one.name for one in closed_in(CLOSED, answered.found, FULL_TOKEN)} >= {"uid", "contract_id"}


def test_a_closed_field_whose_name_is_written_with_escapes_stays_here_too() -> None:
    home = {**LOCATION, **OURS, "publish": False, "publish_allowed_to": [{"uid": "CARD-9"}]}
    body = {"status_code": 1000, "timestamp": "2026-01-15T12:00:00Z", "data": [home]}
    text = json.dumps(body).replace("publish_allowed_to", "publish_allowed\\u005fto")
    answered = Answered(
        partner=EMSP,
        method="GET",
        path="/ocpi/2.2.1/sender/locations",
        status=200,
        body=text.encode(),
        our_hosts=frozenset(),
    )
    passed = passed_on(answered, remove_foreign=False, pseudonyms=KEY)
    assert passed.minimised == 1
    assert b"CARD-9" not in passed.body
