resource "aws_kms_key" "tokens" {
  enable_key_rotation = true
  policy = jsonencode({ Version = "2012-10-17", Statement = [
  { Effect = "Allow", Principal = { AWS = "arn:aws:iam::123456789012:root" }, Action = "kms:*", Resource = "*" }] })
}
resource "aws_secretsmanager_secret" "partner" {
  kms_key_id = aws_kms_key.tokens.arn
}
resource "aws_secretsmanager_secret_rotation" "partner" {
  secret_id           = aws_secretsmanager_secret.partner.id
  rotation_lambda_arn = "arn:aws:lambda:eu-central-1:123456789012:function:r"
  rotation_rules {
    automatically_after_days = 30
  }
}
resource "aws_ssm_parameter" "pepper" {
  type   = "SecureString"
  key_id = aws_kms_key.tokens.arn
  value  = "x"
}
