"""What every rule should find, in plain Python over the objects themselves: slow, and without any SQL."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from scanners.reconcile.samples import SampleBooks

Object = Mapping[str, Any]
RULES: dict[str, Callable[[World], Iterator[str]]] = {}


@dataclass
class World:
    """Books with the pairs that belong together, by comparing everything with everything."""

    books: SampleBooks
    sessions: list[Object] = field(default_factory=list)

    def __post_init__(self) -> None:
        for one in self.books.sessions:
            others = [other for other in self.books.sessions if key(other) == key(one)]
            newest = max(at(other["last_updated"]) for other in others)
            last = [other for other in others if at(other["last_updated"]) == newest][-1]
            if last not in self.sessions:
                self.sessions.append(last)

    @property
    def cdrs(self) -> list[Object]:
        return list(self.books.cdrs)

    @property
    def charges(self) -> list[Object]:
        return [cdr for cdr in self.cdrs if not cdr.get("credit")]

    @property
    def credits(self) -> list[Object]:
        return [cdr for cdr in self.cdrs if cdr.get("credit")]

    def session_of(self, cdr: Object) -> Object | None:
        if cdr.get("session_id"):
            found = [one for one in self.sessions if key(one) == (party(cdr), cdr["session_id"].lower())]
        else:
            found = [one for one in self.sessions if _alike(one, cdr)]
        return found[0] if len(found) == 1 else None

    def cdrs_of(self, session: Object) -> list[Object]:
        return [cdr for cdr in self.cdrs if self.session_of(cdr) is session]

    @property
    def pairs(self) -> list[tuple[Object, Object]]:
        return [(session, cdr) for cdr in self.charges if (session := self.session_of(cdr))]

    @property
    def ended(self) -> list[tuple[Object, Object]]:
        return [pair for pair in self.pairs if pair[0]["status"] == "COMPLETED"]

    @property
    def horizon(self) -> datetime:
        return max(at(one["last_updated"]) for one in [*self.sessions, *self.cdrs])

    def allowed(self, of: Object, name: str) -> Decimal:
        return self.books.tolerances.of(party(of), name)


def _alike(session: Object, cdr: Object) -> bool:
    return (
        party(session) == party(cdr)
        and at(session["start_date_time"]) == at(cdr["start_date_time"])
        and session["location_id"].lower() == cdr["cdr_location"]["id"].lower()
        and session["cdr_token"]["uid"].lower() == cdr["cdr_token"]["uid"].lower()
    )


def party(of: Object) -> str:
    return f"{of['country_code']}*{of['party_id']}".upper()


def key(of: Object) -> tuple[str, str]:
    return party(of), of["id"].lower()


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)


def ends(of: Object) -> datetime:
    return at(of.get("end_date_time") or of["last_updated"])


def number(value: Any) -> Decimal:
    """Amounts are kept to six decimals: `docs/reconciliation.md` says so."""
    return Decimal(str(value)).quantize(Decimal("0.000001"), ROUND_HALF_UP)


def cost(of: Object) -> Decimal | None:
    return number(of["total_cost"]["excl_vat"]) if of.get("total_cost") else None


def of_session(one: Object) -> str:
    return f"{party(one)} session {one['id']}"


def of_cdr(one: Object) -> str:
    return f"{party(one)} CDR {one['id']}"


def rule(judge: Callable[[World], Iterator[str]]) -> Callable[[World], Iterator[str]]:
    RULES[judge.__name__] = judge
    return judge


def expected(books: SampleBooks) -> dict[str, list[str]]:
    """Every rule's places, in order; a place as often as it is found."""
    world = World(books)
    return {name: sorted(judge(world)) for name, judge in RULES.items()}


def _more(one: Any, other: Any, *slack: Decimal) -> bool:
    return all(abs(number(one) - number(other)) > most for most in slack)


def _share(world: World, of: Object, value: Any) -> Decimal:
    return world.allowed(of, "share") / 100 * abs(number(value))


