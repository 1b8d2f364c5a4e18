"""Keys of the identity layer: who the partner is, and how it presents its token."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from hardening.registry.rules.rule import Key, each, list_of, mapping, one_of, pattern, text, words
from hardening.requests.modules import ROLES

ENVIRONMENTS = ("test", "production")
ENCODINGS = ("base64", "raw")
_NAME = r"[a-z0-9](?:[a-z0-9-]{0,38}[a-z0-9])"
_COUNTRY, _PARTY = "[A-Za-z]{2}", "[A-Za-z0-9]{3}"
_OURS = rf"{_COUNTRY}\*{_PARTY}"

_PARTIES = mapping(
    {
        # Readers of YAML 1.1 take an unquoted NO for false; ours takes it for Norway.
        "country_code": text(_COUNTRY, "two letters, as text"),
        "party_id": text(_PARTY, "three letters or digits, as text"),
        "role": one_of(*ROLES),
    }
)
_PARTY_SCHEMA = {
    "type": "object",
    "properties": {"country_code": pattern(_COUNTRY), "party_id": pattern(_PARTY), "role": words(ROLES)},
    "required": ["country_code", "party_id", "role"],
    "additionalProperties": False,
}

KEYS: Mapping[str, Key] = MappingProxyType(
    {
        "name": Key(
            "the file's name without .yaml: lower-case letters, digits and hyphens, 2 to 40",
            text(_NAME),
            pattern(_NAME),
            required=True,
        ),
        "environment": Key(
            f"one of {', '.join(ENVIRONMENTS)}", one_of(*ENVIRONMENTS), words(ENVIRONMENTS), required=True
        ),
        "parties": Key(
            "a list of {country_code: AA, party_id: AAA, role: one of " + ", ".join(ROLES) + "}",
            each(_PARTIES),
            list_of(_PARTY_SCHEMA),
            required=True,
        ),
        "our_parties": Key(
            "a list of parties of ours, as AA*AAA (country code and party id)",
            each(text(_OURS, "country code and party id, as AA*AAA")),
            list_of(pattern(_OURS)),
        ),
        "auth_encoding": Key(f"one of {', '.join(ENCODINGS)}", one_of(*ENCODINGS), words(ENCODINGS)),
    }
)
