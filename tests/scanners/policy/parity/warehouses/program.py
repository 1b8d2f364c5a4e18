"""One side of a pair: `main.tf` says the same in Terraform."""

import pulumi_aws as aws

aws.redshift.Cluster(
    "good",
    cluster_identifier="good",
    node_type="ra3.large",
    encrypted=True,
    kms_key_id="arn:aws:kms:eu-central-1:123456789012:key/k",
    publicly_accessible=False,
    enhanced_vpc_routing=True,
    database_name="cdrs",
    master_username="ocpi",
    manage_master_password=True,
    cluster_subnet_group_name="private",
    automated_snapshot_retention_period=7,
    allow_version_upgrade=True,
)
aws.redshift.Logging(
    "good", cluster_identifier="good", log_destination_type="cloudwatch", log_exports=["connectionlog"]
)
aws.redshift.Cluster(
    "loose",
    cluster_identifier="loose",
    node_type="ra3.large",
    publicly_accessible=True,
    master_username="awsuser",
    master_password="x",
    automated_snapshot_retention_period=0,
)
aws.redshift.ParameterGroup(
    "ssl", family="redshift-1.0", parameters=[{"name": "require_ssl", "value": "true"}]
)
aws.redshift.ParameterGroup(
    "plain", family="redshift-1.0", parameters=[{"name": "require_ssl", "value": "false"}]
)
