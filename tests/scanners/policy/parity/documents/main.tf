resource "aws_sqs_queue" "open" {
  policy = jsonencode({ Version = "2012-10-17", Statement = [
  { Effect = "Allow", Principal = "*", Action = "sqs:SendMessage", Resource = "*" }] })
}
resource "aws_sqs_queue" "closed" {
  policy = jsonencode({ Version = "2012-10-17", Statement = [
  { Effect = "Allow", Principal = { AWS = "arn:aws:iam::123456789012:role/cdrs" }, Action = "sqs:SendMessage", Resource = "*" }] })
}
resource "aws_s3_bucket" "open" {
  policy = jsonencode({ Version = "2012-10-17", Statement = [
    { Effect = "Allow", Principal = "*", Action = "s3:GetObject", Resource = "*" },
  { Effect = "Deny", Principal = "*", Action = "s3:*", Resource = "*" }] })
}
resource "aws_emr_security_configuration" "clear" {
  configuration = jsonencode({ EncryptionConfiguration = { EnableAtRestEncryption = false, EnableInTransitEncryption = false } })
}
resource "aws_emr_security_configuration" "sealed" {
  configuration = jsonencode({ EncryptionConfiguration = {
    EnableAtRestEncryption    = true
    EnableInTransitEncryption = true
    AtRestEncryptionConfiguration = { LocalDiskEncryptionConfiguration = {
      EnableEbsEncryption = true, EncryptionKeyProviderType = "AwsKms", AwsKmsKey = "alias/emr" } }
  } })
}
resource "aws_codecommit_approval_rule_template" "one" {
  name    = "one"
  content = jsonencode({ Version = "2018-11-08", Statements = [{ Type = "Approvers", NumberOfApprovalsNeeded = 1 }] })
}
resource "aws_codecommit_approval_rule_template" "two" {
  name    = "two"
  content = jsonencode({ Version = "2018-11-08", Statements = [{ Type = "Approvers", NumberOfApprovalsNeeded = 2 }] })
}
resource "aws_api_gateway_rest_api" "open" {
  name = "open"
  policy = jsonencode({ Version = "2012-10-17", Statement = [
  { Effect = "Allow", Principal = "*", Action = "execute-api:Invoke", Resource = "*" }] })
}
resource "aws_api_gateway_method" "open" {
  rest_api_id   = aws_api_gateway_rest_api.open.id
  resource_id   = "root"
  http_method   = "OPTIONS"
  authorization = "NONE"
}
resource "aws_api_gateway_rest_api" "apart" {
  name = "apart"
}
resource "aws_api_gateway_rest_api_policy" "apart" {
  rest_api_id = aws_api_gateway_rest_api.apart.id
  policy = jsonencode({ Version = "2012-10-17", Statement = [
  { Effect = "Allow", Principal = "*", Action = "execute-api:Invoke", Resource = "*" }] })
}
resource "aws_api_gateway_method" "apart" {
  rest_api_id   = aws_api_gateway_rest_api.apart.id
  resource_id   = "root"
  http_method   = "OPTIONS"
  authorization = "NONE"
}
resource "aws_glacier_vault" "open" {
  name = "open"
  access_policy = jsonencode({ Version = "2012-10-17", Statement = [
  { Effect = "Allow", Principal = "*", Action = "glacier:*", Resource = "*" }] })
}
resource "aws_ssm_document" "clear" {
  name          = "SSM-SessionManagerRunShell"
  document_type = "Session"
  content = jsonencode({ schemaVersion = "1.0", sessionType = "Standard_Stream", inputs = {
  s3BucketName = "sessions", s3EncryptionEnabled = false } })
}
resource "aws_batch_job_definition" "privileged" {
  name                 = "privileged"
  type                 = "container"
  container_properties = jsonencode({ image = "busybox", privileged = true })
}
