"""Cases: what runs, by which roles, and under which names."""

from __future__ import annotations

import io
import json
import zipfile
from typing import Any

from scanners.stack import Resource
from tests.beds.aws_account import ACCOUNT, REGION, Account, declare
from tests.scanners.drift.drift_cases import Case
from tests.scanners.drift.keeping_cases import ROOT, allow
from tests.scanners.drift.network_cases import group, subnet, vpc


def trust(principal: Any) -> str:
    statement = {"Effect": "Allow", "Principal": principal, "Action": "sts:AssumeRole"}
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


TRUST = trust({"Service": "ecs-tasks.amazonaws.com"})
NARROW = allow({"AWS": ROOT}, "s3:GetObject").replace('"Principal": {"AWS": "' + ROOT + '"}, ', "")
WIDE = NARROW.replace("s3:GetObject", "*")


def policy(account: Account, name: str = "boundary") -> Resource:
    made = account.iam.create_policy(
        PolicyName=name, PolicyDocument=NARROW, Tags=[{"Key": "owner", "Value": "ops"}]
    )["Policy"]
    inputs = {"name": name, "policy": NARROW, "tags": {"owner": "ops"}}
    return declare("aws:iam/policy:Policy", made["Arn"], inputs, arn=made["Arn"])


def widen(account: Account, resource: Resource) -> object:
    return account.iam.create_policy_version(PolicyArn=resource.id, PolicyDocument=WIDE, SetAsDefault=True)


def role(account: Account, boundary: Resource, name: str = "task") -> Resource:
    made = account.iam.create_role(
        RoleName=name,
        AssumeRolePolicyDocument=TRUST,
        PermissionsBoundary=boundary.id,
        MaxSessionDuration=3600,
        Description="Task",
        Tags=[{"Key": "owner", "Value": "ops"}],
    )["Role"]
    inputs = {
        "name": name,
        "assumeRolePolicy": TRUST,
        "permissionsBoundary": boundary.id,
        "maxSessionDuration": 3600.0,
        "description": "Task",
        "tags": {"owner": "ops"},
    }
    return declare("aws:iam/role:Role", name, inputs, arn=made["Arn"])


def role_case(account: Account) -> list[Resource]:
    boundary, attached = policy(account), policy(account, "reading")
    made = role(account, boundary)
    account.iam.put_role_policy(RoleName="task", PolicyName="own", PolicyDocument=NARROW)
    account.iam.attach_role_policy(RoleName="task", PolicyArn=attached.id)
    return [
        made,
        declare(
            "aws:iam/rolePolicy:RolePolicy", "task:own", {"name": "own", "role": "task", "policy": NARROW}
        ),
        declare(
            "aws:iam/rolePolicyAttachment:RolePolicyAttachment",
            "task-reading",
            {"role": "task", "policyArn": attached.id},
        ),
        boundary,
        attached,
    ]


def administrator(account: Account, resource: Resource) -> object:
    wide = account.iam.create_policy(PolicyName="all", PolicyDocument=WIDE)["Policy"]["Arn"]
    account.iam.attach_role_policy(RoleName="task", PolicyArn=wide)
    # The policy itself is not what this case is about.
    return wide


def cluster(account: Account) -> Resource:
    arn = account.ecs.create_cluster(
        clusterName="guard",
        settings=[{"name": "containerInsights", "value": "enabled"}],
        tags=[{"key": "owner", "value": "ops"}],
    )["cluster"]["clusterArn"]
    inputs = {
        "name": "guard",
        "settings": [{"name": "containerInsights", "value": "enabled"}],
        "tags": {"owner": "ops"},
    }
    return declare("aws:ecs/cluster:Cluster", arn, inputs, arn=arn)


CONTAINER = {
    "name": "envoy",
    "image": "registry.example/envoy@sha256:" + "0" * 64,
    "essential": True,
    "portMappings": [{"containerPort": 8443, "protocol": "tcp"}],
    "readonlyRootFilesystem": True,
    "user": "1000",
    "environment": [{"name": "SECRETIVE", "value": "a-value-that-no-report-may-show"}],
}


