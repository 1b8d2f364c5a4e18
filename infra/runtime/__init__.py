"""Runtime: what runs in AWS, the Lambda functions and the policy service. It imports no Pulumi."""
