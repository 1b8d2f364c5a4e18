resource "aws_db_instance" "ledger" {
  engine                              = "postgres"
  instance_class                      = "db.t3.micro"
  allocated_storage                   = 20
  storage_encrypted                   = true
  multi_az                            = true
  publicly_accessible                 = false
  iam_database_authentication_enabled = true
  deletion_protection                 = true
  copy_tags_to_snapshot               = true
  auto_minor_version_upgrade          = true
  monitoring_interval                 = 60
  enabled_cloudwatch_logs_exports     = ["postgresql", "upgrade"]
  performance_insights_enabled        = true
  performance_insights_kms_key_id     = "arn:aws:kms:eu-central-1:123456789012:key/k"
  backup_retention_period             = 7
  ca_cert_identifier                  = "rds-ca-rsa2048-g1"
  username                            = "u"
  manage_master_user_password         = true
}
resource "aws_db_instance" "open" {
  engine              = "mysql"
  instance_class      = "db.t3.micro"
  allocated_storage   = 20
  publicly_accessible = true
  username            = "u"
  password            = "x"
  storage_encrypted   = false
}
resource "aws_rds_cluster" "aurora" {
  engine                  = "aurora-mysql"
  master_username         = "u"
  master_password         = "x"
  backup_retention_period = 1
}
