"""The role that a pipeline deploys with: it makes the whole stack, reads no token, cannot widen itself."""

from __future__ import annotations

import json
import re
from fnmatch import fnmatchcase
from typing import Any

import boto3
import pytest
from click.testing import CliRunner

from hardening.cli import Exit
from hardening.errors import ConfigError
from infra.deploy_role import deploy_role
from infra.environment import Environment
from infra.identity.deploy_role import Pipeline, template
from scanners.policy.iam.policy import Document, parse
from tests.own_stack import ROOT, own_stack

ENVIRONMENT = Environment("test", "111122223333", "eu-central-1")
KEY = "arn:aws:kms:eu-central-1:999999999999:key/1234"
PIPELINE = Pipeline(
    "token.ci.example", "repo:example/ocpi:environment:test", "sts.amazonaws.com", "the-state", KEY
)
SECRET = "arn:aws:secretsmanager:eu-central-1:111122223333:secret:rampart/test/emsp/inbound-1"
FUNCTION = "arn:aws:lambda:eu-central-1:111122223333:function"
ROLE = "arn:aws:iam::111122223333:role/rampart-test-deploy"


def made() -> dict[str, Any]:
    return dict(template(ENVIRONMENT, ("eu-central-1", "eu-west-1"), PIPELINE)["Resources"])


def policies() -> Document:
    found = Document()
    for one in made().values():
        if one["Type"] == "AWS::IAM::ManagedPolicy":
            found += parse(one["Properties"]["PolicyDocument"])
    return found


def statements() -> list[dict[str, Any]]:
    documents = [one["Properties"].get("PolicyDocument") for one in made().values()]
    return [statement for one in documents if one for statement in one["Statement"]]


def allows(action: str, resource: str, region: str = "eu-central-1") -> bool:
    granting = [one for one in policies().allowing if one.covers(action, resource)]
    allowed = any(one.holds_for(aws__RequestedRegion=region) for one in granting)
    return allowed and not policies().denies(action, resource)


def prefix(service: str) -> str:
    """The service's name in IAM, which is mostly the one that its requests are signed for."""
    signing = boto3.client(service, region_name="eu-central-1").meta.service_model.signing_name
    return {"monitoring": "cloudwatch"}.get(signing, str(signing))


def test_the_role_may_make_every_type_that_the_stack_declares() -> None:
    sources = "".join(file.read_text("utf-8") for file in (ROOT / "infra/lab/adapters").glob("*.py"))
    calls = set(re.findall(r'(?:create|call)\(\s*"([a-z0-9-]+)",\s*"([A-Z]\w+)"', sources))
    calls |= set(re.findall(r'service="([a-z0-9-]+)",\s*operation="([A-Z]\w+)"', sources))
    allowed = [pattern.lower() for one in policies().allowing for pattern in one.actions.patterns]
    actions = {f"{prefix(service)}:{operation}" for service, operation in calls}
    assert len(actions) > 80
    assert [a for a in actions if not any(fnmatchcase(a.lower(), pattern) for pattern in allowed)] == []


ALARMS = "arn:aws:cloudwatch:eu-central-1:111122223333:alarm"
AWSS_ALARM = "TargetTracking-service/{}/{}-AlarmHigh-5cd3f2a0-0a0b-4c0d-8e0f-000000000000"
BACKUP = "arn:aws:backup:eu-west-1:111122223333"


@pytest.mark.parametrize("action", ["PutMetricAlarm", "DeleteAlarms", "DescribeAlarms"])
def test_it_has_the_alarms_of_the_services_scaling_that_aws_makes_with_its_rights(action: str) -> None:
    stack = own_stack("test")
    (cluster,) = [one.inputs["name"] for one in stack.of_type("aws:ecs/cluster:Cluster")]
    services = [one.inputs["name"] for one in stack.of_type("aws:ecs/service:Service")]
    assert len(services) == 3
    for service in services:
        alarm = f"{ALARMS}:{AWSS_ALARM.format(cluster, service)}"
        assert allows(f"cloudwatch:{action}", alarm), service


def test_alarms_of_the_scaling_of_others_are_not_its_own() -> None:
    other = f"{ALARMS}:{AWSS_ALARM.format('shop', 'shop')}"
    assert not allows("cloudwatch:PutMetricAlarm", other)
    assert not allows("cloudwatch:DeleteAlarms", other)


