"""One side of a pair: `main.tf` says the same in Terraform."""

import pulumi_aws as aws

aws.opensearch.Domain(
    "good",
    domain_name="good",
    encrypt_at_rest={"enabled": True, "kms_key_id": "arn:aws:kms:eu-central-1:123456789012:key/k"},
    node_to_node_encryption={"enabled": True},
    domain_endpoint_options={"enforce_https": True, "tls_security_policy": "Policy-Min-TLS-1-2-PFS-2023-10"},
    vpc_options={"subnet_ids": ["subnet-0123456789abcdef0"], "security_group_ids": ["sg-0123456789abcdef0"]},
    log_publishing_options=[
        {
            "log_type": "AUDIT_LOGS",
            "cloudwatch_log_group_arn": "arn:aws:logs:eu-central-1:123456789012:log-group:s",
            "enabled": True,
        }
    ],
    cluster_config={
        "dedicated_master_enabled": True,
        "dedicated_master_count": 3,
        "zone_awareness_enabled": True,
        "instance_count": 3,
    },
    advanced_security_options={"enabled": True, "internal_user_database_enabled": True},
)
aws.opensearch.Domain("loose", domain_name="loose", domain_endpoint_options={"enforce_https": False})
aws.elasticsearch.Domain(
    "old", domain_name="old", encrypt_at_rest={"enabled": False}, cluster_config={"instance_count": 2}
)
