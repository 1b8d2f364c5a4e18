"""One side of a pair: `main.tf` says the same in Terraform."""

import pulumi_aws as aws

api = aws.apigateway.RestApi(
    "ocpi", endpoint_configuration={"types": "REGIONAL"}, disable_execute_api_endpoint=True
)
resource = aws.apigateway.Resource("cdrs", rest_api=api.id, parent_id=api.root_resource_id, path_part="cdrs")
validator = aws.apigateway.RequestValidator(
    "all", rest_api=api.id, validate_request_body=True, validate_request_parameters=True
)
aws.apigateway.Method(
    "post",
    rest_api=api.id,
    resource_id=resource.id,
    http_method="POST",
    authorization="CUSTOM",
    authorizer_id="abc",
    request_validator_id=validator.id,
)
deployment = aws.apigateway.Deployment("live", rest_api=api.id)
logs = aws.cloudwatch.LogGroup(
    "api", retention_in_days=365, kms_key_id="arn:aws:kms:eu-central-1:123456789012:key/k"
)
stage = aws.apigateway.Stage(
    "live",
    rest_api=api.id,
    deployment=deployment.id,
    stage_name="live",
    xray_tracing_enabled=True,
    cache_cluster_enabled=True,
    client_certificate_id="cert",
    access_log_settings={"destination_arn": logs.arn, "format": "$context.requestId"},
)
aws.apigateway.MethodSettings(
    "live",
    rest_api=api.id,
    stage_name=stage.stage_name,
    method_path="*/*",
    settings={
        "logging_level": "INFO",
        "metrics_enabled": True,
        "data_trace_enabled": False,
        "caching_enabled": True,
        "cache_data_encrypted": True,
    },
)
acl = aws.wafv2.WebAcl(
    "edge",
    scope="REGIONAL",
    default_action={"allow": {}},
    visibility_config={
        "cloudwatch_metrics_enabled": True,
        "metric_name": "edge",
        "sampled_requests_enabled": True,
    },
    rules=[
        {
            "name": "inputs",
            "priority": 1,
            "override_action": {"none": {}},
            "statement": {
                "managed_rule_group_statement": {
                    "vendor_name": "AWS",
                    "name": "AWSManagedRulesKnownBadInputsRuleSet",
                }
            },
            "visibility_config": {
                "cloudwatch_metrics_enabled": True,
                "metric_name": "inputs",
                "sampled_requests_enabled": True,
            },
        }
    ],
)
aws.wafv2.WebAclAssociation("edge", resource_arn=stage.arn, web_acl_arn=acl.arn)
aws.wafv2.WebAclLoggingConfiguration("edge", resource_arn=acl.arn, log_destination_configs=[logs.arn])
aws.apigateway.DomainName(
    "ocpi",
    domain_name="ocpi.example.com",
    security_policy="TLS_1_2",
    regional_certificate_arn="arn:aws:acm:eu-central-1:123456789012:certificate/c",
    endpoint_configuration={"types": "REGIONAL"},
)
