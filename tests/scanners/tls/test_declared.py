"""What the handshake shows must equal what the stack declares."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import yaml
from moto.elbv2.ssl_policies import SSL_POLICIES

from hardening.checks import Finding, Status
from hardening.envoy.configuration import EnvoySettings, envoy
from infra.edge.openapi import TLS_POLICY
from scanners.policy.stack import Resource, Stack
from scanners.tls.audit.fleet import Limits, audit_endpoints
from scanners.tls.aws_policies import POLICIES, declared
from scanners.tls.declared import declared_for
from scanners.tls.endpoint import Endpoint
from scanners.tls.judge import judge
from scanners.tls.observations import Declared
from scanners.tls.profiles import OWN
from tests.beds.tls.bed import Bed
from tests.beds.tls.envoy import envoy_listener
from tests.beds.tls.pki import NAME
from tests.beds.tls.ports import free_ports
from tests.beds.tls.servers import Envoy

CONTROL = "tls-declared-is-real"


def stack(policy: object, name: str = NAME) -> Stack:
    urn = "urn:pulumi:test::ocpi::aws:apigateway/domainName:DomainName::api"
    inputs = {"domainName": name} | ({"securityPolicy": policy} if policy else {})
    domain = Resource(urn=urn, type="aws:apigateway/domainName:DomainName", name="api", inputs=inputs)
    return Stack("test", "ocpi", (domain,))


@pytest.fixture(scope="module")
def bed() -> Iterator[Bed]:
    with Bed() as running:
        yield running


@pytest.fixture(scope="module")
def gateways(bed: Bed) -> dict[str, int]:
    """The guard as it is rendered, and lowered in one way each."""
    whole = ["ECDHE-ECDSA-AES128-GCM-SHA256", "ECDHE-ECDSA-AES256-GCM-SHA384"]
    changes: dict[str, dict[str, object]] = {
        "as rendered": {},
        "without TLS 1.3": {"tls_maximum_protocol_version": "TLSv1_2"},
        "without TLS 1.2": {"tls_minimum_protocol_version": "TLSv1_3"},
        "without post-quantum": {"ecdh_curves": ["X25519", "P-256"]},
        "with ChaCha20": {"cipher_suites": [*whole, "ECDHE-ECDSA-CHACHA20-POLY1305"]},
        "with CBC": {"cipher_suites": [*whole, "ECDHE-ECDSA-AES128-SHA"]},
    }
    ports = dict(zip(changes, free_ports(len(changes)), strict=True))
    listeners = [_listener(bed, name, ports[name], change) for name, change in changes.items()]
    bed.run_envoy({"static_resources": {"listeners": listeners}}, list(ports.values()))
    return ports


def _listener(bed: Bed, name: str, port: int, change: dict[str, object]) -> dict[str, object]:
    """The rendered guard's listener, for its TLS; nothing that it would ask is there."""
    settings = EnvoySettings(
        server_names=(NAME,),
        listen_host="127.0.0.1",
        listen_port=port,
        certificate_file=bed.pki.good.chain,
        key_file=bed.pki.good.key,
        policy_host="127.0.0.1",
        policy_port=1,
        service_host="127.0.0.1",
        service_port=1,
    )
    (listener,) = yaml.safe_load(envoy(settings))["static_resources"]["listeners"]
    socket = listener["filter_chains"][0]["transport_socket"]
    guard = socket["typed_config"]["common_tls_context"]["tls_params"]
    return envoy_listener(name, port, Envoy(served=bed.pki.good, parameters=guard | change))


def audited(bed: Bed, port: int, of: Declared) -> list[Finding]:
    endpoint = Endpoint(
        host="127.0.0.1",
        port=port,
        server_name=NAME,
        ca_file=bed.pki.ca_file,
        profile=OWN,
        plain_port=0,
        declared=of,
    )
    return [f for f in judge(audit_endpoints([endpoint], Limits(rate=0))) if f.control == CONTROL]


def statuses(findings: list[Finding]) -> set[Status]:
    return {finding.status for finding in findings}


def test_the_guard_agrees_with_the_domain_that_our_program_declares(
    bed: Bed, gateways: dict[str, int]
) -> None:
    findings = audited(bed, gateways["as rendered"], declared_for(stack(TLS_POLICY), NAME))
    assert statuses(findings) == {Status.PASS}, findings


@pytest.mark.parametrize(
    "name", ["without TLS 1.3", "without TLS 1.2", "without post-quantum", "with ChaCha20", "with CBC"]
)
def test_a_lowered_gateway_is_caught(bed: Bed, gateways: dict[str, int], name: str) -> None:
    findings = audited(bed, gateways[name], declared_for(stack(TLS_POLICY), NAME))
    assert statuses(findings) == {Status.FAIL}, findings


@pytest.mark.parametrize(
    "policy", ["TLS_1_2", "TLS_1_0", "SecurityPolicy_TLS13_1_2_2021_06", "SecurityPolicy_TLS13_1_3_2025_09"]
)
def test_a_lowered_declaration_is_caught(bed: Bed, gateways: dict[str, int], policy: str) -> None:
    findings = audited(bed, gateways["as rendered"], declared_for(stack(policy), NAME))
    assert statuses(findings) == {Status.FAIL}, findings


@pytest.mark.parametrize(
    "policy", ["SecurityPolicy_OF_TOMORROW", "ELBSecurityPolicy-TLS13-1-2-Ext1-PQ-2025-09", None]
)
def test_a_policy_that_we_do_not_know_cannot_be_verified(
    bed: Bed, gateways: dict[str, int], policy: str | None
) -> None:
    findings = audited(bed, gateways["as rendered"], declared_for(stack(policy), NAME))
    assert statuses(findings) == {Status.ERROR}, findings


def test_a_domain_that_is_not_declared_cannot_be_verified(bed: Bed, gateways: dict[str, int]) -> None:
    of = declared_for(stack(TLS_POLICY, "other.example"), NAME)
    assert statuses(audited(bed, gateways["as rendered"], of)) == {Status.ERROR}


@pytest.mark.parametrize("name", [name for name in POLICIES if name in SSL_POLICIES])
def test_load_balancer_policies_are_those_that_the_emulator_lists(name: str) -> None:
    """Second-hand, as ours: two lists that agree are better than one."""
    listed = SSL_POLICIES[name]
    ours = POLICIES[name]
    assert {_version(v) for v in listed["ssl_protocols"]} == set(ours.versions)
    assert set(listed["ciphers"]) == set(ours.suites)


def _version(text: str) -> str:
    return "TLSv1.0" if text == "TLSv1" else text


@pytest.mark.parametrize("name", list(POLICIES))
def test_every_suite_of_a_policy_is_known(name: str) -> None:
    assert len(declared(name, "here").suites) == len(POLICIES[name].suites)
