"""A stack as a Terraform plan: names, shapes, references, and nothing that is secret."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from scanners.policy.plan import Plan, plan_of
from scanners.policy.plan_values import UNKNOWN_VALUE
from scanners.policy.raw_state import recovered
from scanners.policy.stack import SECRET, UNKNOWN, Resource, Stack

BUCKET = "aws:s3/bucket:Bucket"
VERSIONING = "aws:s3/bucketVersioning:BucketVersioning"


def resource(token: str, name: str, **more: Any) -> Resource:
    return Resource(urn=f"urn:pulumi:test::p::{token}::{name}", type=token, name=name, **more)


def plan(*resources: Resource) -> Plan:
    return plan_of(Stack("test", "p", resources))


def values(*resources: Resource) -> dict[str, Any]:
    return dict(plan(*resources).resources[-1].values)


def test_names_become_terraforms_and_objects_become_blocks() -> None:
    group = resource(
        "aws:ec2/securityGroup:SecurityGroup",
        "edge",
        inputs={"vpcId": "vpc-1", "ingress": [{"fromPort": 443.0, "cidrBlocks": ["10.0.0.0/8"]}]},
    )
    assert values(group) == {
        "vpc_id": "vpc-1",
        "ingress": [{"from_port": 443, "cidr_blocks": ["10.0.0.0/8"]}],
    }
    assert values(resource(BUCKET, "b", inputs={"versioning": {"enabled": True}})) == {
        "versioning": [{"enabled": True}]
    }


def test_keys_of_maps_are_left_alone() -> None:
    assert values(resource(BUCKET, "b", inputs={"tags": {"costCenter": "x"}})) == {
        "tags": {"costCenter": "x"}
    }


def test_a_document_given_as_an_object_becomes_json_text() -> None:
    policy = resource("aws:iam/policy:Policy", "p", inputs={"policy": {"Statement": [{"Effect": "Allow"}]}})
    assert json.loads(values(policy)["policy"]) == {"Statement": [{"Effect": "Allow"}]}


def test_what_the_program_declared_wins_over_what_the_provider_answered() -> None:
    bucket = resource(BUCKET, "b", inputs={"acl": "private"}, outputs={"acl": "public-read", "arn": "arn:x"})
    assert values(bucket) == {"acl": "private", "arn": "arn:x"}


def test_a_property_dependency_becomes_a_reference() -> None:
    bucket = resource(BUCKET, "logs", id="logs-1")
    versioning = resource(
        VERSIONING, "logs", inputs={"bucket": "logs-1"}, property_dependencies={"bucket": (bucket.urn,)}
    )
    assert plan(bucket, versioning).resources[1].references == {"bucket": ("aws_s3_bucket.logs",)}


def test_a_literal_id_or_arn_that_points_at_a_resource_becomes_a_reference() -> None:
    key = resource("aws:kms/key:Key", "k", id="k", outputs={"arn": "arn:aws:kms:eu-central-1:1:key/k"})
    bucket = resource(BUCKET, "logs", id="logs-1")
    versioning = resource(VERSIONING, "v", inputs={"bucket": "logs-1"})
    table = resource(
        "aws:dynamodb/table:Table", "t", inputs={"serverSideEncryption": {"kmsKeyArn": key.outputs["arn"]}}
    )
    planned = {r.name: r.references for r in plan(key, bucket, versioning, table).resources}
    assert planned["v"] == {"bucket": ("aws_s3_bucket.logs",)}
    assert planned["t"] == {"server_side_encryption": ("aws_kms_key.k",)}


def test_a_plain_name_that_happens_to_equal_an_id_is_no_reference() -> None:
    role = resource("aws:iam/role:Role", "r", id="admin")
    bucket = resource(BUCKET, "b", inputs={"tags": {"owner": "admin"}, "acl": "admin"})
    assert plan(role, bucket).resources[1].references == {}


def test_two_resources_of_one_type_never_share_an_address() -> None:
    queue = "aws:sqs/queue:Queue"
    one, two = resource(queue, "a b"), resource(queue, "a/b")
    assert [r.address for r in plan(one, two).resources] == ["aws_sqs_queue.a_b", "aws_sqs_queue.a_b_2"]


def test_unknown_and_secret_values_are_there_but_not_known() -> None:
    planned = plan(
        resource(
            "aws:lambda/function:Function",
            "f",
            inputs={"kmsKeyArn": UNKNOWN, "environment": {"variables": {"TOKEN": SECRET}}},
        )
    ).resources[0]
    assert planned.values["kms_key_arn"] == UNKNOWN_VALUE
    assert planned.unknown == ("environment.variables.TOKEN", "kms_key_arn")


def test_everything_that_is_left_out_has_a_reason() -> None:
    left = plan(
        resource("pulumi:pulumi:Stack", "s", custom=False),
        resource("rampart:network:Network", "n", custom=False),
        resource("random:index/randomId:RandomId", "r"),
        resource("aws:nothing/like:This", "x"),
        resource(BUCKET, "read", external=True),
    )
    assert left.resources == ()
    assert sorted(left.left_out.values()) == sorted(
        [
            "a component: its children are judged",
            "a component: its children are judged",
            "not a resource of the aws provider: random",
            f"no such type in pulumi-aws {plan_version()}",
            "only read by the stack, not managed by it",
        ]
    )


def plan_version() -> str:
    from scanners.policy.plan_tables import aws_tables

    return aws_tables().sdk_version


def test_a_property_that_the_tables_do_not_know_is_named_by_rule_and_counted() -> None:
    planned = plan(resource(BUCKET, "b", inputs={"brandNewThing": 1, "acl": "private"})).resources[0]
    assert planned.values["brand_new_thing"] == 1
    assert (planned.unmapped, planned.mapped) == (("brandNewThing",), 1)


leaves = st.one_of(
    st.none(), st.booleans(), st.integers(), st.text(max_size=5), st.just(SECRET), st.just(UNKNOWN)
)
trees = st.recursive(
    leaves, lambda t: st.lists(t, max_size=3) | st.dictionaries(st.text(max_size=5), t, max_size=3)
)


@given(st.dictionaries(st.sampled_from(["acl", "versioning", "tags", "corsRules", "policy", "other"]), trees))
def test_any_stack_becomes_a_plan_that_is_plain_json(inputs: dict[str, Any]) -> None:
    text = json.dumps(plan(resource(BUCKET, "b", inputs=inputs)).document())
    assert "<secret>" not in text
    assert "<unknown>" not in text


def test_the_raw_state_delta_recovers_terraforms_own_state() -> None:
    outputs = {
        "policies": {"a": "1"},
        "endpoint": "x",
        "nothing": None,
        "ports": [{"fromPort": "80"}],
        "synthetic": 1,
    }
    delta = {
        "obj": {
            "ignored": ["synthetic"],
            "renamed": {"policies": "policy"},
            "ps": {
                "policies": {"map": {"el": {"a": {"num": {}}}}},
                "endpoint": {"plu": {"i": None}},
                "ports": {"arr": {"el": {"0": {"obj": {"ps": {"fromPort": {"num": {}}}}}}}},
                "nothing": {"plu": {}},
            },
        }
    }
    assert recovered(outputs, delta, lambda value, _path: value) == {
        "policy": {"a": 1},
        "endpoint": ["x"],
        "nothing": [],
        "ports": [{"from_port": 80}],
    }


def test_a_delta_that_replaces_a_value_with_a_secret_stays_secret() -> None:
    bucket = resource(
        BUCKET,
        "b",
        outputs={"acl": "x"},
        raw_state_delta={"obj": {"ps": {"acl": {"replace": {"raw": SECRET}}}}},
    )
    assert "<secret>" not in json.dumps(plan(bucket).document())


def test_a_delta_that_was_edited_by_hand_is_not_followed() -> None:
    assert recovered({"a": 1}, {"obj": 7}, lambda value, _path: value) == {}


def test_objects_that_contain_themselves_are_named_at_any_depth() -> None:
    inner = {"byteMatchStatement": {"searchString": "x", "textTransformations": [{"priority": 0}]}}
    rule = {"statement": {"notStatement": {"statement": {"andStatement": {"statements": [inner]}}}}}
    acl = resource("aws:wafv2/webAcl:WebAcl", "w", inputs={"rules": [rule]})
    matched = {"byte_match_statement": [{"search_string": "x", "text_transformation": [{"priority": 0}]}]}
    nested = {"not_statement": [{"statement": [{"and_statement": [{"statement": [matched]}]}]}]}
    assert values(acl) == {"rule": [{"statement": [nested]}]}
