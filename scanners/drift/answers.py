"""Refuses an answer that no AWS service gives: botocore takes a web page for an answer without members."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Final

from botocore.model import OperationModel
from botocore.parsers import ResponseParserError

_PAGES: Final = (b"<!doctype html", b"<html")
_JSON: Final = ("json", "rest-json")


def must_be_of_the_service(
    operation_model: OperationModel, response_dict: Mapping[str, Any], **_: Any
) -> None:
    """For botocore's `before-parse`. Raises ResponseParserError for a page, and for JSON cut short."""
    body = response_dict["body"]
    if response_dict["status_code"] >= 300 or not isinstance(body, bytes):
        return
    name = operation_model.name
    if body.lstrip()[:20].lower().startswith(_PAGES):
        raise ResponseParserError(f"{name}: a web page came, and no answer of AWS")
    shape = operation_model.output_shape
    if operation_model.service_model.resolved_protocol not in _JSON or shape is None:
        return
    if not body.strip():
        if operation_model.service_model.resolved_protocol == "json" and shape.members:
            raise ResponseParserError(f"{name}: an empty answer")
    elif not shape.serialization.get("payload") and not _is_object(body):
        raise ResponseParserError(f"{name}: the answer is not a whole JSON object")


def _is_object(body: bytes) -> bool:
    try:
        return isinstance(json.loads(body), dict)
    except ValueError:
        return False
