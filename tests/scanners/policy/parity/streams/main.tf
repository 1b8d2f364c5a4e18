resource "aws_kinesis_stream" "good" {
  shard_count     = 1
  encryption_type = "KMS"
  kms_key_id      = "arn:aws:kms:eu-central-1:123456789012:key/k"
}
resource "aws_kinesis_stream" "loose" {
  shard_count = 1
}
resource "aws_kinesis_firehose_delivery_stream" "loose" {
  destination = "extended_s3"
  extended_s3_configuration {
    role_arn   = "arn:aws:iam::123456789012:role/f"
    bucket_arn = "arn:aws:s3:::b"
  }
}
resource "aws_kinesis_firehose_delivery_stream" "good" {
  destination = "extended_s3"
  extended_s3_configuration {
    role_arn   = "arn:aws:iam::123456789012:role/f"
    bucket_arn = "arn:aws:s3:::b"
  }
  server_side_encryption {
    enabled  = true
    key_type = "CUSTOMER_MANAGED_CMK"
    key_arn  = "arn:aws:kms:eu-central-1:123456789012:key/k"
  }
}
resource "aws_msk_cluster" "good" {
  cluster_name           = "good"
  kafka_version          = "3.6.0"
  number_of_broker_nodes = 3
  broker_node_group_info {
    instance_type   = "kafka.m5.large"
    client_subnets  = ["subnet-0123456789abcdef0"]
    security_groups = ["sg-0123456789abcdef0"]
  }
  encryption_info {
    encryption_at_rest_kms_key_arn = "arn:aws:kms:eu-central-1:123456789012:key/k"
    encryption_in_transit {
      client_broker = "TLS"
      in_cluster    = true
    }
  }
  logging_info {
    broker_logs {
      cloudwatch_logs {
        enabled   = true
        log_group = "g"
      }
    }
  }
}
resource "aws_msk_cluster" "loose" {
  cluster_name           = "loose"
  kafka_version          = "3.6.0"
  number_of_broker_nodes = 3
  broker_node_group_info {
    instance_type   = "kafka.m5.large"
    client_subnets  = ["subnet-0123456789abcdef0"]
    security_groups = ["sg-0123456789abcdef0"]
    connectivity_info {
      public_access {
        type = "SERVICE_PROVIDED_EIPS"
      }
    }
  }
}
