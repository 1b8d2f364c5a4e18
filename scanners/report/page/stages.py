"""The path of a request through the architecture, and what this run says of each stage."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from hardening.controls.components import EVERY_COMPONENT
from scanners.report.page.verdicts import ControlView, worst

# Stage -> what it does with a request, and the components that build it. The guard's are its checks.
STAGES: Final[tuple[tuple[str, str, tuple[str, ...]], ...]] = (
    ("DNS", "names lead to us alone", ("HostedZone", "Certificates")),
    ("WAF", "knows addresses, methods, sizes and rates", ("WebAcl",)),
    ("API Gateway", "knows the routes and opens TLS", ("Api", "ApiDomain", "UsagePlans")),
    ("authorizer", "knows tokens and contracts", ("Authorizer", "CodeSigning", "TokenStore")),
    ("load balancer", "leads inside, by TLS", ("LoadBalancer", "Network", "SecurityGroups")),
    ("guard", "judges every call", ()),
    ("OCPI service", "serves what the guard let through", ("Services", "FargateService", "HopKey", "Ledger")),
    (
        "egress guard", "calls partners, and nobody else",
        ("PartnerSecrets", "CallerKeys", "InternalCertificate", "DnsFirewall"),
    ),
    ("records", "keep what happened", ("AuditTrail", "Monitoring", "Detection", "PrivateBucket")),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Stage:
    """One stage with the controls that stand there; `verdict` is the worst of theirs."""

    name: str
    does: str
    verdict: str
    views: tuple[ControlView, ...]

    @property
    def troubled(self) -> tuple[str, ...]:
        """The controls that fail there or are not verified."""
        return tuple(v.control.id for v in self.views if v.verdict in ("failed", "not verified"))


def stages(views: Iterable[ControlView]) -> tuple[Stage, ...]:
    """Every stage, in the order in which a request meets them. What every component has is of no stage."""
    every = tuple(views)
    return tuple(_stage(name, does, built_by, every) for name, does, built_by in STAGES)


def _stage(name: str, does: str, built_by: tuple[str, ...], every: tuple[ControlView, ...]) -> Stage:
    if built_by:
        own = tuple(v for v in every if _stands_at(v.links.built_by, built_by))
    else:
        own = tuple(v for v in every if v.links.refused_by)
    return Stage(name, does, worst(v.verdict for v in own), own)


def _stands_at(components: tuple[str, ...], stage: tuple[str, ...]) -> bool:
    return bool(set(components) & set(stage)) and len(components) < len(EVERY_COMPONENT)
