"""Cases: what records, who is told, and who watches."""

from __future__ import annotations

import json
from typing import Any

from scanners.stack import Resource
from tests.beds.aws_account import ACCOUNT, REGION, Account, declare
from tests.scanners.drift.drift_cases import Case
from tests.scanners.drift.keeping_cases import allow, key_case

TRAILS = "rampart-drift-trails"


def trail_case(account: Account) -> list[Resource]:
    account.s3.create_bucket(Bucket=TRAILS, CreateBucketConfiguration={"LocationConstraint": REGION})
    arn = account.cloudtrail.create_trail(
        Name="audit",
        S3BucketName=TRAILS,
        IsMultiRegionTrail=True,
        IncludeGlobalServiceEvents=True,
        EnableLogFileValidation=True,
        TagsList=[{"Key": "owner", "Value": "ops"}],
    )["TrailARN"]
    account.cloudtrail.start_logging(Name=arn)
    account.cloudtrail.put_event_selectors(
        TrailName=arn,
        EventSelectors=[
            {
                "ReadWriteType": "All",
                "IncludeManagementEvents": True,
                "DataResources": [{"Type": "AWS::S3::Object", "Values": ["arn:aws:s3"]}],
            }
        ],
    )
    account.cloudtrail.put_insight_selectors(
        TrailName=arn, InsightSelectors=[{"InsightType": "ApiCallRateInsight"}]
    )
    inputs = {
        "name": "audit",
        "s3BucketName": TRAILS,
        "isMultiRegionTrail": True,
        "includeGlobalServiceEvents": True,
        "enableLogFileValidation": True,
        "enableLogging": True,
        "eventSelectors": [
            {
                "readWriteType": "All",
                "includeManagementEvents": True,
                "dataResources": [{"type": "AWS::S3::Object", "values": ["arn:aws:s3"]}],
            }
        ],
        "insightSelectors": [{"insightType": "ApiCallRateInsight"}],
        "tags": {"owner": "ops"},
    }
    return [declare("aws:cloudtrail/trail:Trail", arn, inputs, arn=arn)]


def another_trail(account: Account) -> str:
    return str(account.cloudtrail.create_trail(Name="other", S3BucketName=TRAILS)["TrailARN"])


def update_trail(**change: Any) -> Any:
    return lambda a, r: a.cloudtrail.update_trail(Name="audit", **change)


def no_data_events(account: Account, resource: Resource) -> object:
    return account.cloudtrail.put_event_selectors(
        TrailName=resource.id,
        EventSelectors=[{"ReadWriteType": "WriteOnly", "IncludeManagementEvents": True}],
    )


def log_group_case(account: Account) -> list[Resource]:
    key = key_case(account)[0]
    account.logs.create_log_group(
        logGroupName="/ocpi/access", kmsKeyId=key.outputs["arn"], tags={"owner": "ops"}
    )
    account.logs.put_retention_policy(logGroupName="/ocpi/access", retentionInDays=400)
    inputs = {
        "name": "/ocpi/access",
        "kmsKeyId": key.outputs["arn"],
        "retentionInDays": 400.0,
        "tags": {"owner": "ops"},
    }
    return [declare("aws:cloudwatch/logGroup:LogGroup", "/ocpi/access", inputs), key]


def another_group(account: Account) -> str:
    account.logs.create_log_group(logGroupName="/other")
    return "/other"


def put_filter(account: Account, pattern: str, value: str = "1") -> object:
    # The emulator would keep the old one beside the new one.
    if account.logs.describe_metric_filters()["metricFilters"]:
        account.logs.delete_metric_filter(logGroupName="/ocpi/access", filterName="unauthorised")
    return account.logs.put_metric_filter(
        logGroupName="/ocpi/access",
        filterName="unauthorised",
        filterPattern=pattern,
        metricTransformations=[
            {
                "metricName": "Unauthorised",
                "metricNamespace": "Rampart",
                "metricValue": value,
                "defaultValue": 0,
            }
        ],
    )


def filter_case(account: Account) -> list[Resource]:
    group, key = log_group_case(account)
    put_filter(account, "{ $.status = 401 }")
    inputs = {
        "name": "unauthorised",
        "logGroupName": "/ocpi/access",
        "pattern": "{ $.status = 401 }",
        "metricTransformation": {
            "name": "Unauthorised",
            "namespace": "Rampart",
            "value": "1",
            "defaultValue": "0",
        },
    }
    return [declare("aws:cloudwatch/logMetricFilter:LogMetricFilter", "unauthorised", inputs), group, key]


def put_alarm(account: Account, **change: Any) -> object:
    settings: dict[str, Any] = {
        "AlarmName": "unauthorised",
        "AlarmDescription": "Many 401",
        "ActionsEnabled": True,
        "AlarmActions": [f"arn:aws:sns:{REGION}:{ACCOUNT}:alarms"],
        "MetricName": "Unauthorised",
        "Namespace": "Rampart",
        "Statistic": "Sum",
        "Period": 300,
        "EvaluationPeriods": 1,
        "Threshold": 20.0,
        "ComparisonOperator": "GreaterThanThreshold",
        "TreatMissingData": "notBreaching",
        "Tags": [{"Key": "owner", "Value": "ops"}],
    }
    return account.cloudwatch.put_metric_alarm(**{**settings, **change})


