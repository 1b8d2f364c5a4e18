"""Keys of the privacy layer: what of our drivers a partner gets, what for, and by what right."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from types import MappingProxyType

from hardening.registry.personal_fields import PERSONAL, may_be_opened
from hardening.registry.rules.rule import Fault, Key, each, list_of, mapping, one_of, pattern, text, words

# GDPR Art. 6(1), (a) to (f).
LEGAL_BASES = (
    *("consent", "contract", "legal-obligation", "vital-interests", "public-task"),
    "legitimate-interests",
)
_FIELD = "[A-Za-z][A-Za-z0-9_-]{0,60}"
_PURPOSE = r"[^\W\d_][^\r\n\t]{9,200}"
_PURPOSE_IN_WORDS = "a purpose in words, 10 to 200 characters in one line"

_SHARE = mapping(
    {
        "module": one_of(*PERSONAL),
        "fields": each(text(_FIELD, "the name of a field")),
        "purpose": text(_PURPOSE, _PURPOSE_IN_WORDS),
        "legal_basis": one_of(*LEGAL_BASES),
    }
)
_SHARE_SCHEMA = {
    "type": "object",
    "properties": {
        "module": words(tuple(PERSONAL)),
        "fields": list_of(pattern(_FIELD)),
        "purpose": {"type": "string", "minLength": 10, "maxLength": 201},
        "legal_basis": words(LEGAL_BASES),
    },
    "required": ["module", "fields", "purpose", "legal_basis"],
    "additionalProperties": False,
}


def shares_in_vain(document: Mapping[str, object]) -> Iterator[Fault]:
    """What is opened twice, of a module that was not contracted, or is closed nowhere."""
    shares, modules = document.get("shares"), document.get("modules")
    if not isinstance(shares, list) or not isinstance(modules, dict):
        return
    opened: set[tuple[str, str]] = set()
    for number, share in enumerate(shares):
        module = share.get("module") if isinstance(share, dict) else None
        fields = share.get("fields") if isinstance(share, dict) else None
        if not isinstance(module, str) or module not in PERSONAL or not isinstance(fields, list):
            continue
        if module not in modules:
            yield f"shares[{number}].module: {module} was not contracted; expected one of `modules`"
        for place, name in enumerate(fields):
            where = f"shares[{number}].fields[{place}]"
            if isinstance(name, str) and not may_be_opened(module, name):
                yield f"{where}: is closed in no version of {module}; expected {_closed(module)}"
            if isinstance(name, str) and (module, name) in opened:
                yield f"{where}: was opened before; expected each field of a module once"
            opened.add((module, str(name)))


def _closed(module: str) -> str:
    known = {name: None for fields in PERSONAL[module].values() for name in fields}
    return ", ".join([*known, "or a field of your own about a person"])


KEYS: Mapping[str, Key] = MappingProxyType(
    {
        "shares": Key(
            "a list of {module: one of "
            + ", ".join(PERSONAL)
            + ", fields: their names, purpose: in words, legal_basis: one of "
            + ", ".join(LEGAL_BASES)
            + "}",
            each(_SHARE, empty=True),
            list_of(_SHARE_SCHEMA, empty=True),
        ),
    }
)
