"""One side of a pair: `main.tf` says the same in Terraform."""

import pulumi_aws as aws

aws.elasticache.ReplicationGroup(
    "good",
    description="replay",
    at_rest_encryption_enabled=True,
    transit_encryption_enabled=True,
    auth_token="x",
    kms_key_id="arn:aws:kms:eu-central-1:123456789012:key/k",
    automatic_failover_enabled=True,
    multi_az_enabled=True,
)
aws.elasticache.ReplicationGroup("loose", description="loose", at_rest_encryption_enabled=False)
aws.elasticache.Cluster(
    "one", engine="redis", node_type="cache.t3.micro", num_cache_nodes=1, auto_minor_version_upgrade="false"
)
aws.elasticache.Cluster(
    "two",
    engine="redis",
    node_type="cache.t3.micro",
    num_cache_nodes=1,
    subnet_group_name="private",
    snapshot_retention_limit=5,
)
aws.memorydb.Cluster("mem", acl_name="open", node_type="db.t4g.small", tls_enabled=False)
