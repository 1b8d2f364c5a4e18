"""CloudTrail events that people must hear of, each with an alarm.

The patterns are CloudWatch Logs filter patterns over CloudTrail records. The list follows the CIS AWS
Foundations Benchmark (v3.0.0, section 4), with events of this stack added.
"""

from __future__ import annotations

from collections.abc import Mapping

_CLOUDTRAIL = '$.eventSource = "cloudtrail.amazonaws.com"'


def _any(field: str, *values: str) -> str:
    return " || ".join(f'({field} = "{value}")' for value in values)


def _events(*names: str) -> str:
    return f"{{ {_any('$.eventName', *names)} }}"


# Alarm -> filter pattern.
TRAIL_EVENTS: Mapping[str, str] = {
    "root-login": '{ $.userIdentity.type = "Root" && $.userIdentity.invokedBy NOT EXISTS'
    ' && $.eventType != "AwsServiceEvent" }',
    "login-without-mfa": '{ ($.eventName = "ConsoleLogin") && ($.additionalEventData.MFAUsed != "Yes")'
    ' && ($.userIdentity.type = "IAMUser") && ($.responseElements.ConsoleLogin = "Success") }',
    "login-failed": '{ ($.eventName = "ConsoleLogin") && ($.errorMessage = "Failed authentication") }',
    "access-denied": '{ ($.errorCode = "*UnauthorizedOperation") || ($.errorCode = "AccessDenied*") }',
    "trail-stopped": f"{{ ({_CLOUDTRAIL})"
    f" && ({_any('$.eventName', 'StopLogging', 'DeleteTrail', 'UpdateTrail', 'PutEventSelectors')}) }}",
    "config-stopped": _events("StopConfigurationRecorder", "DeleteDeliveryChannel", "PutDeliveryChannel"),
    "guardduty-stopped": _events("DeleteDetector", "UpdateDetector", "DisassociateFromAdministratorAccount"),
    "key-disabled": _events("DisableKey", "ScheduleKeyDeletion", "PutKeyPolicy"),
    "identity-changed": _events(
        "AttachRolePolicy",
        "AttachUserPolicy",
        "CreateAccessKey",
        "CreatePolicyVersion",
        "CreateUser",
        "DeleteRolePermissionsBoundary",
        "PutRolePolicy",
        "PutUserPolicy",
        "UpdateAssumeRolePolicy",
    ),
    "bucket-policy-changed": _events(
        "DeleteBucketPolicy",
        "PutBucketAcl",
        "PutBucketPolicy",
        "PutBucketReplication",
        "PutBucketLifecycle",
        "PutObjectLockConfiguration",
        "DeleteBucketPublicAccessBlock",
    ),
    "group-changed": _events(
        "AuthorizeSecurityGroupIngress",
        "AuthorizeSecurityGroupEgress",
        "ModifySecurityGroupRules",
        "RevokeSecurityGroupIngress",
        "RevokeSecurityGroupEgress",
    ),
    "acl-changed": _events("CreateNetworkAclEntry", "DeleteNetworkAclEntry", "ReplaceNetworkAclEntry"),
    "route-changed": _events("CreateRoute", "DeleteRoute", "ReplaceRoute", "AttachInternetGateway"),
    "edge-changed": _events(
        "DeleteWebACL",
        "DisassociateWebACL",
        "UpdateDomainName",
        "UpdateIPSet",
        "UpdateRestApiPolicy",
        "UpdateWebACL",
    ),
    # Secrets Manager says so itself (its User Guide, "Secrets Manager events logged by CloudTrail").
    "rotation-failed": _events("RotationFailed", "RotationAbandoned"),
    # Secrets Manager says in its own log only that a value was set; who does one of these sets it aside.
    "secret-set-aside": '{ ($.eventSource = "secretsmanager.amazonaws.com")'
    f" && ({_any('$.eventName', 'DeleteSecret', 'DeleteResourcePolicy', 'UpdateSecret')}) }}",
    "token-read-by-person": '{ ($.eventName = "GetSecretValue") && (($.userIdentity.type != "AssumedRole")'
    ' || ($.userIdentity.sessionContext.sessionIssuer.userName = "*-operator")) }',
}