@rule
def session_without_cdr(world: World) -> Iterator[str]:
    for one in world.sessions:
        if one["status"] != "COMPLETED" or world.cdrs_of(one):
            continue
        waited = world.horizon - ends(one)
        grace = timedelta(hours=float(world.allowed(one, "grace")))
        worth = number(one["kwh"]) > world.allowed(one, "energy")
        worth = worth or (cost(one) or 0) > world.allowed(one, "cost")
        if worth and waited >= grace:
            yield of_session(one)


@rule
def session_never_ends(world: World) -> Iterator[str]:
    for one in world.sessions:
        silent = world.horizon - at(one["last_updated"])
        over = one["status"] in ("COMPLETED", "INVALID", "RESERVATION") or world.cdrs_of(one)
        worth = number(one["kwh"]) > world.allowed(one, "energy")
        if not over and worth and silent >= timedelta(hours=float(world.allowed(one, "grace"))):
            yield of_session(one)


@rule
def session_only_credited(world: World) -> Iterator[str]:
    for one in world.sessions:
        cdrs = world.cdrs_of(one)
        if cdrs and all(cdr.get("credit") for cdr in cdrs):
            yield of_cdr(cdrs[0])


@rule
def cdr_without_session(world: World) -> Iterator[str]:
    yield from (of_cdr(cdr) for cdr in world.charges if world.session_of(cdr) is None)


@rule
def invalid_session_charged(world: World) -> Iterator[str]:
    yield from (of_cdr(cdr) for one, cdr in world.pairs if one["status"] == "INVALID")


@rule
def cdr_twice(world: World) -> Iterator[str]:
    for place, cdr in enumerate(world.cdrs):
        if key(cdr) in [key(other) for other in world.cdrs[:place]]:
            yield of_cdr(cdr)


def _session_key(world: World, cdr: Object) -> Any:
    session = world.session_of(cdr)
    if session:
        return key(session)
    return (party(cdr), cdr["session_id"].lower()) if cdr.get("session_id") else None


@rule
def session_charged_twice(world: World) -> Iterator[str]:
    credited = {(party(one), one["credit_reference_id"].lower()) for one in world.credits if _names(one)}
    standing = [cdr for cdr in world.charges if key(cdr) not in credited and _session_key(world, cdr)]
    first: dict[Any, Any] = {}
    for cdr in standing:
        before = first.setdefault(_session_key(world, cdr), key(cdr))
        if before != key(cdr):
            yield of_cdr(cdr)


@rule
def energy(world: World) -> Iterator[str]:
    for one, cdr in world.pairs:
        going_on = one["status"] == "ACTIVE" and number(cdr["total_energy"]) < number(one["kwh"])
        if one["status"] != "COMPLETED" and not going_on:
            continue
        if _more(
            cdr["total_energy"], one["kwh"], world.allowed(cdr, "energy"), _share(world, cdr, one["kwh"])
        ):
            yield of_cdr(cdr)


@rule
def duration(world: World) -> Iterator[str]:
    for one, cdr in world.ended:
        most = float(world.allowed(cdr, "duration")) * 60
        apart = [(at(cdr["start_date_time"]) - at(one["start_date_time"])).total_seconds()]
        if one.get("end_date_time"):
            apart.append((at(cdr["end_date_time"]) - at(one["end_date_time"])).total_seconds())
            lasted = (at(one["end_date_time"]) - at(one["start_date_time"])).total_seconds()
            apart.append(round(float(cdr["total_time"]) * 3600) - lasted)
        if any(abs(seconds) > most for seconds in apart):
            yield of_cdr(cdr)


@rule
def cost_(world: World) -> Iterator[str]:
    for one, cdr in world.ended:
        theirs = cost(one)
        if theirs is None or one["currency"].upper() != cdr["currency"].upper():
            continue
        if _more(cost(cdr), theirs, world.allowed(cdr, "cost"), _share(world, cdr, theirs)):
            yield of_cdr(cdr)


RULES["cost"] = RULES.pop("cost_")


@rule
def currency(world: World) -> Iterator[str]:
    yield from (of_cdr(cdr) for one, cdr in world.pairs if one["currency"].upper() != cdr["currency"].upper())


