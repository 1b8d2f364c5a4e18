"""AWS Lambda: functions with who may call them and where their results go (Lambda API reference)."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from functools import partial
from typing import Any, Final

from scanners.drift.account import View
from scanners.drift.declared import Declared, block, by
from scanners.drift.fields import TAGS, exposure, protection, setting
from scanners.drift.normalize import last_part, number, unordered
from scanners.drift.records import Live, Part, ResourceReader
from scanners.policy.stack import Resource

_NOT_FOUND: Final = ("ResourceNotFoundException", "404")


def functions(view: View) -> Iterator[Live]:
    """Functions with settings, permissions and function URL, never their code (ListFunctions)."""
    for found in view.pages("lambda", "list_functions", "Functions"):
        name = found["FunctionName"]
        network = found.get("VpcConfig") or {}
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
                **_asked_apart(view, name),
                "tags": view.tags(
                    found["FunctionArn"], "lambda", "list_tags", "Tags", Resource=found["FunctionArn"]
                ),
            },
            view.region,
        )


def _asked_apart(view: View, name: str) -> Mapping[str, Any]:
    """What ListFunctions does not answer: signing, concurrency, who may call, and where results go."""

    def ask(operation: str, key: str) -> partial[Any]:
        return view.later("lambda", operation, key, absent=_NOT_FOUND, FunctionName=name)

    return {
        "codeSigningConfigArn": ask("get_function_code_signing_config", "CodeSigningConfigArn"),
        "reservedConcurrentExecutions": ask("get_function_concurrency", "ReservedConcurrentExecutions"),
        "permissions": partial(_live_permissions, ask("get_policy", "Policy")),
        "url": ask("get_function_url_config", "AuthType"),
        "destinations": partial(_live_destinations, view, name),
        **{tried: partial(_live_tries, view, name, tried) for tried in _TRIES},
    }


def _invoke_configs(view: View, name: str) -> list[Any]:
    return view.pages(
        "lambda", "list_function_event_invoke_configs", "FunctionEventInvokeConfigs", FunctionName=name
    )


# How often and for how many seconds an asynchronous call is tried again where nobody says anything.
_TRIES: Final[Mapping[str, int]] = {"maximumRetryAttempts": 2, "maximumEventAgeInSeconds": 21600}


def _live_tries(view: View, function: str, name: str) -> list[Any]:
    return _tries(
        name, [each.get(f"{name[0].upper()}{name[1:]}") for each in _invoke_configs(view, function)]
    )


def _tries(name: str, numbers: list[Any]) -> list[Any]:
    """What is said otherwise than AWS does it anyway."""
    return [str(int(each)) for each in numbers if each not in (None, _TRIES[name])]


def _live_destinations(view: View, name: str) -> list[str]:
    found = []
    for each in _invoke_configs(view, name):
        where = each.get("DestinationConfig") or {}
        success, failure = (where.get(name) or {} for name in ("OnSuccess", "OnFailure"))
        found += _destinations(success.get("Destination"), failure.get("Destination"))
    return found


def _destinations(success: Any, failure: Any) -> list[str]:
    """Where the results and the failures of asynchronous calls go."""
    named = (("results", success), ("failures", failure))
    return [f"{what} to {where}" for what, where in named if where]


def _logging(config: Any) -> Any:
    """Format and group; the levels of JSON logs have defaults that nobody writes."""
    found = {name[0].lower() + name[1:]: value for name, value in (config or {}).items()}
    return {name: found.get(name) for name in ("logFormat", "logGroup")}


def _live_permissions(question: partial[Any]) -> list[str]:
    return list(_permissions(question()))


def _permissions(policy: Any) -> Iterator[str]:
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
    destinations: list[str] = []
    invoked = declared.parts(function, _INVOKED, "functionName")
    for one in invoked:
        where = block(one.inputs.get("destinationConfig"))
        success, failure = (block(where.get(name)) for name in ("onSuccess", "onFailure"))
        destinations += _destinations(success.get("destination"), failure.get("destination"))
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
        "destinations": destinations,
        **{name: _tries(name, [one.inputs.get(name) for one in invoked]) for name in _TRIES},
        "url": urls[0].inputs.get("authorizationType") if urls else None,
    }


_PERMISSION: Final = "aws:lambda/permission:Permission"


_URL: Final = "aws:lambda/functionUrl:FunctionUrl"
_INVOKED: Final = "aws:lambda/functionEventInvokeConfig:FunctionEventInvokeConfig"


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
            exposure("destinations", unordered, default=()),
            exposure("vpcConfig.subnetIds", unordered, default=()),
            exposure("vpcConfig.securityGroupIds", unordered, default=()),
            exposure("layers", unordered, default=()),
            *(protection(name, unordered, default=()) for name in _TRIES),
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
            setting("description", default=None),
            setting("name"),
            TAGS,
        ),
        parts=(
            Part(
                _PERMISSION, "function", "permissions", ("principal", "action", "sourceArn", "sourceAccount")
            ),
            Part(_URL, "functionName", "url", ("authorizationType",)),
            Part(_INVOKED, "functionName", "destinations", ("destinationConfig",)),
            *(Part(_INVOKED, "functionName", name, (name,)) for name in _TRIES),
        ),
    ),
)
