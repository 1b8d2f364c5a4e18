"""What the program gives the egress guard and its callers, and which contracts it cannot serve."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from hardening.errors import ConfigError
from hardening.requests.samples import CPO, EMSP
from infra.compute.egress_guard import caller_environment, egress_container, egress_use, refuse_unserved
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
    secrets = [
        arn.partition(":secret:")[2]
        for statement in egress_use(ENVIRONMENT, "key")
        for arn in statement["Resource"]
        if ":secret:" in arn
    ]
    assert secrets == [
        "rampart/test/*/outbound-*",
        "rampart/test/internal/egress-certificate-*",
        "rampart/test/egress/*",
    ]
    assert egress_container(ENVIRONMENT, "image", {}).port == 8445


@pytest.mark.parametrize("key", ["tls_ca_file", "client_certificate_out"])
def test_a_contract_whose_certificates_nothing_brings_to_aws_is_refused(key: str) -> None:
    refuse_unserved((EMSP, CPO))
    contract: dict[str, Any] = {key: "theirs"}
    with pytest.raises(ConfigError, match=f"{EMSP.name}: {key}: expected none"):
        refuse_unserved((CPO, replace(EMSP, **contract)))


def test_the_internal_authority_is_a_certificate_short_enough_for_a_function_and_no_key() -> None:
    _, holds = RULES["internal_authority"]
    authority = load("test", ROOT).internal_authority
    assert holds(authority)
    assert not holds(authority * 4)
    for other in ("", "ca.pem", authority.replace("CERTIFICATE", "PRIVATE KEY"), authority + "more"):
        assert not holds(other)
