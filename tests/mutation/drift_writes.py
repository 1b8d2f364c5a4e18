"""Writes that change what a case has made: generated from AWS's service models.

What a resource is called in a call is known from the calls that made it, and from their answers.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from botocore.model import OperationModel, ServiceModel, Shape

from scanners.policy.stack import Resource
from tests.mutation.drift_patches import PATCHES
from tests.mutation.drift_values import any_value, other_texts, others

# What asks, and what works with data: neither changes a setting.
_NO_WRITES: Final = re.compile(
    r"^(Get|Describe|List|Lookup|Batch(Get|Check|Write|Delete)|Search|Head|Query|Scan|Select|Test|Simulate|Preview|Validate"
    r"|Check|Encrypt|Decrypt|ReEncrypt|Sign|Verify|Generate|Derive|Encapsulate|Decapsulate|Invoke|Publish|Send|Receive"
    r"|PutItem|PutObject$|PutRecord|PutMetricData|PutLogEvents|PutEvents|UploadPart|UploadLayer|UploadArchive|UploadSigning"
    r"|UpdateItem|DeleteItem|TransactWrite|TransactGet|Execute|Filter|StartQuery|PutImage$|CompleteLayer|InitiateLayer"
    r"|CreateMultipart|CompleteMultipart|AbortMultipart|CopyObject|DeleteObject|WriteGetObject|RestoreObject"
    r"|ChangeMessage|DeleteMessage|Purge|Estimate|Discover|Import|Export|Download|RequestSpot|RunInstances)"
)
# Members that are no setting: who asks twice, and who only asks.
_NO_SETTINGS: Final = frozenset(
    {
        "DryRun",
        "ClientToken",
        "ClientRequestToken",
        "GrantTokens",
        "CreatorRequestId",
        "TagSpecifications",
        "ExpectedBucketOwner",
        "ChecksumAlgorithm",
        "ContentMD5",
    }
)
# Values that a service knows and its model does not tell.
_FIXED: Final[Mapping[tuple[str, str], Any]] = {("kms", "PolicyName"): "default"}
_NAMES: Final = re.compile(
    r"(id|arn|name|identifier|bucket|resource|url|key|lockToken|changeToken|scope)$", re.IGNORECASE
)
_OWN_NAMES: Final = frozenset(
    [
        "arn",
        "name",
        "url",
        "id",
        "keyId",
        "bucket",
        "uuid",
        "zoneId",
        "family",
        "resourceId",
        "backupVaultName",
        "domainName",
        "policyName",
    ]
)
_SPLIT: Final = re.compile(r"[/,|]")


@dataclass(slots=True)
class Known:
    """What the calls that made a case said: each member's values, by service, the last one first."""

    values: dict[tuple[str, str], list[Any]] = field(default_factory=lambda: defaultdict(list))

    def listen(self, client: Any, service: str) -> None:
        """Hear what a client sends and is answered."""
        events = client.meta.events
        events.register_first("provide-client-params.*", self._sent(service))
        events.register("after-call.*", self._answered(service))

    def _sent(self, service: str) -> Any:
        def heard(params: Mapping[str, Any], **_: Any) -> None:
            self.take(service, params)

        return heard

    def _answered(self, service: str) -> Any:
        def heard(parsed: Mapping[str, Any], **_: Any) -> None:
            if "Error" not in parsed:
                self.take(service, {n: v for n, v in parsed.items() if n != "ResponseMetadata"})

        return heard

    def take(self, service: str, value: Any) -> None:
        """Keep every member of a request or an answer."""
        if isinstance(value, Mapping):
            for name, each in value.items():
                self.values[service, str(name).lower()].insert(0, each)
                self.take(service, each)
        elif isinstance(value, list):
            for each in value:
                self.take(service, each)

    def of(self, service: str, name: str) -> list[Any]:
        """The values of a member, the last one first."""
        return self.values.get((service, name.lower()), [])


@dataclass(frozen=True, slots=True)
class Write:
    """One call. `member` is the path to what it changes, from the operation's own member; none: the whole."""

    service: str
    operation: str
    parameters: Mapping[str, Any]
    member: tuple[str, ...] = ()

    def __str__(self) -> str:
        return f"{self.service} {'.'.join((self.operation, *self.member))}"


def writes(model: ServiceModel, subject: Resource, known: Known) -> Iterator[tuple[Write, tuple[Write, ...]]]:
    """Each operation that names the subject: the plain call, and calls with one member changed."""
    mine = texts_of(subject)
    for name in model.operation_names:
        operation = model.operation_model(name)
        if _NO_WRITES.match(name) or operation.input_shape is None or operation.deprecated:
            continue
        named = _named(model.service_name, operation, mine, known)
        if named is not None:
            yield _of(model.service_name, operation, named, known)


