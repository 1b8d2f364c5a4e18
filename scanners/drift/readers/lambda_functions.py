"""AWS Lambda: functions with who may call them, and code signing configurations (Lambda API reference)."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any, Final

from scanners.drift.account import View
from scanners.drift.declared import Declared, block, by
from scanners.drift.fields import TAGS, exposure, protection, setting
from scanners.drift.normalize import last_part, number, unordered
from scanners.drift.records import Live, Part, ResourceReader
from scanners.policy.stack import Resource

_NOT_FOUND: Final = ("ResourceNotFoundException", "404")


def functions(view: View) -> Iterator[Live]:
    """Functions with settings, permissions and function URL, never their code (GetFunctionConfiguration)."""
    for entry in view.pages("lambda", "list_functions", "Functions"):
        name = entry["FunctionName"]
        found = view.ask("lambda", "get_function_configuration", FunctionName=name)
        network = found.get("VpcConfig") or {}
        url = view.ask("lambda", "get_function_url_config", absent=_NOT_FOUND, FunctionName=name)
        shared = view.ask("lambda", "get_policy", absent=_NOT_FOUND, FunctionName=name)
        signing = view.ask("lambda", "get_function_code_signing_config", absent=_NOT_FOUND, FunctionName=name)
        limit = view.ask("lambda", "get_function_concurrency", absent=_NOT_FOUND, FunctionName=name)
        yield Live(
            "aws:lambda/function:Function",
            name,
            {
                "name": name,
                "role": found.get("Role"),
                "handler": found.get("Handler"),
                "runtime": found.get("Runtime"),
                "packageType": found.get("PackageType"),
                "loggingConfig": _logging(found.get("LoggingConfig")),
                "timeout": found.get("Timeout"),
                "memorySize": found.get("MemorySize"),
                "description": found.get("Description"),
                "architectures": found.get("Architectures"),
                "layers": [each["Arn"] for each in found.get("Layers") or ()],
                "kmsKeyArn": found.get("KMSKeyArn"),
                "environment": (found.get("Environment") or {}).get("Variables"),
                "deadLetterConfig": (found.get("DeadLetterConfig") or {}).get("TargetArn"),
                "tracingConfig": (found.get("TracingConfig") or {}).get("Mode"),
                "vpcConfig.subnetIds": network.get("SubnetIds"),
                "vpcConfig.securityGroupIds": network.get("SecurityGroupIds"),
                "codeSha256": found.get("CodeSha256"),
                "codeSigningConfigArn": signing.get("CodeSigningConfigArn"),
                "reservedConcurrentExecutions": limit.get("ReservedConcurrentExecutions"),
                "permissions": list(_live_permissions(shared.get("Policy"))),
                "url": url.get("AuthType"),
                "tags": view.ask("lambda", "list_tags", Resource=found["FunctionArn"]).get("Tags"),
            },
            view.region,
        )


def _logging(config: Any) -> Any:
    """Format and group; the levels of JSON logs have defaults that nobody writes."""
    found = {name[0].lower() + name[1:]: value for name, value in (config or {}).items()}
    return {name: found.get(name) for name in ("logFormat", "logGroup")}


def _live_permissions(policy: Any) -> Iterator[str]:
    for statement in json.loads(policy)["Statement"] if policy else ():
        principal = statement.get("Principal")
        who = next(iter(principal.values())) if isinstance(principal, dict) else principal
        conditions = statement.get("Condition") or {}
        source = (conditions.get("ArnLike") or conditions.get("ArnEquals") or {}).get("AWS:SourceArn")
        account = (conditions.get("StringEquals") or {}).get("AWS:SourceAccount")
        yield _permission(who, statement.get("Action"), source, account)


def _permission(who: Any, action: Any, source: Any, account: Any) -> str:
    where = f" for {source}" if source else " for anything"
    return f"{who} may {action}{where}{f' of {account}' if account else ''}"


def _declared_function(declared: Declared, function: Resource) -> Mapping[str, Any]:
    inputs = function.inputs
    first = {
        name: block(inputs.get(name))
        for name in ("environment", "deadLetterConfig", "loggingConfig", "tracingConfig", "vpcConfig")
    }
    permissions = [
        _permission(*(one.inputs.get(n) for n in ("principal", "action", "sourceArn", "sourceAccount")))
        for one in declared.parts(function, _PERMISSION, "function")
    ]
    urls = declared.parts(function, _URL, "functionName")
    limit = inputs.get("reservedConcurrentExecutions")
    return {
        **inputs,
        "environment": first["environment"].get("variables"),
        "loggingConfig": _logging(first["loggingConfig"]) if first["loggingConfig"] else None,
        "deadLetterConfig": first["deadLetterConfig"].get("targetArn"),
        "tracingConfig": first["tracingConfig"].get("mode"),
        "vpcConfig.subnetIds": first["vpcConfig"].get("subnetIds"),
        "vpcConfig.securityGroupIds": first["vpcConfig"].get("securityGroupIds"),
        "reservedConcurrentExecutions": None if limit == -1 else limit,
        "codeSha256": function.outputs.get("codeSha256"),
        "permissions": permissions,
        "url": urls[0].inputs.get("authorizationType") if urls else None,
    }


_PERMISSION: Final = "aws:lambda/permission:Permission"


_URL: Final = "aws:lambda/functionUrl:FunctionUrl"


def signing_configs(view: View) -> Iterator[Live]:
    """Code signing configurations: whose code may be deployed (ListCodeSigningConfigs)."""
    for found in view.pages("lambda", "list_code_signing_configs", "CodeSigningConfigs"):
        publishers = (found.get("AllowedPublishers") or {}).get("SigningProfileVersionArns")
        yield Live(
            "aws:lambda/codeSigningConfig:CodeSigningConfig",
            found["CodeSigningConfigArn"],
            {
                "description": found.get("Description"),
                "allowedPublishers": publishers,
                "policies": (found.get("CodeSigningPolicies") or {}).get("UntrustedArtifactOnDeployment"),
            },
            view.region,
        )


def _declared_config(_: Declared, config: Resource) -> Mapping[str, Any]:
    publishers = block(config.inputs.get("allowedPublishers"))
    policies = block(config.inputs.get("policies"))
    return {
        **config.inputs,
        "allowedPublishers": publishers.get("signingProfileVersionArns"),
        "policies": policies.get("untrustedArtifactOnDeployment"),
    }


READERS: Final = (
    ResourceReader(
        type="aws:lambda/function:Function",
        service="lambda",
        read=functions,
        key=by("name"),
        declare=_declared_function,
        # Where the code came from; its hash is compared.
        identity=("s3Bucket", "s3Key", "s3ObjectVersion", "code", "sourceCodeHash", "publish"),
        fields=(
            exposure("role"),
            exposure("permissions", unordered, default=()),
            exposure("url", default=None),
            exposure("vpcConfig.subnetIds", unordered, default=()),
            exposure("vpcConfig.securityGroupIds", unordered, default=()),
            exposure("layers", unordered, default=()),
            protection("codeSha256"),
            protection("codeSigningConfigArn", default=None),
            protection("kmsKeyArn", last_part, default=None),
            protection("environment", default=(), sealed=True),
            protection("deadLetterConfig", default=None),
            protection("tracingConfig", default="PassThrough"),
            protection("reservedConcurrentExecutions", default=None),
            protection("loggingConfig"),
            setting("packageType", default="Zip"),
            setting("handler"),
            setting("runtime"),
            setting("architectures", unordered, default=("x86_64",)),
            setting("timeout", number, default=3),
            setting("memorySize", number, default=128),
            setting("description"),
            setting("name"),
            TAGS,
        ),
        parts=(
            Part(
                _PERMISSION, "function", "permissions", ("principal", "action", "sourceArn", "sourceAccount")
            ),
            Part(_URL, "functionName", "url", ("authorizationType",)),
        ),
    ),
    ResourceReader(
        type="aws:lambda/codeSigningConfig:CodeSigningConfig",
        service="lambda",
        read=signing_configs,
        key=by("arn"),
        declare=_declared_config,
        fields=(
            protection("allowedPublishers", unordered),
            protection("policies", default="Warn"),
            setting("description"),
        ),
    ),
)
