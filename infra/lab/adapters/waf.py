"""AWS WAF."""

from __future__ import annotations

from typing import Any

from infra.lab.adapters.desired_resource import Adapter, DesiredResource, Row, table
from infra.program_run.monitor import Created


def web_acl(desired: DesiredResource) -> Created:
    """CreateWebACL."""
    name = desired.physical_name()
    bodies = {
        body["key"]: {"ContentType": body["contentType"], "Content": body["content"]}
        for body in desired.take("customResponseBodies", [])
    }
    given: dict[str, Any] = {"CustomResponseBodies": bodies} if bodies else {}
    limits = _body_limits(desired.take("associationConfig"))
    if limits:
        given["AssociationConfig"] = {"RequestBody": limits}
    made = desired.create("wafv2", "CreateWebACL", Name=name, **given)["Summary"]
    return Created(made["Id"], {"arn": made["ARN"], "name": name, "lockToken": made.get("LockToken", "")})


# Pulumi's names of the protected resources, and AWS's (AssociationConfig, RequestBody).
_PROTECTED = {
    "apiGateway": "API_GATEWAY",
    "appRunnerService": "APP_RUNNER_SERVICE",
    "cloudfront": "CLOUDFRONT",
    "cognitoUserPool": "COGNITO_USER_POOL",
    "verifiedAccessInstance": "VERIFIED_ACCESS_INSTANCE",
}


def _body_limits(declared: dict[str, Any] | None) -> dict[str, dict[str, str]]:
    return {
        _PROTECTED[kind]: {"DefaultSizeInspectionLimit": limit["defaultSizeInspectionLimit"]}
        for body in (declared or {}).get("requestBodies") or []
        for kind, limit in body.items()
        if limit
    }


def association(desired: DesiredResource) -> Created:
    """AssociateWebACL."""
    web_acl_arn, resource = desired.left["webAclArn"], desired.left["resourceArn"]
    desired.create("wafv2", "AssociateWebACL")
    return Created(f"{web_acl_arn},{resource}", {})


def logging(desired: DesiredResource) -> Created:
    """PutLoggingConfiguration."""
    resource = desired.left["resourceArn"]
    inputs, desired.left = desired.left, {}
    desired.call("wafv2", "PutLoggingConfiguration", {"loggingConfiguration": inputs})
    return Created(resource, {})


ADAPTERS: dict[str, Adapter] = {
    "aws:wafv2/webAcl:WebAcl": web_acl,
    "aws:wafv2/webAclAssociation:WebAclAssociation": association,
    "aws:wafv2/webAclLoggingConfiguration:WebAclLoggingConfiguration": logging,
} | table(
    [
        Row(
            type="aws:wafv2/ipSet:IpSet",
            service="wafv2",
            operation="CreateIPSet",
            named="name",
            id="Summary.Id",
            outputs={"arn": "Summary.ARN", "lockToken": "Summary.LockToken"},
        ),
        Row(
            type="aws:wafv2/regexPatternSet:RegexPatternSet",
            service="wafv2",
            operation="CreateRegexPatternSet",
            named="name",
            id="Summary.Id",
            outputs={"arn": "Summary.ARN"},
        ),
    ]
)
