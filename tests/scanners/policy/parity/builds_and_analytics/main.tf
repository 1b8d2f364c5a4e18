resource "aws_codebuild_project" "good" {
  service_role   = "arn:aws:iam::123456789012:role/b"
  encryption_key = "arn:aws:kms:eu-central-1:123456789012:key/k"
  artifacts {
    type = "NO_ARTIFACTS"
  }
  source {
    type      = "NO_SOURCE"
    buildspec = "x"
  }
  environment {
    compute_type = "BUILD_GENERAL1_SMALL"
    image        = "i"
    type         = "LINUX_CONTAINER"
  }
  logs_config {
    cloudwatch_logs {
      status     = "ENABLED"
      group_name = "g"
    }
  }
}
resource "aws_codebuild_project" "loose" {
  service_role = "arn:aws:iam::123456789012:role/b"
  artifacts {
    type                = "S3"
    location            = "b"
    encryption_disabled = true
  }
  source {
    type      = "NO_SOURCE"
    buildspec = "x"
  }
  environment {
    compute_type    = "BUILD_GENERAL1_SMALL"
    image           = "i"
    type            = "LINUX_CONTAINER"
    privileged_mode = true
  }
  logs_config {
    s3_logs {
      status              = "ENABLED"
      location            = "b/l"
      encryption_disabled = true
    }
  }
}
resource "aws_athena_workgroup" "good" {
  configuration {
    enforce_workgroup_configuration = true
    result_configuration {
      encryption_configuration {
        encryption_option = "SSE_KMS"
        kms_key_arn       = "arn:aws:kms:eu-central-1:123456789012:key/k"
      }
    }
  }
}
resource "aws_athena_workgroup" "loose" {
  configuration {
    enforce_workgroup_configuration = false
  }
}
resource "aws_glue_security_configuration" "loose" {
  encryption_configuration {
    cloudwatch_encryption {
      cloudwatch_encryption_mode = "DISABLED"
    }
    job_bookmarks_encryption {
      job_bookmarks_encryption_mode = "DISABLED"
    }
    s3_encryption {
      s3_encryption_mode = "DISABLED"
    }
  }
}
resource "aws_glue_job" "loose" {
  role_arn = "arn:aws:iam::123456789012:role/g"
  command {
    script_location = "s3://b/x.py"
  }
}
resource "aws_sfn_state_machine" "loose" {
  role_arn   = "arn:aws:iam::123456789012:role/s"
  definition = "{}"
}
resource "aws_sfn_state_machine" "good" {
  role_arn   = "arn:aws:iam::123456789012:role/s"
  definition = "{}"
  tracing_configuration {
    enabled = true
  }
  logging_configuration {
    include_execution_data = true
    level                  = "ALL"
  }
}
