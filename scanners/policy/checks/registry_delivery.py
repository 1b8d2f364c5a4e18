"""Checks of how the partner registry reaches functions and containers: as a version of an object."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from hardening.checks import Unverifiable, Verdicts, check
from hardening.registry.object_version import DIGEST, PLACE, parts
from scanners.policy.checks.reading import read, verdict
from scanners.policy.checks.variables import of_workloads
from scanners.policy.samples.sample_stack import ABSENT, aws, weaken, without
from scanners.policy.samples.sample_stack import stack as stack_of
from scanners.policy.stack import SECRET, UNKNOWN, Resource, Stack

_HEXADECIMAL: Final = re.compile(r"[0-9a-f]{64}")
# A folder or a file comes with an image or an archive: another registry would need another build.
_WITH_THE_IMAGE: Final = ("RAMPART_PARTNERS", "RAMPART_PARTNERS_FILE")
_OBJECT: Final = "aws:s3/bucketObjectv2:BucketObjectv2"

_CONTENT: Final = '[{"name": "volta"}]'
_VARIABLES: Final = {
    PLACE: "s3://registry/partners.json?versionId=v2",
    DIGEST: hashlib.sha256(_CONTENT.encode()).hexdigest(),
}


def _guard(**changes: str) -> str:
    variables = {**_VARIABLES, **changes}
    environment = [{"name": name, "value": value} for name, value in variables.items() if value]
    return json.dumps([{"name": "policy", "environment": environment}])


_DELIVERED = stack_of(
    aws(_OBJECT.removeprefix("aws:"), "partners", bucket="registry", key="partners.json", content=_CONTENT),
    aws("lambda/function:Function", "authorizer", environment={"variables": _VARIABLES}),
    aws("ecs/taskDefinition:TaskDefinition", "guard", containerDefinitions=_guard()),
)


def _with(**changes: str) -> Stack:
    return weaken(_DELIVERED, "guard", "containerDefinitions", _guard(**changes))


_UNKNOWN = weaken(_DELIVERED, "authorizer", "environment.variables.RAMPART_REGISTRY", UNKNOWN)


def _gates(stack: Stack) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Each function and container that is told of a registry: (where, its variables)."""
    for where, variables in of_workloads(stack):
        if variables.keys() & {PLACE, *_WITH_THE_IMAGE}:
            for name, value in variables.items():
                if name in (PLACE, DIGEST) and value in (UNKNOWN, SECRET):
                    raise Unverifiable(where, f"{name} is {value!r}")
            yield where, variables


@check(
    "registry-by-version-and-digest",
    good=_DELIVERED,
    bad={
        "in the image": _with(RAMPART_REGISTRY="", RAMPART_PARTNERS="/etc/rampart/partners"),
        "beside the object": _with(RAMPART_PARTNERS_FILE="/tmp/partners.json"),  # noqa: S108  (in the container)
        "no version": _with(RAMPART_REGISTRY="s3://registry/partners.json"),
        "no digest": _with(RAMPART_REGISTRY_DIGEST=""),
        "of a function": weaken(
            _DELIVERED, "authorizer", "environment.variables.RAMPART_REGISTRY", "s3://registry/partners.json"
        ),
    },
    unverifiable={"an unknown version": _UNKNOWN},
)
def gates_name_a_version_and_digest_of_the_registry(stack: Stack) -> Verdicts:
    """What serves the registry is told one version of an object and its digest, and has no other registry."""
    for where, variables in _gates(stack):
        own = [name for name in _WITH_THE_IMAGE if name in variables]
        named = parts(str(variables.get(PLACE) or ""))
        digest = _HEXADECIMAL.fullmatch(str(variables.get(DIGEST) or ""))
        yield verdict(where, not own, f"its registry comes with its image: {', '.join(own)}")
        yield verdict(where, bool(named and digest), "no version and digest of the registry's object")


@check(
    "registry-by-version-and-digest",
    good=_DELIVERED,
    bad={
        "not declared": without(_DELIVERED, "partners"),
        "another bucket": _with(RAMPART_REGISTRY="s3://elsewhere/partners.json?versionId=v2"),
        "another key": _with(RAMPART_REGISTRY="s3://registry/old.json?versionId=v2"),
        "another content": weaken(_DELIVERED, "partners", "content", "[]"),
    },
    also_good={"no object is named": _with(RAMPART_REGISTRY="", RAMPART_PARTNERS="/etc/rampart/partners")},
    unverifiable={
        "an unknown version": _UNKNOWN,
        "no content": weaken(_DELIVERED, "partners", "content", ABSENT),
    },
)
def gates_serve_the_declared_registry(stack: Stack) -> Verdicts:
    """The object is this stack's own, and the digest is that of what is declared as its content."""
    for where, variables in _gates(stack):
        named = parts(str(variables.get(PLACE) or ""))
        if named:
            contents = [_content(each) for each in stack.of_type(_OBJECT) if _is_at(each, named[0], named[1])]
            digests = [hashlib.sha256(content.encode()).hexdigest() for content in contents]
            yield verdict(where, digests == [variables.get(DIGEST)], "not what the stack declares there")


def _is_at(found: Resource, bucket: str, key: str) -> bool:
    return (read(found, "bucket"), read(found, "key")) == (bucket, key)


def _content(found: Resource) -> str:
    content = read(found, "content")
    if not isinstance(content, str):
        raise Unverifiable(f"{found.urn}#content", "the object's content is not written")
    return content
