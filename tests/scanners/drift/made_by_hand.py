"""One of each of many kinds, as somebody makes them by hand in a region, and what names it in a finding."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Final

from tests.beds.aws_account import ACCOUNT, Account
from tests.scanners.drift.case import allow

ROLE = f"arn:aws:iam::{ACCOUNT}:role/by-hand"
PLAN = {
    "BackupPlanName": "by-hand",
    "Rules": [{"RuleName": "a", "TargetBackupVaultName": "by-hand"}],
}
SCHEDULE = {"Arn": f"arn:aws:lambda:eu-central-1:{ACCOUNT}:function:x", "RoleArn": ROLE}
TEMPLATE = json.dumps({"Resources": {"Topic": {"Type": "AWS::SNS::Topic"}}})
STEPS = json.dumps({"StartAt": "a", "States": {"a": {"Type": "Succeed"}}})
TRUST = allow({"Service": "lambda.amazonaws.com"}, "sts:AssumeRole")


@dataclass(frozen=True)
class Place:
    """A region, with a network for what needs one."""

    account: Account
    region: str
    network: dict[str, str] = field(default_factory=dict)
    kind: str = ""

    @property
    def name(self) -> str:
        """A name that nothing else has."""
        return f"{self.region}-{self.kind.replace(' ', '-').lower()}-by-hand"

    def ask(self, service: str, operation: str, **asked: Any) -> Any:
        """The answer to a call that makes something."""
        return getattr(self.account.client(service, self.region), operation)(**asked)

    def vpc(self, block: str = "10.7.0.0/16") -> str:
        if block not in self.network:
            self.network[block] = self.ask("ec2", "create_vpc", CidrBlock=block)["Vpc"]["VpcId"]
        return self.network[block]

    def subnet(self) -> str:
        if "subnet" not in self.network:
            made = self.ask("ec2", "create_subnet", VpcId=self.vpc(), CidrBlock="10.7.1.0/24")
            self.network["subnet"] = made["Subnet"]["SubnetId"]
        return self.network["subnet"]


def _peering(p: Place) -> str:
    made = p.ask("ec2", "create_vpc_peering_connection", VpcId=p.vpc(), PeerVpcId=p.vpc("10.8.0.0/16"))
    return str(made["VpcPeeringConnection"]["VpcPeeringConnectionId"])


def _table(p: Place) -> str:
    key = {"AttributeName": "a"}
    p.ask(
        "dynamodb",
        "create_table",
        TableName=p.name,
        BillingMode="PAY_PER_REQUEST",
        KeySchema=[{**key, "KeyType": "HASH"}],
        AttributeDefinitions=[{**key, "AttributeType": "S"}],
    )
    return p.name


def _customer_gateway(p: Place) -> str:
    asked = {"Type": "ipsec.1", "IpAddress": "198.51.100.7", "BgpAsn": 65000}
    return str(p.ask("ec2", "create_customer_gateway", **asked)["CustomerGateway"]["CustomerGatewayId"])


def _launch_template(p: Place) -> str:
    asked = {"LaunchTemplateName": p.name, "LaunchTemplateData": {"InstanceType": "t3.micro"}}
    return str(p.ask("ec2", "create_launch_template", **asked)["LaunchTemplate"]["LaunchTemplateId"])


def _instance(p: Place) -> str:
    asked = {"ImageId": "ami-12c6146b", "MinCount": 1, "MaxCount": 1, "SubnetId": p.subnet()}
    return str(p.ask("ec2", "run_instances", **asked)["Instances"][0]["InstanceId"])


def _nat_gateway(p: Place) -> str:
    made = p.ask("ec2", "create_nat_gateway", SubnetId=p.subnet(), ConnectivityType="private")
    return str(made["NatGateway"]["NatGatewayId"])


def _alarm(p: Place) -> str:
    asked = {"MetricName": "a", "Namespace": "b", "Statistic": "Sum", "Period": 60, "Threshold": 1.0}
    compared = {"ComparisonOperator": "GreaterThanThreshold", "EvaluationPeriods": 1}
    p.ask("cloudwatch", "put_metric_alarm", AlarmName=p.name, **asked, **compared)
    return p.name


def _database(p: Place) -> str:
    asked = {"DBInstanceClass": "db.t3.micro", "Engine": "postgres", "AllocatedStorage": 20}
    p.ask("rds", "create_db_instance", DBInstanceIdentifier=p.name, **asked, MasterUsername="a")
    return p.name


def _file_system(p: Place) -> str:
    """A kind that no reader knows: the tags name it."""
    tags = [{"Key": "made", "Value": "by hand"}]
    made = p.ask("efs", "create_file_system", CreationToken=p.name, Tags=tags)
    return str(made["FileSystemArn"])


def _web_acl(p: Place) -> str:
    seen = {"SampledRequestsEnabled": False, "CloudWatchMetricsEnabled": False, "MetricName": "a"}
    of = {"Scope": "REGIONAL", "DefaultAction": {"Allow": {}}, "VisibilityConfig": seen}
    return str(p.ask("wafv2", "create_web_acl", Name=p.name, **of)["Summary"]["Id"])


def _named(service: str, operation: str, named: str, **asked: Any) -> Callable[[Place], str]:
    """What is asked for by its name alone, and found by it."""

    def make(p: Place) -> str:
        p.ask(service, operation, **{named: p.name}, **asked)
        return p.name

    return make


def _found(service: str, operation: str, path: str, **asked: Any) -> Callable[[Place], str]:
    """What AWS gives an id; `path` leads to it."""

    def make(p: Place) -> str:
        told = {
            name: value.format(name=p.name) if isinstance(value, str) else value
            for name, value in asked.items()
        }
        found = p.ask(service, operation, **told)
        for step in path.split("."):
            found = found[step]
        return str(found)

    return make


BY_HAND: Final[dict[str, Callable[[Place], str]]] = {
    "network": lambda p: p.vpc(),
    "subnet": lambda p: p.subnet(),
    "peering": _peering,
    "transit gateway": _found("ec2", "create_transit_gateway", "TransitGateway.TransitGatewayId"),
    "internet gateway": _found("ec2", "create_internet_gateway", "InternetGateway.InternetGatewayId"),
    "vpn gateway": _found("ec2", "create_vpn_gateway", "VpnGateway.VpnGatewayId", Type="ipsec.1"),
    "customer gateway": _customer_gateway,
    "nat gateway": _nat_gateway,
    "address": _found("ec2", "allocate_address", "AllocationId", Domain="vpc"),
    "volume": lambda p: p.ask("ec2", "create_volume", AvailabilityZone=f"{p.region}a", Size=1)["VolumeId"],
    "launch template": _launch_template,
    "key pair": _named("ec2", "create_key_pair", "KeyName"),
    "instance": _instance,
    "security group": lambda p: p.ask(
        "ec2", "create_security_group", GroupName=p.name, Description="x", VpcId=p.vpc()
    )["GroupId"],
    "queue": _named("sqs", "create_queue", "QueueName"),
    "topic": _named("sns", "create_topic", "Name"),
    "stream": _named("kinesis", "create_stream", "StreamName", ShardCount=1),
    "log group": _named("logs", "create_log_group", "logGroupName"),
    "event bus": _named("events", "create_event_bus", "Name"),
    "event rule": _named("events", "put_rule", "Name", ScheduleExpression="rate(1 hour)"),
    "secret": _named("secretsmanager", "create_secret", "Name", SecretString="x"),
    "repository": _named("ecr", "create_repository", "repositoryName"),
    "cluster": _named("ecs", "create_cluster", "clusterName"),
    "table": _table,
    "alarm": _alarm,
    "HTTP API": _found("apigatewayv2", "create_api", "ApiId", Name="{name}", ProtocolType="HTTP"),
    "REST API": _found("apigateway", "create_rest_api", "id", name="{name}"),
    "API key": _found("apigateway", "create_api_key", "id", name="{name}"),
    "usage plan": _found("apigateway", "create_usage_plan", "id", name="{name}"),
    "user pool": _found("cognito-idp", "create_user_pool", "UserPool.Id", PoolName="{name}"),
    "identity pool": _found(
        "cognito-identity",
        "create_identity_pool",
        "IdentityPoolId",
        IdentityPoolName="{name}",
        AllowUnauthenticatedIdentities=True,
    ),
    "key": _found("kms", "create_key", "KeyMetadata.KeyId"),
    "parameter": _named("ssm", "put_parameter", "Name", Value="x", Type="String"),
    "document": _named(
        "ssm",
        "create_document",
        "Name",
        Content='{"schemaVersion": "2.2", "mainSteps": []}',
        DocumentType="Command",
    ),
    "state machine": _named("stepfunctions", "create_state_machine", "name", definition=STEPS, roleArn=ROLE),
    "schedule": _named(
        "scheduler",
        "create_schedule",
        "Name",
        ScheduleExpression="rate(1 hour)",
        FlexibleTimeWindow={"Mode": "OFF"},
        Target=SCHEDULE,
    ),
    "certificate": _found("acm", "request_certificate", "CertificateArn", DomainName="{name}.example"),
    "backup vault": _named("backup", "create_backup_vault", "BackupVaultName"),
    "backup plan": _found("backup", "create_backup_plan", "BackupPlanId", BackupPlan=PLAN),
    "CloudFormation stack": _named("cloudformation", "create_stack", "StackName", TemplateBody=TEMPLATE),
    "database": _database,
    "file system": _file_system,
    "web ACL": _web_acl,
    "address set": _found(
        "wafv2",
        "create_ip_set",
        "Summary.Id",
        Name="{name}",
        Scope="REGIONAL",
        IPAddressVersion="IPV4",
        Addresses=[],
    ),
    "IoT policy": _found("iot", "create_policy", "policyName", policyName="{name}", policyDocument="{{}}"),
    "transfer server": _found("transfer", "create_server", "ServerId"),
    "Glue job": _named("glue", "create_job", "Name", Role=ROLE, Command={"Name": "glueetl"}),
}
