"""What is known of a certificate's revocation. Facts only."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Revocation:
    """What an OCSP responder or a CRL says of one certificate, told by `source` (OCSP, CRL; empty: nobody).

    `status` is good, revoked or unknown, and empty where there is no answer that holds: `problem` says why.
    """

    subject: str
    serial: str
    status: str
    source: str = ""
    this_update: datetime | None = None
    next_update: datetime | None = None
    problem: str = ""
