"""The Pulumi program, run without a cloud: what it declares, and what it never does."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from hardening.errors import ConfigError
from hardening.registry.partners import Partner
from hardening.registry.reader import read_registry
from hardening.requests.samples import EMSP
from infra.edge.openapi_models import body_models
from infra.program import build, refuse_client_certificates, refuse_leniencies
from infra.program_run.deployment import Deployment, Record
from infra.program_run.monitor import StackName
from infra.program_run.provision import run_program
from infra.settings import load
from tests.own_stack import Paper, own_stack

ROOT = Path(__file__).resolve().parents[2]
PARTNERS = read_registry(ROOT / "partners")
SECRET = "aws:secretsmanager/secret:Secret"
STACKS = ("lab", "test", "production")


def declared(partners: tuple[Partner, ...] = PARTNERS, **changes: Any) -> tuple[Record, ...]:
    settings = replace(load("test", ROOT), **changes)
    deployment = Deployment(None, {"aws": "7.0.0"})
    run_program(
        lambda: build(settings, partners), StackName("rampart", "test"), Paper(), deployment, root=ROOT
    )
    return deployment.records()


def of(records: tuple[Record, ...], kind: str) -> list[Mapping[str, Any]]:
    return [record.inputs for record in records if record.type == kind]


def callers(records: tuple[Record, ...]) -> list[Mapping[str, Any]]:
    """The statements of the API's resource policy."""
    (api,) = of(records, "aws:apigateway/restApi:RestApi")
    statements: list[Mapping[str, Any]] = json.loads(api["body"])["x-amazon-apigateway-policy"]["Statement"]
    return statements


@pytest.mark.parametrize("stack", STACKS)
def test_each_example_stack_declares_well_over_a_hundred_and_twenty_resources(stack: str) -> None:
    aws = [r for r in own_stack(stack).resources if r.type.startswith("aws:")]
    assert len(aws) >= 120


def test_the_stack_tells_the_terms_of_its_objectives() -> None:
    terms = {"availability": {"percent": 99.95}}
    [root] = [one for one in declared(objectives=terms) if one.type == "pulumi:pulumi:Stack"]
    assert root.outputs["objectives"] == terms


def test_every_resource_belongs_to_a_component_of_ours() -> None:
    stack = own_stack("test")
    for resource in stack.resources:
        if resource.type.startswith("aws:"):
            assert stack.component_of(resource).startswith("rampart:"), resource.urn


# Part of every URN. After the first deployment a changed name needs an alias, or what stands is replaced.
COMPONENT_TYPES = {
    "rampart:compute:Authorizer",
    "rampart:compute:CodeSigning",
    "rampart:compute:FargateService",
    "rampart:compute:LambdaFunction",
    "rampart:compute:Registries",
    "rampart:compute:ServiceScaling",
    "rampart:compute:Services",
    "rampart:data:Backups",
    "rampart:data:BoundaryKeys",
    "rampart:data:CallerKeys",
    "rampart:data:EncryptionKeys",
    "rampart:data:HopKey",
    "rampart:data:InternalCertificate",
    "rampart:data:Ledger",
    "rampart:data:PartnerSecrets",
    "rampart:data:PrivateBucket",
    "rampart:data:RegistryObject",
    "rampart:data:TokenStore",
    "rampart:edge:Api",
    "rampart:edge:ApiDomain",
    "rampart:edge:Certificates",
    "rampart:edge:HostedZone",
    "rampart:edge:LoadBalancer",
    "rampart:edge:UsagePlans",
    "rampart:edge:WebAcl",
    "rampart:identity:AccountDefaults",
    "rampart:identity:Administrators",
    "rampart:network:DnsFirewall",
    "rampart:network:Network",
    "rampart:network:SecurityGroups",
    "rampart:network:VpcEndpoints",
    "rampart:observability:AlarmTopic",
    "rampart:observability:AuditTrail",
    "rampart:observability:Detection",
    "rampart:observability:Monitoring",
    "rampart:observability:NoticeTopic",
}


def test_component_types_stay_what_they_are() -> None:
    declared_types = {resource.type for resource in own_stack("test").resources}
    assert {kind for kind in declared_types if kind.startswith("rampart:")} == COMPONENT_TYPES


