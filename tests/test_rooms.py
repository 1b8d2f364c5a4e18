"""One AWS service has one file name: what creates it in the lab and what reads it back."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
READERS = ROOT / "scanners/drift/readers"


def _defines(file: Path, name: str) -> bool:
    """Whether the module assigns `name` at its top level."""
    targets: list[ast.expr] = []
    for node in ast.parse(file.read_text(encoding="utf-8")).body:
        if isinstance(node, ast.AnnAssign):
            targets.append(node.target)
        elif isinstance(node, ast.Assign):
            targets += node.targets
    return any(isinstance(target, ast.Name) and target.id == name for target in targets)


# The modules beside them (the zip of an archive, an OpenAPI body) serve several adapters.
ADAPTERS = sorted(
    file.stem for file in (ROOT / "infra/lab/adapters").glob("*.py") if _defines(file, "ADAPTERS")
)

# An adapter without a reader of its name, and why.
WITHOUT_READER: dict[str, str] = {}


def test_there_are_adapters() -> None:
    assert len(ADAPTERS) > 20


@pytest.mark.parametrize("service", [name for name in ADAPTERS if name not in WITHOUT_READER])
def test_what_the_lab_creates_has_a_reader_of_the_same_name(service: str) -> None:
    assert (READERS / f"{service}.py").is_file()


# A reader without an adapter of its name, and what creates in the lab what it reads.
WITHOUT_ADAPTER = {
    "access_analyzer": "nothing: the emulator has no such API (infra/lab/unsupported.py)",
    "dns_firewall": "nothing: the emulator has no such API (infra/lab/unsupported.py)",
    "api_stages": "api_gateway",
    "domain_name": "api_gateway",
    "iam_providers": "nothing: our stack has none, and nobody else may make one",
    "iam_users": "nothing: our stack has none, and nobody else may make one",
    "lambda_sources": "nothing: no queue or stream calls a function of our stack",
    "other_networks": "nothing: our stack has none of them",
    "other_services": "nothing: our stack uses none of them",
    "s3_objects": "s3",
    "target_groups": "load_balancing",
    "usage_plans": "api_gateway",
    "vpc_gateways": "vpc",
    "vpc_links": "api_gateway",
}


def test_what_is_read_back_is_created_by_an_adapter_of_the_same_name() -> None:
    readers = {file.stem for file in READERS.glob("*.py")} - {"__init__"}
    assert readers - set(ADAPTERS) == set(WITHOUT_ADAPTER)


def test_an_exception_is_an_adapter_that_has_no_reader() -> None:
    for service, why in WITHOUT_READER.items():
        assert service in ADAPTERS
        assert not (READERS / f"{service}.py").exists()
        assert why


# A module of checks that no reader has the name of, and what it is about.
CHECKS_OF_NO_ONE_SERVICE = {
    "administrators": "the roles of people, beside IAM's checks",
    "backup_alarms": "who hears of a backup that failed, beside Backup's checks",
    "backup_role": "what AWS Backup may do, beside Backup's checks",
    "alarm_sources": "what alarms count, in CloudWatch, WAF and API Gateway",
    "alarms": "which alarms can fire, beside CloudWatch's checks",
    "api_document": "the API's document, beside the API's checks",
    "api_requests": "the API's bodies and authorizer, beside the API's checks",
    "certificate_alarms": "certificates of ACM and of Secrets Manager, and the alarms on both",
    "copies": "how records last, in S3, CloudTrail and load balancers",
    "deployment": "the order in which resources of all services come up",
    "destroying": "what is left when a stack is destroyed",
    "detection": "GuardDuty, AWS Config, Security Hub and Access Analyzer together",
    "egress_callers": "who asks the egress guard, in ECS, Lambda and Secrets Manager",
    "foreign_accounts": "the policies of all services",
    "boundary": "what stands before the OCPI service, in ECS, Secrets Manager and DynamoDB",
    "gateway_paths": "what the API hands on and the guard takes, beside the API's checks",
    "gateway_targets": "where the API's document leads, beside the API's checks",
    "granted_rights": "policies and attachments, beside IAM's checks",
    "hop_key": "what guard and service prove to each other with",
    "limited_rights": "the conditions of rights, beside IAM's checks",
    "losses": "alarms on tasks and rotations, beside CloudWatch's checks",
    "own_account": "what resources of all services lead to",
    "people_and_tokens": "what people can do to tokens, beside IAM's checks",
    "policies": "reads the policies of all services",
    "reading": "reads the properties of all resources",
    "references": "what resources of all services name",
    "regions": "detection in every region",
    "registry_delivery": "which registry functions and containers serve",
    "resource_policy": "the API's own policy, beside the API's checks",
    "secret_writers": "who may write a secret that is in use, beside Secrets Manager's checks",
    "security_group_rules": "the rules, beside the groups' checks",
    "separation": "two stacks side by side",
    "silent_failures": "what fails without a word, in all services",
    "tags": "the tags of all resources",
    "variables": "reads the variables of containers and functions",
    "waf_logging": "what WAF writes down, beside WAF's checks",
    "waf_quotas": "what AWS WAF refuses, beside WAF's checks",
    "waf_rules": "each rule of the web ACL, beside WAF's checks",
}


def test_checks_have_the_name_of_the_reader_of_their_service() -> None:
    checks = {file.stem for file in (ROOT / "scanners/policy/checks").glob("[!_]*.py")}
    readers = {file.stem for file in READERS.glob("[!_]*.py")}
    assert checks - readers == set(CHECKS_OF_NO_ONE_SERVICE)
