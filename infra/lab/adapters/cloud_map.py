"""AWS Cloud Map."""

from __future__ import annotations

from infra.lab.adapters.desired_resource import Adapter, DesiredResource
from infra.program_run.monitor import Created


def private_namespace(desired: DesiredResource) -> Created:
    """CreatePrivateDnsNamespace: the id is in the operation that it starts."""
    name = desired.left["name"]
    operation = desired.create(
        "servicediscovery", "CreatePrivateDnsNamespace", {"vpc": "Vpc"}, CreatorRequestId=desired.urn[-64:]
    )["OperationId"]
    client = desired.clients.get("servicediscovery", desired.region)
    identifier = client.get_operation(OperationId=operation)["Operation"]["Targets"]["NAMESPACE"]
    found = client.get_namespace(Id=identifier)["Namespace"]
    zone = found.get("Properties", {}).get("DnsProperties", {}).get("HostedZoneId", "")
    return Created(identifier, {"arn": found["Arn"], "hostedZone": zone, "name": name})


def discovery_service(desired: DesiredResource) -> Created:
    """CreateService."""
    desired.take("forceDestroy")
    made = desired.create("servicediscovery", "CreateService", CreatorRequestId=desired.urn[-64:])["Service"]
    return Created(made["Id"], {"arn": made["Arn"]})


ADAPTERS: dict[str, Adapter] = {
    "aws:servicediscovery/privateDnsNamespace:PrivateDnsNamespace": private_namespace,
    "aws:servicediscovery/service:Service": discovery_service,
}
