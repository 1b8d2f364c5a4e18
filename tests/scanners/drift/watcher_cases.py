"""Cases: who is told, and who watches."""

from __future__ import annotations

from typing import Any

from scanners.policy.stack import Resource
from tests.beds.aws_account import ACCOUNT, REGION, Account, declare
from tests.scanners.drift.drift_cases import Case
from tests.scanners.drift.keeping_cases import allow, key_case
from tests.scanners.drift.trail_cases import TRAILS


def topic_case(account: Account) -> list[Resource]:
    key = key_case(account)[0]
    policy = allow({"Service": "cloudwatch.amazonaws.com"}, "sns:Publish")
    arn = account.sns.create_topic(
        Name="alarms",
        Attributes={"KmsMasterKeyId": key.id, "Policy": policy},
        Tags=[{"Key": "owner", "Value": "ops"}],
    )["TopicArn"]
    inputs = {"name": "alarms", "kmsMasterKeyId": key.id, "tags": {"owner": "ops"}}
    return [
        declare("aws:sns/topic:Topic", arn, inputs, arn=arn),
        declare("aws:sns/topicPolicy:TopicPolicy", arn, {"arn": arn, "policy": policy}),
        key,
    ]


def set_topic(name: str, value: str) -> Any:
    return lambda a, r: a.sns.set_topic_attributes(TopicArn=r.id, AttributeName=name, AttributeValue=value)


def subscription_case(account: Account) -> list[Resource]:
    topic, policy, key = topic_case(account)
    arn = account.sns.subscribe(TopicArn=topic.id, Protocol="email", Endpoint="ops@example.com")[
        "SubscriptionArn"
    ]
    inputs = {"topic": topic.id, "protocol": "email", "endpoint": "ops@example.com"}
    made = declare("aws:sns/topicSubscription:TopicSubscription", arn, inputs, arn=arn)
    return [made, topic, policy, key]


def another_subscriber(account: Account) -> str:
    topic = account.sns.list_topics()["Topics"][0]["TopicArn"]
    made = account.sns.subscribe(TopicArn=topic, Protocol="email", Endpoint="else@example.net")
    return str(made["SubscriptionArn"])


def queue_case(account: Account) -> list[Resource]:
    key = key_case(account)[0]
    policy = allow({"Service": "events.amazonaws.com"}, "sqs:SendMessage")
    url = account.sqs.create_queue(
        QueueName="failures",
        Attributes={"KmsMasterKeyId": key.id, "Policy": policy, "MessageRetentionPeriod": "1209600"},
        tags={"owner": "ops"},
    )["QueueUrl"]
    arn = f"arn:aws:sqs:{REGION}:{ACCOUNT}:failures"
    inputs = {
        "name": "failures",
        "kmsMasterKeyId": key.id,
        "messageRetentionSeconds": 1209600.0,
        "tags": {"owner": "ops"},
    }
    return [
        declare("aws:sqs/queue:Queue", url, inputs, arn=arn, url=url),
        declare("aws:sqs/queuePolicy:QueuePolicy", url, {"queueUrl": url, "policy": policy}),
        key,
    ]


def set_queue(name: str, value: str) -> Any:
    return lambda a, r: a.sqs.set_queue_attributes(QueueUrl=r.id, Attributes={name: value})


def detector_case(account: Account) -> list[Resource]:
    id_ = account.guardduty.create_detector(
        Enable=True, FindingPublishingFrequency="FIFTEEN_MINUTES", Tags={"owner": "ops"}
    )["DetectorId"]
    inputs = {"enable": True, "findingPublishingFrequency": "FIFTEEN_MINUTES", "tags": {"owner": "ops"}}
    return [declare("aws:guardduty/detector:Detector", id_, inputs)]


def recorder_case(account: Account) -> list[Resource]:
    role = f"arn:aws:iam::{ACCOUNT}:role/config"
    account.config.put_configuration_recorder(
        ConfigurationRecorder={
            "name": "default",
            "roleARN": role,
            "recordingGroup": {"allSupported": True, "includeGlobalResourceTypes": True},
        }
    )
    account.s3.create_bucket(Bucket=TRAILS, CreateBucketConfiguration={"LocationConstraint": REGION})
    channel = {"name": "default", "s3BucketName": TRAILS}
    account.config.put_delivery_channel(DeliveryChannel=channel)
    account.config.start_configuration_recorder(ConfigurationRecorderName="default")
    inputs = {
        "name": "default",
        "roleArn": role,
        "recordingGroup": {"allSupported": True, "includeGlobalResourceTypes": True},
    }
    return [
        declare("aws:cfg/recorder:Recorder", "default", inputs),
        declare("aws:cfg/recorderStatus:RecorderStatus", "default", {"name": "default", "isEnabled": True}),
        declare("aws:cfg/deliveryChannel:DeliveryChannel", "default", channel),
    ]


