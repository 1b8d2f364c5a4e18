"""What IAM policies mean, for every check that judges one."""
