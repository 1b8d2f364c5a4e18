"""AWS's service models with what an audit can ask, and no more: so no client of it has a call that writes.

A third of what the clients of an audit take in memory is operations that it never asks, and documentation.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from botocore.loaders import JSONFileLoader, Loader

# HeadBucket is botocore's own, for a bucket in a region that it did not expect.
_READS: Final = re.compile(r"(Describe|Get|List|Lookup|BatchGet|Select|Head)[A-Z]")
# botocore itself asks these for credentials (profiles with a role, IAM Identity Center, `aws login`).
_OF_CREDENTIALS: Final = frozenset({"STS", "SSO", "SSO OIDC", "Signin"})


class _ReadingModels(JSONFileLoader):  # type: ignore[misc]  # botocore is untyped
    """Reads botocore's files, and leaves out of a service's model what writes."""

    def load_file(self, file_path: str) -> Any:
        """See JSONFileLoader."""
        found = super().load_file(file_path)
        if isinstance(found, dict) and "shapes" in found.get("merge", ()):
            return {**found, "merge": {}}  # what botocore adds to operations that write
        if not isinstance(found, dict) or not {"operations", "shapes", "metadata"} <= found.keys():
            return found
        return found if found["metadata"].get("serviceId") in _OF_CREDENTIALS else only_reads(found)


def only_reads(model: Mapping[str, Any]) -> dict[str, Any]:
    """A service's model with the operations that read, their shapes, and no documentation."""
    operations = {name: one for name, one in model["operations"].items() if _READS.match(name)}
    shapes = model["shapes"]
    kept: dict[str, Any] = {}
    ahead = [name for one in operations.values() for name in _named(one)]
    while ahead:
        name = ahead.pop()
        if name not in kept:
            kept[name] = shapes[name]
            ahead.extend(_named(shapes[name]))
    for each in (*operations.values(), *kept.values()):
        _undocument(each)
    return {**model, "operations": operations, "shapes": kept}


def _undocument(value: Any) -> None:
    """Drop the documentation: a text, where a member of that name would be a shape."""
    if isinstance(value, dict):
        if isinstance(value.get("documentation"), str):
            del value["documentation"]
        for each in value.values():
            _undocument(each)


def _named(value: Any) -> Iterator[str]:
    """The shapes that an operation or a shape names, anywhere in it."""
    if isinstance(value, list):
        for each in value:
            yield from _named(each)
    elif isinstance(value, dict):
        for name, each in value.items():
            if name == "shape" and isinstance(each, str):
                yield each
            else:
                yield from _named(each)


def reading_loader() -> Loader:
    """The loader for a session of botocore."""
    return Loader(file_loader=_ReadingModels())
