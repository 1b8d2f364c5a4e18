"""What weakens a resource, by its type: a property's path, the weak value, how bad it is.

Written from AWS's pages of each type, not from our checks. `*` in a path is each member; a function makes
the weak value from the strong one.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any, Final

from hardening.controls import Severity
from tests.mutation.weakening import GONE

C, H, M, L = Severity.CRITICAL, Severity.HIGH, Severity.MEDIUM, Severity.LOW
Settings = Mapping[str, list[tuple[str, Any, Severity]]]


def foreign(arn: Any) -> str | None:
    """The same name in another account; nothing where nothing is named."""
    if arn is None:
        return None
    return (
        str(arn).replace("111122223333", "999999999999") if "111122223333" in str(arn) else f"foreign-{arn}"
    )


def foreigns(arns: Any) -> list[str | None]:
    """The same names in another account."""
    return [foreign(arn) for arn in arns or ()]


def reverse(operator: Any) -> str:
    """The comparison that is true where the declared one is false."""
    return "LessThanThreshold" if "Greater" in str(operator) else "GreaterThanThreshold"


def beyond(threshold: Any) -> float:
    """A threshold that nothing reaches."""
    return 1e9 if float(threshold) > 0 else -1e9


def authorities(weak: list[str]) -> Callable[[Any], Any]:
    """Weak lines in place of those of a CAA record; other records keep theirs."""
    return lambda lines: weak if "issue" in str(lines) else lines


def _allow(**members: str) -> str:
    statement = {"Effect": "Allow", **members}
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


_WORLD: Final = "0.0.0.0/0"

WATCHED: Settings = {
    "cloudwatch/metricAlarm:MetricAlarm": [
        ("threshold", beyond, H),
        ("comparisonOperator", reverse, H),
        ("evaluationPeriods", 300, H),
        ("datapointsToAlarm", lambda n: 300, H),
        ("period", 86400, H),
        ("statistic", lambda s: "SampleCount" if s == "Minimum" else "Minimum", H),
        ("actionsEnabled", False, H),
        ("alarmActions", [], H),
        ("alarmActions", foreigns, H),
        ("metricName", "nothing", H),
        ("namespace", "Nothing", H),
        ("treatMissingData", "ignore", L),
    ],
    "cloudwatch/logMetricFilter:LogMetricFilter": [
        ("pattern", '{ $.eventName = "NoSuchEvent" }', H),
        ("pattern", '{ $.nothing.at.all = "x" }', H),
        ("logGroupName", "/elsewhere", H),
        ("metricTransformation/value", "0", H),
        ("metricTransformation/name", "nothing", H),
        ("metricTransformation/namespace", "Nothing", H),
    ],
    "cloudwatch/eventRule:EventRule": [
        ("state", "DISABLED", H),
        ("eventPattern", '{"source": ["nothing"]}', H),
        ("eventPattern/detail-type", ["Nothing"], H),
        ("eventPattern/detail", {"severity": [{"numeric": [">=", 99]}]}, H),
    ],
    "cloudwatch/eventTarget:EventTarget": [("arn", foreign, H), ("rule", "another", H)],
    "cloudwatch/logGroup:LogGroup": [
        ("retentionInDays", 1, M),
        ("retentionInDays", GONE, L),
        ("kmsKeyId", GONE, M),
        ("kmsKeyId", foreign, H),
    ],
    "cloudtrail/trail:Trail": [
        ("enableLogging", False, C),
        ("isMultiRegionTrail", False, H),
        ("includeGlobalServiceEvents", False, H),
        ("enableLogFileValidation", False, H),
        ("kmsKeyId", GONE, M),
        ("kmsKeyId", foreign, H),
        ("s3BucketName", foreign, C),
        ("cloudWatchLogsGroupArn", GONE, H),
        ("cloudWatchLogsGroupArn", foreign, H),
        ("snsTopicName", GONE, L),
        ("advancedEventSelectors/*", GONE, H),
        (
            "advancedEventSelectors/0/fieldSelectors",
            [{"field": "eventCategory", "equals": ["Management"]}, {"field": "readOnly", "equals": ["true"]}],
            H,
        ),
        ("insightSelectors", [], M),
    ],
    "guardduty/detector:Detector": [("enable", False, H), ("findingPublishingFrequency", "SIX_HOURS", L)],
    "guardduty/detectorFeature:DetectorFeature": [("status", "DISABLED", H), ("name", "RDS_LOGIN_EVENTS", M)],
    "cfg/rule:Rule": [
        ("source/sourceIdentifier", "INTERNET_GATEWAY_AUTHORIZED_VPC_ONLY", M),
        ("scope", {"tagKey": "nothing"}, M),
    ],
    "cfg/recorder:Recorder": [
        ("recordingGroup/allSupported", False, H),
        ("recordingGroup/includeGlobalResourceTypes", False, M),
        ("roleArn", foreign, M),
    ],
    "cfg/recorderStatus:RecorderStatus": [("isEnabled", False, H)],
    "cfg/deliveryChannel:DeliveryChannel": [("s3BucketName", foreign, H), ("s3KmsKeyArn", foreign, M)],
    "securityhub/account:Account": [("autoEnableControls", False, M)],
    "securityhub/standardsSubscription:StandardsSubscription": [
        ("standardsArn", "arn:aws:securityhub:eu-central-1::standards/none/v/1.0.0", M)
    ],
    "accessanalyzer/analyzer:Analyzer": [("type", "ACCOUNT_UNUSED_ACCESS", M)],
    "sns/topic:Topic": [("kmsMasterKeyId", GONE, M), ("kmsMasterKeyId", "alias/aws/sns", M)],
    "sns/topicSubscription:TopicSubscription": [("protocol", "http", M), ("topic", foreign, H)],
    "sqs/queue:Queue": [("kmsMasterKeyId", GONE, M), ("kmsMasterKeyId", foreign, M)],
    "ec2/flowLog:FlowLog": [
        ("trafficType", "REJECT", H),
        ("logDestination", foreign, H),
        ("vpcId", "another", H),
        ("maxAggregationInterval", 600, L),
    ],
    "route53/queryLog:QueryLog": [("zoneId", "another", M), ("cloudwatchLogGroupArn", foreign, M)],
    "route53/resolverQueryLogConfig:ResolverQueryLogConfig": [("destinationArn", foreign, M)],
    "route53/resolverQueryLogConfigAssociation:ResolverQueryLogConfigAssociation": [
        ("resourceId", "another", M)
    ],
}

EDGE: Settings = {
    "apigateway/restApi:RestApi": [
        ("apiKeySource", "HEADER", H),
        ("disableExecuteApiEndpoint", False, H),
        ("endpointConfiguration/types", "EDGE", H),
        ("endpointConfiguration/types", "PRIVATE", M),
        ("policy", GONE, C),
        (
            "policy",
            _allow(Principal="*", Action="execute-api:Invoke", Resource="execute-api:/*"),
            C,
        ),
        ("failOnWarnings", False, L),
        ("body/x-amazon-apigateway-request-validators/*/validateRequestBody", False, H),
        ("body/x-amazon-apigateway-request-validators/*/validateRequestParameters", False, H),
        ("body/x-amazon-apigateway-request-validator", GONE, H),
        ("body/components/securitySchemes/*/x-amazon-apigateway-authorizer/authorizerUri", foreign, C),
        (
            "body/components/securitySchemes/*/x-amazon-apigateway-authorizer/authorizerResultTtlInSeconds",
            3600,
            H,
        ),
        ("body/components/securitySchemes/*/x-amazon-apigateway-authorizer/identitySource", GONE, H),
        (
            "body/components/securitySchemes/*/x-amazon-apigateway-authorizer/identitySource",
            "method.request.header.Host",
            H,
        ),
        ("body/components/securitySchemes/*/x-amazon-apigateway-authorizer/type", "token", M),
        ("body/x-amazon-apigateway-gateway-responses", GONE, M),
        ("body/x-amazon-apigateway-gateway-responses/*", GONE, M),
        ("body/paths/*/*/security", [], C),
        ("body/paths/*/*/requestBody", GONE, H),
        ("body/paths/*/*/requestBody/required", False, H),
        ("body/paths/*/*/requestBody/content/application~json/schema", {}, H),
        ("body/paths/*/*/x-amazon-apigateway-request-validator", "none", H),
        ("body/paths/*/*/x-amazon-apigateway-integration/uri", "https://elsewhere.example/", C),
        ("body/paths/*/*/x-amazon-apigateway-integration/connectionType", "INTERNET", H),
        ("body/paths/*/*/x-amazon-apigateway-integration/tlsConfig", {"insecureSkipVerification": True}, H),
        ("body/components/schemas/*", {"type": "object"}, H),
    ],
    "apigateway/stage:Stage": [
        ("accessLogSettings", GONE, H),
        ("accessLogSettings/destinationArn", foreign, H),
        ("accessLogSettings/format", "$context.requestId", H),
        ("xrayTracingEnabled", False, L),
        ("cacheClusterEnabled", True, M),
    ],
    "apigateway/methodSettings:MethodSettings": [
        ("settings/throttlingRateLimit", 1e6, H),
        ("settings/throttlingBurstLimit", 1e6, H),
        ("settings/throttlingRateLimit", -1, H),
        ("settings/loggingLevel", "OFF", M),
        ("settings/dataTraceEnabled", True, H),
        ("settings/metricsEnabled", False, M),
        ("settings/cachingEnabled", True, M),
        ("methodPath", "ocpi/GET", H),
        ("stageName", "another", H),
    ],
    "apigateway/usagePlan:UsagePlan": [
        ("throttleSettings", GONE, H),
        ("throttleSettings/rateLimit", 1e6, H),
        ("throttleSettings/burstLimit", 1e6, H),
        ("quotaSettings", GONE, H),
        ("quotaSettings/limit", 1e9, M),
        ("apiStages", [], H),
    ],
    "apigateway/usagePlanKey:UsagePlanKey": [("usagePlanId", "another", M)],
    "apigateway/apiKey:ApiKey": [("enabled", False, M)],
    "apigateway/domainName:DomainName": [
        ("securityPolicy", "TLS_1_2", H),
        ("securityPolicy", "TLS_1_0", H),
        ("endpointAccessMode", "BASIC", M),
        ("endpointConfiguration/types", "EDGE", M),
        ("regionalCertificateArn", foreign, M),
    ],
    "apigateway/vpcLink:VpcLink": [("targetArn", foreign, C)],
    "acm/certificate:Certificate": [
        ("validationMethod", "EMAIL", M),
        ("keyAlgorithm", "RSA_1024", H),
        ("options/certificateTransparencyLoggingPreference", "DISABLED", M),
        ("options/export", "ENABLED", H),
        ("domainName", lambda name: f"*.{name}", M),
    ],
    "wafv2/webAcl:WebAcl": [
        ("rules/*", GONE, H),
        ("rules/*/action", {"count": {}}, H),
        ("rules/*/overrideAction", {"count": {}}, H),
        ("rules/*/action", {"allow": {}}, C),
        ("rules/*/visibilityConfig/sampledRequestsEnabled", True, M),
        ("rules/*/visibilityConfig/cloudwatchMetricsEnabled", False, M),
        ("rules/*/statement/rateBasedStatement/limit", 2_000_000_000, H),
        # A longer window with the same limit limits more, so it is no weakening.
        (
            "rules/*/statement/rateBasedStatement/scopeDownStatement",
            {"geoMatchStatement": {"countryCodes": ["AQ"]}},
            H,
        ),
        (
            "rules/*/statement/managedRuleGroupStatement/scopeDownStatement",
            {"geoMatchStatement": {"countryCodes": ["AQ"]}},
            H,
        ),
        (
            "rules/*/statement/managedRuleGroupStatement/ruleActionOverrides",
            [{"name": "SQLi_BODY", "actionToUse": {"count": {}}}],
            H,
        ),
        ("rules/*/statement/managedRuleGroupStatement/vendorName", "Other", M),
        ("rules/*/statement/sizeConstraintStatement/size", 1 << 30, H),
        ("rules/*/statement/sizeConstraintStatement/comparisonOperator", "LT", H),
        ("rules/*/statement/notStatement/statements/0/regexMatchStatement/regexString", ".*", H),
        ("rules/*/statement/notStatement/statements/0/byteMatchStatement/searchString", "/", M),
        ("defaultAction", lambda a: {"allow": {}} if "block" in a else {"count": {}}, H),
        ("visibilityConfig/cloudwatchMetricsEnabled", False, M),
        ("visibilityConfig/sampledRequestsEnabled", True, M),
        ("scope", "CLOUDFRONT", M),
    ],
    "wafv2/ipSet:IpSet": [
        ("addresses", ["0.0.0.0/1", "128.0.0.0/1"], C),
        ("addresses", ["198.0.0.0/8"], H),
    ],
    "wafv2/webAclAssociation:WebAclAssociation": [("resourceArn", foreign, H), ("webAclArn", foreign, H)],
    "wafv2/webAclLoggingConfiguration:WebAclLoggingConfiguration": [
        ("redactedFields", [], H),
        ("redactedFields/*", GONE, H),
        ("logDestinationConfigs", foreigns, H),
        ("loggingFilter", {"defaultBehavior": "DROP", "filters": []}, H),
    ],
    "lb/loadBalancer:LoadBalancer": [
        ("internal", False, C),
        ("accessLogs/enabled", False, M),
        ("accessLogs/bucket", foreign, H),
        ("enableDeletionProtection", False, M),
        ("enableCrossZoneLoadBalancing", False, L),
        ("securityGroups", [], H),
    ],
    "lb/listener:Listener": [
        ("protocol", "TCP", H),
        ("sslPolicy", "ELBSecurityPolicy-TLS-1-0-2015-04", H),
        ("sslPolicy", GONE, H),
        ("certificateArn", foreign, M),
        ("defaultActions/0/targetGroupArn", foreign, C),
    ],
    "lb/targetGroup:TargetGroup": [
        ("protocol", "TCP", H),
        ("port", 80, M),
        ("healthCheck/enabled", False, M),
        ("healthCheck/interval", 300, L),
        ("targetType", "alb", M),
        ("preserveClientIp", "true", L),
        ("vpcId", "another", M),
    ],
    "route53/hostedZoneDnsSec:HostedZoneDnsSec": [
        ("signingStatus", "NOT_SIGNING", H),
        ("hostedZoneId", "another", H),
    ],
    "route53/keySigningKey:KeySigningKey": [
        ("status", "INACTIVE", H),
        ("keyManagementServiceArn", foreign, H),
    ],
    "route53/zone:Zone": [("forceDestroy", True, M)],
    "route53/record:Record": [
        ("allowOverwrite", True, L),
        ("records", authorities(['0 issue "elsewhere.example"']), M),
        ("records", authorities(['0 iodef "mailto:a@b"']), M),
        ("records", authorities(['0 issuewild ";"']), M),
        ("records", authorities(['0 issue "amazon.com"', '0 issuewild "elsewhere.example"']), M),
        ("records", authorities(['0 issue "amazon.com"', '0 issue "elsewhere.example"']), M),
        ("records", authorities(['0 issue "amazon.com"', '0 issuewild ";"']), L),
        ("records", authorities(['0 issue "amazon.com"', '0 iodef "mailto:a@elsewhere.example"']), L),
        ("zoneId", "Z0000000ELSEWHERE", M),
        ("name", "elsewhere.example", M),
        ("type", lambda kind: "TXT" if kind == "CAA" else kind, M),
    ],
    "route53/resolverFirewallConfig:ResolverFirewallConfig": [
        ("firewallFailOpen", "ENABLED", H),
        ("resourceId", "another", H),
    ],
    "route53/resolverFirewallDomainList:ResolverFirewallDomainList": [
        ("domains", ["*"], H),
        ("domains", ["*.com"], H),
    ],
    "route53/resolverFirewallRule:ResolverFirewallRule": [
        ("action", lambda a: "ALLOW" if a == "BLOCK" else "BLOCK", H),
        ("action", "ALERT", H),
        ("priority", lambda p: 5 if p > 100 else 999, H),
    ],
    "route53/resolverFirewallRuleGroupAssociation:ResolverFirewallRuleGroupAssociation": [
        ("mutationProtection", "DISABLED", M),
        ("vpcId", "another", H),
        ("firewallRuleGroupId", "another", H),
    ],
}

COMPUTE: Settings = {
    "ecs/cluster:Cluster": [
        ("settings", [], M),
        ("settings/0/value", "disabled", M),
        ("configuration/executeCommandConfiguration/logging", "NONE", M),
        ("configuration/executeCommandConfiguration/kmsKeyId", GONE, M),
    ],
    "ecs/service:Service": [
        ("enableExecuteCommand", True, H),
        ("networkConfiguration/assignPublicIp", True, C),
        ("desiredCount", 1, M),
        ("desiredCount", 0, H),
        ("launchType", "EC2", M),
        ("launchType", "EXTERNAL", H),
        ("deploymentCircuitBreaker/enable", False, M),
        ("deploymentCircuitBreaker/rollback", False, M),
        ("platformVersion", "1.3.0", M),
        ("deploymentMinimumHealthyPercent", 0, M),
        ("networkConfiguration/securityGroups", ["sg-elsewhere"], H),
        ("networkConfiguration/subnets", lambda s: s[:1], M),
        ("taskDefinition", foreign, H),
    ],
    "appautoscaling/target:Target": [
        ("minCapacity", 1, M),
        ("minCapacity", 0, H),
        ("maxCapacity", 2, M),
        ("resourceId", "service/elsewhere/guard", M),
        ("suspendedState", {"dynamicScalingOutSuspended": True}, M),
    ],
    "appautoscaling/policy:Policy": [
        ("targetTrackingScalingPolicyConfiguration/targetValue", 100_000, M),
        ("resourceId", "service/elsewhere/guard", M),
    ],
    "backup/vault:Vault": [("kmsKeyArn", GONE, H)],
    "backup/vaultLockConfiguration:VaultLockConfiguration": [
        ("changeableForDays", GONE, H),
        ("minRetentionDays", 1, H),
        ("backupVaultName", "another", H),
    ],
    "backup/plan:Plan": [
        ("rules/0/lifecycle/deleteAfter", 1, H),
        ("rules/0/copyActions", [], M),
        ("rules/0/schedule", GONE, H),
    ],
    "backup/selection:Selection": [
        ("resources", [], H),
        ("notResources", ["*"], H),
        ("planId", "another", H),
    ],
    "ecs/taskDefinition:TaskDefinition": [
        ("networkMode", "host", H),
        ("pidMode", "task", M),
        ("ipcMode", "task", M),
        ("enableFaultInjection", True, M),
        ("requiresCompatibilities", ["EC2"], M),
        ("taskRoleArn", GONE, M),
        ("containerDefinitions/*/user", "0", H),
        ("containerDefinitions/*/user", GONE, H),
        ("containerDefinitions/*/privileged", True, C),
        ("containerDefinitions/*/readonlyRootFilesystem", False, M),
        ("containerDefinitions/*/linuxParameters/capabilities/drop", [], M),
        ("containerDefinitions/*/linuxParameters/capabilities/add", ["SYS_ADMIN"], H),
        ("containerDefinitions/*/image", "envoyproxy/envoy:latest", H),
        ("containerDefinitions/*/logConfiguration", GONE, H),
        ("containerDefinitions/*/logConfiguration/options/awslogs-group", "/elsewhere", M),
        ("containerDefinitions/*/environment", [{"name": "DB_PASSWORD", "value": "hunter2-hunter2"}], H),
        (
            "containerDefinitions/*/environment",
            [{"name": "OCPI_TOKEN", "value": "9f8b7c6d5e4f3a2b1c0d9f8b7c6d5e4f"}],
            H,
        ),
        ("containerDefinitions/*/dockerSecurityOptions", ["label:disable"], L),
    ],
    "lambda/function:Function": [
        ("codeSigningConfigArn", GONE, H),
        ("codeSigningConfigArn", foreign, H),
        ("vpcConfig", GONE, H),
        ("vpcConfig/securityGroupIds", ["sg-elsewhere"], H),
        ("kmsKeyArn", GONE, M),
        ("environment/variables/DB_PASSWORD", "hunter2-hunter2", H),
        ("deadLetterConfig", GONE, M),
        ("tracingConfig/mode", "PassThrough", L),
        ("reservedConcurrentExecutions", GONE, M),
        ("timeout", 900, M),
        ("runtime", "python3.8", H),
        ("role", foreign, H),
        ("loggingConfig/logGroup", "/elsewhere", M),
        ("handler", "other.main", M),
    ],
    "lambda/codeSigningConfig:CodeSigningConfig": [
        ("policies/untrustedArtifactOnDeployment", "Warn", H),
        (
            "allowedPublishers/signingProfileVersionArns",
            ["arn:aws:signer:eu-central-1:999999999999:/signing-profiles/x/1"],
            H,
        ),
    ],
    "lambda/permission:Permission": [
        ("principal", "*", C),
        ("sourceAccount", GONE, H),
        ("sourceAccount", "999999999999", H),
        ("action", "lambda:*", H),
        ("principal", "999999999999", C),
    ],
    "signer/signingProfile:SigningProfile": [("platformId", "Notation-OCI-SHA384-ECDSA", M)],
    "signer/signingJob:SigningJob": [("ignoreSigningJobFailure", True, H)],
    "ecr/repository:Repository": [
        ("imageTagMutability", "MUTABLE", H),
        ("imageScanningConfiguration/scanOnPush", False, M),
        ("forceDelete", True, M),
        ("encryptionConfigurations/0/encryptionType", "AES256", M),
    ],
    "iam/role:Role": [
        ("permissionsBoundary", GONE, H),
        ("permissionsBoundary", "arn:aws:iam::aws:policy/AdministratorAccess", C),
        ("maxSessionDuration", 43200, H),
        ("managedPolicyArns", ["arn:aws:iam::aws:policy/AdministratorAccess"], C),
        (
            "inlinePolicies",
            [
                {
                    "name": "all",
                    "policy": _allow(Action="*", Resource="*"),
                }
            ],
            C,
        ),
    ],
    "iam/rolePolicyAttachment:RolePolicyAttachment": [
        ("policyArn", "arn:aws:iam::aws:policy/AdministratorAccess", C),
        ("policyArn", "arn:aws:iam::aws:policy/PowerUserAccess", C),
        ("policyArn", "arn:aws:iam::aws:policy/AmazonS3FullAccess", H),
        ("policyArn", "arn:aws:iam::aws:policy/SecretsManagerReadWrite", H),
        ("policyArn", "arn:aws:iam::999999999999:policy/theirs", H),
    ],
}

DATA: Settings = {
    "s3/bucket:Bucket": [("forceDestroy", True, H), ("objectLockEnabled", lambda on: False, H)],
    "s3/bucketVersioning:BucketVersioning": [("versioningConfiguration/status", "Suspended", H)],
    "s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration": [
        ("rules/0/applyServerSideEncryptionByDefault/sseAlgorithm", lambda a: "AES256", M),
        ("rules/0/applyServerSideEncryptionByDefault/kmsMasterKeyId", foreign, H),
    ],
    "s3/bucketPublicAccessBlock:BucketPublicAccessBlock": [
        (name, False, C)
        for name in ("blockPublicAcls", "blockPublicPolicy", "ignorePublicAcls", "restrictPublicBuckets")
    ],
    "s3/bucketOwnershipControls:BucketOwnershipControls": [("rule/objectOwnership", "ObjectWriter", H)],
    "s3/bucketNotification:BucketNotification": [("eventbridge", False, L)],
    "s3/bucketLogging:BucketLogging": [("targetBucket", foreign, H)],
    "s3/bucketObjectLockConfiguration:BucketObjectLockConfiguration": [
        ("rule/defaultRetention/mode", "GOVERNANCE", H),
        ("rule/defaultRetention/days", 1, H),
        ("objectLockEnabled", "Disabled", H),
    ],
    "s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration": [
        ("rules/*/expiration/days", 1, H),
        ("rules/*/status", "Disabled", M),
        ("rules/*/noncurrentVersionExpiration/noncurrentDays", 1, M),
    ],
    "s3/bucketReplicationConfig:BucketReplicationConfig": [
        ("rules/*/status", "Disabled", H),
        ("rules/*/destination/bucket", "arn:aws:s3:::elsewhere-999999999999", H),
        ("rules/*/destination/encryptionConfiguration", GONE, M),
        ("rules/*/filter/prefix", "nothing/", M),
    ],
    "dynamodb/table:Table": [
        ("deletionProtectionEnabled", False, H),
        ("pointInTimeRecovery/enabled", False, H),
        ("pointInTimeRecovery/recoveryPeriodInDays", 1, M),
        ("serverSideEncryption/enabled", False, H),
        ("serverSideEncryption/kmsKeyArn", foreign, H),
        ("ttl/enabled", False, M),
        ("streamEnabled", True, M),
    ],
    "kms/key:Key": [
        ("enableKeyRotation", False, H),
        ("isEnabled", False, H),
        ("deletionWindowInDays", 7, M),
        ("rotationPeriodInDays", 2560, M),
        ("bypassPolicyLockoutSafetyCheck", True, M),
    ],
    "kms/alias:Alias": [("targetKeyId", "another", M)],
    "secretsmanager/secret:Secret": [
        ("kmsKeyId", GONE, M),
        ("kmsKeyId", foreign, H),
        ("recoveryWindowInDays", 0, H),
        ("recoveryWindowInDays", 7, M),
        ("replicas", [{"region": "us-east-1"}], M),
    ],
    "secretsmanager/secretRotation:SecretRotation": [
        ("rotationRules/automaticallyAfterDays", 1000, H),
        ("rotationLambdaArn", foreign, C),
        ("rotationRules", GONE, H),
        ("secretId", "another", H),
    ],
    "secretsmanager/secretPolicy:SecretPolicy": [("blockPublicPolicy", False, H), ("secretArn", foreign, H)],
    "ssm/parameter:Parameter": [("type", "String", H), ("keyId", GONE, M), ("keyId", foreign, M)],
}

NETWORK: Settings = {
    "ec2/vpc:Vpc": [("enableDnsSupport", False, M)],
    "ec2/subnet:Subnet": [("mapPublicIpOnLaunch", True, H), ("availabilityZone", "eu-central-1a", M)],
    "ec2/route:Route": [("routeTableId", "another", M)],
    "ec2/routeTableAssociation:RouteTableAssociation": [("routeTableId", "another", M)],
    "ec2/defaultSecurityGroup:DefaultSecurityGroup": [
        ("ingress", [{"protocol": "-1", "fromPort": 0, "toPort": 0, "self": True}], H),
        ("egress", [{"protocol": "-1", "fromPort": 0, "toPort": 0, "cidrBlocks": [_WORLD]}], H),
        ("ingress", [{"protocol": "tcp", "fromPort": 22, "toPort": 22, "cidrBlocks": [_WORLD]}], C),
    ],
    "ec2/networkAcl:NetworkAcl": [
        (
            "ingress",
            [
                {
                    "ruleNo": 100,
                    "protocol": "-1",
                    "action": "allow",
                    "cidrBlock": _WORLD,
                    "fromPort": 0,
                    "toPort": 0,
                }
            ],
            H,
        ),
        (
            "egress",
            [
                {
                    "ruleNo": 100,
                    "protocol": "-1",
                    "action": "allow",
                    "cidrBlock": _WORLD,
                    "fromPort": 0,
                    "toPort": 0,
                }
            ],
            M,
        ),
        ("subnetIds", [], H),
    ],
    "ec2/vpcEndpoint:VpcEndpoint": [
        ("policy", GONE, H),
        ("privateDnsEnabled", lambda on: False if on else on, M),
        ("securityGroupIds", lambda ids: ["sg-elsewhere"] if ids else ids, M),
    ],
    "vpc/securityGroupIngressRule:SecurityGroupIngressRule": [
        ("cidrIpv4", _WORLD, C),
        ("cidrIpv6", "::/0", C),
        ("cidrIpv4", "10.0.0.0/8", H),
        ("ipProtocol", "-1", M),
        ("referencedSecurityGroupId", "999999999999/sg-theirs", H),
        ("toPort", 65535, M),
    ],
    "vpc/securityGroupEgressRule:SecurityGroupEgressRule": [
        ("cidrIpv4", lambda cidr: _WORLD, H),
        ("cidrIpv6", "::/0", H),
        ("ipProtocol", "-1", M),
    ],
}

SETTINGS: Settings = {**WATCHED, **EDGE, **COMPUTE, **DATA, **NETWORK}

# A resource that is not declared at all.
REMOVED: Mapping[str, Severity] = {
    **dict.fromkeys(
        (
            "cloudtrail/trail:Trail",
            "wafv2/webAcl:WebAcl",
            "wafv2/webAclAssociation:WebAclAssociation",
            "s3/bucketPublicAccessBlock:BucketPublicAccessBlock",
        ),
        C,
    ),
    **dict.fromkeys(
        (
            "cloudwatch/metricAlarm:MetricAlarm",
            "cloudwatch/logMetricFilter:LogMetricFilter",
            "cloudwatch/eventRule:EventRule",
            "cloudwatch/eventTarget:EventTarget",
            "guardduty/detector:Detector",
            "guardduty/detectorFeature:DetectorFeature",
            "cfg/recorder:Recorder",
            "cfg/recorderStatus:RecorderStatus",
            "cfg/deliveryChannel:DeliveryChannel",
            "ec2/flowLog:FlowLog",
            "sns/topicSubscription:TopicSubscription",
            "apigateway/methodSettings:MethodSettings",
            "apigateway/usagePlan:UsagePlan",
            "wafv2/webAclLoggingConfiguration:WebAclLoggingConfiguration",
            "route53/hostedZoneDnsSec:HostedZoneDnsSec",
            "route53/keySigningKey:KeySigningKey",
            "route53/resolverFirewallRule:ResolverFirewallRule",
            "route53/resolverFirewallRuleGroupAssociation:ResolverFirewallRuleGroupAssociation",
            "s3/bucketVersioning:BucketVersioning",
            "s3/bucketPolicy:BucketPolicy",
            "s3/bucketObjectLockConfiguration:BucketObjectLockConfiguration",
            "secretsmanager/secretPolicy:SecretPolicy",
            "secretsmanager/secretRotation:SecretRotation",
            "ec2/networkAcl:NetworkAcl",
            "ec2/defaultSecurityGroup:DefaultSecurityGroup",
        ),
        H,
    ),
    **dict.fromkeys(
        (
            "cfg/rule:Rule",
            "securityhub/account:Account",
            "securityhub/standardsSubscription:StandardsSubscription",
            "accessanalyzer/analyzer:Analyzer",
            "route53/queryLog:QueryLog",
            "route53/resolverQueryLogConfig:ResolverQueryLogConfig",
            "route53/resolverQueryLogConfigAssociation:ResolverQueryLogConfigAssociation",
            "route53/resolverFirewallConfig:ResolverFirewallConfig",
            "s3/bucketLogging:BucketLogging",
            "s3/bucketOwnershipControls:BucketOwnershipControls",
            "s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration",
            "s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration",
            "s3/bucketReplicationConfig:BucketReplicationConfig",
            "sns/topicPolicy:TopicPolicy",
            "sqs/queuePolicy:QueuePolicy",
            "ec2/vpcEndpoint:VpcEndpoint",
            "apigateway/usagePlanKey:UsagePlanKey",
            "acm/certificateValidation:CertificateValidation",
            "apigateway/account:Account",
        ),
        M,
    ),
}
