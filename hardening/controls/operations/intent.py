"""Controls of the operations layer over what is deployed: that it is what program and registry say today."""

from __future__ import annotations

from hardening.controls import frameworks
from hardening.controls.control import Control, Layer, Severity

_CHANGES = "NIST SP 800-53 r5, CM-3(5), CM-6: configuration settings and unauthorised changes"
_INVENTORY = "NIST SP 800-53 r5, CM-8: system component inventory"

CONTROLS: tuple[Control, ...] = (
    Control(
        id="exposure-as-intended",
        layer=Layer.OPERATIONS,
        severity=Severity.CRITICAL,
        promise="The stack lets in and allows what program, settings and registry say today.",
        citation=_CHANGES,
        frameworks=frameworks.UNEXPECTED_EXPOSURE,
    ),
    Control(
        id="protection-as-intended",
        layer=Layer.OPERATIONS,
        severity=Severity.HIGH,
        promise="The stack encrypts, logs, keeps and watches as program, settings and registry say today.",
        citation=_CHANGES,
        frameworks=frameworks.CONFIGURATION_AS_DECLARED,
    ),
    Control(
        id="settings-as-intended",
        layer=Layer.OPERATIONS,
        severity=Severity.LOW,
        promise="Every other setting of the stack is the one that program, settings and registry say today.",
        citation=_CHANGES,
        frameworks=frameworks.CHANGE_MANAGEMENT,
    ),
    Control(
        id="nothing-undeployed",
        layer=Layer.OPERATIONS,
        severity=Severity.HIGH,
        promise="Every resource that program, settings and registry say today is in the stack.",
        citation=_INVENTORY,
        frameworks=frameworks.CONFIGURATION_INVENTORY,
    ),
    Control(
        id="nothing-left-over",
        layer=Layer.OPERATIONS,
        severity=Severity.HIGH,
        promise="The stack has no resource that program, settings and registry no longer name.",
        citation=_INVENTORY,
        frameworks=frameworks.ASSET_INVENTORY,
    ),
)
