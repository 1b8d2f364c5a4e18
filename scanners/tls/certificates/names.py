"""Whether a certificate's names cover a host (RFC 9525, 6)."""

from __future__ import annotations

from typing import Final

from scanners.tls.protocol.wire import is_address

# Countries under which registries sell names at the third level, and the labels at the second that they keep:
# the most used part of the public suffix list.
_COUNTRIES: Final = frozenset(
    (
        *("ae", "ar", "at", "au", "bd", "bo", "br", "cn", "co", "cr", "cy", "do", "ec", "eg", "es", "gr"),
        *("gt", "hk", "hr", "hu", "id", "il", "in", "jp", "ke", "kr", "lk", "ma", "mx", "my", "ng", "np"),
        *("nz", "pe", "ph", "pk", "pl", "pt", "py", "ro", "rs", "ru", "sa", "sg", "sv", "th", "tn", "tr"),
        *("tw", "tz", "ua", "ug", "uk", "uy", "ve", "vn", "za", "zm", "zw"),
    )
)
_KEPT: Final = frozenset(
    (
        *("ac", "co", "com", "edu", "gob", "gov", "gv", "info", "mil", "ne", "net", "nhs", "nom", "or"),
        *("org", "plc", "ltd", "police", "sch"),
    )
)


def name_problem(names: tuple[str, ...], host: str) -> str:
    """Empty if one of `names` covers `host`, else the reason. A wildcard covers one label, the leftmost."""
    if not names:
        return "the certificate names no host (it has no subjectAltName)"
    if any(covers(name, host) for name in names):
        return ""
    shown = ", ".join(names[:3]) + (f" and {len(names) - 3} more" if len(names) > 3 else "")
    return f"the certificate is for {shown}"


def covers(name: str, host: str) -> bool:
    """Whether one certificate name covers `host`, case ignored; addresses must be equal."""
    name, host = name.lower().rstrip("."), host.lower().rstrip(".")
    if is_address(host) or not name.startswith("*."):
        return name == host
    label, _, rest = host.partition(".")
    return bool(label) and rest == name.removeprefix("*.")


def too_wide(name: str) -> bool:
    """Whether `name` is a wildcard directly under a domain of a registry, as `*.com` or `*.co.uk`."""
    star, _, domain = name.lower().rstrip(".").partition(".")
    if star != "*":
        return False
    label, _, country = domain.rpartition(".")
    return not label or (country in _COUNTRIES and label in _KEPT)