def test_it_makes_the_stacks_dashboard_and_composite_alarms() -> None:
    """A dashboard is of no region; PutCompositeAlarm is refused where it is not allowed for all alarms."""
    stack = own_stack("test")
    (board,) = [one.inputs["dashboardName"] for one in stack.of_type("aws:cloudwatch/dashboard:Dashboard")]
    dashboards = "arn:aws:cloudwatch::111122223333:dashboard"
    for action in ("PutDashboard", "GetDashboard", "DeleteDashboards"):
        assert allows(f"cloudwatch:{action}", f"{dashboards}/{board}"), action
        assert not allows(f"cloudwatch:{action}", f"{dashboards}/shop"), action
    assert stack.of_type("aws:cloudwatch/compositeAlarm:CompositeAlarm")
    assert allows("cloudwatch:PutCompositeAlarm", "*")


@pytest.mark.parametrize(
    ("action", "resource"),
    [
        ("CreateBackupVault", f"{BACKUP}:backup-vault:rampart-test-tables-copy"),
        ("PutBackupVaultLockConfiguration", f"{BACKUP}:backup-vault:rampart-test-tables-copy"),
        ("CreateBackupPlan", f"{BACKUP}:backup-plan:5cd3f2a0"),
        ("CreateBackupSelection", f"{BACKUP}:backup-plan:5cd3f2a0"),
    ],
)
def test_it_makes_the_stacks_vaults_and_plans(action: str, resource: str) -> None:
    assert allows(f"backup:{action}", resource, "eu-west-1")


@pytest.mark.parametrize(
    "action",
    [
        "backup:DescribeRegionSettings",
        "backup:ListBackupVaults",
        "dynamodb:ListTables",
        "iam:ListPolicies",
        "kms:ListAliases",
        "logs:DescribeLogGroups",
        "secretsmanager:ListSecrets",
    ],
)
def test_it_may_look_at_what_stands_before_it_deploys(action: str) -> None:
    assert allows(action, "*")


@pytest.mark.parametrize(
    ("action", "resource"),
    [
        ("PutBackupVaultLockConfiguration", f"{BACKUP}:backup-vault:shop"),
        ("PutBackupVaultAccessPolicy", f"{BACKUP}:backup-vault:shop"),
        ("StartCopyJob", f"{BACKUP}:recovery-point:5cd3f2a0"),
        ("UpdateRegionSettings", "*"),
        ("UpdateGlobalSettings", "*"),
    ],
)
def test_the_backups_of_others_and_of_the_account_are_not_its_to_change(action: str, resource: str) -> None:
    assert not [one for one in policies().allowing if one.covers(f"backup:{action}", resource)]


TABLE = "arn:aws:dynamodb:eu-central-1:111122223333:table/rampart-test-tokens"


@pytest.mark.parametrize(
    ("action", "resource"),
    [
        ("backup:DeleteRecoveryPoint", f"{BACKUP}:recovery-point:5cd3f2a0"),
        ("backup:UpdateRecoveryPointLifecycle", f"{BACKUP}:recovery-point:5cd3f2a0"),
        ("backup:StartRestoreJob", f"{BACKUP}:recovery-point:5cd3f2a0"),
        ("backup:DeleteBackupVault", f"{BACKUP}:backup-vault:rampart-test-tables"),
        ("backup:DeleteBackupVaultLockConfiguration", f"{BACKUP}:backup-vault:rampart-test-tables"),
        ("dynamodb:DeleteBackup", f"{TABLE}/backup/01"),
        ("dynamodb:ExportTableToPointInTime", TABLE),
        ("dynamodb:GetRecords", f"{TABLE}/stream/01"),
        ("dynamodb:RestoreTableFromAwsBackup", TABLE),
        ("dynamodb:RestoreTableFromBackup", TABLE),
        ("dynamodb:RestoreTableToPointInTime", TABLE),
    ],
)
def test_no_copy_of_a_table_is_taken_away_or_made_a_table_again(action: str, resource: str) -> None:
    assert policies().denies(action, resource)


@pytest.mark.parametrize(
    ("action", "resource"),
    [
        ("secretsmanager:GetSecretValue", SECRET),
        ("dynamodb:PutItem", "arn:aws:dynamodb:eu-central-1:111122223333:table/rampart-test-tokens"),
        ("lambda:InvokeFunction", f"{FUNCTION}:rampart-test-authorizer"),
        ("iam:PutRolePolicy", ROLE),
        ("iam:CreatePolicyVersion", "arn:aws:iam::111122223333:policy/rampart-test-deploy-build"),
        ("iam:DeleteRolePermissionsBoundary", "arn:aws:iam::111122223333:role/rampart-test-admin"),
        ("s3:BypassGovernanceRetention", "arn:aws:s3:::rampart-test-trail/*"),
    ],
)
def test_it_reads_no_token_and_does_not_widen_itself(action: str, resource: str) -> None:
    assert policies().denies(action, resource)


