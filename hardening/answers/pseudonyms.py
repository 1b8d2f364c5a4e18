"""Names in the place of drivers' names: keyed, and the same for one partner for as long as the key is."""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
from dataclasses import dataclass, field
from typing import Final

LEAST_KEY_BYTES: Final = 32
# 130 bits: with an eMAID's prefix still a CiString(36) (OCPI 2.2.1, 12.3.2).
_LETTERS = 26
# Whose contract it is: no driver's secret, and 2.1.1 tells a token's party by nothing else.
_PROVIDER = re.compile(r"([A-Z]{2})-?([A-Z0-9]{3})-?C[A-Z0-9-]{4,}", re.IGNORECASE)
# 2.1.1 calls a contract otherwise; a driver has one pseudonym in every version.
_KINDS = {"auth_id": "contract_id"}


@dataclass(frozen=True, slots=True)
class Pseudonyms:
    """Pseudonyms under `key`, 32 bytes or more, which says who is who: keep it as you keep names.

    Two partners cannot tell that theirs are one driver's.
    """

    key: bytes = field(repr=False)

    def of(self, partner: str, name: str, value: str) -> str:
        """What stands for `value` of the field `name`, at most 36 characters. Letter case does not count."""
        said = "\0".join((partner, _KINDS.get(name) or name, value.upper()))
        digest = hmac.digest(self.key, said.encode(), hashlib.sha256)
        letters = base64.b32encode(digest).decode()[:_LETTERS]
        provider = _PROVIDER.fullmatch(value)
        return f"{provider[1]}-{provider[2]}-C{letters}".upper() if provider else letters
