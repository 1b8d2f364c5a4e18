"""What a CDR should have cost, period by period, and what it breaks, with everything that is known of it."""

from __future__ import annotations

from datetime import tzinfo
from typing import Any

import msgspec

from hardening.ocpi.problems import Problem
from hardening.ocpi.rules import pricing
from hardening.ocpi.rules.rule import Related, decode
from hardening.ocpi.time_zones import TIME_ZONES, time_zone
from hardening.ocpi.validation import validate
from scanners.dispute.records import Case, Found


def problems_of(case: Case) -> list[Problem]:
    """What the CDR breaks of the rules of messages, with all that is known beside it."""
    related = Related(
        session=_decoded(case, "Session", case.sessions[-1] if case.sessions else None),
        location=_decoded(case, "Location", case.location),
        tariff=_decoded(case, "Tariff", case.tariff),
        token=_decoded(case, "Token", case.tokens[-1] if case.tokens else None),
    )
    return validate(case.cdr.text, version=case.version, object_type="CDR", related=related)


def _decoded(case: Case, kind: str, found: Found | None) -> Any:
    """The object as rules read it; None where it is not known, or not as its version wants it."""
    if found is None:
        return None
    try:
        return decode(case.version, kind, msgspec.json.decode(found.text))
    except msgspec.ValidationError:
        return None


def recomputed(case: Case) -> dict[str, Any]:
    """Least and most of each kind of price, before taxes, after each period: `steps`, and the `total`.

    Where the cost cannot be worked out, `reason` says why, and there are no steps.
    """
    cdr = _decoded(case, "CDR", case.cdr)
    if cdr is None:
        return {"steps": [], "total": None, "reason": f"the CDR is not as OCPI {case.version} wants it"}
    own = {one.id.lower(): one for one in cdr.tariffs or ()}
    agreed = _decoded(case, "Tariff", case.tariff)
    tariffs = own or ({agreed.id.lower(): agreed} if agreed else {})
    steps, zone = [], _zone(case)
    try:
        for count, period in enumerate(cdr.charging_periods, 1):
            so_far = msgspec.structs.replace(cdr, charging_periods=cdr.charging_periods[:count])
            steps.append(_step(period, pricing.bounds(so_far, tariffs, zone)))
    except pricing.CannotTell as reason:
        return {"steps": steps, "total": None, "reason": f"it cannot be told: {reason}"}
    return {
        "tariff": "of the CDR" if own else "that was agreed",
        "time_zone": str(zone) if zone else None,
        "steps": steps,
        "total": steps[-1]["so_far"],
        "charged": str(case.cdr.row["total_cost"].normalize()),
        "reason": "",
    }


def _step(period: Any, found: pricing.Bounds) -> dict[str, Any]:
    return {
        "start_date_time": f"{period.start_date_time:%Y-%m-%dT%H:%M:%SZ}",
        "tariff_id": period.tariff_id or None,
        "volumes": {one.type: one.volume for one in period.dimensions},
        "so_far": {
            "least": round(found.least, 6),
            "most": round(found.most, 6),
            "kinds": {
                kind: {"least": round(low, 6), "most": round(high, 6)}
                for kind, (low, high) in found.kinds.items()
            },
            "decided": found.decided,
        },
    }


def _zone(case: Case) -> tzinfo | None:
    location = _decoded(case, "Location", case.location)
    return time_zone(location.time_zone) if location and location.time_zone in TIME_ZONES else None