def register(account: Account, container: dict[str, Any], **more: Any) -> Any:
    made = account.ecs.register_task_definition(
        family="guard",
        networkMode="awsvpc",
        requiresCompatibilities=["FARGATE"],
        cpu="512",
        memory="1024",
        containerDefinitions=[container],
        **more,
    )
    return made["taskDefinition"]["taskDefinitionArn"]


def task_case(account: Account) -> list[Resource]:
    made = role(account, policy(account))
    arn = register(account, CONTAINER, taskRoleArn=made.outputs["arn"])
    inputs = {
        "family": "guard",
        "networkMode": "awsvpc",
        "requiresCompatibilities": ["FARGATE"],
        "cpu": "512",
        "memory": "1024",
        "taskRoleArn": made.outputs["arn"],
        "containerDefinitions": json.dumps([CONTAINER]),
    }
    return [declare("aws:ecs/taskDefinition:TaskDefinition", "guard", inputs, arn=arn)]


def service_case(account: Account) -> list[Resource]:
    network = vpc(account)
    inside, guard = subnet(account, network), group(account, network)
    home = cluster(account)
    task = task_case(account)[0]
    place = {"subnets": [inside.id], "securityGroups": [guard.id], "assignPublicIp": "DISABLED"}
    made = account.ecs.create_service(
        cluster=home.id,
        serviceName="guard",
        taskDefinition=task.outputs["arn"],
        desiredCount=2,
        launchType="FARGATE",
        networkConfiguration={"awsvpcConfiguration": place},
        enableExecuteCommand=False,
        tags=[{"key": "owner", "value": "ops"}],
    )["service"]
    inputs = {
        "name": "guard",
        "cluster": home.id,
        "taskDefinition": task.outputs["arn"],
        "desiredCount": 2.0,
        "launchType": "FARGATE",
        "networkConfiguration": {
            "subnets": [inside.id],
            "securityGroups": [guard.id],
            "assignPublicIp": False,
        },
        "tags": {"owner": "ops"},
    }
    return [declare("aws:ecs/service:Service", made["serviceArn"], inputs), home]


def run_other(account: Account, resource: Resource) -> object:
    arn = register(account, {**CONTAINER, "user": "0"})
    return account.ecs.update_service(cluster=resource.inputs["cluster"], service="guard", taskDefinition=arn)


def code() -> bytes:
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w") as archive:
        archive.writestr("main.py", "def main(event, context):\n    return {}\n")
    return written.getvalue()


def function_case(account: Account) -> list[Resource]:
    functions = account.client("lambda")
    who = trust({"Service": "lambda.amazonaws.com"})
    arn = account.iam.create_role(RoleName="authorizer", AssumeRolePolicyDocument=who)["Role"]["Arn"]
    made = functions.create_function(
        FunctionName="authorizer",
        Runtime="python3.13",
        Role=arn,
        Handler="main.main",
        Code={"ZipFile": code()},
        Timeout=5,
        MemorySize=256,
        Environment={"Variables": {"TABLE": "tokens", "SECRETIVE": "a-value-that-no-report-may-show"}},
        TracingConfig={"Mode": "Active"},
        Tags={"owner": "ops"},
    )
    source = f"arn:aws:execute-api:{REGION}:{ACCOUNT}:api/authorizers/a"
    functions.add_permission(
        FunctionName="authorizer",
        StatementId="api",
        Action="lambda:InvokeFunction",
        Principal="apigateway.amazonaws.com",
        SourceArn=source,
    )
    functions.put_function_concurrency(FunctionName="authorizer", ReservedConcurrentExecutions=50)
    inputs = {
        "name": "authorizer",
        "runtime": "python3.13",
        "role": arn,
        "handler": "main.main",
        "timeout": 5.0,
        "memorySize": 256.0,
        "environment": {"variables": {"TABLE": "tokens", "SECRETIVE": "a-value-that-no-report-may-show"}},
        "tracingConfig": {"mode": "Active"},
        "reservedConcurrentExecutions": 50.0,
        "tags": {"owner": "ops"},
    }
    permission = {
        "function": "authorizer",
        "action": "lambda:InvokeFunction",
        "principal": "apigateway.amazonaws.com",
        "sourceArn": source,
    }
    return [
        declare(
            "aws:lambda/function:Function",
            "authorizer",
            inputs,
            arn=made["FunctionArn"],
            codeSha256=made["CodeSha256"],
        ),
        declare("aws:lambda/permission:Permission", "api", permission),
    ]


