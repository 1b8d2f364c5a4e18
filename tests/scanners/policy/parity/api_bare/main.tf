resource "aws_api_gateway_rest_api" "ocpi" {
}
resource "aws_api_gateway_resource" "cdrs" {
  rest_api_id = aws_api_gateway_rest_api.ocpi.id
  parent_id   = aws_api_gateway_rest_api.ocpi.root_resource_id
  path_part   = "cdrs"
}
resource "aws_api_gateway_method" "get" {
  rest_api_id   = aws_api_gateway_rest_api.ocpi.id
  resource_id   = aws_api_gateway_resource.cdrs.id
  http_method   = "GET"
  authorization = "NONE"
}
resource "aws_api_gateway_deployment" "live" {
  rest_api_id = aws_api_gateway_rest_api.ocpi.id
}
resource "aws_api_gateway_stage" "live" {
  rest_api_id   = aws_api_gateway_rest_api.ocpi.id
  deployment_id = aws_api_gateway_deployment.live.id
  stage_name    = "live"
}
resource "aws_api_gateway_method_settings" "live" {
  rest_api_id = aws_api_gateway_rest_api.ocpi.id
  stage_name  = aws_api_gateway_stage.live.stage_name
  method_path = "*/*"
  settings {
    data_trace_enabled = true
    logging_level      = "OFF"
  }
}
resource "aws_wafv2_web_acl" "idle" {
  scope = "REGIONAL"
  default_action {
    allow {}
  }
  visibility_config {
    cloudwatch_metrics_enabled = false
    metric_name                = "edge"
    sampled_requests_enabled   = false
  }
}
resource "aws_api_gateway_domain_name" "ocpi" {
  domain_name              = "ocpi.example.com"
  security_policy          = "TLS_1_0"
  regional_certificate_arn = "arn:aws:acm:eu-central-1:123456789012:certificate/c"
}
resource "aws_apigatewayv2_api" "http" {
  protocol_type = "HTTP"
}
resource "aws_apigatewayv2_stage" "http" {
  api_id = aws_apigatewayv2_api.http.id
  name   = "live"
}
resource "aws_apigatewayv2_route" "any" {
  api_id    = aws_apigatewayv2_api.http.id
  route_key = "ANY /x"
}
