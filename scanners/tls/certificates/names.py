"""Whether a certificate's names cover a host (RFC 9525, 6)."""

from __future__ import annotations

from scanners.tls.protocol.wire import is_address


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
    """Whether `name` is a wildcard directly under a top-level domain."""
    return name.startswith("*.") and name.count(".") < 2
