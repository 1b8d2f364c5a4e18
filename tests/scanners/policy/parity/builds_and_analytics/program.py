"""One side of a pair: `main.tf` says the same in Terraform."""

import pulumi_aws as aws

aws.codebuild.Project(
    "good",
    service_role="arn:aws:iam::123456789012:role/b",
    encryption_key="arn:aws:kms:eu-central-1:123456789012:key/k",
    artifacts={"type": "NO_ARTIFACTS"},
    source={"type": "NO_SOURCE", "buildspec": "x"},
    environment={"compute_type": "BUILD_GENERAL1_SMALL", "image": "i", "type": "LINUX_CONTAINER"},
    logs_config={"cloudwatch_logs": {"status": "ENABLED", "group_name": "g"}},
)
aws.codebuild.Project(
    "loose",
    service_role="arn:aws:iam::123456789012:role/b",
    artifacts={"type": "S3", "location": "b", "encryption_disabled": True},
    source={"type": "NO_SOURCE", "buildspec": "x"},
    environment={
        "compute_type": "BUILD_GENERAL1_SMALL",
        "image": "i",
        "type": "LINUX_CONTAINER",
        "privileged_mode": True,
    },
    logs_config={"s3_logs": {"status": "ENABLED", "location": "b/l", "encryption_disabled": True}},
)
aws.athena.Workgroup(
    "good",
    configuration={
        "enforce_workgroup_configuration": True,
        "result_configuration": {
            "encryption_configuration": {
                "encryption_option": "SSE_KMS",
                "kms_key_arn": "arn:aws:kms:eu-central-1:123456789012:key/k",
            }
        },
    },
)
aws.athena.Workgroup("loose", configuration={"enforce_workgroup_configuration": False})
aws.glue.SecurityConfiguration(
    "loose",
    encryption_configuration={
        "cloudwatch_encryption": {"cloudwatch_encryption_mode": "DISABLED"},
        "job_bookmarks_encryption": {"job_bookmarks_encryption_mode": "DISABLED"},
        "s3_encryption": {"s3_encryption_mode": "DISABLED"},
    },
)
aws.glue.Job("loose", role_arn="arn:aws:iam::123456789012:role/g", command={"script_location": "s3://b/x.py"})
aws.sfn.StateMachine("loose", role_arn="arn:aws:iam::123456789012:role/s", definition="{}")
aws.sfn.StateMachine(
    "good",
    role_arn="arn:aws:iam::123456789012:role/s",
    definition="{}",
    tracing_configuration={"enabled": True},
    logging_configuration={"include_execution_data": True, "level": "ALL"},
)
