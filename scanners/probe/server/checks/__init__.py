"""Checks of a probed server, and of each of its lists."""

from __future__ import annotations

from typing import Final

from hardening.checks import Check, checks_in
from scanners.probe.server.checks import answers, authentication, discovery, pages, refusals
from scanners.probe.server.records import Listing, ServerProbe

SERVER_CHECKS: Final[tuple[Check[ServerProbe], ...]] = checks_in(discovery, authentication, answers, refusals)
LISTING_CHECKS: Final[tuple[Check[Listing], ...]] = checks_in(pages)
