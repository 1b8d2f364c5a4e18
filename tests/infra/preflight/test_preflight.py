"""Preflight against an account on loopback: each quota short, each single thing there, each right missing."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from functools import cache
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any

import boto3
import pytest
from moto.server import ThreadedMotoServer

from hardening.checks import Status
from hardening.errors import CollectError, ConfigError
from hardening.registry.reader import read_registry
from infra.aws_calls import AwsCalls
from infra.phases import FOUNDATION
from infra.preflight.firewall import look_up_capacity
from infra.preflight.look import declared, look, refuse
from infra.preflight.names import NAMED
from infra.preflight.quotas import QUOTAS, look_up_quotas
from infra.preflight.requirement import Requirement, Results
from infra.preflight.standing import SINGLES
from infra.preflight.state import look_up_secrets_provider
from infra.program_run.deployment import Record
from infra.program_run.monitor import StackName
from infra.settings import load
from tests.beds.http_server import http_server
from tests.infra.test_advance import record, resolver
from tests.own_stack import ROOT

REGION = "eu-central-1"
BACKUP_SETTINGS = f"AWS Backup of tables in {REGION}"
SETTINGS = replace(load("test", ROOT), detection_regions=("eu-west-1", "us-east-1", "eu-central-1"))


@cache
def records() -> tuple[Record, ...]:
    return declared(StackName("rampart", "test"), SETTINGS, read_registry(ROOT / "partners"))


class Loopback(BaseHTTPRequestHandler):
    """Service Quotas with the values of `quotas`, or a service that denies everything."""

    quotas: Mapping[str, float] | None = None

    def do_GET(self) -> None:
        self.do_POST()

    def do_POST(self) -> None:
        asked = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        if self.quotas is not None:
            value = self.quotas.get(json.loads(asked)["QuotaCode"], 100_000.0)
            self._answer(200, json.dumps({"Quota": {"Value": value}}))
        elif "x-www-form-urlencoded" in (self.headers.get("Content-Type") or "") or self.path.startswith(
            "/2013"
        ):
            inner = "<Error><Code>AccessDenied</Code><Message>no</Message></Error>"
            self._answer(403, f"<ErrorResponse><Errors>{inner}</Errors>{inner}</ErrorResponse>")
        elif self.path.partition("?")[0] == "/" and self.command == "GET":
            self._answer(403, "<Error><Code>AccessDenied</Code><Message>no</Message></Error>")
        else:
            self._answer(403, json.dumps({"__type": "AccessDeniedException", "message": "no"}))

    def _answer(self, status: int, text: str) -> None:
        self.send_response(status)
        self.send_header("x-amzn-errortype", "AccessDeniedException")
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text.encode())

    def log_message(self, *_: Any) -> None:
        """Nothing."""


BOTH_ON = {
    "ResourceTypeOptInPreference": {"DynamoDB": True, "S3": False},
    "ResourceTypeManagementPreference": {"DynamoDB": True, "EFS": False},
}


class AwsBackup(BaseHTTPRequestHandler):
    """AWS Backup's account settings, which the emulator does not have, and no vault."""

    settings: Mapping[str, Any] = BOTH_ON

    def do_GET(self) -> None:
        found = self.settings if self.path == "/account-settings" else {"BackupVaultList": []}
        text = json.dumps(found)
        self.send_response(200)
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text.encode())

    def log_message(self, *_: Any) -> None:
        """Nothing."""


@contextmanager
def backup_settings(settings: Mapping[str, Any]) -> Iterator[str]:
    handler = type("Settings", (AwsBackup,), {"settings": settings})
    with http_server(handler) as server:
        yield f"http://127.0.0.1:{server.server_port}"


@contextmanager
def served(quotas: Mapping[str, float] | None) -> Iterator[str]:
    handler = type("Served", (Loopback,), {"quotas": quotas})
    with http_server(handler) as server:
        yield f"http://127.0.0.1:{server.server_port}"


