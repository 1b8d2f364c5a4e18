"""Names that another reader may take for one name: they differ in letter case, Unicode form or spelling.

Go, .NET and many databases compare names without regard to case, width or accents (Unicode TR 15, 1.1).
Readers made for Protocol Buffers take `partyId` for `party_id` ("ProtoJSON Format"), and PHP a parameter
`response.url` for `response_url` (PHP manual, "Variables From External Sources").
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable

_LONGEST_SHOWN = 40
# What stands between two words elsewhere: a capital letter, or one of these.
_NEXT_WORD = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|[-. \[]")


def first_confusable(unknown: Iterable[str], known: frozenset[str]) -> str:
    """The first of `unknown` that is in `known` once folded or respelled, or folds to an earlier one."""
    seen = set(known)
    for name in unknown:
        form = folded(name)
        if form in seen or (form != name and folded(_NEXT_WORD.sub("_", name)) in known):
            return ascii(name)[1:-1][:_LONGEST_SHOWN]
        seen.add(form)
    return ""


def folded(name: str) -> str:
    """A name without letter case, width, accents, invisible characters and punctuation but `_`."""
    if name.isascii() and name.replace("_", "").isalnum():
        return name.lower()
    # Upper case first: it joins the dotless i to the others.
    plain = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", name).upper().casefold())
    return "".join(c for c in plain if c.isalnum() or c == "_")
