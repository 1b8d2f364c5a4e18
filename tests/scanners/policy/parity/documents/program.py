"""One side of a pair: `main.tf` says the same in Terraform."""

import json

import pulumi_aws as aws


def policy(*statements: dict[str, object]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": statements})


def allowed(action: str, principal: object = "*", effect: str = "Allow") -> dict[str, object]:
    return {"Effect": effect, "Principal": principal, "Action": action, "Resource": "*"}


def approvals(number: int) -> str:
    needed = {"Type": "Approvers", "NumberOfApprovalsNeeded": number}
    return json.dumps({"Version": "2018-11-08", "Statements": [needed]})


aws.sqs.Queue("open", policy=policy(allowed("sqs:SendMessage")))
aws.sqs.Queue(
    "closed", policy=policy(allowed("sqs:SendMessage", {"AWS": "arn:aws:iam::123456789012:role/cdrs"}))
)
aws.s3.Bucket("open", policy=policy(allowed("s3:GetObject"), allowed("s3:*", effect="Deny")))
aws.emr.SecurityConfiguration(
    "clear",
    configuration=json.dumps(
        {"EncryptionConfiguration": {"EnableAtRestEncryption": False, "EnableInTransitEncryption": False}}
    ),
)
disks = {"EnableEbsEncryption": True, "EncryptionKeyProviderType": "AwsKms", "AwsKmsKey": "alias/emr"}
sealed = {
    "EnableAtRestEncryption": True,
    "EnableInTransitEncryption": True,
    "AtRestEncryptionConfiguration": {"LocalDiskEncryptionConfiguration": disks},
}
aws.emr.SecurityConfiguration("sealed", configuration=json.dumps({"EncryptionConfiguration": sealed}))
aws.codecommit.ApprovalRuleTemplate("one", name="one", content=approvals(1))
aws.codecommit.ApprovalRuleTemplate("two", name="two", content=approvals(2))
open_api = aws.apigateway.RestApi("open", name="open", policy=policy(allowed("execute-api:Invoke")))
aws.apigateway.Method(
    "open", rest_api=open_api.id, resource_id="root", http_method="OPTIONS", authorization="NONE"
)
apart = aws.apigateway.RestApi("apart", name="apart")
aws.apigateway.RestApiPolicy("apart", rest_api_id=apart.id, policy=policy(allowed("execute-api:Invoke")))
aws.apigateway.Method(
    "apart", rest_api=apart.id, resource_id="root", http_method="OPTIONS", authorization="NONE"
)
aws.glacier.Vault("open", name="open", access_policy=policy(allowed("glacier:*")))
session = {"s3BucketName": "sessions", "s3EncryptionEnabled": False}
aws.ssm.Document(
    "clear",
    name="SSM-SessionManagerRunShell",
    document_type="Session",
    content=json.dumps({"schemaVersion": "1.0", "sessionType": "Standard_Stream", "inputs": session}),
)
aws.batch.JobDefinition(
    "privileged",
    name="privileged",
    type="container",
    container_properties=json.dumps({"image": "busybox", "privileged": True}),
)
