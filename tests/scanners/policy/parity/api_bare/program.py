"""One side of a pair: `main.tf` says the same in Terraform."""

import pulumi_aws as aws

api = aws.apigateway.RestApi("ocpi")
resource = aws.apigateway.Resource("cdrs", rest_api=api.id, parent_id=api.root_resource_id, path_part="cdrs")
aws.apigateway.Method(
    "get", rest_api=api.id, resource_id=resource.id, http_method="GET", authorization="NONE"
)
deployment = aws.apigateway.Deployment("live", rest_api=api.id)
stage = aws.apigateway.Stage("live", rest_api=api.id, deployment=deployment.id, stage_name="live")
aws.apigateway.MethodSettings(
    "live",
    rest_api=api.id,
    stage_name=stage.stage_name,
    method_path="*/*",
    settings={"data_trace_enabled": True, "logging_level": "OFF"},
)
aws.wafv2.WebAcl(
    "idle",
    scope="REGIONAL",
    default_action={"allow": {}},
    visibility_config={
        "cloudwatch_metrics_enabled": False,
        "metric_name": "edge",
        "sampled_requests_enabled": False,
    },
)
aws.apigateway.DomainName(
    "ocpi",
    domain_name="ocpi.example.com",
    security_policy="TLS_1_0",
    regional_certificate_arn="arn:aws:acm:eu-central-1:123456789012:certificate/c",
)
http = aws.apigatewayv2.Api("http", protocol_type="HTTP")
aws.apigatewayv2.Stage("http", api_id=http.id, name="live")
aws.apigatewayv2.Route("any", api_id=http.id, route_key="ANY /x")