def alarm_case(account: Account) -> list[Resource]:
    put_alarm(account)
    inputs = {
        "name": "unauthorised",
        "alarmDescription": "Many 401",
        "alarmActions": [f"arn:aws:sns:{REGION}:{ACCOUNT}:alarms"],
        "metricName": "Unauthorised",
        "namespace": "Rampart",
        "statistic": "Sum",
        "period": 300.0,
        "evaluationPeriods": 1.0,
        "threshold": 20.0,
        "comparisonOperator": "GreaterThanThreshold",
        "treatMissingData": "notBreaching",
        "tags": {"owner": "ops"},
    }
    return [declare("aws:cloudwatch/metricAlarm:MetricAlarm", "unauthorised", inputs)]


def another_alarm(account: Account) -> str:
    put_alarm(account, AlarmName="other")
    return "other"


def change_alarm(**change: Any) -> Any:
    return lambda a, r: put_alarm(a, **change)


def event_case(account: Account) -> list[Resource]:
    pattern = json.dumps({"source": ["aws.guardduty"], "detail-type": ["GuardDuty Finding"]})
    arn = account.events.put_rule(
        Name="findings", EventPattern=pattern, Description="Findings", Tags=[{"Key": "owner", "Value": "ops"}]
    )["RuleArn"]
    topic = f"arn:aws:sns:{REGION}:{ACCOUNT}:alarms"
    account.events.put_targets(Rule="findings", Targets=[{"Id": "1", "Arn": topic}])
    inputs = {
        "name": "findings",
        "description": "Findings",
        "eventPattern": pattern,
        "tags": {"owner": "ops"},
    }
    target = {"rule": "findings", "arn": topic, "targetId": "1"}
    return [
        declare("aws:cloudwatch/eventRule:EventRule", "findings", inputs, arn=arn),
        declare("aws:cloudwatch/eventTarget:EventTarget", "findings-1", target),
    ]


def divert(account: Account, resource: Resource) -> object:
    elsewhere = f"arn:aws:sns:{REGION}:{ACCOUNT}:elsewhere"
    return account.events.put_targets(Rule=resource.id, Targets=[{"Id": "1", "Arn": elsewhere}])


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


def log_policy_case(account: Account) -> list[Resource]:
    policy = allow({"Service": "route53.amazonaws.com"}, "logs:PutLogEvents")
    account.logs.put_resource_policy(policyName="queries", policyDocument=policy)
    inputs = {"policyName": "queries", "policyDocument": policy}
    return [declare("aws:cloudwatch/logResourcePolicy:LogResourcePolicy", "queries", inputs)]


CASES = {
    "trail": Case(
        trail_case,
        {
            "enableLogging": lambda a, r: a.cloudtrail.stop_logging(Name=r.id),
            "isMultiRegionTrail": update_trail(IsMultiRegionTrail=False),
            "enableLogFileValidation": update_trail(EnableLogFileValidation=False),
            "includeGlobalServiceEvents": update_trail(IncludeGlobalServiceEvents=False),
            "eventSelectors": no_data_events,
            "insightSelectors": lambda a, r: a.cloudtrail.put_insight_selectors(
                TrailName=r.id, InsightSelectors=[{"InsightType": "ApiErrorRateInsight"}]
            ),
            "tags": lambda a, r: a.cloudtrail.remove_tags(
                ResourceId=r.id, TagsList=[{"Key": "owner", "Value": "ops"}]
            ),
        },
        lambda a, r: a.cloudtrail.delete_trail(Name="audit"),
        another_trail,
    ),
    "log group": Case(
        log_group_case,
        {
            "retentionInDays": lambda a, r: a.logs.put_retention_policy(logGroupName=r.id, retentionInDays=1),
            "tags": lambda a, r: a.logs.untag_log_group(logGroupName=r.id, tags=["owner"]),
        },
        lambda a, r: a.logs.delete_log_group(logGroupName=r.id),
        another_group,
    ),
    "log policy": Case(
        log_policy_case,
        {
            "policyDocument": lambda a, r: a.logs.put_resource_policy(
                policyName="queries", policyDocument=allow("*", "logs:*")
            )
        },
        lambda a, r: a.logs.delete_resource_policy(policyName="queries"),
    ),
    "metric filter": Case(
        filter_case,
        {
            "pattern": lambda a, r: put_filter(a, "{ $.status = 499 }"),
            "metricTransformation": lambda a, r: put_filter(a, "{ $.status = 401 }", "0"),
        },
        lambda a, r: a.logs.delete_metric_filter(logGroupName="/ocpi/access", filterName="unauthorised"),
    ),
    "alarm": Case(
        alarm_case,
        {
            "actionsEnabled": lambda a, r: a.cloudwatch.disable_alarm_actions(AlarmNames=[r.id]),
            "alarmActions": change_alarm(AlarmActions=[]),
            "threshold": change_alarm(Threshold=1e9),
            "treatMissingData": change_alarm(TreatMissingData="ignore"),
        },
        lambda a, r: a.cloudwatch.delete_alarms(AlarmNames=[r.id]),
        another_alarm,
    ),
    "event rule": Case(
        event_case,
        {
            "state": lambda a, r: a.events.disable_rule(Name=r.id),
            "targets": divert,
            "tags": lambda a, r: a.events.untag_resource(ResourceARN=r.outputs["arn"], TagKeys=["owner"]),
        },
        add=lambda a: a.events.put_rule(Name="more", ScheduleExpression="rate(1 day)") and "more",
    ),
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
