"""Whom the law wants told, and by when."""

from __future__ import annotations

from typing import Final

from hardening.runbooks.runbook import Who, tell

# Directive (EU) 2022/2555 (NIS2), Art. 23(4): for a significant incident, from becoming aware of it.
AUTHORITIES: Final = (
    tell(
        Who.LEAD,
        "Is it significant (NIS2 Art. 23(3))? Then the CSIRT or authority gets the early "
        "warning: within 24 hours.",
    ),
    tell(Who.LEAD, "The same gets the incident notification, with severity and impact: within 72 hours."),
    tell(Who.LEAD, "The same gets the final report: within a month of the notification."),
)
# Regulation (EU) 2016/679 (GDPR), Art. 33(1) and 34(1).
PERSONAL_DATA: Final = tell(
    Who.LEAD,
    "Were personal data seen (contract ids, sessions)? Then the data protection authority: "
    "within 72 hours; and "
    "the people themselves where the risk is high: without delay.",
)
