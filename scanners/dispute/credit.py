"""The credit CDR of a CDR (2.2.1, 10.3.1.1): all of it, with its total cost below zero, and another id."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any, Final

import msgspec

from hardening.ocpi.problems import Problem
from hardening.ocpi.rules.rule import Related, decode
from hardening.ocpi.validation import validate
from scanners.dispute.records import Case, same

_LONGEST_ID: Final = 39  # of a credit CDR; others have 36 (2.2.1, 10.3.1)
_MARK: Final = "-C"


@dataclass(frozen=True, slots=True)
class Credit:
    """A credit CDR, or the `reason` why there is none.

    `problems` are what it breaks of our own rules and its original does not; `inherited` are the rules that
    both break: it says what its original says, and so takes back a cost that was wrong.
    """

    text: bytes = b""
    reason: str = ""
    problems: tuple[Problem, ...] = ()
    inherited: tuple[str, ...] = ()

    @property
    def good(self) -> bool:
        """Whether it can be sent."""
        return bool(self.text) and not self.reason and not self.problems


def credit_cdr(case: Case, at: datetime) -> Credit:
    """The credit CDR, made at `at` (UTC)."""
    if case.version == "2.1.1":
        return Credit(reason="OCPI 2.1.1 knows no credit CDRs")
    try:
        previous = decode(case.version, "CDR", msgspec.json.decode(case.cdr.text))
    except msgspec.ValidationError:
        return Credit(reason=f"the original is not as OCPI {case.version} wants it")
    original = json.loads(case.cdr.text, parse_float=Decimal)
    if original.get("credit"):
        return Credit(reason="it is a credit CDR itself")
    given = [one.row["id"] for one in case.others if same(one.row["credit_reference_id"], original["id"])]
    if given:
        return Credit(reason=f"it was credited already, by {given[0]}")
    made = {
        **original,
        "id": _id_of(original["id"]),
        "credit": True,
        "credit_reference_id": original["id"],
        "total_cost": _negative(original["total_cost"]),
        "last_updated": f"{at:%Y-%m-%dT%H:%M:%SZ}",
    }
    text = msgspec.json.Encoder(decimal_format="number").encode(made)
    problems = _problems(case, text, Related(previous=previous))
    known = {one.rule for one in _problems(case, case.cdr.text, Related())}
    own = tuple(one for one in problems if one.rule not in known)
    inherited = tuple(sorted({one.rule for one in problems} & known))
    return Credit(text=text, problems=own, inherited=inherited)


def _problems(case: Case, text: bytes, related: Related) -> list[Problem]:
    return validate(text, version=case.version, object_type="CDR", related=related)


def _id_of(original: str) -> str:
    """The id with a mark, and shortened by a digest where it would be too long."""
    if len(original) + len(_MARK) <= _LONGEST_ID:
        return original + _MARK
    digest = hashlib.sha256(original.encode()).hexdigest()[:8]
    return f"{original[: _LONGEST_ID - len(_MARK) - len(digest) - 1]}-{digest}{_MARK}"


_AMOUNTS: Final = ("excl_vat", "incl_vat", "before_taxes", "amount")


def _negative(cost: Any) -> Any:
    """A price, or taxes, with the amounts below zero; what else stands there stays as it is."""
    if isinstance(cost, list):
        return [_negative(one) for one in cost]
    if not isinstance(cost, dict):
        return cost
    return {
        name: -value if name in _AMOUNTS and _is_number(value) else _negative(value)
        for name, value in cost.items()
    }


def _is_number(value: object) -> bool:
    return isinstance(value, int | Decimal) and not isinstance(value, bool)
