"""One side of a pair: `main.tf` says the same in Terraform."""

import json

import pulumi_aws as aws

fs = aws.efs.FileSystem("good", encrypted=True, kms_key_id="arn:aws:kms:eu-central-1:123456789012:key/k")
aws.efs.AccessPoint(
    "good", file_system_id=fs.id, posix_user={"uid": 1000, "gid": 1000}, root_directory={"path": "/data"}
)
loose = aws.efs.FileSystem("loose")
aws.efs.AccessPoint("loose", file_system_id=loose.id)
good = aws.ecr.Repository(
    "good",
    image_tag_mutability="IMMUTABLE",
    image_scanning_configuration={"scan_on_push": True},
    encryption_configurations=[
        {"encryption_type": "KMS", "kms_key": "arn:aws:kms:eu-central-1:123456789012:key/k"}
    ],
)
bad = aws.ecr.Repository("loose")
aws.ecr.RepositoryPolicy(
    "open",
    repository=bad.name,
    policy=json.dumps(
        {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": "*", "Action": "ecr:*"}]}
    ),
)
backup = aws.backup.Vault("good", kms_key_arn="arn:aws:kms:eu-central-1:123456789012:key/k")
aws.backup.Vault("loose")
