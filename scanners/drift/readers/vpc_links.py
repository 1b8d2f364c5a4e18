"""API Gateway's VPC links of REST APIs (REST API reference, VpcLink)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from scanners.drift.account import View
from scanners.drift.fields import TAGS, exposure, setting
from scanners.drift.records import Live, ResourceReader


def vpc_links(view: View) -> Iterator[Live]:
    """VPC links of REST APIs (GetVpcLinks)."""
    for link in view.pages("apigateway", "get_vpc_links", "items"):
        yield Live(
            "aws:apigateway/vpcLink:VpcLink",
            link["id"],
            {
                "name": link.get("name"),
                "description": link.get("description"),
                "targetArn": (link.get("targetArns") or [None])[0],
                "tags": link.get("tags"),
            },
            view.region,
        )


READERS: Final = (
    ResourceReader(
        type="aws:apigateway/vpcLink:VpcLink",
        service="apigateway",
        read=vpc_links,
        fields=(exposure("targetArn"), setting("name"), setting("description"), TAGS),
    ),
)