def channel_case(account: Account) -> list[Resource]:
    return list(reversed(recorder_case(account)))


def narrow_recorder(account: Account, resource: Resource) -> object:
    return account.config.put_configuration_recorder(
        ConfigurationRecorder={
            "name": "default",
            "roleARN": resource.inputs["roleArn"],
            "recordingGroup": {
                "allSupported": False,
                "includeGlobalResourceTypes": False,
                "resourceTypes": ["AWS::EC2::VPC"],
            },
        }
    )


def put_rule(account: Account, name: str, **change: Any) -> object:
    settings: dict[str, Any] = {
        "ConfigRuleName": name,
        "Description": "Secrets rotate",
        "Source": {"Owner": "AWS", "SourceIdentifier": "ROOT_ACCOUNT_MFA_ENABLED"},
    }
    return account.config.put_config_rule(ConfigRule={**settings, **change})


def rule_case(account: Account) -> list[Resource]:
    found = recorder_case(account)
    put_rule(account, "root-mfa")
    inputs = {
        "name": "root-mfa",
        "description": "Secrets rotate",
        "source": {"owner": "AWS", "sourceIdentifier": "ROOT_ACCOUNT_MFA_ENABLED"},
    }
    return [declare("aws:cfg/rule:Rule", "root-mfa", inputs), *found]


def another_rule(account: Account) -> str:
    put_rule(account, "other")
    return "other"


def hub_case(account: Account) -> list[Resource]:
    account.securityhub.enable_security_hub(EnableDefaultStandards=False)
    return [declare("aws:securityhub/account:Account", ACCOUNT, {"enableDefaultStandards": False})]


def namespace_case(account: Account) -> list[Resource]:
    network = account.ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    account.servicediscovery.create_private_dns_namespace(
        Name="ocpi.internal", Vpc=network, Description="Guard"
    )
    id_ = account.servicediscovery.list_namespaces()["Namespaces"][0]["Id"]
    made = account.servicediscovery.create_service(
        Name="policy", NamespaceId=id_, DnsConfig={"DnsRecords": [{"Type": "A", "TTL": 10}]}
    )["Service"]["Id"]
    service = {
        "name": "policy",
        "dnsConfig": {"namespaceId": id_, "dnsRecords": [{"type": "A", "ttl": 10.0}]},
    }
    inputs = {"name": "ocpi.internal", "description": "Guard", "vpc": network}
    return [
        declare("aws:servicediscovery/privateDnsNamespace:PrivateDnsNamespace", id_, inputs),
        declare("aws:servicediscovery/service:Service", made, service),
    ]


CASES = {
    "topic": Case(
        topic_case,
        {
            "policy": set_topic("Policy", allow("*", "sns:*")),
            "kmsMasterKeyId": set_topic("KmsMasterKeyId", ""),
            "tags": lambda a, r: a.sns.untag_resource(ResourceArn=r.id, TagKeys=["owner"]),
        },
        lambda a, r: a.sns.delete_topic(TopicArn=r.id),
        lambda a: a.sns.create_topic(Name="more")["TopicArn"],
    ),
    "subscription": Case(
        subscription_case,
        {},
        lambda a, r: a.sns.unsubscribe(SubscriptionArn=r.id),
        another_subscriber,
    ),
    "queue": Case(
        queue_case,
        {
            "policy": set_queue("Policy", allow("*", "sqs:*")),
            "tags": lambda a, r: a.sqs.untag_queue(QueueUrl=r.id, TagKeys=["owner"]),
        },
        lambda a, r: a.sqs.delete_queue(QueueUrl=r.id),
    ),
    "detector": Case(
        detector_case,
        {
            "enable": lambda a, r: a.guardduty.update_detector(DetectorId=r.id, Enable=False),
            "findingPublishingFrequency": lambda a, r: a.guardduty.update_detector(
                DetectorId=r.id, Enable=True, FindingPublishingFrequency="SIX_HOURS"
            ),
        },
        lambda a, r: a.guardduty.delete_detector(DetectorId=r.id),
    ),
    "recorder": Case(
        recorder_case,
        {
            "isEnabled": lambda a, r: a.config.stop_configuration_recorder(ConfigurationRecorderName=r.id),
            "recordingGroup": narrow_recorder,
        },
    ),
    "delivery channel": Case(channel_case),
    "config rule": Case(
        rule_case,
        {
            "source": lambda a, r: put_rule(
                a, r.id, Source={"Owner": "AWS", "SourceIdentifier": "ROOT_ACCOUNT_HARDWARE_MFA_ENABLED"}
            ),
        },
        lambda a, r: a.config.delete_config_rule(ConfigRuleName=r.id),
        another_rule,
    ),
    "security hub": Case(hub_case, {}, lambda a, r: a.securityhub.disable_security_hub()),
    "namespace": Case(namespace_case),
}