def test_it_may_give_a_secret_its_rotation() -> None:
    assert allows("secretsmanager:RotateSecret", SECRET)
    assert allows("lambda:InvokeFunction", f"{FUNCTION}:rampart-test-rotation")


def test_a_secret_that_it_deletes_keeps_its_name_for_thirty_days() -> None:
    """So that none of that name is made with a value of one's own before it is missed."""
    delete = "secretsmanager:DeleteSecret"
    granting = [one for one in policies().allowing if one.covers(delete, SECRET)]
    assert granting

    limits = [one["Condition"] for one in statements() if one["Effect"] == "Deny" and delete in one["Action"]]
    assert limits == [
        {"Bool": {"secretsmanager:ForceDeleteWithoutRecovery": "true"}},
        {"NumericLessThan": {"secretsmanager:RecoveryWindowInDays": "30"}},
    ]
    assert policies().denies("secretsmanager:UpdateSecret", SECRET)


def test_it_makes_roles_under_a_boundary_of_the_environment_or_not_at_all() -> None:
    role = "arn:aws:iam::111122223333:role/rampart-test-guard"
    for action in ("iam:CreateRole", "iam:PutRolePolicy", "iam:AttachRolePolicy"):
        granting = [one for one in policies().allowing if one.covers(action, role)]
        assert granting, action
        boundary = "arn:aws:iam::111122223333:policy/rampart-test-boundary"
        assert all(one.holds_for(iam__PermissionsBoundary=boundary) for one in granting)
        assert not any(one.holds_for() for one in granting), action
    other = "arn:aws:iam::111122223333:role/somebody"
    assert not [one for one in policies().allowing if one.covers("iam:CreateRole", other)]


def test_it_makes_the_boundaries_of_the_stacks_roles_and_never_changes_one() -> None:
    stack = own_stack("test")
    names = {p.outputs["arn"]: p.inputs["name"] for p in stack.of_type("aws:iam/policy:Policy")}
    boundaries = {names[r.inputs["permissionsBoundary"]] for r in stack.of_type("aws:iam/role:Role")}
    changes = ("CreatePolicyVersion", "SetDefaultPolicyVersion", "DeletePolicyVersion", "DeletePolicy")
    assert len(boundaries) == 2
    for name in boundaries:
        arn = ENVIRONMENT.arn("iam", f"policy/{name}")
        assert any(one.covers("iam:CreatePolicy", arn) for one in policies().allowing)
        assert not policies().denies("iam:CreatePolicy", arn)
        assert [one for one in changes if not policies().denies(f"iam:{one}", arn)] == []


def test_one_repository_and_environment_takes_it_over_oidc() -> None:
    (statement,) = made()["Role"]["Properties"]["AssumeRolePolicyDocument"]["Statement"]
    assert statement["Condition"] == {
        "StringEquals": {
            "token.ci.example:aud": "sts.amazonaws.com",
            "token.ci.example:sub": "repo:example/ocpi:environment:test",
        }
    }


def test_each_policy_fits_into_a_managed_policy() -> None:
    for one in made().values():
        if one["Type"] == "AWS::IAM::ManagedPolicy":
            text = json.dumps(one["Properties"]["PolicyDocument"], separators=(",", ":"))
            assert len(text) <= 6144


ARGUMENTS = ["--stack", "test", "--account", "111122223333", "--provider", "token.ci.example"]
STATE = ["--state-bucket", "the-state", "--state-key", KEY]


def test_the_command_prints_the_template(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    run = CliRunner().invoke(
        deploy_role, [*ARGUMENTS, *STATE, "--subject", PIPELINE.subject], standalone_mode=False
    )
    assert run.return_value is Exit.HOLDS
    assert set(json.loads(run.stdout)["Resources"]) == {"Role", "Build", "Limits"}


def test_a_subject_with_a_wildcard_is_refused_with_every_other_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    state = ["--state-bucket", "The State", "--state-key", "alias/x"]
    run = CliRunner().invoke(deploy_role, [*ARGUMENTS, *state, "--subject", "repo:*"], standalone_mode=False)
    assert isinstance(run.exception, ConfigError)
    assert [line.split(":")[0] for line in run.exception.problems] == [
        "--state-bucket",
        "--state-key",
        "--subject",
    ]
