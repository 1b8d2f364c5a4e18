"""The stack as evidence shows everything but what nobody may see."""

import json

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