def configure(**change: Any) -> Any:
    return lambda a, r: a.client("lambda").update_function_configuration(FunctionName=r.id, **change)


def replace_code(account: Account, resource: Resource) -> object:
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w") as archive:
        archive.writestr("main.py", "import os\n")
    return account.client("lambda").update_function_code(FunctionName=resource.id, ZipFile=written.getvalue())


def balancer_case(account: Account) -> list[Resource]:
    network = vpc(account)
    inside = subnet(account, network)
    made = account.elbv2.create_load_balancer(
        Name="guard",
        Subnets=[inside.id],
        Scheme="internal",
        Type="network",
        Tags=[{"Key": "owner", "Value": "ops"}],
    )["LoadBalancers"][0]["LoadBalancerArn"]
    account.elbv2.modify_load_balancer_attributes(
        LoadBalancerArn=made, Attributes=[{"Key": "deletion_protection.enabled", "Value": "true"}]
    )
    inputs = {
        "name": "guard",
        "subnets": [inside.id],
        "internal": True,
        "loadBalancerType": "network",
        "enableDeletionProtection": True,
        "tags": {"owner": "ops"},
    }
    return [declare("aws:lb/loadBalancer:LoadBalancer", made, inputs, arn=made), inside, network]


def listener_case(account: Account) -> list[Resource]:
    balancer, inside, network = balancer_case(account)
    group_arn = account.elbv2.create_target_group(
        Name="guard", Protocol="TLS", Port=8443, VpcId=network.id, TargetType="ip"
    )["TargetGroups"][0]["TargetGroupArn"]
    certificate = account.acm.request_certificate(DomainName="guard.example.com", ValidationMethod="DNS")
    arn = certificate["CertificateArn"]
    made = account.elbv2.create_listener(
        LoadBalancerArn=balancer.id,
        Protocol="TLS",
        Port=443,
        SslPolicy="ELBSecurityPolicy-TLS13-1-2-Res-PQ-2025-09",
        Certificates=[{"CertificateArn": arn}],
        DefaultActions=[{"Type": "forward", "TargetGroupArn": group_arn}],
    )["Listeners"][0]["ListenerArn"]
    inputs = {
        "loadBalancerArn": balancer.id,
        "port": 443.0,
        "protocol": "TLS",
        "sslPolicy": "ELBSecurityPolicy-TLS13-1-2-Res-PQ-2025-09",
        "certificateArn": arn,
        "defaultActions": [{"type": "forward", "targetGroupArn": group_arn}],
    }
    target = {
        "name": "guard",
        "port": 8443.0,
        "protocol": "TLS",
        "vpcId": network.id,
        "targetType": "ip",
        "healthCheck": {"protocol": "TCP"},
    }
    return [
        declare("aws:lb/listener:Listener", made, inputs, arn=made),
        declare("aws:lb/targetGroup:TargetGroup", group_arn, target, arn=group_arn),
        balancer,
        inside,
        network,
    ]


def target_case(account: Account) -> list[Resource]:
    found = listener_case(account)
    return [found[1], *found[:1], *found[2:]]


def repository_case(account: Account) -> list[Resource]:
    made = account.ecr.create_repository(
        repositoryName="guard/envoy",
        imageTagMutability="IMMUTABLE",
        imageScanningConfiguration={"scanOnPush": True},
        tags=[{"Key": "owner", "Value": "ops"}],
    )["repository"]
    inputs = {
        "name": "guard/envoy",
        "imageTagMutability": "IMMUTABLE",
        "imageScanningConfiguration": {"scanOnPush": True},
        "tags": {"owner": "ops"},
    }
    return [declare("aws:ecr/repository:Repository", "guard/envoy", inputs, arn=made["repositoryArn"])]


def zone(account: Account) -> Resource:
    made = account.route53.create_hosted_zone(
        Name="example.com", CallerReference="1", HostedZoneConfig={"Comment": "OCPI"}
    )
    id_ = made["HostedZone"]["Id"].rsplit("/", 1)[-1]
    inputs = {"name": "example.com", "comment": "OCPI"}
    return declare("aws:route53/zone:Zone", id_, inputs, zoneId=id_)


