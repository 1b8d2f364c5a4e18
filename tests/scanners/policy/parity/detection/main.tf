resource "aws_guardduty_detector" "main" {
  enable = true
}
resource "aws_guardduty_detector" "off" {
  enable = false
}
resource "aws_config_configuration_recorder" "main" {
  role_arn = "arn:aws:iam::123456789012:role/c"
  recording_group {
    all_supported                 = true
    include_global_resource_types = true
  }
}
resource "aws_config_configuration_recorder_status" "main" {
  name       = aws_config_configuration_recorder.main.name
  is_enabled = true
}
resource "aws_config_configuration_aggregator" "all" {
  account_aggregation_source {
    account_ids = ["123456789012"]
    all_regions = true
  }
}
resource "aws_securityhub_account" "main" {
}
resource "aws_accessanalyzer_analyzer" "main" {
  analyzer_name = "main"
}
