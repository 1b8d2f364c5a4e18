"""One side of a pair: `main.tf` says the same in Terraform."""

import pulumi_aws as aws

key = aws.kms.Key("trail", enable_key_rotation=True)
group = aws.cloudwatch.LogGroup("trail", retention_in_days=400, kms_key_id=key.arn)
bucket = aws.s3.Bucket("trail")
topic = aws.sns.Topic("trail", kms_master_key_id="alias/aws/sns")
aws.cloudtrail.Trail(
    "all",
    s3_bucket_name=bucket.id,
    is_multi_region_trail=True,
    enable_log_file_validation=True,
    kms_key_id=key.arn,
    cloud_watch_logs_group_arn=group.arn.apply(lambda arn: f"{arn}:*"),
    cloud_watch_logs_role_arn="arn:aws:iam::123456789012:role/t",
    sns_topic_name=topic.name,
    enable_logging=True,
)
aws.cloudtrail.Trail("some", s3_bucket_name="elsewhere", enable_logging=False)
aws.cloudwatch.LogGroup("loose")
