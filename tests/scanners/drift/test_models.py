"""The audit's clients have what its readers ask, as AWS has it, and nothing that writes."""

from __future__ import annotations

import re
from typing import Any

import boto3
import pytest
from botocore import xform_name
from botocore.model import Shape

from scanners.drift.readers import READERS
from scanners.drift.rights import operations
from scanners.drift.session import session_for
from scanners.target import Target

READS = re.compile(r"(describe|get|list|lookup|batch_get|select|head)_")
SERVICES = sorted({reader.service for reader in READERS})


@pytest.fixture(scope="module")
def session() -> boto3.Session:
    place = {"region": "eu-central-1", "aws_endpoint": "http://127.0.0.1:9"}
    return session_for(Target(name="test", stack_file="", **place))


@pytest.mark.parametrize("service", SERVICES)
def test_no_client_has_a_call_that_writes(session: boto3.Session, service: str) -> None:
    meta = session.client(service).meta
    calls = meta.method_to_api_mapping
    assert calls
    # Asked for when AWS answers with an error: every shape that is left is whole.
    assert all(shape.type_name for shape in meta.service_model.error_shapes)
    assert [name for name in calls if not READS.match(name)] == []


def members(shape: Shape | None, seen: dict[str, Any]) -> Any:
    """The shape with everything in it, as far as its names."""
    if shape is None or shape.name in seen:
        return shape and shape.name
    seen[shape.name] = True
    inner = {**getattr(shape, "members", {})}
    for name in ("member", "key", "value"):
        if shape.type_name in ("list", "map") and hasattr(shape, name):
            inner[name] = getattr(shape, name)
    shown = {name: members(each, seen) for name, each in inner.items()}
    return shape.name, shape.type_name, sorted(shape.metadata.items(), key=str), shape.serialization, shown


def test_what_the_readers_ask_is_as_aws_has_it(session: boto3.Session) -> None:
    asked = operations()
    assert len(asked) > 190
    for whole in asked:
        model = session.client(whole.service_model.service_name).meta.service_model
        lean = model.operation_model(whole.name)
        assert lean.http == whole.http, whole.name
        assert members(lean.input_shape, {}) == members(whole.input_shape, {}), whole.name
        assert members(lean.output_shape, {}) == members(whole.output_shape, {}), whole.name
        assert {e.name for e in lean.error_shapes} == {e.name for e in whole.error_shapes}, whole.name


def test_a_profile_with_a_role_still_finds_its_credentials(session: boto3.Session) -> None:
    """botocore asks for them by the same session."""
    for service, operation in (
        ("sts", "AssumeRole"),
        ("sts", "AssumeRoleWithWebIdentity"),
        ("sso", "GetRoleCredentials"),
        ("sso-oidc", "CreateToken"),
    ):
        assert xform_name(operation) in session.client(service).meta.method_to_api_mapping