def test_a_component_type_names_the_folder_and_class_that_it_comes_from() -> None:
    for kind in COMPONENT_TYPES:
        _, folder, name = kind.split(":")
        sources = [file.read_text("utf-8") for file in (ROOT / "infra" / folder).glob("*.py")]
        assert sum(f"class {name}(pulumi.ComponentResource)" in source for source in sources) == 1, kind


def test_partners_reach_the_domain_over_both_address_families() -> None:
    for kind in ("aws:apigateway/restApi:RestApi", "aws:apigateway/domainName:DomainName"):
        (inputs,) = of(declared(), kind)
        assert inputs["endpointConfiguration"]["ipAddressType"] == "dualstack", kind
    (domain,) = of(declared(), "aws:apigateway/domainName:DomainName")
    records = [
        r["type"] for r in of(declared(), "aws:route53/record:Record") if r["name"] == domain["domainName"]
    ]
    assert sorted(kind for kind in records if kind in ("A", "AAAA")) == ["A", "AAAA"]


def test_logical_names_are_unique_within_a_type_and_parent() -> None:
    urns = Counter(resource.urn for resource in own_stack("test").resources)
    assert [urn for urn, count in urns.items() if count > 1] == []


def test_there_is_one_secret_for_each_partner_direction_and_environment_and_each_caller() -> None:
    names = sorted(inputs["name"] for inputs in of(declared(), "aws:secretsmanager/secret:Secret"))
    of_partners = [f"rampart/test/{one.name}/{way}" for one in PARTNERS for way in ("inbound", "outbound")]
    of_callers = ["rampart/test/egress/credentials", "rampart/test/egress/rotation"]
    internal = ("egress-certificate", "hop-key", "pseudonym-key", "receipt-key", "service-certificate")
    of_hops = [f"rampart/test/internal/{name}" for name in internal]
    assert names == sorted([*of_partners, *of_callers, *of_hops])


def test_the_rotation_alone_writes_keys_and_beside_it_the_service_tokens() -> None:
    records = declared()
    secrets = {r.id: r.inputs["name"] for r in records if r.type == "aws:secretsmanager/secret:Secret"}
    (function,) = (
        f
        for f in of(records, "aws:lambda/function:Function")
        if "RAMPART_ROTATION_DAYS" in f["environment"]["variables"]
    )
    written: dict[str, dict[str, list[str]]] = {}
    for policy in of(records, "aws:secretsmanager/secretPolicy:SecretPolicy"):
        for statement in json.loads(policy["policy"])["Statement"]:
            if statement["Sid"] in ("WritersOnly", "RotationOnly"):
                named = next(name for key, name in secrets.items() if name in policy["secretArn"])
                assert (statement["Effect"], statement["Resource"]) == ("Deny", ["*"])
                roles = statement["Condition"]["ArnNotEquals"]["aws:PrincipalArn"]
                written.setdefault(named, {}).update(dict.fromkeys(statement["Action"], roles))
    rotation = [function["role"]]
    (service,) = (
        r.outputs["arn"] for r in records if r.type == "aws:iam/role:Role" and r.urn.endswith("::service")
    )
    whole = {"UpdateSecret": rotation, "UpdateSecretVersionStage": rotation}
    kept = ("internal/pseudonym-key", "internal/receipt-key")
    keys = ("egress/credentials", "egress/rotation", "internal/hop-key", *kept)
    tokens = [f"{one.name}/{way}" for one in PARTNERS for way in ("inbound", "outbound")]
    puts = dict.fromkeys(keys, rotation) | {name: [*rotation, service] for name in tokens}
    assert written == {
        f"rampart/test/{name}": {
            f"secretsmanager:{action}": roles for action, roles in {**whole, "PutSecretValue": put}.items()
        }
        for name, put in puts.items()
    }


