"""`python -I -S function.py NETWORK CODE PACKAGES`: what AWS's runtime is to a Lambda function.

CODE is the function's unpacked archive; PACKAGES is a folder with what the runtime brings (boto3), and
nothing else can be imported. Each line of stdin is an event, each line of stdout its outcome:
`{"result": ...}` or `{"error": TYPE, "message": ...}`. What the function writes goes to stderr, its log.
"""

from __future__ import annotations

import importlib
import json
import os
import runpy
import sys
import traceback
from pathlib import Path
from typing import Any

_HERE = Path(__file__).resolve().parent


def main(network: str, code: str, packages: str) -> None:
    """Answer events until stdin ends. The handler is what the variable _HANDLER names."""
    sys.path[:0] = [code]
    sys.path.append(packages)
    names = json.loads(Path(network).read_text(encoding="utf-8"))
    runpy.run_path(str(_HERE / "service_models.py"))["hold_calls"]()
    runpy.run_path(str(_HERE / "network.py"))["hold_network"](names)
    outcomes = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    module, _, name = os.environ["_HANDLER"].rpartition(".")
    for line in sys.stdin:
        outcomes.write(json.dumps(_outcome(module, name, json.loads(line))) + "\n")
        outcomes.flush()


def _outcome(module: str, name: str, event: Any) -> dict[str, Any]:
    try:
        return {"result": getattr(importlib.import_module(module), name)(event, None)}
    except Exception as error:  # the outer edge of this process: Lambda reports what the function raised
        traceback.print_exc()
        return {"error": type(error).__name__, "message": str(error)}


if __name__ == "__main__":
    main(*sys.argv[1:])