def record(account: Account, home: str, name: str, value: str, action: str = "UPSERT") -> object:
    change = {"Name": name, "Type": "A", "TTL": 60, "ResourceRecords": [{"Value": value}]}
    return account.route53.change_resource_record_sets(
        HostedZoneId=home, ChangeBatch={"Changes": [{"Action": action, "ResourceRecordSet": change}]}
    )


def record_case(account: Account) -> list[Resource]:
    home = zone(account)
    record(account, home.id, "ocpi.example.com", "192.0.2.1")
    inputs = {
        "zoneId": home.id,
        "name": "ocpi.example.com",
        "type": "A",
        "ttl": 60.0,
        "records": ["192.0.2.1"],
    }
    made = declare("aws:route53/record:Record", f"{home.id}_ocpi", inputs, fqdn="ocpi.example.com")
    return [made, home]


def stray_record(account: Account) -> str:
    home = account.route53.list_hosted_zones()["HostedZones"][0]["Id"].rsplit("/", 1)[-1]
    record(account, home, "forgotten.example.com", "203.0.113.9")
    return f"{home} forgotten.example.com A"


def certificate_case(account: Account) -> list[Resource]:
    arn = account.acm.request_certificate(
        DomainName="ocpi.example.com",
        ValidationMethod="DNS",
        SubjectAlternativeNames=["ocpi.example.com", "www.example.com"],
        Tags=[{"Key": "owner", "Value": "ops"}],
    )["CertificateArn"]
    inputs = {
        "domainName": "ocpi.example.com",
        "validationMethod": "DNS",
        "subjectAlternativeNames": ["www.example.com"],
        "tags": {"owner": "ops"},
    }
    return [declare("aws:acm/certificate:Certificate", arn, inputs, arn=arn)]


