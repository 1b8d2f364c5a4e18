"""Rules about credit CDRs, which give back what an earlier CDR took (2.2.1, 10.3.1.1)."""

from __future__ import annotations

from typing import Any

from hardening.ocpi.rules.facts import Charging
from hardening.ocpi.rules.rule import Fault, Faults, close, rule
from hardening.ocpi.rules.samples import sample

_CENT = 0.01
_LONGEST_ID = 36


def _is_no_credit(value: Any, _: Charging) -> bool:
    return not value.credit and not value.credit_reference_id and len(value.id) <= _LONGEST_ID


@rule(
    "credit-cdr-names-its-original",
    "CDR",
    good=sample("CDR", {"credit": True, "credit_reference_id": "cdr-0", "total_cost": {"excl_vat": -5.3}}),
    bad=sample("CDR", {"credit": True, "total_cost": {"excl_vat": -5.3}}),
    versions=("2.2.1", "2.3.0"),
    holds={"CDR": _is_no_credit},
)
def credit_cdr_names_its_original(value: Any) -> Faults:
    """A credit CDR refers to another CDR, and nothing else does; only its id may exceed 36 characters."""
    reference = value.credit_reference_id
    if value.credit:
        if not reference:
            return [("/credit_reference_id", "the id of the CDR that is credited", "nothing")]
        if reference.lower() == value.id.lower():
            return [("/credit_reference_id", "another id than this CDR has", reference)]
        return ()
    if reference:
        return [("/credit", "true, as the CDR refers to another one", "false or nothing")]
    if len(value.id) > _LONGEST_ID:
        return [
            (
                "/id",
                f"at most {_LONGEST_ID} characters, as this is no credit CDR",
                f"{len(value.id)} characters",
            )
        ]
    return ()


@rule(
    "credit-cdr-mirrors-its-original",
    "CDR",
    good=sample(
        "CDR",
        {"id": "c", "credit": True, "credit_reference_id": "cdr-1", "total_cost": {"excl_vat": -5.3}},
        previous=sample("CDR").value,
    ),
    bad=sample(
        "CDR",
        {"id": "c", "credit": True, "credit_reference_id": "cdr-1", "total_cost": {"excl_vat": -50.3}},
        previous=sample("CDR").value,
    ),
    versions=("2.2.1", "2.3.0"),
    needs="previous",
)
def credit_cdr_mirrors_its_original(value: Any, original: Any) -> Faults:
    """A credit CDR gives back what its original took, and otherwise says the same (2.2.1, 10.3.1.1)."""
    if not value.credit:
        return ()
    faults: list[Fault] = []
    if value.credit_reference_id and value.credit_reference_id.lower() != original.id.lower():
        faults.append(("/credit_reference_id", "the id of the original", value.credit_reference_id))
    if original.credit:
        faults.append(("/credit_reference_id", "a CDR that is no credit CDR itself", "a credit CDR"))
    if not close(value.total_cost.excl_vat, -original.total_cost.excl_vat, _CENT):
        expected = f"{-original.total_cost.excl_vat}, what the original took"
        faults.append(("/total_cost", expected, value.total_cost.excl_vat))
    if value.cdr_token.uid.lower() != original.cdr_token.uid.lower():
        faults.append(("/cdr_token/uid", "that of the original", "another"))
    for name in ("start_date_time", "end_date_time", "total_energy", "total_time", "currency"):
        if getattr(value, name) != getattr(original, name):
            faults.append((f"/{name}", "the same as in the original", "something else"))
    return faults
