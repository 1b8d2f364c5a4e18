"""Controls of the integrity layer over times and states."""

from __future__ import annotations

from hardening.controls import frameworks
from hardening.controls.control import Control, Layer, Severity
from hardening.requests import statuses

CONTROLS: tuple[Control, ...] = (
    Control(
        id="times-are-in-order",
        layer=Layer.INTEGRITY,
        severity=Severity.HIGH,
        promise="Sessions and CDRs end after they start, and their periods follow each other within.",
        citation="OCPI 2.2.1, 9.3.1 and 10.3.1",
        frameworks=frameworks.PLAUSIBLE_MESSAGES,
        refusal=statuses.OCPI_ERROR,
    ),
    Control(
        id="periods-end-after-they-begin",
        layer=Layer.INTEGRITY,
        severity=Severity.LOW,
        promise=(
            "Validity of tariffs, opening exceptions, status schedules and bookings end after they begin."
        ),
        citation="OCPI 2.2.1, 8.4 and 11.3.1",
        frameworks=frameworks.PLAUSIBLE_MESSAGES,
        refusal=statuses.OCPI_ERROR,
    ),
    Control(
        id="durations-are-possible",
        layer=Layer.INTEGRITY,
        severity=Severity.HIGH,
        promise="Hours of a CDR are not negative, within its start and end, and parking is part of them.",
        citation="OCPI 2.2.1, 10.3.1",
        frameworks=frameworks.PLAUSIBLE_MESSAGES,
        refusal=statuses.OCPI_ERROR,
    ),
    Control(
        id="session-status-agrees",
        layer=Layer.INTEGRITY,
        severity=Severity.MEDIUM,
        promise="A completed session has an end, and one that has not begun has no energy.",
        citation="OCPI 2.2.1, 9.3.1 and 9.4.3",
        frameworks=frameworks.PLAUSIBLE_MESSAGES,
        refusal=statuses.OCPI_ERROR,
    ),
    Control(
        id="session-state-moves-forward",
        layer=Layer.INTEGRITY,
        severity=Severity.HIGH,
        promise="A session only gains energy, keeps its start, and does not come back from its end.",
        citation="OCPI 2.2.1, 9.4.3",
        frameworks=frameworks.PLAUSIBLE_MESSAGES,
    ),
    Control(
        id="last-updated-moves-forward",
        layer=Layer.INTEGRITY,
        severity=Severity.HIGH,
        promise="No object is replaced by an older state of itself.",
        citation="OCPI 2.2.1, 8.2.2.3 and the object tables",
        frameworks=frameworks.PLAUSIBLE_MESSAGES,
    ),
)
