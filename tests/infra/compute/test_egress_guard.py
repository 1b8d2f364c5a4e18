"""What the program gives the egress guard and its callers, and which contracts it cannot serve."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from hardening.errors import ConfigError
from hardening.requests.samples import CPO, EMSP
from infra.compute.egress_guard import (
    caller_environment,
    egress_container,
    egress_use,
    refuse_unread,
    shown_certificates,
)
from infra.environment import Environment
from infra.setting_rules import RULES
from infra.settings import load

ROOT = Path(__file__).resolve().parents[3]
ENVIRONMENT = Environment("test", "111122223333", "eu-central-1")


def test_callers_are_told_who_they_are_of_the_place_and_the_authority_and_of_no_key() -> None:
    told = caller_environment(ENVIRONMENT, "the authority", "rotation")
    assert told == {
        "RAMPART_EGRESS_CALLER": "rotation",
        "RAMPART_EGRESS_URL": "https://egress.rampart-test-ocpi.internal:8445",
        "RAMPART_EGRESS_CA": "the authority",
    }


def test_the_egress_guard_reads_what_goes_out_and_no_token_that_comes_in() -> None:
    assert _secrets() == [
        "rampart/test/*/outbound-*",
        "rampart/test/internal/egress-certificate-??????",
        "rampart/test/egress/*",
    ]
    container = egress_container(ENVIRONMENT, "image", {}, "the authority")
    assert container.port == 8445
    assert container.environment["RAMPART_EGRESS_CA"] == "the authority"


def _secrets(*shown: str) -> list[str]:
    """The secrets that the egress guard may read, without the account."""
    return [
        arn.partition(":secret:")[2]
        for statement in egress_use(ENVIRONMENT, "key", shown)
        for arn in statement["Resource"]
        if ":secret:" in arn
    ]


def test_it_reads_the_certificates_of_its_contracts_each_by_its_whole_name() -> None:
    shown = shown_certificates((replace(EMSP, client_certificate_out="us-2026"), CPO))
    assert shown == ("us-2026",)
    assert set(_secrets(*shown)) - set(_secrets()) == {
        "rampart/test/internal/client-certificate/us-2026-??????"
    }


def test_an_authority_that_nobody_has_read_with_the_registry_is_refused() -> None:
    named = replace(EMSP, tls_ca_file="theirs.pem")
    refuse_unread((CPO, replace(named, tls_authority="PEM")))
    with pytest.raises(ConfigError, match=f"{EMSP.name}: tls_ca_file: theirs.pem: was not read"):
        refuse_unread((CPO, named))


def test_the_internal_authority_is_a_certificate_short_enough_for_a_function_and_no_key() -> None:
    _, holds = RULES["internal_authority"]
    authority = load("test", ROOT).internal_authority
    assert holds(authority)
    assert not holds(authority * 4)
    for other in ("", "ca.pem", authority.replace("CERTIFICATE", "PRIVATE KEY"), authority + "more"):
        assert not holds(other)