@rule
def place(world: World) -> Iterator[str]:
    for one, cdr in world.pairs:
        there = cdr["cdr_location"]
        names = ("evse_uid", "connector_id")
        same = one["location_id"].lower() == there["id"].lower()
        if "#na" not in (one["evse_uid"].lower(), there["evse_uid"].lower()):
            same = same and all(one[name].lower() == there[name].lower() for name in names)
        if not same:
            yield of_cdr(cdr)


@rule
def token(world: World) -> Iterator[str]:
    for one, cdr in world.pairs:
        if one["cdr_token"]["uid"].lower() != cdr["cdr_token"]["uid"].lower():
            yield of_cdr(cdr)


@rule
def late(world: World) -> Iterator[str]:
    for cdr in world.charges:
        most = timedelta(hours=float(world.allowed(cdr, "late")))
        if at(cdr["last_updated"]) - at(cdr["end_date_time"]) > most:
            yield of_cdr(cdr)


@rule
def place_unknown(world: World) -> Iterator[str]:
    if not world.books.locations:
        return
    known, connectors = set(), set()
    for location in world.books.locations:
        known.add(key(location))
        for evse in location.get("evses") or ():
            for one in evse["connectors"]:
                connectors.add((*key(location), evse["uid"].lower(), one["id"].lower()))
    for cdr in world.charges:
        there = cdr["cdr_location"]
        named = (party(cdr), there["id"].lower())
        whole = (*named, there["evse_uid"].lower(), there["connector_id"].lower())
        if named not in known or (there["evse_uid"].lower() != "#na" and whole not in connectors):
            yield of_cdr(cdr)


def _users(world: World) -> list[tuple[Object, str]]:
    """What names a token: CDRs, and sessions without one."""
    alone = [one for one in world.sessions if not world.cdrs_of(one)]
    return [*((cdr, of_cdr(cdr)) for cdr in world.charges), *((one, of_session(one)) for one in alone)]


@rule
def token_unknown(world: World) -> Iterator[str]:
    issued = {one["uid"].lower() for one in world.books.tokens}
    for user, where in _users(world) if issued else ():
        if user["cdr_token"]["uid"].lower() not in issued:
            yield where


@rule
def token_invalid(world: World) -> Iterator[str]:
    for user, where in _users(world):
        began = at(user["start_date_time"])
        states = [
            one
            for one in world.books.tokens
            if one["uid"].lower() == user["cdr_token"]["uid"].lower() and at(one["last_updated"]) <= began
        ]
        newest: dict[str, Object] = {}
        for one in sorted(states, key=lambda state: at(state["last_updated"])):
            newest[one["contract_id"].lower()] = one
        if newest and not any(one["valid"] for one in newest.values()):
            yield where


@rule
def token_contract(world: World) -> Iterator[str]:
    for cdr in world.charges:
        used = cdr["cdr_token"]
        same = [one for one in world.books.tokens if one["uid"].lower() == used["uid"].lower()]
        if same and used["contract_id"].lower() not in {one["contract_id"].lower() for one in same}:
            yield of_cdr(cdr)


def _used(cdr: Object) -> list[str]:
    named = [one["tariff_id"].lower() for one in cdr["charging_periods"] if one.get("tariff_id")]
    return list(dict.fromkeys(named)) or [one["id"].lower() for one in cdr.get("tariffs") or ()][:1]


def _in_force(tariff: Object, moment: datetime) -> bool:
    begin, end = tariff.get("start_date_time"), tariff.get("end_date_time")
    return not (begin and moment < at(begin)) and not (end and moment >= at(end))


@rule
def tariff_not_in_force(world: World) -> Iterator[str]:
    for cdr in world.charges:
        used = [one for one in cdr.get("tariffs") or () if one["id"].lower() in _used(cdr)]
        if not all(_in_force(one, at(cdr["start_date_time"])) for one in used):
            yield of_cdr(cdr)


@rule
def tariff_not_agreed(world: World) -> Iterator[str]:
    for cdr in world.charges if world.books.tariffs else ():
        for name in _used(cdr):
            agreed = [one for one in world.books.tariffs if key(one) == (party(cdr), name)]
            if not any(_in_force(one, at(cdr["start_date_time"])) for one in agreed):
                yield of_cdr(cdr)
                break


