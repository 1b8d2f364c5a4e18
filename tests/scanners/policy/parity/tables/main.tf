resource "aws_kms_key" "tables" {
  enable_key_rotation = true
}
resource "aws_dynamodb_table" "digests" {
  hash_key                    = "digest"
  billing_mode                = "PAY_PER_REQUEST"
  deletion_protection_enabled = true
  attribute {
    name = "digest"
    type = "S"
  }
  point_in_time_recovery {
    enabled = true
  }
  server_side_encryption {
    enabled     = true
    kms_key_arn = aws_kms_key.tables.arn
  }
  ttl {
    enabled        = true
    attribute_name = "expires"
  }
}
resource "aws_dynamodb_table" "loose" {
  hash_key       = "id"
  read_capacity  = 1
  write_capacity = 1
  attribute {
    name = "id"
    type = "S"
  }
}