def test_a_contract_with_certificates_brings_them_by_secret_and_by_the_registrys_object() -> None:
    contract: dict[str, Any] = {"client_certificate_out": "us-2026", "tls_ca_file": "ca.pem"}
    partners = tuple(replace(one, **contract, tls_authority="THEIR CA") for one in PARTNERS)
    records = declared(partners)
    of_client = "rampart/test/internal/client-certificate/us-2026"
    assert [one["name"] for one in of(records, SECRET)].count(of_client) == 1
    assert not of(records, "aws:secretsmanager/secretVersion:SecretVersion")
    objects = of(records, "aws:s3/bucketObjectv2:BucketObjectv2")
    (registry,) = (one for one in objects if one["key"] == "partners.json")
    assert {one["tls_authority"] for one in json.loads(registry["content"])} == {"THEIR CA"}


def test_no_token_and_no_secret_value_is_ever_part_of_the_program() -> None:
    assert of(declared(), "aws:secretsmanager/secretVersion:SecretVersion") == []


def test_a_partner_of_another_environment_is_left_out_of_everything() -> None:
    records = declared(tuple(replace(p, environment="production") for p in PARTNERS))
    text = json.dumps([record.as_state() for record in records], default=str)
    for partner in PARTNERS:
        assert partner.name not in text
        assert all(network not in text for network in partner.networks)


@pytest.mark.parametrize(
    "networks",
    [("2001:db8:7::/48",), ("203.0.113.0/28", "2001:db8:7::/64"), ("203.0.113.0/28",)],
    ids=["IPv6 only", "both families", "IPv4 only"],
)
def test_a_partner_is_admitted_from_its_networks_of_both_families(networks: tuple[str, ...]) -> None:
    records = declared((replace(PARTNERS[0], networks=networks),))
    sets = [record for record in records if record.type == "aws:wafv2/ipSet:IpSet"]
    admitted = {(one.inputs["ipAddressVersion"], *one.inputs["addresses"]) for one in sets}
    assert admitted == {("IPV6" if ":" in network else "IPV4", network) for network in networks}
    (acl,) = of(records, "aws:wafv2/webAcl:WebAcl")
    for name, arns in (("strangers", acl["rules"][0]), ("partners", acl["rules"][-1])):
        assert arns["name"] == name
        text = json.dumps(arns["statement"])
        assert all(one.outputs["arn"] in text for one in sets)
        assert ("orStatement" in text) == (len(sets) > 1)
    conditions = [statement["Condition"] for statement in callers(records)]
    assert {tuple(c["aws:SourceIp"]) for condition in conditions for c in condition.values()} == {
        tuple(sorted(networks))
    }


def test_a_crowd_of_partners_needs_no_more_sets_than_a_few() -> None:
    crowd = tuple(
        replace(PARTNERS[0], name=f"partner-{n}", networks=(f"198.51.{n}.0/28", f"2001:db8:{n:x}::/48"))
        for n in range(60)
    )
    sets = of(declared(crowd), "aws:wafv2/ipSet:IpSet")
    assert [len(one["addresses"]) for one in sets] == [60, 60]


def test_a_changed_network_of_a_partner_is_deployed() -> None:
    def trigger(networks: tuple[str, ...]) -> Any:
        records = declared((replace(PARTNERS[0], networks=networks),))
        (deployment,) = of(records, "aws:apigateway/deployment:Deployment")
        return deployment["triggers"]

    before = trigger(("203.0.113.0/28",))
    assert trigger(("203.0.113.0/28",)) == before
    assert trigger(("203.0.113.0/27",)) != before


def test_a_contract_of_ninety_calls_a_minute_is_metered_as_such() -> None:
    records = declared((replace(PARTNERS[0], requests_per_minute=90),))
    (plan,) = of(records, "aws:apigateway/usagePlan:UsagePlan")
    assert plan["throttleSettings"] == {"rateLimit": 1.5, "burstLimit": 3}
    (settings,) = of(records, "aws:apigateway/methodSettings:MethodSettings")
    assert settings["settings"]["throttlingRateLimit"] == 1.5


def test_the_state_does_not_say_where_it_was_built() -> None:
    text = json.dumps([record.inputs for record in declared()], default=str)
    assert "hardening/checks.py" in text
    assert str(ROOT) not in text