CASES = {
    "policy": Case(
        lambda a: [policy(a)],
        {"policy": widen, "tags": lambda a, r: a.iam.untag_policy(PolicyArn=r.id, TagKeys=["owner"])},
        lambda a, r: a.iam.delete_policy(PolicyArn=r.id),
        lambda a: a.iam.create_policy(PolicyName="more", PolicyDocument=NARROW)["Policy"]["Arn"],
    ),
    "role": Case(
        role_case,
        {
            "assumeRolePolicy": lambda a, r: a.iam.update_assume_role_policy(
                RoleName=r.id, PolicyDocument=trust({"AWS": "*"})
            ),
            "inlinePolicies": lambda a, r: a.iam.put_role_policy(
                RoleName=r.id, PolicyName="own", PolicyDocument=WIDE
            ),
            "managedPolicies": administrator,
            "permissionsBoundary": lambda a, r: a.iam.delete_role_permissions_boundary(RoleName=r.id),
            "maxSessionDuration": lambda a, r: a.iam.update_role(
                RoleName=r.id, MaxSessionDuration=43200, Description="Task"
            ),
            "tags": lambda a, r: a.iam.untag_role(RoleName=r.id, TagKeys=["owner"]),
        },
        add=lambda a: a.iam.create_role(RoleName="more", AssumeRolePolicyDocument=TRUST)["Role"]["RoleName"],
    ),
    "cluster": Case(
        lambda a: [cluster(a)],
        {
            "settings": lambda a, r: a.ecs.update_cluster(
                cluster=r.id, settings=[{"name": "containerInsights", "value": "disabled"}]
            ),
            "tags": lambda a, r: a.ecs.untag_resource(resourceArn=r.id, tagKeys=["owner"]),
        },
        lambda a, r: a.ecs.delete_cluster(cluster=r.id),
        lambda a: a.ecs.create_cluster(clusterName="more")["cluster"]["clusterArn"],
    ),
    "task definition": Case(task_case),
    "service": Case(
        service_case,
        {
            "desiredCount": lambda a, r: a.ecs.update_service(
                cluster=r.inputs["cluster"], service="guard", desiredCount=0
            ),
            "taskDefinition": run_other,
        },
        lambda a, r: a.ecs.delete_service(cluster=r.inputs["cluster"], service="guard", force=True),
    ),
    "function": Case(
        function_case,
        {
            "environment": configure(Environment={"Variables": {"TABLE": "other"}}),
            "role": configure(Role=f"arn:aws:iam::{ACCOUNT}:role/other"),
            "timeout": configure(Timeout=900),
            "codeSha256": replace_code,
            "permissions": lambda a, r: a.client("lambda").add_permission(
                FunctionName=r.id, StatementId="all", Action="lambda:InvokeFunction", Principal="*"
            ),
            "url": lambda a, r: a.client("lambda").create_function_url_config(
                FunctionName=r.id, AuthType="NONE"
            ),
            "reservedConcurrentExecutions": lambda a, r: a.client("lambda").delete_function_concurrency(
                FunctionName=r.id
            ),
        },
        lambda a, r: a.client("lambda").delete_function(FunctionName=r.id),
    ),
    "load balancer": Case(
        balancer_case,
        {
            "enableDeletionProtection": lambda a, r: a.elbv2.modify_load_balancer_attributes(
                LoadBalancerArn=r.id, Attributes=[{"Key": "deletion_protection.enabled", "Value": "false"}]
            ),
            "accessLogs": lambda a, r: a.elbv2.modify_load_balancer_attributes(
                LoadBalancerArn=r.id,
                Attributes=[
                    {"Key": "access_logs.s3.enabled", "Value": "true"},
                    {"Key": "access_logs.s3.bucket", "Value": "elsewhere"},
                ],
            ),
            "tags": lambda a, r: a.elbv2.remove_tags(ResourceArns=[r.id], TagKeys=["owner"]),
        },
    ),
    "listener": Case(
        listener_case,
        {
            "sslPolicy": lambda a, r: a.elbv2.modify_listener(
                ListenerArn=r.id, SslPolicy="ELBSecurityPolicy-2016-08"
            ),
            "port": lambda a, r: a.elbv2.modify_listener(ListenerArn=r.id, Port=80),
        },
        lambda a, r: a.elbv2.delete_listener(ListenerArn=r.id),
    ),
    "target group": Case(
        target_case,
        {
            "healthCheck.protocol": lambda a, r: a.elbv2.modify_target_group(
                TargetGroupArn=r.id, HealthCheckProtocol="HTTP"
            )
        },
    ),
    "repository": Case(
        repository_case,
        {
            "imageTagMutability": lambda a, r: a.ecr.put_image_tag_mutability(
                repositoryName=r.id, imageTagMutability="MUTABLE"
            ),
            "imageScanningConfiguration": lambda a, r: a.ecr.put_image_scanning_configuration(
                repositoryName=r.id, imageScanningConfiguration={"scanOnPush": False}
            ),
            "policy": lambda a, r: a.ecr.set_repository_policy(
                repositoryName=r.id,
                policyText=allow("*", "ecr:*").replace(', "Resource": "*"', ""),
            ),
            "tags": lambda a, r: a.ecr.untag_resource(resourceArn=r.outputs["arn"], tagKeys=["owner"]),
        },
        lambda a, r: a.ecr.delete_repository(repositoryName=r.id),
        lambda a: a.ecr.create_repository(repositoryName="more")["repository"]["repositoryName"],
    ),
    "zone": Case(
        lambda a: [zone(a)],
        {"comment": lambda a, r: a.route53.update_hosted_zone_comment(Id=r.id, Comment="?")},
        lambda a, r: a.route53.delete_hosted_zone(Id=r.id),
    ),
    "record": Case(
        record_case,
        {"records": lambda a, r: record(a, r.inputs["zoneId"], "ocpi.example.com", "203.0.113.1")},
        lambda a, r: record(a, r.inputs["zoneId"], "ocpi.example.com", "192.0.2.1", "DELETE"),
        stray_record,
    ),
    "certificate": Case(
        certificate_case,
        {
            "tags": lambda a, r: a.acm.remove_tags_from_certificate(
                CertificateArn=r.id, Tags=[{"Key": "owner", "Value": "ops"}]
            )
        },
        lambda a, r: a.acm.delete_certificate(CertificateArn=r.id),
        lambda a: a.acm.request_certificate(DomainName="more.example.com")["CertificateArn"],
    ),
}
