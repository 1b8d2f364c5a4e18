resource "aws_opensearch_domain" "good" {
  domain_name = "good"
  encrypt_at_rest {
    enabled    = true
    kms_key_id = "arn:aws:kms:eu-central-1:123456789012:key/k"
  }
  node_to_node_encryption {
    enabled = true
  }
  domain_endpoint_options {
    enforce_https       = true
    tls_security_policy = "Policy-Min-TLS-1-2-PFS-2023-10"
  }
  vpc_options {
    subnet_ids         = ["subnet-0123456789abcdef0"]
    security_group_ids = ["sg-0123456789abcdef0"]
  }
  log_publishing_options {
    log_type                 = "AUDIT_LOGS"
    cloudwatch_log_group_arn = "arn:aws:logs:eu-central-1:123456789012:log-group:s"
    enabled                  = true
  }
  cluster_config {
    dedicated_master_enabled = true
    dedicated_master_count   = 3
    zone_awareness_enabled   = true
    instance_count           = 3
  }
  advanced_security_options {
    enabled                        = true
    internal_user_database_enabled = true
  }
}
resource "aws_opensearch_domain" "loose" {
  domain_name = "loose"
  domain_endpoint_options {
    enforce_https = false
  }
}
resource "aws_elasticsearch_domain" "old" {
  domain_name = "old"
  encrypt_at_rest {
    enabled = false
  }
  cluster_config {
    instance_count = 2
  }
}
