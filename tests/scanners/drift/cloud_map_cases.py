"""Cases: AWS Cloud Map: private DNS namespaces and their services."""

from __future__ import annotations

from scanners.policy.stack import Resource
from tests.beds.aws_account import Account, declare
from tests.scanners.drift.case import Case


def namespace_case(account: Account) -> list[Resource]:
    network = account.ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    account.servicediscovery.create_private_dns_namespace(
        Name="ocpi.internal", Vpc=network, Description="Guard"
    )
    id_ = account.servicediscovery.list_namespaces()["Namespaces"][0]["Id"]
    made = account.servicediscovery.create_service(
        Name="policy", NamespaceId=id_, DnsConfig={"DnsRecords": [{"Type": "A", "TTL": 10}]}
    )["Service"]["Id"]
    service = {
        "name": "policy",
        "dnsConfig": {"namespaceId": id_, "dnsRecords": [{"type": "A", "ttl": 10.0}]},
    }
    inputs = {"name": "ocpi.internal", "description": "Guard", "vpc": network}
    return [
        declare("aws:servicediscovery/privateDnsNamespace:PrivateDnsNamespace", id_, inputs),
        declare("aws:servicediscovery/service:Service", made, service),
    ]


CASES = {
    "namespace": Case(namespace_case),
}
