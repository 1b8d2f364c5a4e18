"""Cases: SNS topics and subscriptions."""

from __future__ import annotations

from typing import Any

from scanners.policy.stack import Resource
from tests.beds.aws_account import Account, declare
from tests.scanners.drift.case import Case, allow
from tests.scanners.drift.kms_cases import key_case


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
        {
            "filterPolicy": lambda a, r: a.sns.set_subscription_attributes(
                SubscriptionArn=r.id, AttributeName="FilterPolicy", AttributeValue='{"never": ["x"]}'
            ),
        },
        lambda a, r: a.sns.unsubscribe(SubscriptionArn=r.id),
        another_subscriber,
    ),
}
