"""Every call of the lab is held against AWS's own models: what AWS would refuse is refused here."""

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import botocore.session
import pytest
from botocore.exceptions import ConnectionError as NoConnection
from botocore.exceptions import ParamValidationError

from infra.lab.clients import Clients
from infra.lab.sandbox import service_models

SERVICES = """
acm apigateway application-autoscaling backup cloudtrail cloudwatch config dynamodb ec2 ecr ecs elbv2
events guardduty iam kms lambda logs route53 route53resolver s3 secretsmanager securityhub
servicediscovery signer sns sqs ssm sts wafv2
"""
ROLE = "arn:aws:iam::123456789012:role/lab"
# service, operation, parameters, and what is wrong with them
REFUSED: dict[str, tuple[str, str, dict[str, Any], str]] = {
    "a text that is too long": (
        "dynamodb",
        "describe_table",
        {"TableName": "t" * 4000},
        "TableName: 4000 is more than 1024",
    ),
    "a value in another form": (
        "iam",
        "create_role",
        {"RoleName": "a b", "AssumeRolePolicyDocument": "{}"},
        "RoleName: not in the form",
    ),
    "a value of no enumeration": (
        "kms",
        "create_key",
        {"KeySpec": "RSA_1024"},
        "KeySpec: not one of the service's values",
    ),
    "a number over the most": (
        "lambda",
        "update_function_configuration",
        {"FunctionName": "f", "MemorySize": 99_999},
        "MemorySize: 99999 is more than",
    ),
    "a wrong value inside a list of structures": (
        "acm",
        "add_tags_to_certificate",
        {"CertificateArn": ROLE, "Tags": [{"Key": ""}]},
        "Key",
    ),
    "a text inside a list of structures that is too long": (
        "ecs",
        "tag_resource",
        {"resourceArn": ROLE, "tags": [{"key": "k" * 200, "value": "v"}]},
        "tags[0].key: 200 is more than 128",
    ),
    "a required parameter that is missing": (
        "sns",
        "create_topic",
        {},
        "Missing required parameter in input",
    ),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_aws_would_refuse_is_refused_before_it_is_sent(name: str) -> None:
    service, operation, parameters, problem = REFUSED[name]
    client = Clients("http://127.0.0.1:9", "eu-central-1").get(service)
    with pytest.raises(ParamValidationError, match=re.escape(problem)):
        getattr(client, operation)(**parameters)


@pytest.mark.parametrize(
    ("service", "operation", "parameters"),
    [
        ("iam", "create_role", {"RoleName": "lab", "AssumeRolePolicyDocument": "{}"}),
        ("lambda", "get_code_signing_config", {"CodeSigningConfigArn": f"{ROLE}:csc-lab-0123456789ab"}),
    ],
    ids=["a call that AWS takes", "the id of a resource that the emulator has not"],
)
def test_other_calls_are_sent(service: str, operation: str, parameters: dict[str, Any]) -> None:
    client = Clients("http://127.0.0.1:9", "eu-central-1").get(service)
    with pytest.raises(NoConnection):
        getattr(client, operation)(**parameters)


def test_a_refusal_never_quotes_the_value() -> None:
    client = Clients("http://127.0.0.1:9", "eu-central-1").get("secretsmanager")
    with pytest.raises(ParamValidationError) as refused:
        client.put_secret_value(SecretId="s", SecretString="very-secret", ClientRequestToken="very-secret")
    assert "ClientRequestToken" in str(refused.value)
    assert "very-secret" not in str(refused.value)


def test_every_form_that_the_labs_services_know_can_be_read() -> None:
    """A form that cannot be read refuses every value: none is passed over."""
    session, unreadable = botocore.session.get_session(), []
    for service in SERVICES.split():
        model = session.get_service_model(service)
        for shape in map(model.shape_for, model.shape_names):
            try:
                service_models.compiled(shape.metadata.get("pattern", ""))
            except re.error as error:
                unreadable.append((service, shape.name, str(error)))
    assert unreadable == []


def test_a_class_of_characters_that_stands_for_itself_is_read_as_one() -> None:
    printable = service_models.compiled(r"\p{Print}+")
    assert printable.search("rampart-test-guard-cpu")
    assert not printable.search("a\nb")
    assert service_models.compiled(r"[\p{Alnum}\]-]+").search("a1]-")


def test_a_form_that_cannot_be_read_is_no_pass() -> None:
    from botocore.model import Shape

    shape = Shape("Name", {"type": "string", "pattern": "("})
    assert list(service_models.violations(shape, "x", "Name")) == [
        "Name: not verified, as its form cannot be read: ("
    ]


def test_a_process_holds_its_own_calls() -> None:
    """Functions and services make their clients themselves."""
    program = f"""
import runpy, boto3, json
from botocore.exceptions import ParamValidationError
runpy.run_path({str(Path(service_models.__file__))!r})["hold_calls"]()
try:
    boto3.client("kms", endpoint_url="http://127.0.0.1:9").create_key(KeySpec="RSA_1024")
except ParamValidationError as refused:
    print(json.dumps(str(refused)))
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert "kms CreateKey: KeySpec" in json.loads(done.stdout)
