resource "aws_kms_key" "trail" {
  enable_key_rotation = true
}
resource "aws_cloudwatch_log_group" "trail" {
  retention_in_days = 400
  kms_key_id        = aws_kms_key.trail.arn
}
resource "aws_s3_bucket" "trail" {
}
resource "aws_sns_topic" "trail" {
  kms_master_key_id = "alias/aws/sns"
}
resource "aws_cloudtrail" "all" {
  s3_bucket_name             = aws_s3_bucket.trail.id
  is_multi_region_trail      = true
  enable_log_file_validation = true
  kms_key_id                 = aws_kms_key.trail.arn
  cloud_watch_logs_group_arn = "${aws_cloudwatch_log_group.trail.arn}:*"
  cloud_watch_logs_role_arn  = "arn:aws:iam::123456789012:role/t"
  sns_topic_name             = aws_sns_topic.trail.name
  enable_logging             = true
}
resource "aws_cloudtrail" "some" {
  s3_bucket_name = "elsewhere"
  enable_logging = false
}
resource "aws_cloudwatch_log_group" "loose" {
}
