"""The topics: alarms go to people by mail, notices of the trail's files to whoever asks for them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pulumi
import pulumi_aws as aws

from infra.environment import Environment
from infra.identity.iam_policies import Statement, allow, deny_plaintext, document, same_account, service


@dataclass(frozen=True, slots=True)
class AlarmTopicArgs:
    """`key` is the id of the KMS key; `emails` get every alarm."""

    environment: Environment
    key: pulumi.Input[str]
    emails: tuple[str, ...]


class AlarmTopic(pulumi.ComponentResource):
    """`arn` is the topic's."""

    def __init__(self, name: str, args: AlarmTopicArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("rampart:observability:AlarmTopic", name, None, opts)
        child = pulumi.ResourceOptions(parent=self)
        environment = args.environment
        account = same_account(environment.account)
        # EventBridge is let in without a condition, or not at all (EventBridge User Guide, "Amazon SNS
        # permissions"). Rules of other accounts publish by a role of theirs, which is not let in.
        publishers: tuple[_Publisher, ...] = (
            ("CloudWatch", "cloudwatch.amazonaws.com", account),
            ("Events", "events.amazonaws.com", {}),
        )
        topic, _ = _topic(environment, "alarms", args.key, publishers, child)
        self.arn = topic.arn
        for index, email in enumerate(args.emails):
            aws.sns.TopicSubscription(
                f"email-{index}", topic=topic.arn, protocol="email", endpoint=email, opts=child
            )
        self.register_outputs({"arn": topic.arn})


@dataclass(frozen=True, slots=True)
class NoticeTopicArgs:
    """`key` is the id of the KMS key."""

    environment: Environment
    key: pulumi.Input[str]


class NoticeTopic(pulumi.ComponentResource):
    """Notices of every file that the trail delivers; nobody gets mail. The trail waits for `ready`.

    A collector of ours or of an auditor may subscribe (CloudTrail User Guide, "Configuring Amazon SNS
    notifications for CloudTrail").
    """

    def __init__(self, name: str, args: NoticeTopicArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("rampart:observability:NoticeTopic", name, None, opts)
        environment = args.environment
        arn = environment.arn("cloudtrail", f"trail/{environment.name('trail')}")
        publishers = (("Trail", "cloudtrail.amazonaws.com", {"StringEquals": {"aws:SourceArn": arn}}),)
        child = pulumi.ResourceOptions(parent=self)
        topic, self.ready = _topic(environment, "trail-files", args.key, publishers, child)
        self.name = topic.name
        self.register_outputs({"arn": topic.arn})


# Statement id, AWS service, and the condition under which it may publish.
_Publisher = tuple[str, str, Mapping[str, Any]]


def _topic(
    environment: Environment,
    name: str,
    key: pulumi.Input[str],
    publishers: tuple[_Publisher, ...],
    opts: pulumi.ResourceOptions,
) -> tuple[aws.sns.Topic, aws.sns.TopicPolicy]:
    """A topic under our key that only `publishers` write to, over TLS; and its policy."""
    topic = aws.sns.Topic(
        name,
        name=environment.name(name),
        kms_master_key_id=key,
        tags=environment.tags(name, data_class="internal"),
        opts=opts,
    )
    statements: list[Statement] = [
        allow(sid, ["sns:Publish"], [topic.arn], service(principal), condition)
        for sid, principal, condition in publishers
    ]
    policy = document(*statements, deny_plaintext(["sns:Publish"], [topic.arn]))
    return topic, aws.sns.TopicPolicy(name, arn=topic.arn, policy=policy, opts=opts)
