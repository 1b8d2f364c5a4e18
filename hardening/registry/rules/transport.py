"""Keys of the transport layer: how the partner's own endpoints are judged."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, datetime
from types import MappingProxyType

from hardening.controls import CONTROLS, Layer
from hardening.registry.rules.rule import Fault, Key, each, list_of, mapping, one_of, pattern, text, words

_CONTROLS = tuple(control.id for control in CONTROLS.values() if control.layer is Layer.TRANSPORT)
_TLS_VERSIONS = ("1.2", "1.3")
_NAME = "[a-z0-9][a-z0-9-]{0,62}"
_PROFILE = "[a-z][a-z0-9-]{0,60}"
_PIN = "[A-Za-z0-9+/]{43}="
_CA_FILE = r"[\w./ -]{1,400}\.(?:pem|crt|cer)"
_REASON = ".{10,500}"


def _day(where: str, value: object, _: str) -> Iterator[Fault]:
    if not isinstance(value, date) or isinstance(value, datetime):
        yield f"{where}: expected a day, YYYY-MM-DD"


_EXCEPTION = mapping({"control": one_of(*_CONTROLS), "reason": text(_REASON, "a reason"), "expires": _day})
_EXCEPTION_SCHEMA = {
    "type": "object",
    "properties": {
        "control": words(_CONTROLS),
        "reason": pattern(_REASON),
        "expires": {"type": "string", "format": "date"},
    },
    "required": ["control", "reason", "expires"],
    "additionalProperties": False,
}

KEYS: Mapping[str, Key] = MappingProxyType(
    {
        "tls_profile": Key("a lower-case word", text(_PROFILE), pattern(_PROFILE)),
        "tls_pins": Key(
            "a list of base64 SHA-256 digests of public keys (44 characters each)",
            each(text(_PIN), empty=True),
            list_of(pattern(_PIN), empty=True),
        ),
        "tls_ca_file": Key("the path of a .pem, .crt or .cer file", text(_CA_FILE), pattern(_CA_FILE)),
        "tls_min_version": Key("one of 1.2, 1.3, as text", one_of(*_TLS_VERSIONS), words(_TLS_VERSIONS)),
        "client_certificate_out": Key(
            "the name of a certificate: lower-case letters, digits and hyphens", text(_NAME), pattern(_NAME)
        ),
        "client_certificate_in": Key(
            "a list of base64 SHA-256 digests of public keys (44 characters each)",
            each(text(_PIN)),
            list_of(pattern(_PIN)),
        ),
        "tls_exceptions": Key(
            "a list of {control: a transport control, reason: text, expires: YYYY-MM-DD}",
            each(_EXCEPTION, empty=True),
            list_of(_EXCEPTION_SCHEMA, empty=True),
        ),
    }
)
