"""The catalogue of controls, layer by layer, in the order in which a request meets them.

A control is a literal in one of this package's modules: one module for each layer, or, where a layer has
many controls, a folder of that name with one module for each topic. Its id is a slug that states the promise,
and is the same string in the log line of a refusal, the finding, the SARIF rule, the docs and the evidence.
Checks name their control; controls never name checks.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from hardening.controls import (
    audit,
    authorization,
    identity,
    integrity,
    network,
    operations,
    privacy,
    protocol,
    transport,
)
from hardening.controls.control import Control, Layer, Severity

_LAYERS = (
    transport,
    network,
    identity,
    authorization,
    protocol,
    integrity,
    audit,
    privacy,
    operations,
)

__all__ = ["CONTROLS", "Control", "Layer", "Severity"]


def _catalogue() -> dict[str, Control]:
    catalogue: dict[str, Control] = {}
    for layer in _LAYERS:
        for control in layer.CONTROLS:
            if control.id in catalogue:
                raise ValueError(f"control {control.id!r} is in the catalogue twice")
            catalogue[control.id] = control
    return catalogue


CONTROLS: Mapping[str, Control] = MappingProxyType(_catalogue())
