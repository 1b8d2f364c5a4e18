"""The least rights that the drift audit works with, from the questions that its own modules ask."""

from __future__ import annotations

import inspect
import pkgutil
import re
from collections.abc import Iterator, Mapping
from importlib import import_module
from types import ModuleType
from typing import Any, Final

from botocore import xform_name
from botocore.model import OperationModel
from botocore.session import Session, get_session

from scanners.drift import account, authors, inventory, reading, session
from scanners.drift import readers as folder

# A question as the modules write it: boto3's name of an operation, and mostly that of its service before it.
_QUESTION: Final = re.compile(
    r'(?:"(?P<service>[a-z0-9-]+)",\s*)?"(?P<operation>(?:describe|get|list|lookup|select|batch_get)_[a-z0-9_]+)"'
)
# Where a service's IAM prefix is not the name that it signs with (Service Authorization Reference).
_PREFIXES: Final[Mapping[str, str]] = {"monitoring": "cloudwatch", "tagging": "tag"}
# IAM's action where it is not the operation's name (Service Authorization Reference; S3: "Required
# permissions for Amazon S3 API operations"). S3 Control's block is the account's.
_ACTIONS: Final[Mapping[tuple[str, str], str]] = {
    ("budgets", "DescribeBudgets"): "budgets:ViewBudget",
    ("budgets", "DescribeNotificationsForBudget"): "budgets:ViewBudget",
    ("budgets", "DescribeSubscribersForNotification"): "budgets:ViewBudget",
    ("s3control", "GetPublicAccessBlock"): "s3:GetAccountPublicAccessBlock",
    ("s3", "GetPublicAccessBlock"): "s3:GetBucketPublicAccessBlock",
    ("s3", "ListBuckets"): "s3:ListAllMyBuckets",
    ("s3", "ListObjectsV2"): "s3:ListBucket",
    ("s3", "GetBucketAccelerateConfiguration"): "s3:GetAccelerateConfiguration",
    ("s3", "GetBucketEncryption"): "s3:GetEncryptionConfiguration",
    ("s3", "GetBucketLifecycleConfiguration"): "s3:GetLifecycleConfiguration",
    ("s3", "GetBucketNotificationConfiguration"): "s3:GetBucketNotification",
    ("s3", "ListBucketInventoryConfigurations"): "s3:GetInventoryConfiguration",
    ("s3", "GetBucketReplication"): "s3:GetReplicationConfiguration",
    ("s3", "GetObjectLockConfiguration"): "s3:GetBucketObjectLockConfiguration",
}
# API Gateway's actions are HTTP methods, and its resources the paths.
_BY_PATH: Final = "apigateway"
_VARIABLE: Final = re.compile(r"\{[^}]*\}")


def policy() -> Mapping[str, Any]:
    """The IAM policy document (2012-10-17) of a role that runs `rampart audit drift`, and no more."""
    asked = operations()
    paths = {_path(one) for one in asked if one.service_model.signing_name == _BY_PATH}
    actions = {action(one) for one in asked} - {f"{_BY_PATH}:GET"}
    return {
        "Version": "2012-10-17",
        "Statement": [
            {"Sid": "Read", "Effect": "Allow", "Action": sorted(actions), "Resource": "*"},
            {"Sid": "ReadApis", "Effect": "Allow", "Action": f"{_BY_PATH}:GET", "Resource": sorted(paths)},
        ],
    }


def action(operation: OperationModel) -> str:
    """IAM's action for an operation."""
    service = operation.service_model
    if service.signing_name == _BY_PATH:
        return f"{_BY_PATH}:GET"
    prefix = _PREFIXES.get(service.signing_name, service.signing_name)
    return _ACTIONS.get((service.service_name, operation.name), f"{prefix}:{operation.name}")


def operations() -> tuple[OperationModel, ...]:
    """Every operation that a reader, or what opens the account for them, can ask.

    Raises LookupError for a name that looks like a question and is none of its service.
    """
    models = get_session()
    asked = sorted({one for module in _modules() for one in _questions(module, models)})
    return tuple(_operation(models, *one) for one in asked)


def _modules() -> Iterator[ModuleType]:
    yield from (account, authors, inventory, reading, session)
    for found in pkgutil.iter_modules(folder.__path__):
        yield import_module(f"{folder.__name__}.{found.name}")


def _questions(module: ModuleType, models: Session) -> Iterator[tuple[str, str]]:
    services = set(models.get_available_services())
    own = {reader.service for reader in getattr(module, "READERS", ())}
    for found in _QUESTION.finditer(inspect.getsource(module)):
        if found["service"] in services:
            yield found["service"], found["operation"]
        else:
            # Its service stands elsewhere, so it is the module's. Outside of the readers that is no
            # question: there stands what the audit never asks.
            yield from ((service, found["operation"]) for service in own)


def _operation(models: Session, service: str, name: str) -> OperationModel:
    model = models.get_service_model(service)
    for operation in model.operation_names:
        if xform_name(operation) == name:
            return model.operation_model(operation)
    raise LookupError(f"{service} has no operation {name}")


def _path(operation: OperationModel) -> str:
    # The paths of version 2 begin with it, and its resources do not.
    path = _VARIABLE.sub("*", operation.http["requestUri"]).removeprefix("/v2")
    return f"arn:*:apigateway:*::{path}"
