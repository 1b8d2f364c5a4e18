resource "aws_elasticache_replication_group" "good" {
  description                = "replay"
  at_rest_encryption_enabled = true
  transit_encryption_enabled = true
  auth_token                 = "x"
  kms_key_id                 = "arn:aws:kms:eu-central-1:123456789012:key/k"
  automatic_failover_enabled = true
  multi_az_enabled           = true
}
resource "aws_elasticache_replication_group" "loose" {
  description                = "loose"
  at_rest_encryption_enabled = false
}
resource "aws_elasticache_cluster" "one" {
  engine                     = "redis"
  node_type                  = "cache.t3.micro"
  num_cache_nodes            = 1
  auto_minor_version_upgrade = "false"
}
resource "aws_elasticache_cluster" "two" {
  engine                   = "redis"
  node_type                = "cache.t3.micro"
  num_cache_nodes          = 1
  subnet_group_name        = "private"
  snapshot_retention_limit = 5
}
resource "aws_memorydb_cluster" "mem" {
  acl_name    = "open"
  node_type   = "db.t4g.small"
  tls_enabled = false
}
