"""The amounts that a tariff makes, held against a cost that a CDR names: before taxes and with them."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from functools import partial
from operator import is_not
from typing import Any

from hardening.ocpi.rules.costs import gross, net
from hardening.ocpi.rules.pricing import Amount
from hardening.ocpi.rules.rule import Faults

# A thousandth of a cost: what parties lose who round each price.
_SHARE = 0.001
# Before taxes, and with them; None: not known.
Likely = tuple[float | None, float | None]


def priced(amount: Amount, tariffs: Collection[Any]) -> Likely:
    """What an amount of prices is before taxes and with them.

    2.3.0: prices have their taxes in them where the tariff says `tax_included: YES`.
    """
    price, vat = amount
    said = {tariff.tax_included for tariff in tariffs}
    if "YES" not in said:
        return price, None if vat is None or "N/A" in said else price + vat
    if len(said) > 1:
        return None, None
    return None if vat is None else price * price / ((price + vat) or 1.0), price


def within_limits(amount: Amount, tariffs: Collection[Any]) -> Likely:
    """What an amount of prices is, not below the lowest and not above the highest price of its tariff."""
    before, after = priced(amount, tariffs)
    for tariff in tariffs:
        for limit, bind in ((tariff.min_price, max), (tariff.max_price, min)):
            if limit:
                before = _bound(before, net(limit), bind)
                after = _bound(after, gross(limit), bind)
    return before, after


def _bound(amount: float | None, limit: float | None, bind: Callable[[float, float], float]) -> float | None:
    return None if amount is None or limit is None else bind(amount, limit)


def cost_faults(name: str, cost: Any, likely: Sequence[Likely], slack: float) -> Faults | None:
    """The fault of a cost that is none of the likely ones; None where it cannot be told."""
    found, found_with = net(cost), gross(cost)
    if found_with == found:
        found_with = None  # no VAT is charged, as between businesses of two countries (reverse charge)
    told = [(_near(found, before, slack), _near(found_with, after, slack)) for before, after in likely]
    if any(False not in one for one in told):
        return () if any(True in one and False not in one for one in told) else None
    if any(one[0] is not False for one in told):
        return [(f"/{name}", f"{_words(after for _, after in likely)} with taxes, by the tariff", found_with)]
    return [(f"/{name}", f"{_words(before for before, _ in likely)}, by the tariff", net(cost))]


def _near(found: float | None, amount: float | None, slack: float) -> bool | None:
    """Whether two amounts are the same but for rounding; None where one is not known."""
    if found is None or amount is None:
        return None
    return abs(found - amount) <= slack + _SHARE * abs(amount)


def _words(amounts: Iterable[Any]) -> str:
    """From the lowest to the highest of those that are known."""
    known = sorted(filter(partial(is_not, None), amounts))
    return f"{known[0]:.4f} to {known[-1]:.4f}"
