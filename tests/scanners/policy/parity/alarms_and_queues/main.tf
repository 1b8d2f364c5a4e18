resource "aws_sns_topic" "alarms" {
  kms_master_key_id = "alias/alarms"
}
resource "aws_sns_topic_policy" "alarms" {
  arn = aws_sns_topic.alarms.arn
  policy = jsonencode({ Version = "2012-10-17", Statement = [
  { Effect = "Allow", Principal = { Service = "cloudwatch.amazonaws.com" }, Action = "sns:Publish", Resource = "*" }] })
}
resource "aws_cloudwatch_metric_alarm" "spike" {
  comparison_operator = "GreaterThanThreshold"
  evaluation_periods  = 1
  metric_name         = "401"
  namespace           = "ocpi"
  period              = 60
  statistic           = "Sum"
  threshold           = 10
  alarm_actions       = [aws_sns_topic.alarms.arn]
}
resource "aws_cloudwatch_metric_alarm" "off" {
  comparison_operator = "GreaterThanThreshold"
  evaluation_periods  = 1
  metric_name         = "403"
  namespace           = "ocpi"
  period              = 60
  statistic           = "Sum"
  threshold           = 10
  actions_enabled     = false
}
resource "aws_sns_topic" "open" {
}
resource "aws_sns_topic_policy" "open" {
  arn = aws_sns_topic.open.arn
  policy = jsonencode({ Version = "2012-10-17", Statement = [
  { Effect = "Allow", Principal = "*", Action = "sns:Publish", Resource = "*" }] })
}
resource "aws_sqs_queue" "cdrs" {
  kms_master_key_id = "alias/q"
}
resource "aws_sqs_queue" "loose" {
}
resource "aws_sqs_queue_policy" "loose" {
  queue_url = aws_sqs_queue.loose.id
  policy = jsonencode({ Version = "2012-10-17", Statement = [
  { Effect = "Allow", Principal = "*", Action = "*", Resource = "*" }] })
}
