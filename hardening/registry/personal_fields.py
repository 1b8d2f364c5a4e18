"""Which fields tell who a driver is, and what becomes of one that no contract opens.

Closed is the default (GDPR Art. 5(1)(c) and 25(2)). What an object cannot do without is replaced by a
pseudonym, the rest is left out, so what leaves keeps to its edition.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache, lru_cache
from types import MappingProxyType
from typing import Final

from hardening.ocpi.editions import edition, names
from hardening.requests.modules import VERSIONS

# Module of our Sender interface -> class of OCPI -> its fields that name a driver, a card or a contract.
# Of sessions and CDRs the issuer of the token alone gets any (`answers-hold-the-askers-objects`), and he
# cannot bill without them: there, only what OCPI does not know is closed (`is_about_a_person`).
PERSONAL: Final[Mapping[str, Mapping[str, tuple[str, ...]]]] = MappingProxyType(
    {
        "tokens": {
            "Token": ("uid", "contract_id", "auth_id", "visual_number", "group_id", "energy_contract"),
        },
        # Who sees a charger that is not published: cards of drivers, mostly at somebody's home.
        "locations": {"PublishTokenType": ("uid", "visual_number", "group_id")},
        "sessions": {},
        "cdrs": {},
    }
)
# Modules whose objects are about drivers, so that fields which OCPI does not have may tell more of them.
OF_DRIVERS: Final = ("tokens", "sessions", "cdrs")
# Anywhere in a name without its separators, and as a word of it.
_PARTS = re.compile(
    "driver|customer|cardholder|surname|firstname|lastname|fullname|email|phone|birth|numberplate"
)
_WORDS = frozenset(
    {"user", "holder", "person", "mail", "mobile", "gender", "plate", "vin", "iban", "vehicle"}
)
_WORD = re.compile("[A-Z]?[a-z]+|[A-Z]+")
# What OCPI calls `contract_id` is no less about a driver as `contractId` or `CONTRACT_ID`.
_OTHERWISE = frozenset(
    name.replace("_", "")
    for classes in PERSONAL.values()
    for names_of in classes.values()
    for name in names_of
)


@cache
def documented(version: str) -> frozenset[str]:
    """Every field name of a version, in whatever class and edition."""
    tables = (edition(version, name) for name in names(version))
    return frozenset(name for of in tables for fields in of.classes.values() for name in fields)


@lru_cache(maxsize=1024)
def is_about_a_person(name: str, version: str) -> bool:
    """Whether a field that OCPI does not have is, by its name, about a person."""
    if name in documented(version):
        return False
    words = [word.lower() for word in _WORD.findall(name)]
    if "".join(words) in _OTHERWISE:
        return True
    return _PARTS.search("".join(words)) is not None or not _WORDS.isdisjoint(words)


@cache
def can_be_left_out(version: str, class_name: str, name: str) -> bool:
    """Whether an object of a version's newest edition may lack the field; what it does not know, it may."""
    fields = edition(version).classes.get(class_name)
    known = fields.get(name) if fields else None
    return known is None or not known.required


def may_be_opened(module: str, name: str) -> bool:
    """Whether `shares` may open a field: one that is closed in some version."""
    known = {field for fields in PERSONAL[module].values() for field in fields}
    if name in known:
        return True
    return module in OF_DRIVERS and any(is_about_a_person(name, version) for version in VERSIONS)
