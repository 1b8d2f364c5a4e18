"""`python program.py NETWORK MODULE [ARGUMENT...]`: `python -m MODULE`, held to the lab's rules.

NETWORK is a JSON file: the names that the process reaches, each with its port of loopback.
"""

from __future__ import annotations

import json
import runpy
import sys
from pathlib import Path

_HERE = Path(__file__).resolve().parent


def main(arguments: list[str]) -> None:
    """Hold this process to its network and its AWS calls to AWS's models, then become the module."""
    network, module, *rest = arguments
    names = json.loads(Path(network).read_text(encoding="utf-8"))
    # The interpreter put this file's folder first; its modules are none of the program's.
    sys.path.pop(0)
    runpy.run_path(str(_HERE / "service_models.py"))["hold_calls"]()
    runpy.run_path(str(_HERE / "network.py"))["hold_network"](names)
    sys.argv = [module, *rest]
    runpy.run_module(module, run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    main(sys.argv[1:])
