"""One side of a pair: `main.tf` says the same in Terraform."""

import pulumi_aws as aws

aws.rds.Instance(
    "ledger",
    engine="postgres",
    instance_class="db.t3.micro",
    allocated_storage=20,
    storage_encrypted=True,
    multi_az=True,
    publicly_accessible=False,
    iam_database_authentication_enabled=True,
    deletion_protection=True,
    copy_tags_to_snapshot=True,
    auto_minor_version_upgrade=True,
    monitoring_interval=60,
    enabled_cloudwatch_logs_exports=["postgresql", "upgrade"],
    performance_insights_enabled=True,
    performance_insights_kms_key_id="arn:aws:kms:eu-central-1:123456789012:key/k",
    backup_retention_period=7,
    ca_cert_identifier="rds-ca-rsa2048-g1",
    username="u",
    manage_master_user_password=True,
)
aws.rds.Instance(
    "open",
    engine="mysql",
    instance_class="db.t3.micro",
    allocated_storage=20,
    publicly_accessible=True,
    username="u",
    password="x",
    storage_encrypted=False,
)
aws.rds.Cluster(
    "aurora", engine="aurora-mysql", master_username="u", master_password="x", backup_retention_period=1
)