def texts_of(subject: Resource) -> frozenset[str]:
    """What the subject may be called by: its id and its parts, ARN, name and the like."""
    texts = [
        value for name, value in subject.outputs.items() if name in _OWN_NAMES and isinstance(value, str)
    ]
    parts = [part for part in _SPLIT.split(subject.id) if len(part) > 2]
    return frozenset({subject.id, *texts, *parts} - {""})


def _named(
    service: str, operation: OperationModel, mine: frozenset[str], known: Known
) -> Mapping[str, Any] | None:
    """The required members that name something, if one of them names the subject."""
    shape: Any = operation.input_shape
    fixed = {name: _FIXED[service, name] for name in shape.members if (service, name) in _FIXED}
    named: dict[str, Any] = dict(fixed)
    is_the_subject = False
    for name in (each for each in shape.required_members if each not in fixed):
        candidates = known.of(service, name)
        own = [each for each in candidates if isinstance(each, str) and each in mine] or _by_arn(name, mine)
        if own:
            named[name] = own[0]
            # What is created anew may have the subject's name, and is not the subject's.
            is_the_subject |= not (operation.name.startswith("Create") and name.lower() == "name")
        elif shape.members[name].type_name == "string" and _NAMES.search(name):
            named[name] = candidates[0] if candidates else "changed"
    return named if is_the_subject else _by_optional(service, shape, mine, known)


def _by_arn(name: str, mine: frozenset[str]) -> list[str]:
    """The subject's ARN, where a member takes any resource's."""
    arns = sorted(each for each in mine if each.startswith("arn:"))
    return arns[:1] if name.lower() in ("resourcearn", "resource", "arn") else []


def _by_optional(service: str, shape: Shape, mine: frozenset[str], known: Known) -> Mapping[str, Any] | None:
    # EC2 and others require nothing of a resource that may be named in two ways.
    for name, member in shape.members.items():
        if member.type_name == "string" and name.lower().endswith(("id", "arn")):
            own = [each for each in known.of(service, name) if isinstance(each, str) and each in mine]
            if own:
                return {name: own[0]}
    return None


def _of(
    service: str, operation: OperationModel, named: Mapping[str, Any], known: Known
) -> tuple[Write, tuple[Write, ...]]:
    shape: Any = operation.input_shape
    rest = {
        name: _now(service, shape.members[name], name, known)
        for name in shape.required_members
        if name not in named
    }
    plain = {**named, **rest}
    found = []
    for name, member in shape.members.items():
        if name in named or name in _NO_SETTINGS or member.metadata.get("idempotencyToken"):
            continue
        now = next(iter(known.of(service, name)), None)
        for path, value in others(member, name, now if _fits(member, now) else None):
            found.append(Write(service, operation.name, {**plain, name: value}, (name, *path)))
    found.extend(_by_attribute(service, operation, plain, known))
    found.extend(_patches(service, operation, plain))
    return Write(service, operation.name, plain), tuple(found)


def _by_attribute(
    service: str, operation: OperationModel, plain: Mapping[str, Any], known: Known
) -> Iterator[Write]:
    """Where a call sets one attribute by its name: each that the answers have shown."""
    shape: Any = operation.input_shape
    if not {"AttributeName", "AttributeValue"} <= set(shape.members):
        return
    shown: dict[str, Any] = {}
    for found in reversed(known.of(service, "Attributes")):
        shown.update(found if isinstance(found, Mapping) else {})
    for name, now in shown.items():
        for value in other_texts(name, now):
            yield Write(
                service, operation.name, {**plain, "AttributeName": name, "AttributeValue": value}, (name,)
            )


def _patches(service: str, operation: OperationModel, plain: Mapping[str, Any]) -> Iterator[Write]:
    """API Gateway's updates, whose members its model does not tell."""
    for path, value in PATCHES.get((service, operation.name), ()):
        patch = [{"op": "replace", "path": path, "value": value}]
        member = tuple(part for part in path.split("/") if part.isalpha())
        yield Write(service, operation.name, {**plain, "patchOperations": patch}, member)


def _now(service: str, shape: Shape, name: str, known: Known) -> Any:
    """What a required member was last, or any value that the model allows."""
    return next((v for v in known.of(service, name) if _fits(shape, v)), None) or any_value(shape, name)


def _fits(shape: Shape, value: Any) -> bool:
    wanted = {"structure": Mapping, "map": Mapping, "list": list, "string": str, "boolean": bool}
    kind: Any = wanted.get(shape.type_name, int)
    return isinstance(value, kind)