def test_containers_are_written_as_aws_stores_them() -> None:
    for task in of(declared(), "aws:ecs/taskDefinition:TaskDefinition"):
        for container in json.loads(task["containerDefinitions"]):
            # AWS answers the empty list: without it, every preview would show a difference.
            assert container["linuxParameters"]["capabilities"] == {"add": [], "drop": ["ALL"]}


@pytest.mark.parametrize(("reserve", "reserved"), [(True, {1, 50}), (False, {None})])
def test_an_account_with_a_small_quota_reserves_no_executions(
    reserve: bool, reserved: set[int | None]
) -> None:
    functions = of(declared(reserve_concurrency=reserve), "aws:lambda/function:Function")
    assert {function.get("reservedConcurrentExecutions") for function in functions} == reserved


def test_without_partners_nobody_passes() -> None:
    records = declared(())
    (acl,) = of(records, "aws:wafv2/webAcl:WebAcl")
    assert "block" in acl["defaultAction"]
    assert not [rule for rule in acl["rules"] if "allow" in (rule.get("action") or {})]
    (api,) = of(records, "aws:apigateway/restApi:RestApi")
    assert {s["Effect"] for s in callers(records)} == {"Deny"}
    assert list(json.loads(api["body"])["paths"]) == ["/ocpi/versions"]


def test_only_the_egress_guard_may_reach_the_world_and_only_on_partners_ports() -> None:
    rules = of(declared(), "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule")
    open_rules = [rule for rule in rules if "cidrIpv4" in rule]
    assert {rule["fromPort"] for rule in open_rules} == {443, 8443}
    assert len({rule["securityGroupId"] for rule in open_rules}) == 1


def test_names_resolve_for_partners_and_aws_only() -> None:
    lists = of(declared(), "aws:route53/resolverFirewallDomainList:ResolverFirewallDomainList")
    allowed = next(inputs["domains"] for inputs in lists if inputs["domains"] != ["*"])
    assert "ocpi.emsp.example" in allowed
    assert "ocpi.cpo.example" in allowed
    assert "*" not in allowed


def test_a_zone_that_exists_is_used_and_not_made() -> None:
    records = declared(hosted_zone="Z0123456789ABCDEFGHIJ")
    assert of(records, "aws:route53/zone:Zone") == []
    assert {r["zoneId"] for r in of(records, "aws:route53/record:Record")} == {"Z0123456789ABCDEFGHIJ"}


def test_a_third_zone_adds_subnets_and_moves_none() -> None:
    def cidrs(zones: tuple[str, ...]) -> dict[str, str]:
        subnets = of(declared(availability_zones=zones), "aws:ec2/subnet:Subnet")
        return {inputs["tags"]["Name"]: inputs["cidrBlock"] for inputs in subnets}

    two = cidrs(("eu-central-1a", "eu-central-1b"))
    three = cidrs(("eu-central-1a", "eu-central-1b", "eu-central-1c"))
    assert len(three) == 12
    assert len(set(three.values())) == 12
    assert two.items() <= three.items()


def test_every_role_stands_under_the_permission_boundary() -> None:
    roles = of(declared(), "aws:iam/role:Role")
    boundaries = {role.get("permissionsBoundary") for role in roles}
    people = {role.get("permissionsBoundary") for role in roles if "rampart:duty" in role["tags"]}
    assert len(roles) > 10
    assert None not in boundaries
    assert len(people) == len(boundaries - people) == 1


def test_users_are_asked_for_their_second_factor_and_roles_are_not() -> None:
    user, role = "arn:aws:iam::123456789012:user/ada", "arn:aws:iam::123456789012:role/sso"
    roles = of(declared(trusted_principals=(user, role)), "aws:iam/role:Role")
    for admin in (one for one in roles if "rampart:duty" in one["tags"]):
        users, others = json.loads(admin["assumeRolePolicy"])["Statement"]
        assert users["Principal"] == {"AWS": [user]}
        assert users["Condition"]["Bool"] == {"aws:MultiFactorAuthPresent": "true"}
        assert others["Principal"] == {"AWS": [role]}
        assert "Condition" not in others
        assert "IAM Identity Center" in admin["tags"]["rampart:mfa"]


