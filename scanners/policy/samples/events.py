"""Sample events of the two logs that alarms count in: records of CloudTrail, and of the API's access log."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def trail_event(name: str, source: str = "", **more: Any) -> Mapping[str, Any]:
    """A record of CloudTrail (CloudTrail User Guide, "Record contents"), made by a person without a role."""
    identity = {"type": "IAMUser", "accountId": "111122223333", "userName": "mallory"}
    return {
        "eventVersion": "1.11",
        "userIdentity": identity,
        "eventSource": source,
        "eventName": name,
        "eventType": "AwsApiCall",
        "awsRegion": "eu-central-1",
        **more,
    }


def api_event(status: int, path: str = "/ocpi/2.2.1/sender/locations", method: str = "GET") -> dict[str, Any]:
    """A record of the API's access log, under the names that are usual for each value."""
    refusal = {"refusal": "MISSING_AUTHENTICATION_TOKEN", "errorType": "MISSING_AUTHENTICATION_TOKEN"}
    return {
        **dict.fromkeys(("status", "statusCode", "httpStatus"), str(status)),
        **dict.fromkeys(("path", "route", "resourcePath", "resource"), path),
        **dict.fromkeys(("method", "httpMethod"), method),
        **(refusal if status == 404 else {}),
    }


ROOT_USE = trail_event("ListBuckets", "s3.amazonaws.com", userIdentity={"type": "Root"})
LOGIN_WITHOUT_MFA = trail_event(
    "ConsoleLogin",
    "signin.amazonaws.com",
    additionalEventData={"MFAUsed": "No"},
    responseElements={"ConsoleLogin": "Success"},
)
LOGIN_FAILED = trail_event(
    "ConsoleLogin",
    "signin.amazonaws.com",
    errorMessage="Failed authentication",
    responseElements={"ConsoleLogin": "Failure"},
)
CALL_DENIED = trail_event("ListBuckets", "s3.amazonaws.com", errorCode="AccessDenied")
# What our functions log when they give up (JSON, as `loggingConfig` asks for), and what Lambda adds.
CRASHES = tuple({"level": "ERROR", "message": text} for text in ("crash", "error", "Task timed out"))
# What our tasks write into their logs: a key that should have been replaced, a call that nobody could decide,
# and one that did not leave.
KEY_OVERDUE = {"message": "the key of this task should have been replaced"}
GUARD_CRASHED = {"event": "crash"}
EGRESS_REFUSED = {"event": "egress", "fate": "refused"}
NEW_CDR = api_event(201, "/ocpi/2.2.1/receiver/cdrs", "POST")

# What each alarm of the sample watches for: name -> pattern of its metric filter.
PATTERNS = {
    "401": '{ $.status = "401" }',
    "403": '{ $.status = "403" }',
    "5xx": '{ $.status = "5*" }',
    "paths": '{ $.status = "404" }',
    "cdrs": '{ $.path = "*/cdrs*" && $.method = "POST" }',
    "root": '{ $.userIdentity.type = "Root" && $.eventType != "AwsServiceEvent" }',
    "groups": '{ $.eventName = "AuthorizeSecurityGroupIngress" || $.eventName = "ModifySecurityGroupRules" }',
    "routes": '{ $.eventName = "CreateRoute" || $.eventName = "CreateNetworkAclEntry" }',
    "firewall": '{ $.eventName = "UpdateIPSet" || $.eventName = "DisassociateWebACL" }',
    "rights": '{ $.eventName = "AttachRolePolicy" || $.eventName = "CreateAccessKey" }',
    "keys": '{ $.eventName = "DisableKey" || $.eventName = "ScheduleKeyDeletion" }',
    "detection": '{ $.eventName = "StopConfigurationRecorder" || $.eventName = "DeleteDetector" }',
    "sign-in": '{ $.eventName = "ConsoleLogin" && $.additionalEventData.MFAUsed != "Yes" }',
    "sign-in-failed": '{ $.errorMessage = "Failed authentication" }',
    "denied": '{ $.errorCode = "AccessDenied*" }',
    "throttled": '{ $.status = "429" }',
    "buckets": '{ $.eventName = "*BucketPolicy" || $.eventName = "PutBucketReplication" }',
    "reads": '{ $.eventName = "GetSecretValue" && $.userIdentity.type != "AssumedRole" }',
    "set-aside": '{ $.eventName = "*eSecret" || $.eventName = "*ResourcePolicy" }',
    "rotations": '{ $.eventName = "RotationFailed" }',
    "trail": '{ $.eventName = "StopLogging" || $.eventName = "DeleteTrail" || $.eventName = "UpdateTrail" }',
}
