"""The stack as evidence shows everything but what nobody may see, and says in which region a resource is."""

import json
from collections.abc import Mapping
from typing import Any

import pytest

from scanners.policy.stack import SECRET, UNKNOWN, Resource, Stack, as_json


def test_secrets_and_unknowns_show_as_such_and_the_rest_in_full() -> None:
    bucket = Resource(
        urn="urn:pulumi:test::p::aws:s3/bucket:Bucket::b",
        type="aws:s3/bucket:Bucket",
        name="b",
        inputs={"bucket": "logs", "nested": [{"password": SECRET}], "arn": UNKNOWN},
        property_dependencies={"bucket": ("urn:other",)},
    )
    shown = json.loads(as_json(Stack("test", "p", (bucket,))))["resources"][0]
    assert shown["inputs"] == {"bucket": "logs", "nested": [{"password": "<secret>"}], "arn": "<unknown>"}
    assert shown["property_dependencies"] == {"bucket": ["urn:other"]}


def test_equal_stacks_give_equal_bytes() -> None:
    stack = Stack("test", "p", (Resource(urn="urn:a", type="t", name="a"),))
    assert as_json(stack) == as_json(Stack("test", "p", (Resource(urn="urn:a", type="t", name="a"),)))


PROVIDER = Resource(
    urn="urn:pulumi:test::p::pulumi:providers:aws::default",
    type="pulumi:providers:aws",
    name="default",
    inputs={"region": "eu-west-1"},
)
ARN = "arn:aws:backup:eu-north-1:111122223333:backup-vault:b"


@pytest.mark.parametrize(
    ("inputs", "outputs", "provider", "region"),
    [
        ({"region": "eu-west-3"}, {"region": "eu-west-2", "arn": ARN}, PROVIDER.urn, "eu-west-3"),
        ({}, {"region": "eu-west-2", "arn": ARN}, PROVIDER.urn, "eu-west-2"),
        ({}, {"region": UNKNOWN, "arn": ARN}, PROVIDER.urn, "eu-west-1"),
        ({}, {"arn": ARN}, "", "eu-north-1"),
        ({}, {"arn": UNKNOWN}, "", ""),
        ({}, {"arn": "vault"}, "urn:of-nobody", ""),
        ({"region": UNKNOWN}, {"region": "eu-west-2", "arn": ARN}, PROVIDER.urn, ""),
    ],
)
def test_the_region_of_a_resource_is_the_first_that_something_says(
    inputs: Mapping[str, Any], outputs: Mapping[str, Any], provider: str, region: str
) -> None:
    vault = Resource(
        urn="urn:v",
        type="aws:backup/vault:Vault",
        name="v",
        inputs=inputs,
        outputs=outputs,
        provider=provider and f"{provider}::id",
    )
    assert Stack("test", "p", (PROVIDER, vault)).region_of(vault) == region