@pytest.fixture(scope="module")
def emulator() -> Iterator[str]:
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


@pytest.fixture
def account(emulator: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[pytest.MonkeyPatch]:
    """An account that has all that the stack needs, and nothing of what it makes."""
    import urllib.request

    request = urllib.request.Request(f"{emulator}/moto-api/reset", method="POST")  # noqa: S310  (loopback)
    urllib.request.urlopen(request)  # noqa: S310
    monkeypatch.setenv("AWS_ENDPOINT_URL", emulator)
    monkeypatch.setenv("AWS_MAX_ATTEMPTS", "1")
    trust = json.dumps({"Version": "2012-10-17", "Statement": []})
    boto3.client("iam").create_role(RoleName="platform-security", AssumeRolePolicyDocument=trust)
    with served({}) as quotas, backup_settings(BOTH_ON) as backup:
        monkeypatch.setenv("AWS_ENDPOINT_URL_SERVICE_QUOTAS", quotas)
        monkeypatch.setenv("AWS_ENDPOINT_URL_BACKUP", backup)
        yield monkeypatch


def looked(**changes: Any) -> dict[str, Requirement]:
    settings = replace(SETTINGS, phase=FOUNDATION, guard_image="", policy_image="", service_image="")
    return {one.what: one for one in look(replace(settings, **changes), records())}


def test_an_account_with_room_for_everything_is_ready(account: pytest.MonkeyPatch) -> None:
    found = looked()
    assert {one.what for one in found.values() if one.status is not Status.PASS} == set()
    assert len(found) >= len(QUOTAS) + len(SINGLES) + 1
    refuse(tuple(found.values()))


@pytest.mark.parametrize("quota", QUOTAS, ids=lambda quota: quota.what)
def test_each_quota_that_is_short_is_named_with_what_is_needed(
    quota: Any, account: pytest.MonkeyPatch
) -> None:
    needed = quota.needed(records())
    assert needed >= 1
    with served({quota.code: needed - 1}) as short:
        account.setenv("AWS_ENDPOINT_URL_SERVICE_QUOTAS", short)
        results = Results()  # of the quotas alone: the rest does not depend on them
        look_up_quotas(AwsCalls(REGION), records(), "rampart-test-", results)
    found = {one.what: one for one in results.all}
    failing = {one.what: one for one in found.values() if one.status is Status.FAIL}
    same = {other.what for other in QUOTAS if other.code == quota.code and other.needed(records()) >= needed}
    assert set(failing) == same
    one = failing[quota.what]
    assert one.needed == str(needed)
    assert one.found.startswith(f"{needed - 1:g}")
    assert quota.code in one.mend
    with pytest.raises(ConfigError) as caught:
        refuse(tuple(found.values()))
    assert any(line.startswith(f"{quota.what}: expected {needed}") for line in caught.value.problems)


def test_fargate_has_room_for_a_release_while_all_services_are_scaled_out() -> None:
    quota = next(one for one in QUOTAS if one.what == "Fargate vCPUs")
    bounds = [one for one in records() if one.type == "aws:appautoscaling/target:Target"]
    tasks = [one for one in records() if one.type == "aws:ecs/taskDefinition:TaskDefinition"]
    (cpu,) = {int(one.inputs["cpu"]) for one in tasks}
    most = sum(int(one.inputs["maxCapacity"]) for one in bounds)
    assert len(bounds) == len(tasks) == 3
    assert quota.needed(records()) == 2 * most * cpu / 1024
    assert quota.needed(_with("aws:ecs/service:Service", deploymentMaximumPercent=100)) == most * cpu / 1024
    assert quota.needed(_with("aws:appautoscaling/target:Target", maxCapacity=2)) == 2 * 6 * cpu / 1024


def test_each_service_counts_with_the_cpu_of_its_own_task() -> None:
    quota = next(one for one in QUOTAS if one.what == "Fargate vCPUs")
    bigger = tuple(
        replace(one, inputs={**one.inputs, "cpu": "1024"})
        if one.type.endswith(":TaskDefinition") and one.urn.endswith("::guard")
        else one
        for one in records()
    )
    (bound,) = [
        int(one.inputs["maxCapacity"])
        for one in records()
        if one.type == "aws:appautoscaling/target:Target" and one.urn.endswith("::guard")
    ]
    assert quota.needed(bigger) == quota.needed(records()) + 2 * bound * 512 / 1024


def _with(kind: str, **inputs: Any) -> tuple[Record, ...]:
    return tuple(
        replace(one, inputs={**one.inputs, **inputs}) if one.type == kind else one for one in records()
    )


def test_what_others_use_of_a_quota_is_not_ours(account: pytest.MonkeyPatch) -> None:
    ec2 = boto3.client("ec2", region_name=REGION)
    standing = len(ec2.describe_vpcs()["Vpcs"])
    ec2.create_vpc(CidrBlock="10.9.0.0/16")
    ours = ec2.create_vpc(CidrBlock="10.8.0.0/16")["Vpc"]["VpcId"]
    ec2.create_tags(Resources=[ours], Tags=[{"Key": "Name", "Value": "rampart-test-vpc"}])
    with served({"L-F678F1CE": standing + 1}) as short:
        account.setenv("AWS_ENDPOINT_URL_SERVICE_QUOTAS", short)
        one = looked()["VPCs"]
    assert one.status is Status.FAIL
    assert one.found == f"{standing + 1}, of which others use {standing + 1}"


def put(what: str) -> str:
    """Make one single thing in the account; returns its id."""
    config = boto3.client("config", region_name=REGION)
    if "recorder" in what or "channel" in what:
        config.put_configuration_recorder(
            ConfigurationRecorder={"name": "default", "roleARN": "arn:aws:iam::123456789012:role/config"}
        )
    if "recorder" in what:
        return "default"
    if "channel" in what:
        boto3.client("s3", region_name="us-east-1").create_bucket(Bucket="history")
        config.put_delivery_channel(DeliveryChannel={"name": "default", "s3BucketName": "history"})
        return "default"
    if "role" in what:
        made = boto3.client("iam").create_service_linked_role(AWSServiceName="config.amazonaws.com")
        return str(made["Role"]["Arn"])
    if "detector" in what:
        return str(boto3.client("guardduty", region_name=REGION).create_detector(Enable=True)["DetectorId"])
    hub = boto3.client("securityhub", region_name=REGION)
    hub.enable_security_hub()
    return str(hub.describe_hub()["HubArn"])


@pytest.mark.parametrize("single", SINGLES, ids=lambda single: single.what)
def test_each_single_thing_that_is_there_is_adopted_and_not_collided_with(
    single: Any, account: pytest.MonkeyPatch
) -> None:
    identifier = put(single.what)
    one = looked()[f"{single.what} in {REGION}"]
    assert one.status is Status.FAIL
    assert one.found == identifier
    assert one.mend.startswith(f"adopt it: pulumi import {single.type} ")
    assert f" {identifier} --parent urn:pulumi:test::rampart::rampart:observability:Detection::" in one.mend


@pytest.mark.parametrize("single", SINGLES, ids=lambda single: single.what)
def test_what_the_stack_itself_made_is_no_collision(single: Any, account: pytest.MonkeyPatch) -> None:
    put(single.what)
    standing = frozenset(one.urn for one in records() if one.type == single.type)
    found = look(replace(SETTINGS, phase=FOUNDATION), records(), standing)
    assert not [one.what for one in found if one.what.startswith(single.what)]


@pytest.mark.parametrize(
    ("service", "unknown"),
    [
        ("SERVICE_QUOTAS", {quota.what for quota in QUOTAS}),
        ("EC2", {"VPCs", "Elastic IP addresses", "security groups", "regions"}),
        ("S3", {"S3 buckets"}),
        ("CONFIG_SERVICE", {f"AWS Config's {part} in {REGION}" for part in ("recorder", "delivery channel")}),
        ("GUARDDUTY", {f"GuardDuty's detector in {region}" for region in (REGION, "eu-west-1", "us-east-1")}),
        ("SECURITYHUB", {f"Security Hub in {region}" for region in (REGION, "eu-west-1", "us-east-1")}),
        (
            "IAM",
            {
                f"AWS Config's service-linked role in {REGION}",
                "trusted role platform-security",
                "IAM roles",
                "IAM policies",
            },
        ),
        ("BACKUP", {"backup vaults", BACKUP_SETTINGS}),
        ("CLOUDWATCH_LOGS", {"log groups"}),
        ("DYNAMODB", {"tables"}),
        ("KMS", {"aliases of KMS keys"}),
        ("SECRETS_MANAGER", {"secrets"}),
    ],
)
def test_each_right_that_is_missing_is_an_error_and_never_a_pass(
    service: str, unknown: set[str], account: pytest.MonkeyPatch
) -> None:
    with served(None) as denying:
        account.setenv(f"AWS_ENDPOINT_URL_{service}", denying)
        found = looked()
    bad = {one.what: one for one in found.values() if one.status is not Status.PASS}
    assert set(bad) == unknown
    assert {one.status for one in bad.values()} == {Status.ERROR}
    assert all("AccessDenied" in one.found and one.mend.startswith("allow ") for one in bad.values())
    with pytest.raises(CollectError, match="AccessDenied"):
        refuse(tuple(found.values()))


def test_a_trusted_principal_that_does_not_exist_is_named(account: pytest.MonkeyPatch) -> None:
    mine = "arn:aws:iam::123456789012"
    found = looked(
        trusted_principals=(f"{mine}:role/aws/nobody", f"{mine}:user/ada", "arn:aws:iam::999999999999:role/x")
    )
    assert found["trusted role nobody"].status is Status.FAIL
    assert found["trusted user ada"].status is Status.FAIL
    assert found["trusted role x"].status is Status.ERROR


def test_a_pinned_image_is_in_its_repository(account: pytest.MonkeyPatch) -> None:
    ecr = boto3.client("ecr", region_name=REGION)
    ecr.create_repository(repositoryName="rampart-test-guard")
    kind = "application/vnd.oci.image.manifest.v1+json"
    manifest = json.dumps({"schemaVersion": 2, "mediaType": kind, "config": {}, "layers": []})
    put_image = ecr.put_image(
        repositoryName="rampart-test-guard",
        imageManifest=manifest,
        imageManifestMediaType=kind,
        imageTag="v1",
    )
    host = "123456789012.dkr.ecr.eu-central-1.amazonaws.com/rampart-test-guard@"
    there, absent = put_image["image"]["imageId"]["imageDigest"], "sha256:" + "0" * 64
    assert looked(guard_image=host + there)["guardImage"].status is Status.PASS
    one = looked(guard_image=host + absent)["guardImage"]
    assert (one.status, one.needed) == (Status.FAIL, absent)
    assert "rampart images push" in one.mend


@pytest.mark.parametrize("delegated", [True, False])
def test_the_second_phase_asks_for_the_delegation(delegated: bool, account: pytest.MonkeyPatch) -> None:
    zone = boto3.client("route53").create_hosted_zone(Name=SETTINGS.domain, CallerReference="1")
    servers = zone["DelegationSet"]["NameServers"]
    settings = replace(SETTINGS, guard_image="", policy_image="", service_image="")
    with resolver([record(name) for name in servers] if delegated else []) as address:
        found = {one.what: one for one in look(settings, records(), resolver=address)}
    one = found[f"delegation of {SETTINGS.domain}"]
    assert one.status is (Status.PASS if delegated else Status.FAIL)
    assert all(name in one.needed for name in servers)


def test_a_delegation_of_a_zone_that_is_not_there_is_not_known(account: pytest.MonkeyPatch) -> None:
    found = {one.what: one for one in look(SETTINGS, records())}
    assert found[f"delegation of {SETTINGS.domain}"].status is Status.ERROR


def test_a_bucket_that_a_destroyed_stack_left_is_adopted(account: pytest.MonkeyPatch) -> None:
    name = f"rampart-test-trail-123456789012-{REGION}"
    boto3.client("s3", region_name="us-east-1").create_bucket(Bucket=name)
    found = looked()
    one = found[f"S3 buckets: {name}"]
    assert one.status is Status.FAIL
    assert "pulumi import aws:s3/bucket:Bucket " in one.mend
    assert "S3 buckets" not in found


def test_a_role_of_somebody_else_with_our_name_is_named(account: pytest.MonkeyPatch) -> None:
    trust = json.dumps({"Version": "2012-10-17", "Statement": []})
    boto3.client("iam").create_role(RoleName="rampart-test-admin", AssumeRolePolicyDocument=trust)
    assert looked()["IAM roles: rampart-test-admin"].status is Status.FAIL
    standing = frozenset(one.urn for one in records() if one.type == "aws:iam/role:Role")
    again = look(replace(SETTINGS, phase=FOUNDATION), records(), standing)
    assert not [one.what for one in again if one.what.startswith("IAM roles")]


def test_a_vault_that_a_destroyed_stack_left_is_adopted_in_its_region(account: pytest.MonkeyPatch) -> None:
    account.delenv("AWS_ENDPOINT_URL_BACKUP")
    boto3.client("backup", region_name="eu-west-1").create_backup_vault(
        BackupVaultName="rampart-test-tables-copy"
    )
    one = looked()["backup vaults: rampart-test-tables-copy"]
    assert one.status is Status.FAIL
    wanted = "pulumi import aws:backup/vault:Vault tables-copy rampart-test-tables-copy@eu-west-1 --parent"
    assert wanted in one.mend
    assert one.mend.endswith("; or delete it once its last copy has ended")


def test_a_vault_of_that_name_in_another_region_is_in_nobodys_way(account: pytest.MonkeyPatch) -> None:
    account.delenv("AWS_ENDPOINT_URL_BACKUP")
    boto3.client("backup", region_name=REGION).create_backup_vault(BackupVaultName="rampart-test-tables-copy")
    assert looked()["backup vaults"].status is Status.PASS


@pytest.mark.parametrize(("name", "region"), [("backups", REGION), ("replica", "eu-west-1")])
def test_an_alias_that_was_left_is_adopted_with_its_key(
    name: str, region: str, account: pytest.MonkeyPatch
) -> None:
    kms = boto3.client("kms", region_name=region)
    key = kms.create_key()["KeyMetadata"]["KeyId"]
    kms.create_alias(AliasName=f"alias/rampart-test-{name}", TargetKeyId=key)
    one = looked()[f"aliases of KMS keys: alias/rampart-test-{name}"]
    there = "" if region == REGION else f"@{region}"
    assert one.status is Status.FAIL
    of_key, of_alias = one.mend.partition("; ")[0].split(", then ")
    assert of_key.startswith(f"adopt it: pulumi import aws:kms/key:Key {name} {key}{there} --parent urn:")
    assert of_alias.startswith(
        f"pulumi import aws:kms/alias:Alias {name} alias/rampart-test-{name}{there} --parent urn:"
    )


def test_a_secret_that_is_going_is_restored_before_it_is_adopted(account: pytest.MonkeyPatch) -> None:
    secrets = boto3.client("secretsmanager", region_name=REGION)
    names = "rampart/test/example-emsp/inbound", "rampart/test/example-emsp/outbound"
    arns = [secrets.create_secret(Name=name, SecretString="x")["ARN"] for name in names]
    secrets.delete_secret(SecretId=names[0], RecoveryWindowInDays=30)
    found = looked()
    going, there = (found[f"secrets: {name}"] for name in names)
    restore = f"adopt it: aws secretsmanager restore-secret --secret-id {names[0]}, then pulumi import "
    assert going.status is there.status is Status.FAIL
    assert going.mend.startswith(restore)
    assert arns[0] in going.mend
    assert there.mend.startswith("adopt it: pulumi import aws:secretsmanager/secret:Secret ")


def test_a_table_a_boundary_and_a_log_group_that_were_left_are_adopted(account: pytest.MonkeyPatch) -> None:
    boto3.client("dynamodb", region_name=REGION).create_table(
        TableName="rampart-test-tokens",
        KeySchema=[{"AttributeName": "digest", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "digest", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
    )
    statement = {"Effect": "Allow", "Action": "s3:ListAllMyBuckets", "Resource": "*"}
    text = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    iam = boto3.client("iam")
    arn = iam.create_policy(PolicyName="rampart-test-boundary", PolicyDocument=text)["Policy"]["Arn"]
    group = "/aws/lambda/rampart-test-authorizer"
    boto3.client("logs", region_name=REGION).create_log_group(logGroupName=group)
    found = looked()
    for what, kind, identifier in (
        ("tables: rampart-test-tokens", "aws:dynamodb/table:Table", "rampart-test-tokens"),
        ("IAM policies: rampart-test-boundary", "aws:iam/policy:Policy", arn),
        (f"log groups: {group}", "aws:cloudwatch/logGroup:LogGroup", group),
    ):
        assert found[what].status is Status.FAIL
        assert f"pulumi import {kind} " in found[what].mend
        assert f" {identifier} --parent urn:" in found[what].mend


def test_everything_that_outlives_the_stack_under_a_name_is_looked_up() -> None:
    kept = {one.type for one in records() if one.retain_on_delete or one.protect}
    named = {one.type for one in NAMED}
    # A key has no name but its alias; the rest is set on a bucket or a vault, which is looked up.
    of_another = {one for one in kept - named if one.startswith(("aws:s3/bucket", "aws:backup/vaultLock"))}
    assert kept - named - of_another == {"aws:kms/key:Key"}


def test_the_answer_of_aws_backup_has_the_members_of_its_model() -> None:
    model = boto3.client("backup", region_name=REGION).meta.service_model
    shape = model.operation_model("DescribeRegionSettings").output_shape
    assert {*BOTH_ON} == {*shape.members}


OPT_IN, OWN = BOTH_ON


@pytest.mark.parametrize(
    ("off", "option"),
    [(OPT_IN, "--resource-type-opt-in-preference"), (OWN, "--resource-type-management-preference")],
)
def test_backups_of_tables_are_switched_on_and_managed_by_aws_backup(
    off: str, option: str, account: pytest.MonkeyPatch
) -> None:
    with backup_settings({**BOTH_ON, off: {"DynamoDB": False}}) as told:
        account.setenv("AWS_ENDPOINT_URL_BACKUP", told)
        one = looked()[BACKUP_SETTINGS]
    assert (one.status, one.found) == (Status.FAIL, f"{off} off")
    assert one.mend == f"aws backup update-region-settings --region {REGION} {option} DynamoDB=true"


@pytest.mark.parametrize("unsaid", [{}, {OPT_IN: BOTH_ON[OPT_IN]}, {**BOTH_ON, OWN: {"EFS": True}}])
def test_settings_that_say_nothing_of_tables_are_an_error(
    unsaid: Mapping[str, Any], account: pytest.MonkeyPatch
) -> None:
    with backup_settings(unsaid) as told:
        account.setenv("AWS_ENDPOINT_URL_BACKUP", told)
        assert looked()[BACKUP_SETTINGS].status is Status.ERROR


def test_a_region_that_the_account_has_not_switched_on_is_named(account: pytest.MonkeyPatch) -> None:
    found = looked(detection_regions=("eu-west-1", "us-east-1", "xx-nowhere-1"))
    one = found["region xx-nowhere-1"]
    assert (one.status, one.found) == (Status.FAIL, "no such region")
    assert "enable-region" in one.mend


@pytest.mark.parametrize(("sets", "status"), [(1, Status.PASS), (4000, Status.FAIL)])
def test_a_web_acl_with_too_many_capacity_units_is_named(sets: int, status: Status) -> None:
    acl = next(one for one in records() if one.type == "aws:wafv2/webAcl:WebAcl")
    more = [{"statement": {"ipSetReferenceStatement": {"arn": "a"}}}] * sets
    results = Results()
    look_up_capacity([replace(acl, inputs={**acl.inputs, "rules": [*acl.inputs["rules"], *more]})], results)
    (one,) = results.all
    assert one.status is status
    assert int(one.needed) > 1175 + sets


def weighed(*statements: Mapping[str, Any]) -> Requirement:
    acl = next(one for one in records() if one.type == "aws:wafv2/webAcl:WebAcl")
    results = Results()
    rules = [{"statement": one} for one in statements]
    look_up_capacity([replace(acl, inputs={"rules": rules})], results)
    return results.all[0]


def size_of(field: str, *transformations: str) -> Mapping[str, Any]:
    told = [{"priority": order, "type": one} for order, one in enumerate(transformations)]
    return {"sizeConstraintStatement": {"fieldToMatch": {field: {}}, "textTransformations": told}}


@pytest.mark.parametrize(
    "statement",
    [
        {"managedRuleGroupStatement": {"name": "AWSManagedRulesLater"}},
        {"xssMatchStatement": {"fieldToMatch": {"body": {}}}},
        {"notStatement": {"statements": [{"geoMatchStatement": {"countryCodes": ["DE"]}}]}},
        {"byteMatchStatement": {"positionalConstraint": "CONTAINS"}},
        size_of("jsonBody", "NONE"),
    ],
)
def test_a_statement_of_unknown_weight_is_an_error(statement: Mapping[str, Any]) -> None:
    assert weighed(statement).status is Status.ERROR


@pytest.mark.parametrize(
    ("statement", "units"),
    [
        (size_of("body", "NONE"), 1),
        (size_of("body", "LOWERCASE"), 11),
        (size_of("body", "URL_DECODE", "LOWERCASE"), 21),
        ({"notStatement": {"statements": [size_of("body", "LOWERCASE")]}}, 11),
        ({"rateBasedStatement": {"limit": 10}}, 2),
        ({"rateBasedStatement": {"limit": 10, "customKeys": [{"header": {}}, {"ip": {}}]}}, 62),
    ],
)
def test_a_statement_weighs_what_awss_page_says(statement: Mapping[str, Any], units: int) -> None:
    assert weighed(statement).needed == str(units)


@pytest.mark.parametrize(
    ("text", "status", "found"),
    [
        ("secretsprovider: awskms://alias/state?region=eu-central-1", Status.PASS, "awskms://alias/state"),
        ("encryptionsalt: v1:abc\nconfig: {}", Status.FAIL, "a passphrase, or the backend's default"),
        ("secretsprovider: gcpkms://x", Status.FAIL, "gcpkms"),
        ("", Status.FAIL, "a passphrase, or the backend's default"),
    ],
)
def test_secrets_in_the_state_are_under_a_kms_key(
    text: str, status: Status, found: str, tmp_path: Path
) -> None:
    (tmp_path / "Pulumi.x.yaml").write_text(text, encoding="utf-8")
    results = Results()
    look_up_secrets_provider(tmp_path / "Pulumi.x.yaml", results)
    (one,) = results.all
    assert (one.status, one.found) == (status, found)
