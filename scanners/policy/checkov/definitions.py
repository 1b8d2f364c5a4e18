"""A Terraform plan in the form in which checkov's rules read it. Only the process of checkov imports this.

checkov's own parser does the work. It differs from its reading of Terraform code in three ways, in which
rules pass, crash or stay silent where they fail on the code; all are mended here: some documents stay text,
lists of one item in documents become that item, and ids stand where a few rules look for references.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from hardening.unambiguous_json import read_json
from scanners.policy.plan_values import UNKNOWN_VALUE

# Documents that rules read as objects, and checkov's parser (`RESOURCE_TYPES_JSONIFY`) leaves as text.
DOCUMENTS: Final[Mapping[str, str]] = {
    "aws_api_gateway_rest_api": "policy",
    "aws_codecommit_approval_rule_template": "content",
    "aws_emr_security_configuration": "configuration",
    "aws_s3_bucket": "policy",
    "aws_sqs_queue": "policy",
}
# Documents that are lists; every other is an object.
_LISTS: Final = ("container_definitions",)
# CKV2_AWS_70 and CKV_AWS_379 look for resources whose attribute names the same address as their own does.
_CONNECTED_BY: Final[Mapping[str, tuple[str, str]]] = {
    "aws_api_gateway_method": ("rest_api_id", "aws_api_gateway_rest_api."),
    "aws_api_gateway_rest_api_policy": ("rest_api_id", "aws_api_gateway_rest_api."),
    "aws_s3_bucket_acl": ("bucket", "aws_s3_bucket."),
    "aws_s3_bucket_policy": ("bucket", "aws_s3_bucket."),
    "aws_s3_bucket_public_access_block": ("bucket", "aws_s3_bucket."),
    "aws_s3_bucket_website_configuration": ("bucket", "aws_s3_bucket."),
}


@dataclass(frozen=True, slots=True)
class Definitions:
    """checkov's definitions, and for each address the paths whose values no rule can judge."""

    blocks: dict[str, list[Any]]
    unknown: Mapping[str, list[str]]


def definitions_of(plan: Mapping[str, Any], unknown: Mapping[str, list[str]]) -> Definitions:
    """What checkov's parser would make of the plan, without writing, reading and parsing it again.

    `unknown` holds the paths of values that are not known; documents that are not JSON are added to them.
    """
    from checkov.terraform.plan_parser import _prepare_resource_block

    configured = {(c["type"], c["name"]): c for c in plan["configuration"]["root_module"]["resources"]}
    blocks = []
    not_judged = {address: list(paths) for address, paths in unknown.items()}
    for resource in plan["planned_values"]["root_module"]["resources"]:
        kind, address = resource["type"], resource["address"]
        values = {**resource["values"], "start_line": 0, "end_line": 0}
        document = _document_of(kind)
        if values.get(document) and _parsed(values[document], document) is None:
            values[document] = UNKNOWN_VALUE
            not_judged.setdefault(address, []).append(document)
        configuration = configured.get((kind, resource["name"]))
        block, _, prepared = _prepare_resource_block({**resource, "values": values}, configuration, {})
        if prepared:
            _mend(block[kind][resource["name"]], kind, configuration or {})
            blocks.append(block)
    return Definitions({"provider": [], "resource": blocks, "data": []}, not_judged)


def mend_vertex(vertex: dict[str, Any]) -> None:
    """Give a vertex of checkov's graph its document back as it was written, with its lists of one item."""
    kind = vertex.get("resource_type", "")
    document = _document_of(kind)
    if document in vertex:
        _, name = vertex["block_name_"].split(".", 1)
        written = vertex["config_"][kind][name][document]
        if len(written) == 1:
            vertex[document] = written[0]


def _document_of(kind: str) -> str:
    """The attribute of a type that holds a document, or an empty string."""
    from checkov.terraform.plan_parser import RESOURCE_TYPES_JSONIFY

    return DOCUMENTS.get(kind) or RESOURCE_TYPES_JSONIFY.get(kind, "")


def _parsed(text: Any, document: str) -> Any:
    """What the text of a document holds; None where it is not a document, or says a name twice."""
    try:
        found = read_json(text)
    except (TypeError, ValueError):
        return None
    return found if isinstance(found, list if document in _LISTS else dict) else None


def _mend(block: dict[str, Any], kind: str, configuration: Mapping[str, Any]) -> None:
    document = DOCUMENTS.get(kind, "")
    if document in block and (parsed := _parsed(block[document][0], document)) is not None:
        block[document] = [parsed]
    attribute, prefix = _CONNECTED_BY.get(kind, ("", ""))
    references = configuration.get("expressions", {}).get(attribute, {}).get("references", ())
    named = next((address for address in references if address.startswith(prefix)), None)
    if named:
        block[attribute] = [f"{named}.id"]
