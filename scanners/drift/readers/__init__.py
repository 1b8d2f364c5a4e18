"""What the drift audit reads, one module an AWS service. A new module in this folder is found."""

from __future__ import annotations

import pkgutil
from importlib import import_module
from typing import Final

from scanners.drift.records import ResourceReader


def _readers() -> tuple[ResourceReader, ...]:
    modules = sorted(module.name for module in pkgutil.iter_modules(__path__))
    return tuple(one for name in modules for one in import_module(f"{__name__}.{name}").READERS)


READERS: Final[tuple[ResourceReader, ...]] = _readers()
