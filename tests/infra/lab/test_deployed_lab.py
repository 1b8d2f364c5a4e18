"""The whole stack really stands in the emulator, and the state says what is there."""

import http.client
import json
import re
import ssl
from collections import Counter
from pathlib import Path

import pytest

from hardening.requests.tokens import header
from infra.lab.unsupported import TYPES, UNLISTED
from tests.beds.lab import DeployedLab, rampart


def ids(lab: DeployedLab, kind: str) -> set[str]:
    return {resource["id"] for resource in lab.resources if resource["type"] == kind}


def test_at_least_120_resources_really_exist(lab: DeployedLab) -> None:
    done = rampart("lab", "status", "--dir", str(lab.folder))
    status = json.loads(done.stdout)
    assert (done.returncode, status["state"]) == (0, "up")
    assert sum(status["resources"].values()) >= 120
    assert not set(status["resources"]) & set(TYPES)


SEEN = """
aws:ec2/vpc:Vpc  ec2  describe_vpcs  Vpcs  VpcId
aws:ec2/subnet:Subnet  ec2  describe_subnets  Subnets  SubnetId
aws:ec2/securityGroup:SecurityGroup  ec2  describe_security_groups  SecurityGroups  GroupId
aws:ec2/vpcEndpoint:VpcEndpoint  ec2  describe_vpc_endpoints  VpcEndpoints  VpcEndpointId
aws:kms/key:Key  kms  list_keys  Keys  KeyId
aws:dynamodb/table:Table  dynamodb  list_tables  TableNames
aws:secretsmanager/secret:Secret  secretsmanager  list_secrets  SecretList  ARN
aws:s3/bucket:Bucket  s3  list_buckets  Buckets  Name
aws:cloudtrail/trail:Trail  cloudtrail  list_trails  Trails  TrailARN
aws:iam/role:Role  iam  list_roles  Roles  RoleName
aws:lambda/function:Function  lambda  list_functions  Functions  FunctionName
aws:apigateway/restApi:RestApi  apigateway  get_rest_apis  items  id
aws:apigateway/usagePlan:UsagePlan  apigateway  get_usage_plans  items  id
aws:cloudwatch/metricAlarm:MetricAlarm  cloudwatch  describe_alarms  MetricAlarms  AlarmName
aws:cloudwatch/logGroup:LogGroup  logs  describe_log_groups  logGroups  logGroupName
"""


@pytest.mark.parametrize("row", SEEN.strip().splitlines(), ids=lambda row: row.split()[0])
def test_boto3_sees_what_the_state_names(lab: DeployedLab, row: str) -> None:
    kind, service, operation, path, *key = row.split()
    regions = {lab.details["region"]} | {
        resource["inputs"]["region"]
        for resource in lab.resources
        if resource["type"] == kind and resource["inputs"].get("region")
    }
    seen = {
        item[key[0]] if key else item
        for region in regions
        for item in getattr(lab.clients.get(service, region), operation)()[path]
    }
    declared = ids(lab, kind)
    assert declared
    assert declared <= seen


def test_every_resource_of_a_component_has_it_as_its_parent(lab: DeployedLab) -> None:
    by_urn = {resource["urn"]: resource for resource in lab.resources}
    for resource in lab.resources:
        chain = resource["urn"].split("::")[2].split("$")
        if len(chain) > 1:
            parent = by_urn[resource["parent"]]
            assert parent["urn"].split("::")[2] == "$".join(chain[:-1])
    owners = Counter(
        by_urn[resource["parent"]]["type"]
        for resource in lab.resources
        if resource["type"].startswith("aws:") and resource["parent"] in by_urn
    )
    components = {r["type"] for r in lab.resources if r["type"].startswith("rampart:")}
    assert len(components) > 15
    assert components - set(owners) <= {"rampart:identity:Administrators"} | {
        r["type"] for r in lab.resources if any(o.get("parent") == r["urn"] for o in lab.resources)
    }


def test_every_resource_has_an_id_and_the_line_that_declares_it(lab: DeployedLab) -> None:
    for resource in lab.resources:
        if resource["type"].startswith("aws:"):
            assert resource["id"], resource["urn"]
            assert re.fullmatch(r"project:///infra/(\w+/)*\w+\.py#\d+", resource["sourcePosition"])


def test_what_decides_about_security_is_really_set(lab: DeployedLab) -> None:
    (trail,) = ids(lab, "aws:cloudtrail/trail:Trail")
    assert lab.clients.get("cloudtrail").get_trail_status(Name=trail)["IsLogging"] is True
    for table in ids(lab, "aws:dynamodb/table:Table"):
        found = lab.clients.get("dynamodb").describe_table(TableName=table)["Table"]
        assert found["DeletionProtectionEnabled"] is True
        assert found["SSEDescription"]["SSEType"] == "KMS"
    (group,) = ids(lab, "aws:ec2/defaultSecurityGroup:DefaultSecurityGroup")
    (found,) = lab.clients.get("ec2").describe_security_groups(GroupIds=[group])["SecurityGroups"]
    assert found["IpPermissions"] == found["IpPermissionsEgress"] == []
    (api,) = ids(lab, "aws:apigateway/restApi:RestApi")
    assert lab.clients.get("apigateway").get_rest_api(restApiId=api)["disableExecuteApiEndpoint"] is True


