"""The frameworks that controls answer to."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from hardening.controls.standards import auditors, europe, nist, technical
from hardening.controls.standards.standard import Standard

__all__ = ["STANDARDS", "Standard"]

_ALL = (
    nist.CSF,
    auditors.ISO27001,
    europe.NIS2,
    europe.NIS2_YARDSTICK,
    europe.NETWORK_CODE,
    auditors.SOC2,
    auditors.PCI_DSS,
    europe.GDPR,
    technical.OWASP_API,
    technical.CIS_AWS,
    nist.SP_800_53,
)
STANDARDS: Mapping[str, Standard] = MappingProxyType({standard.key: standard for standard in _ALL})
