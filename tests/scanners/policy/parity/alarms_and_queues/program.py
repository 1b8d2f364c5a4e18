"""One side of a pair: `main.tf` says the same in Terraform."""

import json

import pulumi_aws as aws

topic = aws.sns.Topic("alarms", kms_master_key_id="alias/alarms")
aws.sns.TopicPolicy(
    "alarms",
    arn=topic.arn,
    policy=json.dumps(
        {
            "Version": "2012-10-17",
            "Statement": [
                {
                    "Effect": "Allow",
                    "Principal": {"Service": "cloudwatch.amazonaws.com"},
                    "Action": "sns:Publish",
                    "Resource": "*",
                }
            ],
        }
    ),
)
aws.cloudwatch.MetricAlarm(
    "spike",
    comparison_operator="GreaterThanThreshold",
    evaluation_periods=1,
    metric_name="401",
    namespace="ocpi",
    period=60,
    statistic="Sum",
    threshold=10,
    alarm_actions=[topic.arn],
)
aws.cloudwatch.MetricAlarm(
    "off",
    comparison_operator="GreaterThanThreshold",
    evaluation_periods=1,
    metric_name="403",
    namespace="ocpi",
    period=60,
    statistic="Sum",
    threshold=10,
    actions_enabled=False,
)
open_topic = aws.sns.Topic("open")
aws.sns.TopicPolicy(
    "open",
    arn=open_topic.arn,
    policy=json.dumps(
        {
            "Version": "2012-10-17",
            "Statement": [{"Effect": "Allow", "Principal": "*", "Action": "sns:Publish", "Resource": "*"}],
        }
    ),
)
queue = aws.sqs.Queue("cdrs", kms_master_key_id="alias/q")
loose = aws.sqs.Queue("loose")
aws.sqs.QueuePolicy(
    "loose",
    queue_url=loose.id,
    policy=json.dumps(
        {
            "Version": "2012-10-17",
            "Statement": [{"Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*"}],
        }
    ),
)
