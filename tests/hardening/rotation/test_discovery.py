"""A partner's versions and endpoints: what is used of them, and when its API is called unusable."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from hardening.requests.samples import EMSP
from hardening.rotation.connection import Answer, Outcome, Secret
from hardening.rotation.discovery import Unusable, discover, missing
from tests.beds.memory_connection import HOST, Platform, connection

VERSIONS = f"{HOST}/versions"
CREDENTIALS = {"identifier": "credentials", "role": "RECEIVER", "url": f"{HOST}/2.2.1/credentials"}
TOKENS = {"identifier": "tokens", "role": "SENDER", "url": f"{HOST}/2.2.1/tokens"}


def _platform(endpoints: Any) -> Platform:
    platform = Platform()
    platform.answers[f"GET {HOST}/2.2.1"] = Answer(Outcome.DONE, {"endpoints": endpoints})
    return platform


def test_endpoints_have_the_name_of_their_module_and_role_and_credentials_has_one() -> None:
    commands = {"identifier": "commands", "role": "BOTH", "url": f"{HOST}/2.2.1/commands"}
    found = discover(connection(_platform([CREDENTIALS, TOKENS, commands, "odd"])), VERSIONS, "theirs")
    assert found.version == "2.2.1"
    assert found.credentials == CREDENTIALS["url"]
    assert found.modules == {
        "credentials": CREDENTIALS["url"], "tokens:SENDER": TOKENS["url"], "commands": commands["url"],
    }  # fmt: skip
    assert found.named == ()
    kept = found.kept_in(Secret("theirs", url="before", versions=VERSIONS))
    assert (kept.token, kept.url, kept.version) == ("theirs", CREDENTIALS["url"], "2.2.1")
    assert kept.endpoints == found.modules


@pytest.mark.parametrize(
    ("endpoints", "status", "detail"),
    [
        ("none", 3001, "no endpoints"),
        (None, 3001, "no endpoints"),
        ([TOKENS] * 61, 3001, "no endpoints"),
        ([TOKENS], 3003, "expected endpoints are missing"),
        ([CREDENTIALS], 3003, "expected endpoints are missing"),
        ([CREDENTIALS, {**TOKENS, "identifier": "chargingprofiles"}], 3003, "expected endpoints are missing"),
        ([CREDENTIALS, {**TOKENS, "url": "http://ocpi.emsp.example/tokens"}], 3001, "host: tokens"),
        ([{**CREDENTIALS, "url": "https://169.254.169.254/"}, TOKENS], 3001, "host: credentials"),
        ([CREDENTIALS, {**TOKENS, "url": f"{HOST}/{'x' * 255}"}], 3001, "host: tokens"),
    ],
)
def test_an_api_without_what_was_contracted_is_unusable(endpoints: Any, status: int, detail: str) -> None:
    with pytest.raises(Unusable, match=detail) as problem:
        discover(connection(_platform(endpoints)), VERSIONS, "theirs")
    assert (problem.value.status, problem.value.doubt) == (status, False)
    assert detail in problem.value.detail == str(problem.value)


@pytest.mark.parametrize(
    ("answer", "status", "doubt"),
    [
        (Answer(Outcome.DONE, "2.2.1"), 3001, False),
        (Answer(Outcome.DONE, ["2.2.1", {"version": "2.1.1", "url": f"{HOST}/2.1.1"}]), 3002, False),
        (Answer(Outcome.REFUSED, detail="HTTP 404"), 3001, False),
        (Answer(Outcome.IN_DOUBT, detail="HTTP 500"), 3001, True),
    ],
)
def test_versions_that_cannot_be_read_or_used_are_told_with_whether_it_may_pass(
    answer: Answer, status: int, doubt: bool
) -> None:
    platform = Platform({f"GET {VERSIONS}": answer})
    with pytest.raises(Unusable) as problem:
        discover(connection(platform), VERSIONS, "theirs")
    assert (problem.value.status, problem.value.doubt) == (status, doubt)


@pytest.mark.parametrize("url", ["http://ocpi.emsp.example/versions", "https://elsewhere.example/", "", None])
def test_a_url_that_is_not_the_partners_is_never_called(url: Any) -> None:
    platform = Platform()
    with pytest.raises(Unusable):
        discover(connection(platform), url, "theirs")
    assert platform.asked == []


def test_the_newest_version_that_both_have_is_used_unless_one_is_asked_for() -> None:
    platform = Platform()
    listed = [{"version": one, "url": f"{HOST}/{one}"} for one in ("2.1.1", "2.2.1", "2.3.0", "2.10.0")]
    platform.answers[f"GET {VERSIONS}"] = Answer(Outcome.DONE, listed)
    for version in ("2.1.1", "2.2.1", "2.3.0", "2.10.0"):
        platform.answers[f"GET {HOST}/{version}"] = Answer(Outcome.DONE, {"endpoints": [CREDENTIALS, TOKENS]})
    partner = replace(EMSP, versions=("2.3.0", "2.10.0", "2.2.1"))
    assert discover(connection(platform, partner), VERSIONS, "theirs").version == "2.10.0"
    assert discover(connection(platform, partner), VERSIONS, "theirs", "2.2.1").version == "2.2.1"
    with pytest.raises(Unusable, match=r"no version 2\.0"):
        discover(connection(platform, partner), VERSIONS, "theirs", "2.0")


@pytest.mark.parametrize(
    ("data", "named"),
    [
        ({"modules": ["tokens", "cdrs", "parking"]}, ("cdrs", "tokens")),
        ([{"identifier": "tokens"}, {"identifier": 7}, {}], ("tokens",)),
        ({"modules": "tokens"}, ()),
        (None, ()),
    ],
)
@pytest.mark.parametrize(
    ("form", "path"), [("by-version", "2.2.1/modules"), ("by-role", "emsp/2.2.1/modules"), ("", "")]
)
def test_its_modules_route_is_asked_in_the_contracted_form(
    form: str, path: str, data: Any, named: tuple[str, ...]
) -> None:
    platform = _platform([CREDENTIALS, TOKENS])
    platform.answers[f"GET {HOST}/{path}"] = Answer(Outcome.DONE, data)
    found = discover(connection(platform, replace(EMSP, modules_route=form)), VERSIONS, "theirs")
    assert found.named == (named if form else ())
    assert (f"GET {HOST}/{path}" in dict(platform.asked)) == bool(form)


def test_contracted_modules_that_the_route_does_not_name_are_told() -> None:
    contracted = tuple(sorted(EMSP.modules))
    routed = connection(Platform(), replace(EMSP, modules_route="by-version"))
    known = Secret("theirs", version="2.2.1", modules=contracted)
    assert missing(routed, known) == ()
    less = replace(known, modules=contracted[1:])
    assert missing(routed, less) == (f"its modules route does not name {contracted[0]}",)
    assert missing(routed, replace(known, modules=())) == ("its modules route names no modules",)
    assert missing(connection(Platform()), less) == (), "a partner without such a route misses nothing"


def test_a_module_that_the_version_does_not_have_is_not_missed() -> None:
    modules = {**EMSP.modules, "chargingprofiles": EMSP.modules["commands"]}
    routed = connection(Platform(), replace(EMSP, modules_route="by-version", modules=modules))
    known = Secret("theirs", version="2.1.1", modules=tuple(EMSP.modules))
    assert missing(routed, known) == ()
    assert missing(routed, replace(known, version="2.2.1")) != ()
