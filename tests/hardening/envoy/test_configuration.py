"""The guard's Envoy configuration: what it must say, and what cannot be said at all."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import yaml
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from hardening.envoy.command import render
from hardening.envoy.configuration import EnvoySettings, envoy
from hardening.envoy.connection_classes import connection_classes
from hardening.envoy.policy_socket import policy_socket
from hardening.errors import ConfigError
from hardening.registry.reader import read_registry
from hardening.requests.checks.body import LONG_BODY_BYTES, MOST_BODY_BYTES
from hardening.requests.header_names import ADMITTED_HEADER, KIND_HEADER, PARTNER_HEADER

SETTINGS = EnvoySettings(
    server_names=("ocpi.example",),
    listen_host="0.0.0.0",
    listen_port=8443,
    certificate_file="/tls/chain.pem",
    key_file="/tls/key.pem",
    policy_host="127.0.0.1",
    policy_port=9000,
    service_host="service.internal",
    service_port=8443,
    service_ca_file="/tls/ca.pem",
    trusted_hops=1,
)


def _rendered(settings: EnvoySettings = SETTINGS) -> Any:
    return yaml.safe_load(envoy(settings))


def _listener(document: Any) -> Any:
    return document["static_resources"]["listeners"][0]


def _http(document: Any) -> Any:
    return _listener(document)["filter_chains"][0]["filters"][-1]["typed_config"]


def _filter(document: Any, name: str) -> Any:
    filters = _http(document)["http_filters"]
    return next(one["typed_config"] for one in filters if one["name"].endswith(name))


def _first_question(document: Any) -> Any:
    """What is asked before a long body is read."""
    return _filter(document, "long-bodies")["extension_config"]["typed_config"]


def test_it_fails_closed_and_never_passes_a_part_of_a_body() -> None:
    document = _rendered()
    asked = _filter(document, "ext_authz")
    assert asked["failure_mode_allow"] is False
    assert asked["with_request_body"] == {
        "max_request_bytes": MOST_BODY_BYTES,
        "allow_partial_message": False,
    }
    assert _first_question(document)["failure_mode_allow"] is False


def test_no_long_body_is_read_before_its_sender_was_admitted() -> None:
    document = _rendered()
    names = [one["name"] for one in _http(document)["http_filters"]]
    assert names.index("long-bodies") < names.index("envoy.filters.http.buffer")
    assert "with_request_body" not in _first_question(document)
    *_, with_body, without = _http(document)["route_config"]["virtual_hosts"][0]["routes"]
    assert with_body["match"]["headers"] == [
        {"name": ":method", "string_match": {"safe_regex": {"regex": "POST|PUT|PATCH"}}}
    ]
    buffer = without["typed_per_filter_config"]["envoy.filters.http.buffer"]["buffer"]
    assert buffer == {"max_request_bytes": LONG_BODY_BYTES}


def test_a_caller_cannot_say_that_it_was_admitted() -> None:
    removed = _filter(_rendered(), "header_mutation")["mutations"]["request_mutations"]
    assert {"remove": ADMITTED_HEADER} in removed


def test_only_modern_tls_with_a_post_quantum_group_is_offered() -> None:
    chain = _listener(_rendered())["filter_chains"][0]
    common = chain["transport_socket"]["typed_config"]["common_tls_context"]
    terms = common["tls_params"]
    assert terms["tls_minimum_protocol_version"] == "TLSv1_2"
    assert terms["tls_maximum_protocol_version"] == "TLSv1_3"
    assert terms["ecdh_curves"][0] == "X25519MLKEM768"
    assert all(suite.startswith("ECDHE-") for suite in terms["cipher_suites"])
    assert all("GCM" in suite or "CHACHA20" in suite for suite in terms["cipher_suites"])
    assert not any(name.endswith("sha1") for name in terms["signature_algorithms"])


def test_paths_are_not_made_better_than_they_were_sent() -> None:
    manager = _http(_rendered())
    assert manager["normalize_path"] is False
    assert manager["merge_slashes"] is False
    assert manager["path_with_escaped_slashes_action"] == "REJECT_REQUEST"


def test_the_service_gets_no_token_and_no_forged_name() -> None:
    document = _rendered()
    host = _http(document)["route_config"]["virtual_hosts"][0]
    assert host["request_headers_to_remove"] == ["authorization"]
    removed = [
        one["remove"] for one in _filter(document, "header_mutation")["mutations"]["request_mutations"]
    ]
    assert {PARTNER_HEADER, KIND_HEADER} <= set(removed)


def test_no_call_but_a_get_is_ever_sent_twice() -> None:
    """The question to the policy service may be asked again, and a GET changes nothing."""
    document = _rendered()
    for question in (_filter(document, "ext_authz"), _first_question(document)):
        assert question["http_service"].pop("retry_policy")["num_retries"] == 1
    with_body, without = _http(document)["route_config"]["virtual_hosts"][0]["routes"][-2:]
    assert without["route"].pop("retry_policy")["retriable_request_headers"] == [
        {"name": ":method", "string_match": {"exact": "GET"}}
    ]
    rest = str((document, with_body))
    assert "retry_policy" not in rest
    assert "num_retries" not in rest


def test_the_access_log_holds_no_token_no_query_and_no_body() -> None:
    [log] = _http(_rendered())["access_log"]
    written = str(log).lower()
    assert "authorization" not in written
    assert ":path" not in written


def test_a_trace_tells_a_collector_no_path_and_changes_no_id() -> None:
    told, untold = _rendered(replace(SETTINGS, otlp_port=4317)), _rendered()
    for document in (told, untold):
        assert _http(document)["request_id_extension"]["typed_config"]["pack_trace_reason"] is False
    assert _http(told)["tracing"]["max_path_tag_length"] == 0
    [collector] = [one for one in told["static_resources"]["clusters"] if one["name"] == "otlp"]
    assert len(collector["load_assignment"]["endpoints"]) == 1


def test_without_a_collector_there_is_no_tracer() -> None:
    """It would take a fourth of Envoy's time; the policy service begins traces too."""
    document = _rendered()
    assert "tracing" not in _http(document)
    assert "otlp" not in {one["name"] for one in document["static_resources"]["clusters"]}


