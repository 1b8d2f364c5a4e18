"""Who stands for a run: an in-toto statement over its manifest, in a signed DSSE envelope.

The envelope is read by every tool of in-toto and DSSE; nothing of ours is needed to check it.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from hardening import dsse
from scanners.evidence.seal import MANIFEST, STATEMENT, digest_of, read_manifest

PAYLOAD_TYPE: Final = "application/vnd.in-toto+json"
_STATEMENT: Final = "https://in-toto.io/Statement/v1"  # the types' names, as in-toto writes them
_TEST_RESULT: Final = "https://in-toto.io/attestation/test-result/v0.1"


def write_statement(run: Path, key: dsse.SigningKey) -> str:
    """Sign a sealed run; give the id of the key."""
    statement = _statement(digest_of(run), read_manifest(run))
    payload = json.dumps(statement, ensure_ascii=False, sort_keys=True).encode()
    (run / STATEMENT).write_text(dsse.sign(PAYLOAD_TYPE, payload, key), encoding="utf-8")
    return dsse.key_id(key.public_key())


def statement_fault(run: Path, key: dsse.PublicKey) -> str:
    """Why a run is not the one that the key's owner signed; empty where it is."""
    try:
        envelope = (run / STATEMENT).read_text(encoding="utf-8")
    except FileNotFoundError:
        return "is missing: nobody signed this run"
    except (OSError, UnicodeDecodeError):
        return "cannot be read"
    try:
        payload = dsse.verified(envelope, PAYLOAD_TYPE, [key])
    except dsse.Unsigned as reason:
        return str(reason)
    try:
        same = json.loads(payload) == _statement(digest_of(run), read_manifest(run))
    except KeyError:  # a manifest without what we write into one
        same = False
    return "" if same else "was signed for another run"


def _statement(seal: str, manifest: Mapping[str, Any]) -> dict[str, Any]:
    counts = manifest["counts"]
    return {
        "_type": _STATEMENT,
        "subject": [{"name": MANIFEST, "digest": {"sha256": seal}}],
        "predicateType": _TEST_RESULT,
        "predicate": {
            # Nothing judged is nothing passed: an empty list never means yes.
            "result": "PASSED" if counts["pass"] and not counts["fail"] + counts["error"] else "FAILED",
            "configuration": [{"name": "controls.json", "digest": _digest(manifest, "controls.json")}],
            "counts": counts,
            "target": manifest["target"],
            "tools": manifest["tools"],
            "previous": manifest["previous"],
        },
    }


def _digest(manifest: Mapping[str, Any], file: str) -> dict[str, str]:
    return {"sha256": manifest["files"][file]["sha256"]}
