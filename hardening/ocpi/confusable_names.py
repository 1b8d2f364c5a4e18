"""Names that another reader may take for one name: they differ in letter case or Unicode form alone.

Go, .NET and many databases compare names without regard to case, width or accents (Unicode TR 15, 1.1).
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable

_LONGEST_SHOWN = 40


def first_confusable(unknown: Iterable[str], known: frozenset[str]) -> str:
    """The first of `unknown` whose folded form is in `known`, or is that of an earlier one."""
    seen = set(known)
    for name in unknown:
        form = folded(name)
        if form in seen:
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