def _names(credit: Object) -> bool:
    return bool(credit.get("credit_reference_id"))


def _original(world: World, credit: Object) -> Object | None:
    if not _names(credit):
        return None
    named = (party(credit), credit["credit_reference_id"].lower())
    return next((cdr for cdr in world.charges if key(cdr) == named), None)


@rule
def credit_without_original(world: World) -> Iterator[str]:
    yield from (of_cdr(one) for one in world.credits if _original(world, one) is None)


@rule
def credit_differs(world: World) -> Iterator[str]:
    for one in world.credits:
        of = _original(world, one)
        if of is None:
            continue
        given, taken = cost(one) or Decimal(0), cost(of) or Decimal(0)
        kwh = abs(abs(number(one["total_energy"])) - abs(number(of["total_energy"])))
        odd = abs(given + taken) > world.allowed(one, "cost") or kwh > world.allowed(one, "energy")
        if odd or one["currency"].upper() != of["currency"].upper():
            yield of_cdr(one)


@rule
def credited_twice(world: World) -> Iterator[str]:
    seen = set()
    for one in filter(_names, world.credits):
        named = (party(one), one["credit_reference_id"].lower())
        if named in seen:
            yield of_cdr(one)
        seen.add(named)


@rule
def statement(world: World) -> Iterator[str]:
    ours: dict[tuple[str, str, str], list[Decimal]] = defaultdict(lambda: [Decimal(0)] * 3)
    theirs: dict[tuple[str, str, str], list[Decimal]] = defaultdict(lambda: [Decimal(0)] * 3)
    for cdr in world.cdrs:
        slot = (party(cdr), ends(cdr).date().isoformat(), cdr["currency"].upper())
        row = [Decimal(1), number(cdr["total_energy"]), cost(cdr) or Decimal(0)]
        ours[slot] = [one + other for one, other in zip(ours[slot], row, strict=True)]
    for line in world.books.statement:
        slot = (line["party"].upper(), line["day"], line["currency"].upper())
        row = [number(line[name]) for name in ("cdrs", "kwh", "cost")]
        theirs[slot] = [one + other for one, other in zip(theirs[slot], row, strict=True)]
    stated = {slot[0] for slot in theirs}
    for slot in {*ours, *theirs}:
        apart = [abs(one - other) for one, other in zip(ours[slot], theirs[slot], strict=True)]
        of = {"country_code": slot[0][:2], "party_id": slot[0][3:]}
        most = [Decimal(0), world.allowed(of, "energy"), world.allowed(of, "cost")]
        if slot[0] in stated and any(one > slack for one, slack in zip(apart, most, strict=True)):
            yield f"{slot[0]} day {slot[1]}"


@rule
def gap(world: World) -> Iterator[str]:
    series: dict[tuple[str, str], set[int]] = defaultdict(set)
    for cdr in world.cdrs:
        found = re.fullmatch(r"(.*?)([0-9]{1,15})", cdr["id"])
        if found and not re.fullmatch(r"[0-9a-fA-F-]{32,36}", cdr["id"]):
            series[party(cdr), found[1]].add(int(found[2]))
    for (whose, prefix), numbers in series.items():
        width = max(numbers) - min(numbers) + 1
        if len(numbers) >= 3 and len(numbers) < width <= 2 * len(numbers):
            for one in sorted(numbers)[:-1]:
                if one + 1 not in numbers:
                    yield f"{whose} ids {prefix}*"


@rule
def day_without_cdrs(world: World) -> Iterator[str]:
    charged: dict[str, set[Any]] = defaultdict(set)
    for cdr in world.cdrs:
        charged[party(cdr)].add(ends(cdr).date())
    lonely = {
        (party(one), ends(one).date(), one["currency"].upper())
        for one in world.sessions
        if one["status"] == "COMPLETED" and number(one["kwh"]) > 0 and not world.cdrs_of(one)
    }
    for whose, day, _ in lonely:
        days = charged[whose]
        if days and min(days) < day < max(days) and day not in days:
            yield f"{whose} day {day}"
