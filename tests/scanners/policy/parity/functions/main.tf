resource "aws_kms_key" "fn" {
  enable_key_rotation = true
}
resource "aws_lambda_function" "authorizer" {
  role                           = "arn:aws:iam::123456789012:role/a"
  runtime                        = "python3.13"
  handler                        = "a.b"
  filename                       = "./nowhere"
  reserved_concurrent_executions = 10
  kms_key_arn                    = aws_kms_key.fn.arn
  code_signing_config_arn        = "arn:aws:lambda:eu-central-1:123456789012:code-signing-config:c"
  tracing_config {
    mode = "Active"
  }
  environment {
    variables = {
      TABLE = "digests"
    }
  }
  dead_letter_config {
    target_arn = "arn:aws:sqs:eu-central-1:123456789012:dlq"
  }
  vpc_config {
    subnet_ids         = ["subnet-0123456789abcdef0"]
    security_group_ids = ["sg-0123456789abcdef0"]
  }
}
resource "aws_lambda_permission" "api" {
  action        = "lambda:InvokeFunction"
  function_name = aws_lambda_function.authorizer.function_name
  principal     = "apigateway.amazonaws.com"
  source_arn    = "arn:aws:execute-api:eu-central-1:123456789012:a/*"
}
resource "aws_lambda_function" "loose" {
  role     = "arn:aws:iam::123456789012:role/a"
  runtime  = "python3.6"
  handler  = "a.b"
  filename = "./nowhere"
  environment {
    variables = {
      AWS_ACCESS_KEY_ID = "AKIAIOSFODNN7EXAMPLE"
    }
  }
}
resource "aws_lambda_permission" "anyone" {
  action        = "lambda:InvokeFunction"
  function_name = aws_lambda_function.loose.function_name
  principal     = "*"
}
resource "aws_lambda_function_url" "open" {
  function_name      = aws_lambda_function.loose.function_name
  authorization_type = "NONE"
}
