"""Checks of the account's own settings: what a new account leaves open, for everything in it."""

from __future__ import annotations

from typing import Final

from hardening.checks import Verdicts, check
from scanners.policy.checks.cloudtrail import DEPLOYMENT
from scanners.policy.checks.reading import items, number, read, verdict
from scanners.policy.samples.account import ACCOUNT
from scanners.policy.samples.sample_stack import weaken, without
from scanners.policy.stack import Resource, Stack


def _holds(stack: Stack, what: str, holds: bool, problem: str) -> Verdicts:
    """One verdict for the stack, if it is a deployment at all."""
    if stack.of_type(*DEPLOYMENT):
        yield verdict(f"{stack.name}#{what}", holds, problem)


_BLOCKS: Final = ("blockPublicAcls", "blockPublicPolicy", "ignorePublicAcls", "restrictPublicBuckets")


@check(
    "account-defaults-closed", good=ACCOUNT, bad=weaken(ACCOUNT, "public-block", "blockPublicPolicy", False)
)
def the_account_blocks_public_buckets(stack: Stack) -> Verdicts:
    """All four settings, for every bucket that anybody will ever make (Security Hub S3.1)."""
    found = stack.of_type("aws:s3/accountPublicAccessBlock:AccountPublicAccessBlock")
    closed = any(all(read(one, name) is True for name in _BLOCKS) for one in found)
    yield from _holds(stack, "public access", closed, "the account lets buckets be public")


@check("account-defaults-closed", good=ACCOUNT, bad=weaken(ACCOUNT, "volumes", "enabled", False))
def volumes_are_encrypted_by_default(stack: Stack) -> Verdicts:
    """Security Hub EC2.7."""
    found = stack.of_type("aws:ebs/encryptionByDefault:EncryptionByDefault")
    on = any(read(one, "enabled") is True for one in found)
    yield from _holds(stack, "volumes", on, "new volumes are not encrypted")


_REQUIRED: Final = (
    "requireLowercaseCharacters",
    "requireUppercaseCharacters",
    "requireNumbers",
    "requireSymbols",
)


@check("account-defaults-closed", good=ACCOUNT, bad=weaken(ACCOUNT, "passwords", "minimumPasswordLength", 8))
def passwords_are_long_and_new(stack: Stack) -> Verdicts:
    """Security Hub IAM.15, IAM.16; PCI DSS 4, 8.3.6: should a user ever exist."""
    found = stack.of_type("aws:iam/accountPasswordPolicy:AccountPasswordPolicy")
    strong = any(_is_strong(one) for one in found)
    yield from _holds(stack, "passwords", strong, "no password policy with 14 characters and no reuse")


def _is_strong(policy: Resource) -> bool:
    length, reuse = number(policy, "minimumPasswordLength"), number(policy, "passwordReusePrevention")
    mixed = all(read(policy, name) is True for name in _REQUIRED)
    return mixed and (length or 0) >= 14 and (reuse or 0) >= 24


@check("account-has-contacts", good=ACCOUNT, bad=without(ACCOUNT, "contact"))
def aws_knows_whom_to_call(stack: Stack) -> Verdicts:
    """A security contact hears of abuse and leaked keys (Security Hub Account.1)."""
    found = stack.of_type("aws:account/alternativeContact:AlternativeContact")
    named = any(read(one, "alternateContactType") == "SECURITY" for one in found)
    yield from _holds(stack, "security contact", named, "AWS has no security contact")


@check("costs-alarmed", good=ACCOUNT, bad=weaken(ACCOUNT, "month", "notifications", []))
def costs_reach_people(stack: Stack) -> Verdicts:
    """A budget that tells somebody: what an intruder runs shows there first."""
    budgets = stack.of_type("aws:budgets/budget:Budget")
    told = any(one.get("subscriberEmailAddresses") for b in budgets for one in items(b, "notifications"))
    yield from _holds(stack, "costs", told, "no budget tells anybody")


@check("images-scanned-always", good=ACCOUNT, bad=weaken(ACCOUNT, "inspector", "resourceTypes", ["EC2"]))
def inspector_looks_at_images_and_functions(stack: Stack) -> Verdicts:
    """Amazon Inspector is on for ECR and Lambda."""
    found = stack.of_type("aws:inspector2/enabler:Enabler")
    kinds = {kind for one in found for kind in items(one, "resourceTypes")}
    yield from _holds(stack, "Inspector", {"ECR", "LAMBDA"} <= kinds, "not on for images and functions")


@check(
    "images-scanned-always",
    good=ACCOUNT,
    bad=weaken(ACCOUNT, "scans", "rules.0.scanFrequency", "SCAN_ON_PUSH"),
)
def the_registry_is_scanned_all_the_time(stack: Stack) -> Verdicts:
    """An image that was clean when it was pushed is looked at again (Amazon ECR, enhanced scanning)."""
    found = stack.of_type("aws:ecr/registryScanningConfiguration:RegistryScanningConfiguration")
    always = any(
        read(one, "scanType") == "ENHANCED"
        and any(rule.get("scanFrequency") == "CONTINUOUS_SCAN" for rule in items(one, "rules"))
        for one in found
    )
    yield from _holds(stack, "registry", always, "images are scanned at most once")
