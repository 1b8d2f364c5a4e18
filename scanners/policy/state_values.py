"""Property values of a state file without Pulumi's wrappers: secrets, unknowns, assets, references."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from typing import Any, Final

from scanners.policy.stack import SECRET, UNKNOWN

# Signatures with which Pulumi marks special values (pulumi/runtime/rpc.py).
_SIGNATURE: Final = "4dabf18193072939515e22adb298388d"
_OUTPUT_VALUE: Final = "d0e6a833031e9bbcd3f4e8bde6ca49a4"
_RESOURCE_REFERENCE: Final = "5cf8f73096256a8f31e491e813e4eb8e"
_ASSET: Final = "c44067f5952c0a294b673a41bacd8c17"
_ASSETS: Final = frozenset({_ASSET, "0def7320c3a5731c473e5ecbe6d01bc7"})

# What the engine writes for a value that is not known yet, by kind of value
# (pulumi sdk/go/common/resource/plugin/rpc.go: string, bool, number, array, asset, archive, object).
_UNKNOWNS: Final = frozenset(
    {
        "04da6b54-80e4-46f7-96ec-b56ff0331ba9",
        "1c4a061d-8072-4f0a-a4cb-0ff528b18fe7",
        "3eeb2bf0-c639-47a8-9e75-3b44932eb421",
        "6a19a0b0-7e62-4c92-b797-7f8e31da9cc2",
        "030794c1-ac77-496b-92df-f27374a8bd58",
        "e48ece36-62e2-4504-bad9-02848725956a",
        "dd056dcd-154b-4c76-9bd3-c8f88648b5ff",
    }
)
# A text that was made of an unknown value is not known either.
_ANY_UNKNOWN: Final = re.compile("|".join(sorted(_UNKNOWNS)))
_MARK: Final = 36
# What `pulumi preview --json` writes in place of a secret.
_BLINDED: Final = "[secret]"


def plain(value: Any) -> Any:
    """`value` without Pulumi's wrappers: `SECRET` for a secret, `UNKNOWN` for what is not known yet."""
    if isinstance(value, str):
        if value in _UNKNOWNS or (len(value) > _MARK and _ANY_UNKNOWN.search(value)):
            return UNKNOWN
        return SECRET if value == _BLINDED else value
    if isinstance(value, list):
        return [plain(item) for item in value]
    if not isinstance(value, dict):
        return value
    if _SIGNATURE in value:
        return _special(value)
    return own_properties(value)


def own_properties(value: Mapping[str, Any]) -> dict[str, Any]:
    """The resource's own properties in clear, without wrappers and without what the engine adds."""
    # Names with two underscores are the engine's own (`__defaults`, `__meta`), not the resource's.
    return {name: plain(item) for name, item in value.items() if not name.startswith("__")}


def _special(value: Mapping[str, Any]) -> Any:
    signature = value[_SIGNATURE]
    if signature == _OUTPUT_VALUE and not value.get("secret"):
        return plain(value["value"]) if "value" in value else UNKNOWN
    if signature == _RESOURCE_REFERENCE:
        return value.get("id") or value.get("urn")
    if signature in _ASSETS:
        return _content(value)
    return SECRET


def _content(asset: Mapping[str, Any]) -> str:
    """What names an asset or an archive by its content, which may be code with secrets in it.

    Paths differ between machines; they name only what has no digest.
    """
    members = asset.get("assets")
    if isinstance(members, dict) and members:
        named = sorted((name, _content(member)) for name, member in members.items())
        return f"sha256:{hashlib.sha256(repr(named).encode()).hexdigest()}"
    if isinstance(asset.get("text"), str):
        return f"sha256:{hashlib.sha256(asset['text'].encode()).hexdigest()}"
    digest = asset.get("hash")
    # An archive's own digest depends on how the engine packs it.
    if digest and asset[_SIGNATURE] == _ASSET:
        return f"sha256:{digest}"
    return str(asset.get("path") or asset.get("uri") or digest or "asset")
