resource "aws_iam_role" "anyone" {
  assume_role_policy = jsonencode({ Version = "2012-10-17", Statement = [
  { Effect = "Allow", Principal = { AWS = "*" }, Action = "sts:AssumeRole" }] })
}
resource "aws_iam_policy" "star" {
  policy = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Action = "*", Resource = "*" }] })
}
resource "aws_iam_policy" "pass" {
  policy = jsonencode({ Version = "2012-10-17", Statement = [
  { Effect = "Allow", Action = ["iam:PassRole", "ec2:RunInstances", "s3:GetObject", "secretsmanager:GetSecretValue"], Resource = "*" }] })
}
resource "aws_iam_user" "robot" {
}
resource "aws_iam_user_policy" "robot" {
  user   = aws_iam_user.robot.name
  policy = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Action = "s3:*", Resource = "*" }] })
}
resource "aws_iam_user_policy_attachment" "admin" {
  user       = aws_iam_user.robot.name
  policy_arn = "arn:aws:iam::aws:policy/AdministratorAccess"
}
resource "aws_iam_group" "empty" {
}
resource "aws_iam_account_password_policy" "weak" {
  minimum_password_length = 6
}
