resource "aws_kms_key" "tokens" {
  policy = jsonencode({ Version = "2012-10-17", Statement = [
  { Effect = "Allow", Principal = "*", Action = "kms:*", Resource = "*" }] })
}
resource "aws_secretsmanager_secret" "partner" {
}
resource "aws_secretsmanager_secret_rotation" "slow" {
  secret_id = "other"
  rotation_rules {
    automatically_after_days = 365
  }
}
resource "aws_secretsmanager_secret_policy" "open" {
  secret_arn = aws_secretsmanager_secret.partner.arn
  policy = jsonencode({ Version = "2012-10-17", Statement = [
  { Effect = "Allow", Principal = "*", Action = "secretsmanager:*", Resource = "*" }] })
}
resource "aws_ssm_parameter" "plain" {
  type  = "String"
  value = "x"
}
