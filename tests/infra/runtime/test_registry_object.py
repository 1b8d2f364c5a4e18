"""The declared registry: exactly one version with one digest is served, and anything else is refused."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from moto import mock_aws

from hardening.errors import ConfigError
from hardening.registry.object_version import DIGEST, PLACE, place
from hardening.requests.samples import CPO, PARTNERS
from infra.runtime.functions.partners_file import digest, dump
from infra.runtime.functions.registry_object import declared_registry

BUCKET = "registry"


@pytest.fixture
def s3(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "lab")
    with mock_aws():
        client = boto3.client("s3", endpoint_url="https://s3.amazonaws.com", region_name="us-east-1")
        client.create_bucket(Bucket=BUCKET)
        client.put_bucket_versioning(Bucket=BUCKET, VersioningConfiguration={"Status": "Enabled"})
        yield client


def stored(s3: Any, text: str) -> str:
    version = s3.put_object(Bucket=BUCKET, Key="partners.json", Body=text.encode())["VersionId"]
    return place(BUCKET, "partners.json", version)


def test_the_declared_version_is_served_after_another_was_written(s3: Any) -> None:
    declared = stored(s3, dump(PARTNERS))
    stored(s3, dump((CPO,)))
    assert declared_registry({PLACE: declared, DIGEST: digest(PARTNERS)}, s3) == PARTNERS


@pytest.mark.parametrize("wanted", [digest((CPO,)), "", digest(PARTNERS).upper()])
def test_another_digest_or_none_is_refused(s3: Any, wanted: str) -> None:
    variables = {PLACE: stored(s3, dump(PARTNERS)), DIGEST: wanted}
    with pytest.raises(ConfigError, match="not the registry that the stack declares"):
        declared_registry(variables, s3)


def test_an_object_that_is_no_registry_is_refused_without_its_content(s3: Any) -> None:

    variables = {PLACE: stored(s3, "[{}]"), DIGEST: hashlib.sha256(b"[{}]").hexdigest()}
    with pytest.raises(ConfigError, match="expected a registry"):
        declared_registry(variables, s3)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("s3://registry/partners.json", "expected s3://BUCKET/KEY"),
        ("s3://registry/partners.json?versionId=", "expected s3://BUCKET/KEY"),
        ("https://registry/partners.json?versionId=v1", "expected s3://BUCKET/KEY"),
        ("s3://registry/partners.json?versionId=none", "S3 refuses it"),
        ("s3://elsewhere/partners.json?versionId=v1", "S3 refuses it: NoSuchBucket"),
    ],
)
def test_a_place_that_is_none_is_one_clear_line(s3: Any, value: str, expected: str) -> None:
    with pytest.raises(ConfigError, match=expected) as refused:
        declared_registry({PLACE: value, DIGEST: digest(PARTNERS)}, s3)
    assert "\n" not in refused.value.message
