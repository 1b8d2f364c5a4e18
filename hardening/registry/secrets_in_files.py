"""What looks like a secret in a partner file: tokens live in the secrets store. Faults never quote it."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterator

from hardening.registry.rules.rule import Fault

_SECRET_KEY = re.compile(
    r"(?i)(^|[_-])(token|secret|password|passwd|credential|authorization|api[_-]?key)s?($|[_-])"
)
_OPAQUE = re.compile(r"[A-Za-z0-9+/=_-]{20,}")
# Keys whose own patterns take long opaque words, or leave no room for a token; their faults quote nothing.
_PATTERNED = ("tls_pins", "client_certificate_in", "modules", "callback_hosts", "tls_ca_file")
# Bits of entropy in each character; ordinary words have fewer.
_RANDOM_BITS = 3.0
_UUID = re.compile(r"(?i)[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


def secret_faults(value: object, path: str = "") -> Iterator[Fault]:
    """Keys and values that look like a token: tokens live in the secrets store."""
    if isinstance(value, dict):
        for key, item in value.items():
            where = f"{path}.{key}" if path else str(key)
            if _SECRET_KEY.search(str(key)):
                yield f"{where}: a token in clear; expected none here: tokens live in the secrets store"
            elif where not in _PATTERNED:
                yield from secret_faults(item, where)
    elif isinstance(value, list):
        for number, item in enumerate(value):
            yield from secret_faults(item, f"{path}[{number}]")
    elif isinstance(value, str) and looks_secret(value):
        yield f"{path}: a token in clear, by its look; expected none here: tokens live in the secrets store"


def looks_secret(text: str) -> bool:
    """True where `text` holds a UUID, a `Token ...` header, or 20 and more characters that look random."""
    if _UUID.search(text) or re.match(r"(?i)(token|bearer|basic)\s+\S", text):
        return True
    return any(_is_random(word) for word in _OPAQUE.findall(text) if _entropy(word) >= _RANDOM_BITS)


def _is_random(word: str) -> bool:
    """Names are long too, but in one case, and with few digits between their hyphens."""
    mixed = all(re.search(kind, word) for kind in ("[a-z]", "[A-Z]", "[0-9]"))
    changes_of_case = len(re.findall("(?=[a-z][A-Z]|[A-Z][a-z])", word))
    if mixed or changes_of_case >= 8:
        return True
    runs = re.split("[-_]", word)
    return any(len(run) >= 16 and sum(c.isdigit() for c in run) >= 3 for run in runs)


def _entropy(word: str) -> float:
    counts = Counter(word).values()
    return -sum(count / len(word) * math.log2(count / len(word)) for count in counts)
