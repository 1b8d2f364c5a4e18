"""What the lab's provider does where AWS's models pair no operations, over a real emulator."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.beds.aws_account import Account, emulated_account
from tests.beds.lab_provider import Pulumi, provider_over

TRUST = json.dumps({"Version": "2012-10-17", "Statement": []})


@pytest.fixture(scope="module")
def account() -> Iterator[Account]:
    with emulated_account() as account:
        yield account


@pytest.fixture(scope="module")
def pulumi(account: Account) -> Iterator[Pulumi]:
    with provider_over(account) as pulumi:
        yield pulumi


def document(*paths: str, network: str = "192.0.2.0/24", header: str = "from") -> dict[str, Any]:
    """What the API is made of: a method with an integration at each path, open to a network."""
    parameters = [{"in": "header", "name": header, "required": True}]
    integration = {"type": "http_proxy", "httpMethod": "GET", "uri": "https://ocpi.example"}
    policy = {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Allow",
                "Principal": "*",
                "Action": "execute-api:Invoke",
                "Resource": "*",
                "Condition": {"IpAddress": {"aws:SourceIp": [network]}},
            }
        ],
    }
    body = {
        "openapi": "3.0.1",
        "info": {"title": "ocpi", "version": "1"},
        "x-amazon-apigateway-policy": policy,
        "paths": {
            path: {"get": {"parameters": parameters, "x-amazon-apigateway-integration": integration}}
            for path in paths
        },
    }
    return {"name": "ocpi", "body": json.dumps(body), "putRestApiMode": "overwrite"}


def routes(account: Account, api: str) -> dict[str, bool]:
    """Each path with methods, and whether a call of it leads anywhere."""
    found = account.apigateway.get_resources(restApiId=api)["items"]
    return {
        one["path"]: "methodIntegration" in one["resourceMethods"]["GET"]
        for one in found
        if "resourceMethods" in one
    }


def test_an_api_takes_another_document_and_keeps_its_id(pulumi: Pulumi, account: Account) -> None:
    urn = pulumi.create("aws:apigateway/restApi:RestApi", "ocpi", document("/old", "/kept"))
    wanted = document("/kept", "/new", network="198.51.100.0/24", header="to")
    found = pulumi.diff(urn, wanted)
    assert (list(found.diffs), list(found.replaces)) == (["body"], [])
    pulumi.update(urn, wanted)
    assert routes(account, pulumi.ids[urn]) == {"/kept": True, "/new": True}
    assert "198.51.100.0/24" in account.apigateway.get_rest_api(restApiId=pulumi.ids[urn])["policy"]
    pulumi.delete(urn)
    assert account.apigateway.get_rest_apis()["items"] == []


def default_acl(account: Account, vpc: str) -> str:
    wanted = [{"Name": "vpc-id", "Values": [vpc]}, {"Name": "default", "Values": ["true"]}]
    (found,) = account.ec2.describe_network_acls(Filters=wanted)["NetworkAcls"]
    return str(found["NetworkAclId"])


def acl_of(account: Account, subnet: str) -> str:
    wanted = [{"Name": "association.subnet-id", "Values": [subnet]}]
    (found,) = account.ec2.describe_network_acls(Filters=wanted)["NetworkAcls"]
    return str(found["NetworkAclId"])


def test_a_subnet_goes_back_to_the_default_list_before_its_own_is_deleted(
    pulumi: Pulumi, account: Account
) -> None:
    vpc = account.ec2.create_vpc(CidrBlock="10.5.0.0/16")["Vpc"]["VpcId"]
    subnet = account.ec2.create_subnet(VpcId=vpc, CidrBlock="10.5.0.0/24")["Subnet"]["SubnetId"]
    rule = {"ruleNo": 100, "action": "allow", "protocol": "tcp", "fromPort": 443, "toPort": 443}
    inputs = {"vpcId": vpc, "subnetIds": [subnet], "ingress": [rule | {"cidrBlock": "10.5.0.0/16"}]}
    urn = pulumi.create("aws:ec2/networkAcl:NetworkAcl", "guard", inputs)
    assert acl_of(account, subnet) == pulumi.ids[urn]
    pulumi.delete(urn)
    assert acl_of(account, subnet) == default_acl(account, vpc)
    lists = account.ec2.describe_network_acls()["NetworkAcls"]
    assert pulumi.ids[urn] not in {one["NetworkAclId"] for one in lists}


def test_a_rule_of_a_list_is_changed_in_place(pulumi: Pulumi, account: Account) -> None:
    vpc = account.ec2.create_vpc(CidrBlock="10.6.0.0/16")["Vpc"]["VpcId"]
    rule = {"ruleNo": 100, "action": "allow", "protocol": "tcp", "cidrBlock": "10.6.0.0/16"}

    def with_port(port: int) -> dict[str, Any]:
        return {"vpcId": vpc, "ingress": [rule | {"fromPort": port, "toPort": port}]}

    urn = pulumi.create("aws:ec2/networkAcl:NetworkAcl", "edge", with_port(443))
    assert list(pulumi.diff(urn, with_port(8443)).replaces) == []
    pulumi.update(urn, with_port(8443))
    (found,) = account.ec2.describe_network_acls(NetworkAclIds=[pulumi.ids[urn]])["NetworkAcls"]
    ports = [one["PortRange"]["From"] for one in found["Entries"] if not one["Egress"] and "PortRange" in one]
    assert ports == [8443]


def records(account: Account, zone: str) -> list[tuple[str, list[str]]]:
    found = account.route53.list_resource_record_sets(HostedZoneId=zone)["ResourceRecordSets"]
    return [
        (one["Name"], [value["Value"] for value in one["ResourceRecords"]])
        for one in found
        if one["Type"] == "TXT"
    ]


def test_a_record_is_changed_in_place_and_deleted_as_it_last_was(pulumi: Pulumi, account: Account) -> None:
    made = account.route53.create_hosted_zone(Name="ocpi.example", CallerReference="one")
    zone = made["HostedZone"]["Id"].split("/")[-1]
    inputs = {"zoneId": zone, "name": "x.ocpi.example", "type": "TXT", "records": ["one"], "ttl": 60}
    urn = pulumi.create("aws:route53/record:Record", "proof", inputs)
    wanted = inputs | {"records": ["two"]}
    assert list(pulumi.diff(urn, wanted).replaces) == []
    pulumi.update(urn, wanted)
    assert records(account, zone) == [("x.ocpi.example.", ['"two"'])]
    pulumi.delete(urn)
    assert records(account, zone) == []


def test_a_recorder_stops_before_it_is_deleted(pulumi: Pulumi, account: Account) -> None:
    role = account.iam.create_role(RoleName="recorder", AssumeRolePolicyDocument=TRUST)["Role"]["Arn"]
    recorder = pulumi.create("aws:cfg/recorder:Recorder", "config", {"name": "config", "roleArn": role})
    account.s3.create_bucket(
        Bucket="history", CreateBucketConfiguration={"LocationConstraint": "eu-central-1"}
    )
    channel = {"name": "config", "s3BucketName": "history"}
    pulumi.create("aws:cfg/deliveryChannel:DeliveryChannel", "config", channel)
    status = pulumi.create(
        "aws:cfg/recorderStatus:RecorderStatus", "config", on := {"name": "config", "isEnabled": True}
    )
    off = on | {"isEnabled": False}
    assert list(pulumi.diff(status, off).replaces) == []
    pulumi.update(status, off)
    assert not is_recording(account)
    pulumi.update(status, on)
    assert is_recording(account)
    pulumi.delete(status)
    assert not is_recording(account)
    pulumi.delete(recorder)
    assert account.config.describe_configuration_recorders()["ConfigurationRecorders"] == []


def is_recording(account: Account) -> bool:
    (found,) = account.config.describe_configuration_recorder_status()["ConfigurationRecordersStatus"]
    return bool(found["recording"])


ACL: dict[str, Any] = {
    "name": "firewall",
    "scope": "REGIONAL",
    "defaultAction": {"allow": {}},
    "visibilityConfig": {
        "cloudwatchMetricsEnabled": True,
        "metricName": "firewall",
        "sampledRequestsEnabled": False,
    },
}


def test_a_firewall_is_deleted_under_the_lock_of_its_last_change(pulumi: Pulumi, account: Account) -> None:
    urn = pulumi.create("aws:wafv2/webAcl:WebAcl", "firewall", ACL)
    closed = ACL | {"defaultAction": {"block": {}}}
    assert list(pulumi.diff(urn, closed).replaces) == []
    pulumi.update(urn, closed)
    about = {"Name": "firewall", "Scope": "REGIONAL", "Id": pulumi.ids[urn]}
    assert account.wafv2.get_web_acl(**about)["WebACL"]["DefaultAction"] == {"Block": {}}
    pulumi.delete(urn)
    with pytest.raises(ClientError, match="WAFNonexistentItem"):
        account.wafv2.get_web_acl(**about)


PLAN: dict[str, Any] = {
    "name": "partner",
    "throttleSettings": {"rateLimit": 20, "burstLimit": 40},
    "quotaSettings": {"limit": 1000, "period": "DAY"},
    "tags": {"modules": "cdrs"},
}


def test_a_partners_rate_is_changed_in_place(pulumi: Pulumi, account: Account) -> None:
    urn = pulumi.create("aws:apigateway/usagePlan:UsagePlan", "partner", PLAN)
    slower = PLAN | {"throttleSettings": {"rateLimit": 15, "burstLimit": 40}}
    found = pulumi.diff(urn, slower)
    assert (list(found.detailedDiff), list(found.replaces)) == (["throttleSettings.rateLimit"], [])
    pulumi.update(urn, slower)
    live = account.apigateway.get_usage_plan(usagePlanId=pulumi.ids[urn])
    assert live["throttle"] == {"rateLimit": 15.0, "burstLimit": 40}


@pytest.mark.parametrize(
    "changed",
    [
        {"tags": {"modules": "cdrs tokens"}},
        {"throttleSettings": {"rateLimit": 16.6667, "burstLimit": 40}},
        {"throttleSettings": {"rateLimit": 20}},
    ],
    ids=["tags", "part of a call", "no burst"],
)
def test_what_the_emulator_cannot_change_of_a_plan_is_replaced(
    pulumi: Pulumi, changed: dict[str, Any]
) -> None:
    kind = "aws:apigateway/usagePlan:UsagePlan"
    urn = pulumi.create(kind, "other", PLAN | {"name": f"other-{len(pulumi.ids)}"})
    found = pulumi.diff(urn, pulumi.inputs[urn] | changed)
    assert list(found.replaces) == list(changed)


def test_an_object_that_is_stored_again_has_another_version_and_all_go_with_it(
    pulumi: Pulumi, account: Account
) -> None:
    account.s3.create_bucket(
        Bucket="registry", CreateBucketConfiguration={"LocationConstraint": "eu-central-1"}
    )
    account.s3.put_bucket_versioning(Bucket="registry", VersioningConfiguration={"Status": "Enabled"})
    first = {"bucket": "registry", "key": "partners.json", "content": "[]"}
    urn = pulumi.create("aws:s3/bucketObjectv2:BucketObjectv2", "partners", first)
    before = pulumi.outputs[urn]
    foreseen = pulumi.update(urn, first | {"content": "[1]"}, preview=True)
    assert foreseen["versionId"] == before["versionId"]
    after = pulumi.update(urn, first | {"content": "[1]"})
    live = account.s3.head_object(Bucket="registry", Key="partners.json")
    assert after["versionId"] == live["VersionId"] != before["versionId"]
    assert after["etag"] == live["ETag"].strip('"')
    account.s3.put_object(Bucket="registry", Key="partners.json.of-another", Body=b"")
    pulumi.delete(urn)
    left = account.s3.list_object_versions(Bucket="registry")
    assert [one["Key"] for one in left["Versions"]] == ["partners.json.of-another"]
    assert "DeleteMarkers" not in left
