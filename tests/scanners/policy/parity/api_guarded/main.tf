resource "aws_api_gateway_rest_api" "ocpi" {
  disable_execute_api_endpoint = true
  endpoint_configuration {
    types = ["REGIONAL"]
  }
}
resource "aws_api_gateway_resource" "cdrs" {
  rest_api_id = aws_api_gateway_rest_api.ocpi.id
  parent_id   = aws_api_gateway_rest_api.ocpi.root_resource_id
  path_part   = "cdrs"
}
resource "aws_api_gateway_request_validator" "all" {
  rest_api_id                 = aws_api_gateway_rest_api.ocpi.id
  validate_request_body       = true
  validate_request_parameters = true
}
resource "aws_api_gateway_method" "post" {
  rest_api_id          = aws_api_gateway_rest_api.ocpi.id
  resource_id          = aws_api_gateway_resource.cdrs.id
  http_method          = "POST"
  authorization        = "CUSTOM"
  authorizer_id        = "abc"
  request_validator_id = aws_api_gateway_request_validator.all.id
}
resource "aws_api_gateway_deployment" "live" {
  rest_api_id = aws_api_gateway_rest_api.ocpi.id
}
resource "aws_cloudwatch_log_group" "api" {
  retention_in_days = 365
  kms_key_id        = "arn:aws:kms:eu-central-1:123456789012:key/k"
}
resource "aws_api_gateway_stage" "live" {
  rest_api_id           = aws_api_gateway_rest_api.ocpi.id
  deployment_id         = aws_api_gateway_deployment.live.id
  stage_name            = "live"
  xray_tracing_enabled  = true
  cache_cluster_enabled = true
  client_certificate_id = "cert"
  access_log_settings {
    destination_arn = aws_cloudwatch_log_group.api.arn
    format          = "$context.requestId"
  }
}
resource "aws_api_gateway_method_settings" "live" {
  rest_api_id = aws_api_gateway_rest_api.ocpi.id
  stage_name  = aws_api_gateway_stage.live.stage_name
  method_path = "*/*"
  settings {
    logging_level        = "INFO"
    metrics_enabled      = true
    data_trace_enabled   = false
    caching_enabled      = true
    cache_data_encrypted = true
  }
}
resource "aws_wafv2_web_acl" "edge" {
  scope = "REGIONAL"
  default_action {
    allow {}
  }
  visibility_config {
    cloudwatch_metrics_enabled = true
    metric_name                = "edge"
    sampled_requests_enabled   = true
  }
  rule {
    name     = "inputs"
    priority = 1
    override_action {
      none {}
    }
    statement {
      managed_rule_group_statement {
        vendor_name = "AWS"
        name        = "AWSManagedRulesKnownBadInputsRuleSet"
      }
    }
    visibility_config {
      cloudwatch_metrics_enabled = true
      metric_name                = "inputs"
      sampled_requests_enabled   = true
    }
  }
}
resource "aws_wafv2_web_acl_association" "edge" {
  resource_arn = aws_api_gateway_stage.live.arn
  web_acl_arn  = aws_wafv2_web_acl.edge.arn
}
resource "aws_wafv2_web_acl_logging_configuration" "edge" {
  resource_arn            = aws_wafv2_web_acl.edge.arn
  log_destination_configs = [aws_cloudwatch_log_group.api.arn]
}
resource "aws_api_gateway_domain_name" "ocpi" {
  domain_name              = "ocpi.example.com"
  security_policy          = "TLS_1_2"
  regional_certificate_arn = "arn:aws:acm:eu-central-1:123456789012:certificate/c"
  endpoint_configuration {
    types = ["REGIONAL"]
  }
}
