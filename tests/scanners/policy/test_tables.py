"""The plan tables: every AWS type of pulumi-aws, and how they were made.

`aws.json` is the output of `plan_tables/generate.py`, which says what it reads. With the wheel of the
Terraform schema in RAMPART_TERRAFORM_SCHEMA, a test makes the tables again and wants the same bytes.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

import pytest

from scanners.policy.plan_tables import aws_tables, generate, snake
from scanners.policy.plan_tables.sdk_resources import sdk_resource_types
from scanners.policy.plan_tables.terraform_schema import read_schema

TABLES = Path(generate.__file__).with_name("aws.json")

# The provider's own token map, as some release of pulumi-aws 5 published it (bridge-metadata.json,
# `renames.resources`): a sample of types that are younger than the truth of `measure.py`.
PUBLISHED = {
    "account/alternativeContact:AlternativeContact": "account_alternate_contact",
    "amp/alertManagerDefinition:AlertManagerDefinition": "prometheus_alert_manager_definition",
    "amp/ruleGroupNamespace:RuleGroupNamespace": "prometheus_rule_group_namespace",
    "amp/workspace:Workspace": "prometheus_workspace",
    "amplify/backendEnvironment:BackendEnvironment": "amplify_backend_environment",
    "amplify/domainAssociation:DomainAssociation": "amplify_domain_association",
    "apigateway/response:Response": "api_gateway_gateway_response",
    "apigateway/restApiPolicy:RestApiPolicy": "api_gateway_rest_api_policy",
    "appconfig/configurationProfile:ConfigurationProfile": "appconfig_configuration_profile",
    "appconfig/eventIntegration:EventIntegration": "appintegrations_event_integration",
    "appconfig/extensionAssociation:ExtensionAssociation": "appconfig_extension_association",
    "appflow/connectorProfile:ConnectorProfile": "appflow_connector_profile",
    "applicationinsights/application:Application": "applicationinsights_application",
    "apprunner/vpcIngressConnection:VpcIngressConnection": "apprunner_vpc_ingress_connection",
    "appstream/fleetStackAssociation:FleetStackAssociation": "appstream_fleet_stack_association",
    "appsync/dataSource:DataSource": "appsync_datasource",
    "appsync/graphQLApi:GraphQLApi": "appsync_graphql_api",
    "auditmanager/organizationAdminAccountRegistration:OrganizationAdminAccountRegistration": (
        "auditmanager_organization_admin_account_registration"
    ),
    "autoscaling/tag:Tag": "autoscaling_group_tag",
    "backup/vaultLockConfiguration:VaultLockConfiguration": "backup_vault_lock_configuration",
    "batch/schedulingPolicy:SchedulingPolicy": "batch_scheduling_policy",
    "cfg/conformancePack:ConformancePack": "config_conformance_pack",
    "cfg/recorder:Recorder": "config_configuration_recorder",
    "cfg/rule:Rule": "config_config_rule",
}


def test_every_type_of_the_installed_sdk_is_in_the_tables() -> None:
    tables = aws_tables()
    assert tables.sdk_version == version("pulumi-aws")
    assert set(tables.types) == {t.token for t in sdk_resource_types()}
    assert len(tables.types) > 1700


def test_types_are_named_as_the_provider_published_them() -> None:
    types = aws_tables().types
    assert {t: types[f"aws:{t}"][0] for t in PUBLISHED} == {t: f"aws_{n}" for t, n in PUBLISHED.items()}


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
@pytest.mark.parametrize("module", ["s3", "dynamodb", "secretsmanager", "cloudtrail"])
def test_every_property_of_a_type_is_in_its_shape(module: str) -> None:
    tables = aws_tables()
    for sdk_type in sdk_resource_types():
        if sdk_type.short.startswith(f"{module}/"):
            assert set(tables.shapes[tables.types[sdk_type.token][1]]) == set(sdk_type.properties())


@pytest.mark.parametrize(
    ("token", "path", "terraform", "kind"),
    [
        ("aws:lambda/function:Function", "code", "filename", ""),
        ("aws:lambda/function:Function", "name", "function_name", ""),
        ("aws:apigateway/stage:Stage", "restApi", "rest_api_id", ""),
        ("aws:cloudwatch/metricAlarm:MetricAlarm", "name", "alarm_name", ""),
        ("aws:ec2/securityGroup:SecurityGroup", "ingress", "ingress", "list"),
        ("aws:s3/bucket:Bucket", "lifecycleRules", "lifecycle_rule", "list"),
        ("aws:s3/bucket:Bucket", "versioning", "versioning", "one"),
        ("aws:s3/bucket:Bucket", "tags", "tags", "map"),
        ("aws:apigateway/vpcLink:VpcLink", "targetArn", "target_arns", "relist"),
        ("aws:dynamodb/table:Table", "attributes", "attribute", "list"),
    ],
)
def test_names_and_shapes_follow_the_provider(token: str, path: str, terraform: str, kind: str) -> None:
    tables = aws_tables()
    known = tables.property(tables.types[token][1], path)
    assert known is not None
    assert (known.name, known.kind) == (terraform, kind)


@pytest.mark.parametrize(
    ("pulumi", "terraform"),
    [
        ("cidrBlock", "cidr_block"),
        ("iamDBAuth", "iam_db_auth"),
        ("ipv6CidrBlock", "ipv6_cidr_block"),
        ("arn", "arn"),
    ],
)
def test_camel_case_becomes_snake_case(pulumi: str, terraform: str) -> None:
    assert snake(pulumi) == terraform


def test_a_web_acls_statements_are_named_although_the_sdk_lost_their_class() -> None:
    tables = aws_tables()
    shape = tables.types["aws:wafv2/webAcl:WebAcl"][1]
    for name in ("rules", "statement", "notStatement"):
        known = tables.property(shape, name)
        assert known is not None
        shape = known.shape
    known = tables.property(shape, "statements")
    assert known is not None
    assert (known.name, known.kind) == ("statement", "list")


def test_the_tables_load_in_a_fraction_of_a_second() -> None:
    # In a process of its own, whose memory holds nothing of other tests for the collector to walk.
    program = (
        "import time; from scanners.policy.plan_tables import aws_tables; begin = time.process_time();"
        "aws_tables(); print(time.process_time() - begin)"
    )
    run = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60)
    assert float(run.stdout) < 0.5, run.stderr


def test_the_generator_makes_the_same_tables_again() -> None:
    wheel = os.environ.get("RAMPART_TERRAFORM_SCHEMA")
    if not wheel:
        pytest.skip(
            "the generator's source is needed: RAMPART_TERRAFORM_SCHEMA=cdktf_cdktf_provider_aws-*.whl"
        )
    exceptions = json.loads(TABLES.with_name("exceptions.json").read_text(encoding="utf-8"))
    tables, _ = generate.make(read_schema(Path(wheel)), exceptions)
    assert json.dumps(tables, separators=(",", ":"), sort_keys=True) + "\n" == TABLES.read_text(
        encoding="utf-8"
    )
