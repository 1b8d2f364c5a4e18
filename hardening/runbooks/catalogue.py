"""Every runbook, and which one an alarm leads to."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from hardening.errors import ConfigError
from hardening.runbooks import account, messages, partners, platform, upkeep
from hardening.runbooks.runbook import Runbook

RUNBOOKS: Final[Mapping[str, Runbook]] = MappingProxyType(
    {
        one.name: one
        for one in (
            partners.LEAKED_TOKEN,
            partners.ROGUE_PARTNER,
            partners.PARTNER_COMPROMISED,
            platform.LOST_KEY,
            partners.CDR_FLOOD,
            partners.WRONG_TARIFFS,
            messages.LEAKING_ANSWER,
            messages.LEDGER_CONFLICT,
            platform.GATEWAY_DOWN,
            upkeep.CERTIFICATE_EXPIRING,
            platform.REGION_LOST,
            account.EVIDENCE_TAMPERED,
            account.ACCOUNT_INTRUSION,
            upkeep.ROTATION_STUCK,
            upkeep.REGISTRY_MISTAKE,
        )
    }
)
_BY_ALARM: Final = {alarm: one for one in RUNBOOKS.values() for alarm in one.alarms}


def runbook_named(name: str) -> Runbook:
    """The runbook of that name. Raises ConfigError."""
    if name not in RUNBOOKS:
        raise ConfigError(f"no runbook {name!r}", f"one of: {', '.join(RUNBOOKS)}")
    return RUNBOOKS[name]


def runbook_of(alarm: str) -> Runbook:
    """The runbook that an alarm of our stack leads to. Raises LookupError for one that leads nowhere."""
    return _BY_ALARM[alarm]
