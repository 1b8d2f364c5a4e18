"""Reads what sslyze saw of an address: facts to hold against those of our own audit.

Only what it finished is taken. Its rejections are no facts: it reads a timeout as one.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterator, Mapping
from typing import Any, Final

import msgspec

from scanners.tls.deep_facts import (
    COMPRESSION,
    EARLY_DATA,
    EXTENDED_MASTER_SECRET,
    SECURE_RENEGOTIATION,
    SecondScan,
)

UNREADABLE: Final = "sslyze could not connect, or its result is not readable"
VERSIONS: Final = {
    "ssl_2_0": "SSLv2",
    "ssl_3_0": "SSLv3",
    "tls_1_0": "TLSv1",
    "tls_1_1": "TLSv1.1",
    "tls_1_2": "TLSv1.2",
    "tls_1_3": "TLSv1.3",
}
# Each mark, and where sslyze tells of it: the command, the key of its result.
_MARKS: Final = {
    EXTENDED_MASTER_SECRET: ("tls_extended_master_secret", "supports_ems_extension"),
    SECURE_RENEGOTIATION: ("session_renegotiation", "supports_secure_renegotiation"),
    COMPRESSION: ("tls_compression", "supports_compression"),
    EARLY_DATA: ("tls_1_3_early_data", "supports_early_data"),
}


def read_second_scan(text: str) -> SecondScan:
    """The facts in sslyze's JSON. What it did not complete, or what does not parse, is in `unanswered`."""
    commands = commands_in(text)
    if commands is None:
        return SecondScan(unanswered=(UNREADABLE,))
    suites, marks = {}, {}
    groups: tuple[str, ...] | None = None
    leaves: tuple[str, ...] = ()
    problems = []
    for command, version in VERSIONS.items():
        result, problem = completed(commands.get(f"{command}_cipher_suites"))
        if problem:
            problems.append(f"{version}: {problem}")
        else:
            suites[version] = tuple(sorted(_accepted(result)))
    for mark, (command, key) in _MARKS.items():
        result, problem = completed(commands.get(command))
        value = result.get(key)
        if isinstance(value, bool):
            marks[mark] = value
        else:
            problems.append(f"{mark}: {problem or f'sslyze does not say {key}'}")
    result, problem = completed(commands.get("elliptic_curves"))
    if problem:
        problems.append(f"groups: {problem}")
    else:
        groups = tuple(sorted(_groups(result)))
    result, problem = completed(commands.get("certificate_info"))
    leaves = tuple(sorted(_leaves(result)))
    if not leaves:
        problems.append(f"certificate: {problem or 'sslyze shows none'}")
    return SecondScan(suites=suites, marks=marks, groups=groups, leaves=leaves, unanswered=tuple(problems))


def commands_in(text: str) -> dict[str, Any] | None:
    """The results by command; None if there are none."""
    try:
        document = msgspec.json.decode(text)
        commands = document["server_scan_results"][0]["scan_result"]
    except (msgspec.DecodeError, LookupError, TypeError):
        return None
    return commands if isinstance(commands, dict) else None


def completed(command: Any) -> tuple[dict[str, Any], str]:
    """A command's result, or why there is none."""
    if not isinstance(command, dict) or command.get("status") != "COMPLETED":
        reason = command.get("error_reason") if isinstance(command, dict) else None
        return {}, f"sslyze did not complete this ({str(reason or 'no result').lower().replace('_', ' ')})"
    result = command.get("result")
    return (result, "") if isinstance(result, dict) else ({}, "sslyze gave no result")


def _accepted(result: Mapping[str, Any]) -> Iterator[str]:
    for suite in _rows(result, "accepted_cipher_suites"):
        named = suite.get("cipher_suite")
        if isinstance(named, dict):
            yield str(named.get("name"))


def _groups(result: Mapping[str, Any]) -> Iterator[str]:
    for curve in _rows(result, "supported_curves"):
        name = str(curve.get("name"))
        yield name.lower() if name.startswith("X") else name


def _leaves(result: Mapping[str, Any]) -> Iterator[str]:
    for deployment in _rows(result, "certificate_deployments"):
        for leaf in _rows(deployment, "received_certificate_chain")[:1]:
            try:
                yield base64.b64decode(str(leaf.get("fingerprint_sha256")), validate=True).hex()
            except (binascii.Error, ValueError):
                continue


def _rows(result: Mapping[str, Any], key: str) -> list[dict[str, Any]]:
    rows = result.get(key)
    return [row for row in rows if isinstance(row, dict)] if isinstance(rows, list) else []
