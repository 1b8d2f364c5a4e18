"""Cases: Route 53: hosted zones with DNSSEC and query logs, and their records."""

from __future__ import annotations

from scanners.policy.stack import Resource
from tests.beds.aws_account import Account, declare
from tests.scanners.drift.case import Case


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


CASES = {
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
}
