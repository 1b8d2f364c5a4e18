"""Brings declared and live values to one form, so equal settings compare equal.

Pulumi's AWS provider is bridged from Terraform's, where a zero value (empty text, list or object, 0,
false) and an unset one are the same; here too.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any, Final

from hardening.unambiguous_json import read_json
from scanners.policy.stack import SECRET, UNKNOWN

# The root of an account in any partition, which policies also name by the account's number.
_ROOT: Final = re.compile(r"arn:[a-z-]+:iam::(\d{12}):root")
_WORD: Final = re.compile(r"^[A-Z]+(?=[A-Z][a-z])|^[A-Z]+")


def plain(value: Any) -> Any:
    """The value without zero values; None if nothing is left. The order of lists counts."""
    if isinstance(value, Mapping):
        items = {str(key): plain(item) for key, item in sorted(value.items())}
        return {key: item for key, item in items.items() if item is not None} or None
    if isinstance(value, list | tuple):
        return [plain(item) for item in value] or None
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return value or None


def unordered(value: Any) -> Any:
    """Like `plain`, for values whose lists are sets at every level."""
    return _sorted(plain(value))


def _sorted(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _sorted(item) for key, item in value.items()}
    if isinstance(value, list):
        # Twice the same is once: a set has no duplicates.
        return [json.loads(text) for text in sorted({dump(_sorted(item)) for item in value})]
    return value


def marked(value: Any) -> Any:
    """Like `unordered`, but an empty object stays: `{"block": {}}` says block."""
    if isinstance(value, Mapping):
        items = {str(key): marked(item) for key, item in sorted(value.items())}
        return {key: item for key, item in items.items() if item is not None}
    if isinstance(value, list | tuple):
        return [json.loads(text) for text in sorted({dump(marked(item)) for item in value})] or None
    return plain(value)


def exact(value: Any) -> Any:
    """The value as it was written, for two sides that one program wrote: a zero value is not an unset one.

    Only what never has a meaning is evened out: unset (null) entries, whole numbers written as floats,
    and the layout of JSON texts.
    """
    if isinstance(value, Mapping):
        return {str(key): exact(item) for key, item in value.items() if item is not None}
    if isinstance(value, list | tuple):
        return [exact(item) for item in value]
    if isinstance(value, str) and value[:1] in ("{", "["):
        parsed = _parsed(value)
        return parsed if parsed is value else exact(parsed)
    return int(value) if isinstance(value, float) and value.is_integer() else value


def caseless(value: Any) -> Any:
    """A text, or a set of texts, in lower case and without a final dot."""
    if isinstance(value, list | tuple):
        return sorted({str(item).lower().rstrip(".") for item in value}) or None
    return str(value).lower().rstrip(".") if value else None


def number(value: Any) -> Any:
    """A number that may be written as text; another text stays as it is."""
    try:
        return plain(float(value)) if value not in (None, "") else None
    except (TypeError, ValueError):
        return plain(value)


def last_part(value: Any) -> Any:
    """The id at the end of an ARN or path, for properties that take either."""
    if isinstance(value, list | tuple):
        return sorted(str(last_part(item)) for item in value) or None
    return str(value).rsplit("/", 1)[-1].rsplit(":", 1)[-1] if value else None


def log_group(value: Any) -> Any:
    """The ARN of a log group, which some services answer with `:*` behind it."""
    return str(value).removesuffix(":*") if value else None


def document(value: Any) -> Any:
    """A JSON text by its content; a text that is not JSON stays as it is."""
    return unordered(_parsed(value))


def policy(value: Any) -> Any:
    """An IAM policy by its meaning: order and single-or-list do not count (IAM JSON policy grammar)."""
    parsed = _parsed(value)
    if not isinstance(parsed, Mapping):
        return plain(parsed)
    statements = parsed.get("Statement") or []
    statements = statements if isinstance(statements, list) else [statements]
    rest = {key: item for key, item in parsed.items() if key != "Statement"}
    return unordered({**rest, "Statement": [_statement(each) for each in statements]})


def _statement(statement: Any) -> Any:
    if not isinstance(statement, Mapping):
        return statement
    found: dict[str, Any] = {}
    for key, value in statement.items():
        if key in ("Principal", "NotPrincipal"):
            found[key] = _principal(value)
        elif key == "Condition" and isinstance(value, Mapping):
            found[key] = {
                test: {name: _texts(texts) for name, texts in keys.items()} for test, keys in value.items()
            }
        elif key in ("Action", "NotAction", "Resource", "NotResource"):
            found[key] = _texts(value)
        else:
            found[key] = value
    return found


def _principal(value: Any) -> Any:
    if not isinstance(value, Mapping):
        return {"AWS": _texts(value)}
    return {
        principal: [_account_root(name) if principal == "AWS" else name for name in _texts(names)]
        for principal, names in value.items()
    }


def _account_root(name: str) -> str:
    found = _ROOT.fullmatch(name)
    return found[1] if found else name


def _texts(value: Any) -> list[str]:
    items = value if isinstance(value, list | tuple) else [value]
    return [str(item).lower() if isinstance(item, bool) else str(item) for item in items]


def tags(value: Any) -> Any:
    """Tags without those that AWS sets itself, from a map or from a list of keys and values."""
    if isinstance(value, list | tuple):
        value = {
            str(tag.get("Key", tag.get("key", tag.get("TagKey")))): tag.get(
                "Value", tag.get("value", tag.get("TagValue", ""))
            )
            for tag in value
        }
    found = {key: text or "" for key, text in sorted((value or {}).items()) if not key.startswith("aws:")}
    return found or None  # a tag without a value is a tag


def camel(value: Any) -> Any:
    """An API answer with the names that Pulumi gives its properties: `ARN` -> `arn`, `IPSet` -> `ipSet`."""
    if isinstance(value, Mapping):
        return {_WORD.sub(lambda word: word.group().lower(), key): camel(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [camel(item) for item in value]
    return value


def _parsed(value: Any) -> Any:
    """What a JSON text holds; any other text, and one that says a name twice, stays as it was written."""
    if not isinstance(value, str):
        return value
    try:
        return read_json(value)
    except ValueError:
        return value


def holds(value: Any, *markers: object) -> bool:
    """Whether one of `markers` is anywhere in `value`."""
    if isinstance(value, Mapping):
        return any(holds(item, *markers) for item in value.values())
    if isinstance(value, list | tuple):
        return any(holds(item, *markers) for item in value)
    return any(value is marker for marker in markers)


def dump(value: Any) -> str:
    """A value as stable JSON; a secret or unknown value as its marker. Raises TypeError for other objects."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, default=_named)


def _named(value: Any) -> str:
    if value is SECRET or value is UNKNOWN:
        return repr(value)
    if hasattr(value, "isoformat"):
        return str(value.isoformat())
    raise TypeError(f"cannot write a {type(value).__name__}")
