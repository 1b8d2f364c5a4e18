"""What Pulumi calls a property finds its parameter, or is an error."""

from typing import Any

import botocore.session
import pytest

from infra.lab.parameter_mapping import ParameterMapping, UnmappedParameter, parameters

SESSION = botocore.session.Session()


def fitted(service: str, operation: str, values: dict[str, Any], **renames: str) -> dict[str, Any]:
    shape = SESSION.get_service_model(service).operation_model(operation).input_shape
    return parameters(shape, values, ParameterMapping(renames, tolerant=False))


def test_names_are_compared_without_case() -> None:
    assert fitted("wafv2", "AssociateWebACL", {"webAclArn": "a", "resourceArn": "b"}) == {
        "WebACLArn": "a",
        "ResourceArn": "b",
    }


def test_a_single_value_becomes_the_list_that_the_service_wants() -> None:
    assert fitted("apigateway", "CreateVpcLink", {"targetArn": "x"}, targetArn="targetArns") == {
        "targetArns": ["x"]
    }


def test_a_list_of_one_becomes_the_structure_that_the_service_wants() -> None:
    values = {"encryptionConfiguration": [{"encryptionType": "KMS"}]}
    assert fitted("ecr", "CreateRepository", values)["encryptionConfiguration"] == {"encryptionType": "KMS"}


def test_singular_and_plural_find_each_other() -> None:
    assert fitted("ec2", "CreateVpcEndpoint", {"subnetIds": ["a"]}) == {"SubnetIds": ["a"]}


def test_a_map_of_tags_becomes_the_services_own_pairs() -> None:
    assert fitted("kms", "CreateKey", {"tags": {"b": "2", "a": "1"}})["Tags"] == [
        {"TagKey": "a", "TagValue": "1"},
        {"TagKey": "b", "TagValue": "2"},
    ]


def test_texts_become_the_numbers_and_booleans_that_the_service_wants() -> None:
    assert fitted("kms", "CreateKey", {"multiRegion": "true"}) == {"MultiRegion": True}
    assert fitted("logs", "PutRetentionPolicy", {"retentionInDays": "365"}) == {"retentionInDays": 365}


def test_what_is_not_declared_is_not_sent() -> None:
    assert fitted("kms", "CreateKey", {"description": None}) == {}


@pytest.mark.parametrize(
    "values",
    [{"colour": "red"}, {"description": "x", "nested": {"a": 1}}],
    ids=["unknown", "unknown beside a known one"],
)
def test_a_property_without_a_parameter_is_an_error(values: dict[str, Any]) -> None:
    with pytest.raises(UnmappedParameter, match="has no such parameter"):
        fitted("kms", "CreateKey", values)


def test_an_unknown_property_deep_inside_is_named_with_its_path() -> None:
    values = {"defaultAction": {"block": {"customResponse": {"colour": 1}}}}
    with pytest.raises(UnmappedParameter, match=r"defaultAction\.block\.customResponse\.colour"):
        fitted("wafv2", "CreateWebACL", values)


def test_a_boto3_that_is_too_old_leaves_out_what_it_does_not_know_and_says_so() -> None:
    shape = SESSION.get_service_model("acm").operation_model("RequestCertificate").input_shape
    mapping = ParameterMapping({}, tolerant=True)
    values = {"domainName": "a.example", "options": {"colour": "red", "export": "DISABLED"}}
    fitted_values = parameters(shape, values, mapping)
    assert mapping.unknown == ["options.colour"]
    assert fitted_values == {"DomainName": "a.example", "Options": {"Export": "DISABLED"}}
