"""The alarm topic: every alarm goes to it, and from it to people by mail."""

from __future__ import annotations

from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from infra.environment import Environment
from infra.identity.iam_policies import allow, deny_plaintext, document, same_account, service


@dataclass(frozen=True, slots=True)
class AlarmTopicArgs:
    """`key` is the id of the KMS key; `emails` get every alarm."""

    environment: Environment
    key: pulumi.Input[str]
    emails: tuple[str, ...]


class AlarmTopic(pulumi.ComponentResource):
    """`arn` is the topic's, `name` its name."""

    def __init__(self, name: str, args: AlarmTopicArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("rampart:observability:AlarmTopic", name, None, opts)
        child = pulumi.ResourceOptions(parent=self)
        environment = args.environment
        topic = aws.sns.Topic(
            "alarms",
            name=environment.name("alarms"),
            kms_master_key_id=args.key,
            tags=environment.tags("alarms", data_class="internal"),
            opts=child,
        )
        self.arn, self.name = topic.arn, topic.name
        account = same_account(environment.account)
        # EventBridge sends the ARN of its rule, and no account.
        rules = {"ArnLike": {"aws:SourceArn": environment.arn("events", f"rule/{environment.name('*')}")}}
        publishers = (
            ("CloudWatch", "cloudwatch.amazonaws.com", account),
            ("Events", "events.amazonaws.com", rules),
            ("Trail", "cloudtrail.amazonaws.com", account),
        )
        policy = document(
            *(
                allow(sid, ["sns:Publish"], [topic.arn], service(name), condition)
                for sid, name, condition in publishers
            ),
            deny_plaintext(["sns:Publish"], [topic.arn]),
        )
        aws.sns.TopicPolicy("alarms", arn=topic.arn, policy=policy, opts=child)
        for index, email in enumerate(args.emails):
            aws.sns.TopicSubscription(
                f"email-{index}", topic=topic.arn, protocol="email", endpoint=email, opts=child
            )
        self.register_outputs({"arn": topic.arn})
