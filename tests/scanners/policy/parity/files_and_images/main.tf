resource "aws_efs_file_system" "good" {
  encrypted  = true
  kms_key_id = "arn:aws:kms:eu-central-1:123456789012:key/k"
}
resource "aws_efs_access_point" "good" {
  file_system_id = aws_efs_file_system.good.id
  posix_user {
    uid = 1000
    gid = 1000
  }
  root_directory {
    path = "/data"
  }
}
resource "aws_efs_file_system" "loose" {
}
resource "aws_efs_access_point" "loose" {
  file_system_id = aws_efs_file_system.loose.id
}
resource "aws_ecr_repository" "good" {
  image_tag_mutability = "IMMUTABLE"
  image_scanning_configuration {
    scan_on_push = true
  }
  encryption_configuration {
    encryption_type = "KMS"
    kms_key         = "arn:aws:kms:eu-central-1:123456789012:key/k"
  }
}
resource "aws_ecr_repository" "loose" {
}
resource "aws_ecr_repository_policy" "open" {
  repository = aws_ecr_repository.loose.name
  policy = jsonencode({ Version = "2012-10-17", Statement = [
  { Effect = "Allow", Principal = "*", Action = "ecr:*" }] })
}
resource "aws_backup_vault" "good" {
  kms_key_arn = "arn:aws:kms:eu-central-1:123456789012:key/k"
}
resource "aws_backup_vault" "loose" {
}