def test_the_longest_list_of_trusted_principals_fits_into_a_trust_policy() -> None:
    """2048 characters without white space (IAM User Guide, "IAM and AWS STS quotas")."""
    arns = [f"arn:aws:iam::123456789012:{kind}/{'a' * 60}" for kind in ("user", "role")]
    longest = tuple(f"{arn}{number}" for number in range(8) for arn in arns)
    assert 1500 < sum(len(arn) + 3 for arn in longest) <= 1600
    roles = of(declared(trusted_principals=longest), "aws:iam/role:Role")
    policies = [one["assumeRolePolicy"] for one in roles if "rampart:duty" in one["tags"]]
    assert policies
    assert all(len(re.sub(r"\s", "", policy)) <= 2048 for policy in policies)


PULUMI_PROGRAM = """
import runpy, sys
from pulumi.runtime import mocks
class Cloud(mocks.Mocks):
    def new_resource(self, args):
        signed = [{"s3s": [{"bucket": "b", "key": "k"}]}]
        proof = [{"resourceRecordName": "n"}]
        computed = {"arn": args.name, "domainValidationOptions": proof, "signedObjects": signed}
        return args.name, {**args.inputs, **computed}
    def call(self, args):
        return {"accountId": "123456789012", "arn": "a", "id": "i", "userId": "u"}
mocks.set_mocks(Cloud(), project="ocpi-rampart", stack="test")
sys.path.insert(0, "infra")
runpy.run_path("infra", run_name="__main__")
print("declared")
"""


def as_pulumi_does(config: Mapping[str, str], folder: Path) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PULUMI_CONFIG": json.dumps(config), "PYTHONPATH": ""}
    return subprocess.run(
        [sys.executable, "-W", "ignore", "-c", PULUMI_PROGRAM],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def pulumi_configuration() -> dict[str, str]:
    settings = load("test", ROOT)
    return {
        "aws:region": settings.region,
        "rampart:environment": settings.environment,
        "rampart:domain": settings.domain,
        "rampart:availabilityZones": json.dumps(settings.availability_zones),
        "rampart:replicaRegion": settings.replica_region,
        "rampart:guardImage": settings.guard_image,
        "rampart:policyImage": settings.policy_image,
        "rampart:serviceImage": settings.service_image,
        "rampart:internalAuthority": settings.internal_authority,
        "rampart:alarmEmails": json.dumps(settings.alarm_emails),
        "rampart:securityPhone": settings.security_phone,
        "rampart:identityProviderMfa": settings.identity_provider_mfa,
        "rampart:trustedPrincipals": json.dumps(settings.trusted_principals),
    }


def test_pulumi_starts_the_folder_and_finds_everything() -> None:
    run = as_pulumi_does(pulumi_configuration(), ROOT)
    assert run.stdout == "declared\n", run.stderr


def test_pulumi_is_told_of_every_fault_before_anything_is_declared() -> None:
    config = {**pulumi_configuration(), "rampart:rotationDays": "31", "rampart:colour": "blue"}
    run = as_pulumi_does(config, ROOT)
    assert run.stdout == ""
    assert "Pulumi.test.yaml: colour: unknown key\n" in run.stderr
    assert "Pulumi.test.yaml: rotationDays: expected a whole number from 1 to 30, found 31" in run.stderr


def test_a_partner_with_client_certificates_is_refused_as_the_api_asks_for_none() -> None:
    refuse_client_certificates((EMSP,))
    with pytest.raises(ConfigError, match=r"example-emsp\.yaml: client_certificate_in"):
        refuse_client_certificates((replace(EMSP, client_certificate_in=("A" * 43 + "=",)),))


def test_a_partner_with_leniencies_is_refused_as_the_models_at_the_edge_would_refuse_its_messages() -> None:
    refuse_leniencies((EMSP,))
    with pytest.raises(ConfigError, match=r"example-emsp\.yaml: accept"):
        refuse_leniencies((replace(EMSP, accept={"zero-offset": "their clock writes +00:00"}),))
    latitude = body_models("2.2.1", "CDR", False, "Cdr")["CdrOfCdrLocationOfGeoLocation"]["properties"][
        "latitude"
    ]
    assert latitude["type"] == "string", "number-coordinates would not pass"
