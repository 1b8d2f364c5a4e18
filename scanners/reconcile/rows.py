"""The rows of a record: what reconciliation reads of it, in the columns of the Parquet layout."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, Final

from scanners.reconcile.columns import MOST
from scanners.reconcile.letters import lowered, raised
from scanners.reconcile.objects import Cdr, Cost, Location, Price, Session, Tariff, Token, UsedTariff

_GRAIN: Final = Decimal("0.000001")

Row = dict[str, Any]


def rows_of(record: Any, party: str, body: str) -> Iterator[Row]:
    """The rows of an object. `party` is whose it is where it does not say, `body` its text.

    Raises ValueError with the member and what was expected.
    """
    match record:
        case Session():
            yield _session(record, party)
        case Cdr():
            yield {**_cdr(record, party), "body": body}
        case Token():
            contract = record.contract_id or record.auth_id
            at = time_of("last_updated", record.last_updated)
            yield {
                "token_uid": record.uid,
                "valid": record.valid,
                "last_updated": at,
                "contract_id": contract,
            }
        case Tariff():
            yield {
                "party": _party(record, party),
                "id": record.id,
                "tariff_from": _time(record.start_date_time),
                "tariff_until": _time(record.end_date_time),
                "body": body,
            }
        case Location():
            yield from _places(record, party, body)


def _session(of: Session, party: str) -> Row:
    evse, connector = of.location.used if of.location else (of.evse_uid, of.connector_id)
    return {
        "party": _party(of, party),
        "id": _named("id", of.id),
        "start_date_time": time_of("start_date_time", of.start_date_time or of.start_datetime),
        "kwh": amount("kwh", of.kwh),
        "status": raised(of.status),
        "currency": raised(of.currency),
        "last_updated": time_of("last_updated", of.last_updated),
        "end_date_time": _time(of.end_date_time or of.end_datetime),
        "total_cost": _net("total_cost", of.total_cost),
        "location_id": of.location.id if of.location else of.location_id,
        "evse_uid": evse,
        "connector_id": connector,
        "token_uid": of.cdr_token.uid if of.cdr_token else of.auth_id,
    }


def _cdr(of: Cdr, party: str) -> Row:
    place = of.cdr_location or of.location
    evse, connector = place.used if place else (None, None)
    cost = _net("total_cost", of.total_cost)
    if cost is None:
        raise ValueError("total_cost: expected an amount before taxes")
    return {
        "party": _party(of, party),
        "id": _named("id", of.id),
        "start_date_time": time_of("start_date_time", of.start_date_time),
        "end_date_time": time_of("end_date_time", of.end_date_time or of.stop_date_time),
        "total_energy": amount("total_energy", of.total_energy),
        "total_cost": cost,
        "currency": raised(of.currency),
        "last_updated": time_of("last_updated", of.last_updated),
        "total_time": None if of.total_time is None else amount("total_time", of.total_time),
        "session_id": of.session_id or None,
        "location_id": place.id if place else None,
        "evse_uid": evse,
        "connector_id": connector,
        "token_uid": of.cdr_token.uid if of.cdr_token else of.auth_id,
        "contract_id": of.cdr_token.contract_id if of.cdr_token else None,
        "credit": bool(of.credit),
        "credit_reference_id": of.credit_reference_id or None,
        **_tariff_columns(of),
    }


def _tariff_columns(of: Cdr) -> Row:
    """The tariffs that its periods name (or its only one), and the time in which all of them are in force."""
    known = {lowered(one.id): one for one in of.tariffs or ()}
    named = list(dict.fromkeys(lowered(one.tariff_id) for one in of.charging_periods or () if one.tariff_id))
    if not named and len(known) == 1:
        named = list(known)
    used: Iterable[UsedTariff] = [known[name] for name in named if name in known]
    begins = [begin for one in used if (begin := _time(one.start_date_time))]
    ends = [end for one in used if (end := _time(one.end_date_time))]
    return {
        "tariff_ids": "\n".join(named) or None,
        "tariff_from": max(begins) if begins else None,
        "tariff_until": min(ends) if ends else None,
    }


def _places(of: Location, party: str, body: str) -> Iterator[Row]:
    whose = _party(of, party)
    yield {
        "party": whose,
        "location_id": of.id,
        "evse_uid": None,
        "connector_id": None,
        "body": body,
    }
    for evse in of.evses or ():
        for connector in evse.connectors:
            yield {
                "party": whose,
                "location_id": of.id,
                "evse_uid": evse.uid,
                "connector_id": connector.id,
                "body": None,
            }


def _party(of: Session | Cdr | Tariff | Location, given: str) -> str:
    if of.country_code and of.party_id:
        return raised(f"{of.country_code}*{of.party_id}")
    if given:
        return raised(given)
    raise ValueError(
        "country_code and party_id: expected whose it is (2.1.1 does not say: name it with --party)"
    )


def _named(member: str, value: str) -> str:
    if not value.strip():
        raise ValueError(f"{member}: expected a name, found nothing")
    return value


def _net(member: str, cost: Cost | Price) -> Decimal | None:
    net = cost.net if isinstance(cost, Price) else cost
    return None if net is None else amount(member, net)


def amount(member: str, value: Decimal) -> Decimal:
    """A number as the tables hold it. Raises ValueError where they cannot."""
    if not value.is_finite() or abs(value) >= MOST:
        raise ValueError(f"{member}: expected a number below 10^11")
    return value.quantize(_GRAIN)


def time_of(member: str, value: datetime | None) -> datetime:
    """A time in UTC, without its zone. Raises ValueError where there is none."""
    found = _time(value)
    if found is None:
        raise ValueError(f"{member}: expected a time")
    return found


def _time(value: datetime | None) -> datetime | None:
    """2.2.1, 16.5: a time without a zone is UTC. Raises ValueError where UTC has no such year."""
    if value is None or value.tzinfo is None:
        return value
    try:
        return value.astimezone(UTC).replace(tzinfo=None)
    except OverflowError:
        raise ValueError("expected times of the years 1 to 9999") from None
