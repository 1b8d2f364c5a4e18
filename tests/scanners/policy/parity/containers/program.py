"""One side of a pair: `main.tf` says the same in Terraform."""

import json

import pulumi_aws as aws

cluster = aws.ecs.Cluster("guard", settings=[{"name": "containerInsights", "value": "enabled"}])
good = [
    {
        "name": "guard",
        "image": "g:1",
        "readonlyRootFilesystem": True,
        "privileged": False,
        "user": "1000",
        "essential": True,
    }
]
bad = [{"name": "guard", "image": "g:1", "privileged": True, "environment": [{"name": "A", "value": "b"}]}]
task = aws.ecs.TaskDefinition(
    "guard",
    family="guard",
    network_mode="awsvpc",
    container_definitions=json.dumps(good),
    execution_role_arn="arn:aws:iam::123456789012:role/e",
    task_role_arn="arn:aws:iam::123456789012:role/t",
    requires_compatibilities=["FARGATE"],
)
aws.ecs.TaskDefinition(
    "loose",
    family="loose",
    container_definitions=json.dumps(bad),
    pid_mode="host",
    execution_role_arn="arn:aws:iam::123456789012:role/e",
    task_role_arn="arn:aws:iam::123456789012:role/e",
    volumes=[
        {
            "name": "v",
            "efs_volume_configuration": {"file_system_id": "fs-1", "transit_encryption": "DISABLED"},
        }
    ],
)
aws.ecs.Service(
    "guard",
    cluster=cluster.id,
    task_definition=task.arn,
    launch_type="FARGATE",
    platform_version="LATEST",
    network_configuration={"subnets": ["subnet-0123456789abcdef0"], "assign_public_ip": False},
)
aws.ecs.Service(
    "public",
    cluster=cluster.id,
    task_definition=task.arn,
    launch_type="FARGATE",
    platform_version="1.3.0",
    network_configuration={"subnets": ["subnet-0123456789abcdef0"], "assign_public_ip": True},
)
aws.ecs.Cluster("loose")
