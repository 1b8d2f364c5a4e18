"""Checks of the functions: their network, their code, and who may call them."""

from __future__ import annotations

import re
from typing import Final

from hardening.checks import Unverifiable, Verdicts, check
from scanners.policy.checks.reading import attached, must_be, number, points_at, read, verdict
from scanners.policy.checks.vpc import tiers_of
from scanners.policy.iam.patterns import account_of
from scanners.policy.samples.compute import WORKLOAD
from scanners.policy.samples.sample_stack import ABSENT, aws, plus, weaken
from scanners.policy.stack import UNKNOWN, Stack

FUNCTION: Final = "aws:lambda/function:Function"


@check("egress-through-guard-only", good=WORKLOAD, bad=weaken(WORKLOAD, "fn-rotation", "vpcConfig", ABSENT))
def functions_stand_in_the_network(stack: Stack) -> Verdicts:
    """A function outside of the VPC has the whole internet before it."""
    for function in stack.of_type(FUNCTION):
        if read(function, "vpcConfig") is None:
            yield f"{function.urn}#vpcConfig", "the function stands outside of the network"
        else:
            inside = tiers_of(stack, function, "vpcConfig") <= {"service", "data"}
            yield verdict(f"{function.urn}#vpcConfig", inside, "stands in a tier with a way out")


@check("code-is-signed", good=WORKLOAD, bad=weaken(WORKLOAD, "fn-rotation", "codeSigningConfigArn", ABSENT))
def functions_take_signed_code(stack: Stack) -> Verdicts:
    """Each function has a code signing configuration of this stack."""
    configurations = stack.of_type("aws:lambda/codeSigningConfig:CodeSigningConfig")
    for function in stack.of_type(FUNCTION):
        named = any(points_at(function, "codeSigningConfigArn", each) for each in configurations)
        yield verdict(f"{function.urn}#codeSigningConfigArn", named, "no code signing of this stack")


@check(
    "code-is-signed",
    good=WORKLOAD,
    bad=weaken(WORKLOAD, "signing-1", "policies.untrustedArtifactOnDeployment", "Warn"),
)
def unsigned_code_is_refused(stack: Stack) -> Verdicts:
    """Code signing configurations enforce: unsigned code is not deployed."""
    configurations = stack.of_type("aws:lambda/codeSigningConfig:CodeSigningConfig")
    yield from must_be(configurations, "policies.untrustedArtifactOnDeployment", "Enforce")


_BY_ARN = weaken(
    weaken(WORKLOAD, "fn-rotation-call", "sourceAccount", ABSENT),
    "fn-rotation-call",
    "sourceArn",
    "arn:aws:events:eu-central-1:111122223333:rule/rotate",
)


@check(
    "functions-called-by-owners-only",
    good=WORKLOAD,
    bad={
        "for anybody": weaken(WORKLOAD, "fn-rotation-call", "sourceAccount", ABSENT),
        "for any account": weaken(WORKLOAD, "fn-rotation-call", "sourceAccount", "*"),
        "an ARN of any account": weaken(
            _BY_ARN, "fn-rotation-call", "sourceArn", "arn:aws:events:*:*:rule/x"
        ),
        "a bucket's ARN": weaken(_BY_ARN, "fn-rotation-call", "sourceArn", "arn:aws:s3:::uploads"),
        "any principal": weaken(WORKLOAD, "fn-rotation-call", "principal", "*"),
    },
    also_good={
        "by an ARN": _BY_ARN,
        "not known yet": weaken(_BY_ARN, "fn-rotation-call", "sourceArn", UNKNOWN),
    },
)
def functions_name_their_callers(stack: Stack) -> Verdicts:
    """Each permission names a principal, and the account that it acts for or an ARN in it."""
    for permission in stack.of_type("aws:lambda/permission:Permission"):
        named = read(permission, "principal") not in (None, "*")
        source = permission.inputs.get("sourceArn")
        account = read(permission, "sourceAccount") or account_of(str(source))
        sourced = source is UNKNOWN or account.isdecimal()
        yield verdict(
            permission.urn,
            named and sourced,
            "any caller of that principal is admitted (no sourceAccount or sourceArn)",
        )


@check(
    "functions-called-by-owners-only",
    good=WORKLOAD,
    bad={
        "two": plus(WORKLOAD, aws("lambda/permission:Permission", "second", function="fn-rotation")),
        "a URL": plus(WORKLOAD, aws("lambda/functionUrl:FunctionUrl", "url-1", functionName="fn-rotation")),
    },
)
def functions_have_one_caller(stack: Stack) -> Verdicts:
    """Without a permission, a function is called by roles of this account only."""
    for permission in stack.of_type("aws:lambda/permission:Permission"):
        if not any(points_at(permission, "function", function) for function in stack.of_type(FUNCTION)):
            raise Unverifiable(permission.urn, "the permission is for no function of this stack")
    for function in stack.of_type(FUNCTION):
        callers = attached(stack, function, "aws:lambda/permission:Permission", "function")
        yield verdict(function.urn, len(callers) <= 1, f"{len(callers)} permissions to call it, not one")
    for url in stack.of_type("aws:lambda/functionUrl:FunctionUrl"):
        yield url.urn, "a function URL goes round the API"


_SIGNED = plus(
    WORKLOAD,
    aws("signer/signingJob:SigningJob", "job-1", ignoreSigningJobFailure=False),
    aws("signer/signingProfile:SigningProfile", "profile-1", platformId="AWSLambda-SHA384-ECDSA"),
)


@check(
    "code-is-signed",
    good=_SIGNED,
    bad={
        "failures pass": weaken(_SIGNED, "job-1", "ignoreSigningJobFailure", True),
        "for something else": weaken(_SIGNED, "profile-1", "platformId", "Notation-OCI-SHA384-ECDSA"),
    },
)
def signing_fails_where_it_cannot_sign(stack: Stack) -> Verdicts:
    """A signing job that fails stops the deployment, and its profile is one that Lambda takes."""
    yield from must_be(stack.of_type("aws:signer/signingJob:SigningJob"), "ignoreSigningJobFailure", False)
    for profile in stack.of_type("aws:signer/signingProfile:SigningProfile"):
        platform = str(read(profile, "platformId"))
        yield verdict(f"{profile.urn}#platformId", platform.startswith("AWSLambda-"), "not for Lambda")


# Runtimes that AWS still patches (Lambda Developer Guide, "Lambda runtimes": supported runtimes).
_SUPPORTED: Final = re.compile(
    r"python3\.1[1-4]|nodejs2[24]\.x|java(17|21|25)|dotnet(8|10)|ruby3\.[34]|provided\.al2023"
)
_LONGEST: Final = 60  # seconds


@check(
    "workloads-confined",
    good=WORKLOAD,
    bad={
        "an old runtime": weaken(WORKLOAD, "fn-rotation", "runtime", "python3.8"),
        "unwritten": weaken(WORKLOAD, "fn-rotation", "runtime", ABSENT),
        "without an end": weaken(WORKLOAD, "fn-rotation", "timeout", 900),
    },
)
def functions_are_patched_and_end(stack: Stack) -> Verdicts:
    """A function runs on a runtime that AWS patches, and one that hangs is stopped within a minute."""
    for function in stack.of_type(FUNCTION):
        patched = bool(_SUPPORTED.fullmatch(str(read(function, "runtime"))))
        yield verdict(f"{function.urn}#runtime", patched, "AWS does not patch its runtime")
        seconds = number(function, "timeout")
        ends = seconds is None or seconds <= _LONGEST
        yield verdict(f"{function.urn}#timeout", ends, "it may run for more than a minute")
