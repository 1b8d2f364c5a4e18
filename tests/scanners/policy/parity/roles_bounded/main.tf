resource "aws_iam_role" "authorizer" {
  assume_role_policy   = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Principal = { Service = "lambda.amazonaws.com" }, Action = "sts:AssumeRole" }] })
  permissions_boundary = "arn:aws:iam::123456789012:policy/b"
}
resource "aws_iam_policy" "read" {
  policy = jsonencode({ Version = "2012-10-17", Statement = [
  { Effect = "Allow", Action = ["dynamodb:GetItem"], Resource = "arn:aws:dynamodb:eu-central-1:123456789012:table/t" }] })
}
resource "aws_iam_role_policy_attachment" "read" {
  role       = aws_iam_role.authorizer.name
  policy_arn = aws_iam_policy.read.arn
}
resource "aws_iam_account_password_policy" "strict" {
  minimum_password_length      = 16
  require_lowercase_characters = true
  require_uppercase_characters = true
  require_numbers              = true
  require_symbols              = true
  password_reuse_prevention    = 24
  max_password_age             = 60
}
