"""Letter case of identifiers: `CiString`s are ASCII (2.2.1, 16.1), so no other letter has another case here.

By Unicode, the Kelvin sign would be a `k`, and two ids one.
"""

from __future__ import annotations

import string
from typing import Final

_LOWER: Final = str.maketrans(string.ascii_uppercase, string.ascii_lowercase)
_UPPER: Final = str.maketrans(string.ascii_lowercase, string.ascii_uppercase)

# DuckDB's own functions are quick, and of ASCII alone the same.
MACROS: Final = f"""
CREATE MACRO ci_lower(t) AS CASE WHEN strlen(t) = length(t) THEN lower(t)
    ELSE translate(t, '{string.ascii_uppercase}', '{string.ascii_lowercase}') END;
CREATE MACRO ci_upper(t) AS CASE WHEN strlen(t) = length(t) THEN upper(t)
    ELSE translate(t, '{string.ascii_lowercase}', '{string.ascii_uppercase}') END;
"""


def lowered(text: str) -> str:
    """The text with ASCII letters in lower case."""
    return text.lower() if text.isascii() else text.translate(_LOWER)


def raised(text: str) -> str:
    """The text with ASCII letters in upper case."""
    return text.upper() if text.isascii() else text.translate(_UPPER)
