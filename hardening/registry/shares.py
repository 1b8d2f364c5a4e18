"""What of our drivers goes to whom, what for, and by what right: a row for each field, opened or not."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from typing import Any, Final

from hardening.ocpi.editions import edition
from hardening.registry.partners import Partner, Share
from hardening.registry.personal_fields import OF_DRIVERS, PERSONAL, can_be_left_out
from hardening.registry.reach import reach

FORM: Final = "rampart-shares/1"
SHARED, PSEUDONYM, LEFT_OUT, OWN = "shared", "pseudonym", "left out", "of its own drivers"
# Of a session and a CDR, to whoever issued the token.
_BILLED = ("uid", "contract_id")


@dataclass(frozen=True, slots=True)
class SharedField:
    """One field as one partner gets it. `version`: of OCPI; purpose and basis are "" where it is closed."""

    partner: str
    environment: str
    version: str
    module: str
    field: str
    treatment: str
    purpose: str = ""
    legal_basis: str = ""


def shared_fields(partners: Iterable[Partner]) -> Iterator[SharedField]:
    """The rows of every partner, for each module of our Sender interface that its token opens."""
    for partner in partners:
        open_ = {
            (one.route.version, one.route.module)
            for one in reach(partner)
            if one.route.interface == "sender" and one.route.module in PERSONAL and one.method != "PUT"
        }
        for version, module in sorted(open_):
            yield from _rows(partner, version, module)


def as_document(partners: Iterable[Partner]) -> dict[str, Any]:
    """The rows as JSON, which evidence keeps (`FORM`)."""
    return {"form": FORM, "fields": [asdict(row) for row in shared_fields(partners)]}


def unknown_cards(partner: Partner) -> bool:
    """Whether a partner reads tokens of ours and knows no card by them: its chargers refuse our drivers."""
    reads = any(one.route.module == "tokens" and one.route.interface == "sender" for one in reach(partner))
    return reads and not partner.opens("tokens", "uid")


def _rows(partner: Partner, version: str, module: str) -> Iterator[SharedField]:
    opened = {field: share for share in partner.shares if share.module == module for field in share.fields}
    where = (partner.name, partner.environment, version, module)
    if module in OF_DRIVERS and not PERSONAL[module]:
        purpose = "the issuer of a token authorises and bills its own contracts"
        for field in ("auth_id",) if version == "2.1.1" else _BILLED:
            yield SharedField(*where, field, OWN, purpose, "contract")
    for class_name, fields in PERSONAL[module].items():
        for field in fields:
            if _has(version, class_name, field):
                closed = LEFT_OUT if can_be_left_out(version, class_name, field) else PSEUDONYM
                yield _row(where, field, opened.pop(field, None), closed)
    for field, share in opened.items():
        if not any(field in fields for fields in PERSONAL[module].values()):
            yield _row(where, field, share, LEFT_OUT)


def _row(where: tuple[str, str, str, str], field: str, share: Share | None, closed: str) -> SharedField:
    if share is None:
        return SharedField(*where, field, closed)
    return SharedField(*where, field, SHARED, share.purpose, share.legal_basis)


def _has(version: str, class_name: str, field: str) -> bool:
    fields = edition(version).classes.get(class_name)
    return fields is not None and field in fields
