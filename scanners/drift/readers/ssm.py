"""Parameters of Systems Manager Parameter Store without their values (SSM API reference)."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Any, Final

from scanners.drift.account import View
from scanners.drift.declared import by
from scanners.drift.fields import TAGS, protection, setting
from scanners.drift.normalize import last_part
from scanners.drift.records import Live, ResourceReader


def parameters(view: View) -> Iterator[Live]:
    """Parameters without their values, which are never asked for (DescribeParameters)."""
    for parameter in view.pages("ssm", "describe_parameters", "Parameters"):
        yield Live(
            "aws:ssm/parameter:Parameter",
            parameter["Name"],
            {
                "name": parameter["Name"],
                "type": parameter.get("Type"),
                "keyId": parameter.get("KeyId"),
                "tier": parameter.get("Tier"),
                "tags": partial(_tags, view, parameter["Name"]),
                "dataType": parameter.get("DataType"),
                "description": parameter.get("Description"),
            },
            view.region,
        )


def _tags(view: View, name: str) -> Any:
    arn = f"arn:{view.partition}:ssm:{view.region}:{view.account()}:parameter/{name.removeprefix('/')}"
    return view.tags_or(arn, partial(_own_tags, view, name))()


def _own_tags(view: View, name: str) -> Any:
    answer = view.ask("ssm", "list_tags_for_resource", ResourceType="Parameter", ResourceId=name)
    return answer.get("TagList")


READERS: Final = (
    ResourceReader(
        type="aws:ssm/parameter:Parameter",
        service="ssm",
        read=parameters,
        key=by("name"),
        fields=(
            protection("type"),
            protection("keyId", last_part),
            setting("tier"),
            setting("dataType"),
            setting("description"),
            setting("name"),
            TAGS,
        ),
    ),
)
