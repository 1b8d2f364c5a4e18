"""The API document: what some partner contracted, guarded on every method, and never stricter than OCPI."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import jsonschema_rs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hardening.checks import Status, checks_in
from hardening.registry.partners import Access
from hardening.requests import sample_messages
from hardening.requests.modules import MODULES, VERSIONS
from hardening.requests.samples import CPO, EMSP, PARTNERS
from infra.edge.openapi import Backend, api_definition, contracted
from scanners.policy.checks import api_document
from scanners.policy.samples.edge import EDGE
from scanners.policy.samples.sample_stack import weaken

BACKEND = Backend("arn:authorizer", "arn:role", "link", "guard.ocpi.example")
DOCUMENT = api_definition("ocpi", PARTNERS, BACKEND)
OPERATIONS = [
    (f"{method.upper()} {path}", operation)
    for path, methods in DOCUMENT["paths"].items()
    for method, operation in methods.items()
]


def test_every_method_asks_the_authorizer_and_the_meter_and_is_validated() -> None:
    assert len(OPERATIONS) > 100
    for name, operation in OPERATIONS:
        assert operation["security"] == [{"partner": [], "usage": []}], name
        assert operation["x-amazon-apigateway-request-validator"] == "all", name


def test_every_method_goes_to_the_guard_over_verified_tls_and_the_private_link() -> None:
    for name, operation in OPERATIONS:
        integration = operation["x-amazon-apigateway-integration"]
        assert integration["uri"] == f"https://guard.ocpi.example{name.split(' ', 1)[1]}"
        assert integration["connectionType"] == "VPC_LINK"
        assert integration["tlsConfig"] == {"insecureSkipVerification": False}


def test_a_revoked_token_is_not_remembered_at_the_edge() -> None:
    scheme = DOCUMENT["components"]["securitySchemes"]["partner"]["x-amazon-apigateway-authorizer"]
    assert scheme["authorizerResultTtlInSeconds"] == 0


@given(
    st.sets(st.sampled_from(sorted(MODULES))),
    st.sets(st.sampled_from(VERSIONS), min_size=1),
)
def test_any_contract_opens_its_own_modules_and_versions_only(modules: set[str], versions: set[str]) -> None:
    access = dict.fromkeys(modules, (Access.READ,))
    partner = replace(EMSP, modules=access, versions=tuple(versions))
    routes = contracted((partner,))
    assert {route.module for route in routes} <= modules | {"versions", "modules", "credentials"}
    assert {route.version for route in routes} <= versions | {""}


def test_commands_exist_only_where_somebody_contracted_them() -> None:
    assert any(route.module == "commands" for route in contracted(PARTNERS))
    assert not any(route.module == "commands" for route in contracted((CPO,)))


def test_the_document_fits_into_what_api_gateway_takes() -> None:
    """300 resources by default, names of letters and digits, no list of types, no anyOf."""
    nodes = {path[: at or None] for path in DOCUMENT["paths"] for at in _ends(path)}
    assert len(nodes) < 300
    for name, model in DOCUMENT["components"]["schemas"].items():
        assert name.isalnum()
        for part in _parts(model):
            assert isinstance(part.get("type", ""), str), name
            assert not {"anyOf", "oneOf", "nullable", "additionalProperties"} & set(part), name


def _ends(path: str) -> list[int]:
    return [at for at, char in enumerate(path) if char == "/" and at] + [0]


def _parts(model: Any) -> list[dict[str, Any]]:
    """The schemas in a model, at any depth."""
    inner = [*model.get("properties", {}).values(), *([model["items"]] if "items" in model else [])]
    return [model, *(part for one in inner for part in _parts(one))]


def model(name: str) -> jsonschema_rs.Draft4Validator:
    """A model with those that it refers to."""
    return jsonschema_rs.Draft4Validator(
        {"$ref": f"#/components/schemas/{name}", "components": DOCUMENT["components"]}
    )


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("LocationV221", sample_messages.LOCATION),
        ("SessionV221", sample_messages.SESSION),
        ("CDRV221", sample_messages.CDR),
        ("TariffV221", sample_messages.TARIFF),
        ("TokenV221", sample_messages.TOKEN),
        ("StartSessionV221", sample_messages.START_SESSION),
        ("CredentialsV221", sample_messages.CREDENTIALS),
    ],
)
def test_models_take_valid_messages_and_refuse_those_without_what_is_required(
    name: str, message: dict[str, Any]
) -> None:
    schema = DOCUMENT["components"]["schemas"][name]
    assert model(name).is_valid(message)
    assert model(name).is_valid({**message, "of_our_own": {"x": 1}})
    for field in schema["required"]:
        assert not model(name).is_valid({k: v for k, v in message.items() if k != field}), field


def test_an_optional_field_may_be_null_as_ocpi_allows() -> None:
    assert "group_id" not in DOCUMENT["components"]["schemas"]["TokenV221"]["required"]
    assert model("TokenV221").is_valid({**sample_messages.TOKEN, "group_id": None})


def test_a_patch_may_hold_any_part_of_the_object() -> None:
    patch = {"status": "COMPLETED", "last_updated": "2026-01-15T12:00:00Z"}
    assert model("SessionPatchV221").is_valid(patch)
    assert not model("SessionV221").is_valid(patch)


def test_the_document_of_every_contract_is_one_that_api_gateway_imports() -> None:
    stack = weaken(EDGE, "api-1", "body", json.dumps(DOCUMENT))
    for check in checks_in(api_document):
        assert {finding.status for finding in check.run(stack)} == {Status.PASS}, check.name