def test_workers_that_share_a_folder_with_envoy_are_asked_on_their_sockets() -> None:
    document = _rendered(replace(SETTINGS, policy_sockets="/run/guard", policy_workers=2))
    [policy] = [one for one in document["static_resources"]["clusters"] if one["name"] == "policy"]
    [group] = policy["load_assignment"]["endpoints"]
    paths = [one["endpoint"]["address"]["pipe"]["path"] for one in group["lb_endpoints"]]
    assert paths == [policy_socket("/run/guard", port) for port in (9000, 9001)]


def test_there_is_no_admin_interface() -> None:
    assert "admin" not in _rendered()


def test_the_service_is_verified_by_name_and_authority() -> None:
    cluster = _rendered()["static_resources"]["clusters"][1]
    context = cluster["transport_socket"]["typed_config"]
    assert context["sni"] == "service.internal"
    trust = context["common_tls_context"]["validation_context"]
    assert trust["trusted_ca"] == {"filename": "/tls/ca.pem"}
    assert trust["match_typed_subject_alt_names"]


def test_plaintext_beyond_loopback_cannot_be_rendered() -> None:
    with pytest.raises(ValueError, match="must be TLS"):
        envoy(replace(SETTINGS, service_ca_file=""))
    with pytest.raises(ValueError, match="must share"):
        envoy(replace(SETTINGS, policy_host="policy.internal"))
    assert "UpstreamTlsContext" not in envoy(replace(SETTINGS, service_ca_file="", service_host="127.0.0.1"))


# YAML reads a pair of surrogates, JSON's escape of what is beyond U+FFFF, as two characters.
@given(st.text(st.characters(exclude_categories=["Cs"], max_codepoint=0xFFFF), min_size=1, max_size=40))
def test_no_setting_can_break_out_of_its_place(text: str) -> None:
    document = _rendered(replace(SETTINGS, certificate_file=text, server_names=(text,)))
    common = _listener(document)["filter_chains"][0]["transport_socket"]["typed_config"]["common_tls_context"]
    assert common["tls_certificates"][0]["certificate_chain"]["filename"] == text
    assert common["tls_certificates"][0]["private_key"]["filename"] == "/tls/key.pem"
    assert _http(document)["route_config"]["virtual_hosts"][0]["domains"] == [text]


def _arguments(**changes: str) -> list[str]:
    options = {
        "name": "ocpi.example",
        "certificate": "/tls/chain.pem",
        "key": "/tls/key.pem",
        "service": "service.internal:8443",
        "service-ca": "/tls/ca.pem",
        **changes,
    }
    return [word for name, value in options.items() for word in (f"--{name}", value)]