def test_every_method_of_the_api_asks_the_authorizer_and_wants_a_key(lab: DeployedLab) -> None:
    (api,) = ids(lab, "aws:apigateway/restApi:RestApi")
    client = lab.clients.get("apigateway")
    (authorizer,) = client.get_authorizers(restApiId=api)["items"]
    pages = client.get_paginator("get_resources").paginate(restApiId=api, embed=["methods"])
    methods = [
        method
        for page in pages
        for resource in page["items"]
        for method in resource.get("resourceMethods", {}).values()
    ]
    assert len(methods) > 50
    for method in methods:
        assert method["authorizationType"] == "CUSTOM"
        assert method["authorizerId"] == authorizer["id"]
        assert method["apiKeyRequired"] is True
        assert method["methodIntegration"]["connectionType"] == "VPC_LINK"


def test_no_token_stands_in_the_state(lab: DeployedLab) -> None:
    tokens = json.loads(Path(lab.details["tokens_file"]).read_text())
    assert tokens
    state = (lab.folder / "stack.json").read_text() + (lab.folder / "unsupported.json").read_text()
    for token in tokens.values():
        assert token not in state
    for log in (lab.folder / "logs").iterdir():
        text = log.read_text(errors="replace")
        assert not any(token in text for token in tokens.values())


def test_we_registered_with_the_partner_by_the_token_that_it_handed_us(lab: DeployedLab) -> None:
    """The last exchange that the lab makes is a POST of ours; from then on the command leaves it as it is."""
    handed = json.loads((lab.folder / "partner-tokens.json").read_text())["ocpi.emsp.example"]
    secret = "rampart/test/example-emsp/outbound"
    found = lab.clients.get("secretsmanager").get_secret_value(SecretId=secret)
    known = json.loads(found["SecretString"])
    assert known["token"] != handed
    assert known["ours"]["url"].startswith("https://")
    log = (lab.folder / "logs/partner.log").read_text()
    assert '"method":"POST"' in log.replace(" ", "")
    (lab.folder / "handed").touch(0o600)
    (lab.folder / "handed").write_text(handed)
    (lab.folder / "roles.json").write_text(json.dumps(known["ours"]["roles"]))
    named = ["--url", known["versions"], "--token-file", str(lab.folder / "handed")]
    where = ["--target", str(lab.target), "--partners", lab.details["partners"]]
    roles = ["--roles", str(lab.folder / "roles.json")]
    done = rampart("token", "register", "example-emsp", *named, *roles, *where)
    assert done.returncode == 0, done.stderr
    assert "registered already" in done.stderr


def test_the_tokens_are_for_their_owner_only(lab: DeployedLab) -> None:
    assert Path(lab.details["tokens_file"]).stat().st_mode & 0o077 == 0


def test_a_path_with_the_stage_of_the_api_is_served_as_the_partner_sent_it(lab: DeployedLab) -> None:
    """A private integration of API Gateway begins each path with the stage's name."""
    tokens = json.loads(Path(lab.details["tokens_file"]).read_text())
    trust = ssl.create_default_context(cafile=lab.details["ca_file"])
    found = []
    for path in ("/ocpi/versions", "/live/ocpi/versions", "/other/ocpi/versions", "/live/live/ocpi/versions"):
        host, _, port = lab.details["gateway"].rpartition(":")
        connection = http.client.HTTPSConnection(host, int(port), context=trust, timeout=10)
        headers = {
            "Authorization": header(tokens["example-emsp"]),
            "X-Request-ID": "r",
            "X-Correlation-ID": "c",
        }
        connection.request("GET", path, headers=headers)
        answer = connection.getresponse()
        found.append((answer.status, answer.read()))
        connection.close()
    plain, staged, other, twice = found
    assert plain[0] == staged[0] == 200
    assert json.loads(plain[1])["data"] == json.loads(staged[1])["data"]
    assert other[0] == twice[0] == 404


def test_what_is_not_supported_is_listed_with_a_reason(lab: DeployedLab) -> None:
    status = json.loads(rampart("lab", "status", "--dir", str(lab.folder)).stdout)
    listed = {entry["type"]: entry["reason"] for entry in status["unsupported"] if not entry["property"]}
    absent = {resource["type"] for resource in lab.resources if resource.get("id", "").startswith("lab-")}
    assert absent | UNLISTED.keys() == set(listed)
    assert all(listed.values())


def test_a_second_up_leaves_a_healthy_lab_alone(lab: DeployedLab) -> None:
    before = (lab.folder / "processes.json").read_text()
    done = rampart("lab", "up", "--dir", str(lab.folder))
    assert (done.returncode, done.stdout) == (0, "")
    assert "already up" in done.stderr
    assert (lab.folder / "processes.json").read_text() == before
