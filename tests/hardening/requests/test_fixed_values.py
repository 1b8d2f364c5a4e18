"""What is fixed by OCPI or by us, held as written there: statuses, bounds, defaults."""

from __future__ import annotations

import pytest

from hardening.errors import ConfigError
from hardening.registry.rules import KEYS, json_schema, partner_faults
from hardening.requests import statuses, tokens
from hardening.requests.checks.body import MOST_VALUES, body_has_few_values
from hardening.requests.routes import match
from hardening.requests.samples import EMSP, call, with_body
from hardening.yaml_file import parse_yaml

PUT = call("PUT", "/ocpi/2.2.1/receiver/tokens/NL/EMX/CARD-1", EMSP, {})


def test_every_refusal_has_its_statuses() -> None:
    expected = {
        "UNAUTHENTICATED": (401, 2000),
        "FORBIDDEN": (403, 2000),
        "NOT_FOUND": (404, 2000),
        "METHOD_NOT_ALLOWED": (405, 2000),
        "MEDIA_TYPE_UNSUPPORTED": (415, 2001),
        "TOO_LARGE": (413, 2000),
        "MALFORMED": (400, 2001),
        "VERSION_NOT_CONTRACTED": (403, 3002),
        "OCPI_ERROR": (200, 2001),
        "CLIENT_API_UNUSABLE": (200, 3001),
        "CRASHED": (500, 3000),
        "TOO_MANY": (429, 2000),
        "BUSY": (503, 3000),
    }
    refusals = {name: tuple(one) for name, one in vars(statuses).items() if type(one) is statuses.Refusal}
    assert refusals == expected
    assert {200, 400, 404, 405, 415} == statuses.LEFT_TO_THE_GUARD


def test_as_many_values_as_allowed_pass_and_one_more_does_not() -> None:
    def passes(values: int) -> bool | None:
        return body_has_few_values.holds(with_body(PUT, b"[" + b"," * (values - 1) + b"]"))

    assert passes(MOST_VALUES)
    assert not passes(MOST_VALUES + 1)


def test_a_raw_reading_is_of_a_token_that_ocpi_allows() -> None:
    assert [one.encoding for one in tokens.presented("Token " + "x" * 64)][-1] == "raw"
    assert [one for one in tokens.presented("Token " + "x" * 65) if one.encoding == "raw"] == []


def test_a_tariff_is_patched_in_the_old_version_alone() -> None:
    path = "receiver/tariffs/NL/CPO/DAY"
    old, new = match("PATCH", f"/ocpi/2.1.1/{path}"), match("PATCH", f"/ocpi/2.2.1/{path}")
    assert old is not None
    assert new is not None
    assert (old.operation is None, new.operation is None) == (False, True)


def test_a_partner_needs_no_onboarding_record_unless_told() -> None:
    assert not EMSP.require_onboarding


@pytest.mark.parametrize(
    "key", ["warn_only_rules", "callback_networks", "module_rates", "tls_pins", "tls_exceptions"]
)
def test_a_list_that_may_be_empty_is_no_fault(key: str) -> None:
    assert list(KEYS[key].rule(key, [], KEYS[key].expected)) == []
    schema = json_schema()["properties"][key]
    assert schema["minItems"] == 0
    assert schema["uniqueItems"]


def test_a_partner_file_has_the_name_of_its_partner() -> None:
    faults = list(partner_faults({"name": "example-emsp"}, stem="other"))
    assert "name: 'example-emsp' is not the file's name; expected 'other'" in faults
    assert not any("file's name" in one for one in partner_faults({"name": "other"}, stem="other"))


@pytest.mark.parametrize("opened", ["[", "{a: "])
def test_yaml_is_not_nested_without_end(opened: str) -> None:
    closed = {"[": "]", "{a: ": "}"}[opened]
    assert parse_yaml(f"{opened * 50}1{closed * 50}", "some.yaml").data
    with pytest.raises(ConfigError):
        parse_yaml(f"{opened * 70}1{closed * 70}", "some.yaml")


def test_one_request_a_minute_is_a_rate() -> None:
    rule = KEYS["requests_per_minute"]
    assert list(rule.rule("requests_per_minute", 1, rule.expected)) == []
    assert list(rule.rule("requests_per_minute", 0, rule.expected)) != []