def test_the_command_prints_a_configuration() -> None:
    result = CliRunner().invoke(render, ["envoy", *_arguments()])
    assert result.exit_code == 0
    assert _filter(yaml.safe_load(result.stdout), "ext_authz")["failure_mode_allow"] is False


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"service": "service.internal"}, "expected host:port"),
        ({"service": "service.internal:0"}, "expected host:port"),
        ({"listen": ":8443"}, "expected host:port"),
        ({"service-ca": ""}, "must be TLS"),
        ({"policy": "policy.internal:9000"}, "must share"),
    ],
)
def test_a_wrong_setting_is_a_line_that_names_the_option(changes: dict[str, str], expected: str) -> None:
    result = CliRunner().invoke(render, ["envoy", *_arguments(**changes)])
    assert isinstance(result.exception, ConfigError)
    assert expected in result.exception.message
    assert result.stdout == ""


def test_the_stage_of_an_api_is_taken_off_before_the_service() -> None:
    routes = _http(_rendered(replace(SETTINGS, stage="live")))["route_config"]["virtual_hosts"][0]["routes"]
    served = [
        (one["match"]["prefix"], one["route"].get("prefix_rewrite")) for one in routes if "route" in one
    ]
    assert served == [("/ocpi/", None)] * 2 + [("/live/ocpi/", "/ocpi/")] * 2
    refused = {one["match"]["prefix"] for one in routes if "direct_response" in one}
    assert refused == {"/ocpi/", "/live/ocpi/"}


RENDER = [
    "envoy",
    "--name",
    "ocpi.example",
    "--certificate",
    "c.pem",
    "--key",
    "k.pem",
    "--service",
    "127.0.0.1:8080",
]


def test_each_partner_of_the_environment_gets_connections_of_its_own() -> None:
    shown = CliRunner().invoke(render, [*RENDER, "--partners", "partners", "--environment", "test"])
    chains = _listener(yaml.safe_load(shown.stdout))["filter_chains"]
    networks = {
        f"{one['address_prefix']}/{one['prefix_len']}"
        for chain in chains[1:]
        for one in chain["filter_chain_match"]["source_prefix_ranges"]
    }
    test = [one for one in read_registry(Path("partners")) if one.environment == "test"]
    assert networks == {network for one in test for network in one.networks}
    assert len(chains) == 1 + len(connection_classes(test))


@pytest.mark.parametrize(
    ("more", "expected"),
    [
        (["--partners", "partners"], "expected both or neither"),
        (["--environment", "test"], "expected both or neither"),
        (["--partners", "docs", "--environment", "test"], "at least one partner file"),
        (
            ["--partners", "partners", "--environment", "test", "--trusted-hops", "1"],
            "--trusted-hops: expected 0",
        ),
    ],
)
def test_a_registry_needs_its_environment_and_no_proxy(more: list[str], expected: str) -> None:
    refused = CliRunner().invoke(render, [*RENDER, *more]).exception
    assert isinstance(refused, ConfigError)
    assert "\n" not in refused.message
    assert expected in refused.message


def test_the_guards_own_modules_take_short_bodies_only_where_none_is_expected() -> None:
    routes = _http(_rendered(replace(SETTINGS, credentials_port=9100)))["route_config"]["virtual_hosts"][0]
    own = [one for one in routes["routes"] if one.get("route", {}).get("cluster") == "credentials"]
    long, short = own
    assert "headers" in long["match"]
    assert "headers" not in short["match"]
    limit = short["typed_per_filter_config"]["envoy.filters.http.buffer"]["buffer"]
    assert limit == {"max_request_bytes": LONG_BODY_BYTES}


def _asks_for_certificates(folder: Path) -> bool:
    shown = CliRunner().invoke(render, [*RENDER, "--partners", str(folder), "--environment", "test"])
    chains = _listener(yaml.safe_load(shown.stdout))["filter_chains"]
    asked = {
        "validation_context" in chain["transport_socket"]["typed_config"]["common_tls_context"]
        for chain in chains
    }
    (same,) = asked
    return same


def test_callers_are_asked_for_a_certificate_if_one_partner_of_the_registry_has_one(tmp_path: Path) -> None:
    folder = tmp_path / "partners"
    shutil.copytree("partners", folder)
    assert not _asks_for_certificates(folder)
    entry = next(
        file
        for file in sorted(folder.glob("*.yaml"))
        if "environment: test" in file.read_text(encoding="utf-8")
    )
    text = entry.read_text(encoding="utf-8")
    entry.write_text(f"{text}\nclient_certificate_in: [{'A' * 43}=]\n", encoding="utf-8")
    assert _asks_for_certificates(folder)
