resource "aws_redshift_cluster" "good" {
  cluster_identifier                  = "good"
  node_type                           = "ra3.large"
  encrypted                           = true
  kms_key_id                          = "arn:aws:kms:eu-central-1:123456789012:key/k"
  publicly_accessible                 = false
  enhanced_vpc_routing                = true
  database_name                       = "cdrs"
  master_username                     = "ocpi"
  manage_master_password              = true
  cluster_subnet_group_name           = "private"
  automated_snapshot_retention_period = 7
  allow_version_upgrade               = true
}
resource "aws_redshift_logging" "good" {
  cluster_identifier   = "good"
  log_destination_type = "cloudwatch"
  log_exports          = ["connectionlog"]
}
resource "aws_redshift_cluster" "loose" {
  cluster_identifier                  = "loose"
  node_type                           = "ra3.large"
  publicly_accessible                 = true
  master_username                     = "awsuser"
  master_password                     = "x"
  automated_snapshot_retention_period = 0
}
resource "aws_redshift_parameter_group" "ssl" {
  family = "redshift-1.0"
  parameter {
    name  = "require_ssl"
    value = "true"
  }
}
resource "aws_redshift_parameter_group" "plain" {
  family = "redshift-1.0"
  parameter {
    name  = "require_ssl"
    value = "false"
  }
}
