resource "aws_security_group" "host" {
  description = "host"
  vpc_id      = "vpc-0123456789abcdef0"
}
resource "aws_instance" "good" {
  ami                         = "ami-0123456789abcdef0"
  instance_type               = "m5.large"
  associate_public_ip_address = false
  ebs_optimized               = true
  monitoring                  = true
  iam_instance_profile        = "profile"
  vpc_security_group_ids      = [aws_security_group.host.id]
  metadata_options {
    http_endpoint = "enabled"
    http_tokens   = "required"
  }
  root_block_device {
    encrypted = true
  }
}
resource "aws_instance" "loose" {
  ami                         = "ami-0123456789abcdef0"
  instance_type               = "m5.large"
  associate_public_ip_address = true
  user_data                   = "export AWS_SECRET_ACCESS_KEY=wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"
  metadata_options {
    http_tokens = "optional"
  }
}
resource "aws_ebs_volume" "good" {
  availability_zone = "eu-central-1a"
  size              = 1
  encrypted         = true
  kms_key_id        = "arn:aws:kms:eu-central-1:123456789012:key/k"
}
resource "aws_ebs_volume" "loose" {
  availability_zone = "eu-central-1a"
  size              = 1
}
resource "aws_launch_template" "loose" {
  image_id = "ami-0123456789abcdef0"
  network_interfaces {
    associate_public_ip_address = "true"
  }
  metadata_options {
    http_put_response_hop_limit = 3
  }
}
resource "aws_autoscaling_group" "loose" {
  max_size = 1
  min_size = 1
  launch_template {
    id = "lt-0123456789abcdef0"
  }
}
resource "aws_ebs_encryption_by_default" "off" {
  enabled = false
}
