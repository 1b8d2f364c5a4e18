"""What every key of a partner file must be. A fault is one line: `key: what is wrong; what was expected`.

Faults never quote a value that may be a secret.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from datetime import date

from hardening.controls import CONTROLS, Layer
from hardening.registry.callback_host import CallbackHost
from hardening.registry.networks import SHORTEST_PREFIX, is_too_wide, network
from hardening.registry.partners import Access
from hardening.requests.routes import MODULES, ROLES, VERSIONS

Fault = str

ENVIRONMENTS = ("test", "production")
ENCODINGS = ("base64", "raw")

KEYS: Mapping[str, str] = {
    "name": "the file's name without .yaml: lower-case letters, digits and hyphens, 2 to 40",
    "environment": f"one of {', '.join(ENVIRONMENTS)}",
    "parties": "a list of {country_code: AA, party_id: AAA, role: one of " + ", ".join(ROLES) + "}",
    "versions": f"a list of {', '.join(VERSIONS)} (as strings)",
    "modules": f"a mapping of {', '.join(MODULES)} to a list of read, write",
    "networks": f"a list of CIDRs, /{SHORTEST_PREFIX[4]} or narrower (IPv6: /{SHORTEST_PREFIX[6]})",
    "callback_hosts": "a list of DNS names, each with an optional port (host or host:port)",
    "auth_encoding": f"one of {', '.join(ENCODINGS)}",
    "requests_per_minute": "a whole number from 1 to 60000",
    "requests_per_day": "a whole number from 1 to 50000000",
    "tls_profile": "a lower-case word",
    "tls_pins": "a list of base64 SHA-256 digests of public keys (44 characters each)",
    "tls_ca_file": "the path of a .pem, .crt or .cer file",
    "tls_exceptions": "a list of {control: a transport control, reason: text, expires: YYYY-MM-DD}",
    "warn_only_rules": "a list of rule names (lower-case words with hyphens)",
    "contacts": "a list of e-mail addresses",
}
REQUIRED = ("name", "environment", "parties", "versions", "modules", "networks", "callback_hosts")

_NAME = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,38}[a-z0-9])")
_SLUG = re.compile(r"[a-z][a-z0-9-]{0,60}")
_EMAIL = re.compile(r"[^@\s]{1,64}@[^@\s]{1,190}\.[^@\s.]{2,}")
_PIN = re.compile(r"[A-Za-z0-9+/]{43}=")
_COUNTRY, _PARTY = re.compile(r"[A-Za-z]{2}"), re.compile(r"[A-Za-z0-9]{3}")
_SECRET_KEY = re.compile(
    r"(?i)(^|[_-])(token|secret|password|passwd|credential|authorization|api[_-]?key)s?($|[_-])"
)
_OPAQUE = re.compile(r"[A-Za-z0-9+/=_-]{20,}")
# Keys whose own patterns take long opaque words, or leave no room for a token; their faults quote nothing.
_PATTERNED = ("tls_pins", "modules", "callback_hosts", "tls_ca_file")
# Bits of entropy in each character; ordinary words have fewer.
_RANDOM_BITS = 3.0
_UUID = re.compile(r"(?i)[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


def partner_faults(document: Mapping[str, object], *, stem: str) -> Iterator[Fault]:
    """Every fault in the values of a partner file whose name is `stem`."""
    for key, rule in _RULES.items():
        if key in document:
            yield from rule(key, document[key])
    name = document.get("name")
    if isinstance(name, str) and name != stem:
        yield f"name: {name!r} is not the file's name; expected {stem!r}"
    yield from _absent_modules(document)


def _absent_modules(document: Mapping[str, object]) -> Iterator[Fault]:
    """Modules that none of the contracted versions has: nobody could ever call them."""
    modules, versions = document.get("modules"), document.get("versions")
    if isinstance(modules, dict) and isinstance(versions, list):
        for module in modules:
            if module in MODULES and not set(MODULES[module].versions) & set(map(str, versions)):
                first = MODULES[module].versions[0]
                yield f"modules.{module}: is in none of the versions; expected {first} or later among them"


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


def _expect(key: str, value: object) -> Fault:
    kinds = {dict: "a mapping", list: "a list", str: "text", bool: "true or false", type(None): "nothing"}
    kind = kinds.get(type(value), f"a value of type {type(value).__name__}")
    return f"{key}: is {kind}; expected {KEYS[key.split('[')[0]]}"


def _one_of(*allowed: str) -> Callable[[str, object], Iterator[Fault]]:
    def rule(key: str, value: object) -> Iterator[Fault]:
        if value not in allowed:
            yield f"{key}: expected one of {', '.join(allowed)}"

    return rule


def _text(pattern: re.Pattern[str]) -> Callable[[str, object], Iterator[Fault]]:
    def rule(key: str, value: object) -> Iterator[Fault]:
        if not isinstance(value, str) or not pattern.fullmatch(value):
            yield _expect(key, value) if not isinstance(value, str) else _unlike(key)

    return rule


def _unlike(key: str) -> Fault:
    return f"{key}: expected {KEYS[key.split('[')[0]]}"


def _whole(highest: int) -> Callable[[str, object], Iterator[Fault]]:
    def rule(key: str, value: object) -> Iterator[Fault]:
        if isinstance(value, bool) or not isinstance(value, int):
            yield _expect(key, value)
        elif not 1 <= value <= highest:
            yield f"{key}: is {value}; expected {KEYS[key]}"

    return rule


def _each(
    rule: Callable[[str, object], Iterator[Fault]], *, empty: bool = False
) -> Callable[[str, object], Iterator[Fault]]:
    """A list rule. An empty list never means "all", so it is a fault where the key is needed."""

    def rules(key: str, value: object) -> Iterator[Fault]:
        if not isinstance(value, list):
            yield _expect(key, value)
            return
        if not value and not empty:
            yield f"{key}: is empty; expected {KEYS[key]}"
        seen: list[object] = []
        for number, item in enumerate(value):
            if _canonical(item) in seen:
                yield f"{key}[{number}]: appears twice; expected each once"
            seen.append(_canonical(item))
            yield from rule(f"{key}[{number}]", item)

    return rules


def _network(key: str, value: object) -> Iterator[Fault]:
    if not isinstance(value, str):
        yield _expect(key, value)
        return
    try:
        found = network(value)
    except ValueError:
        yield f"{key}: {value[:60]!r} is not a network; expected {KEYS['networks']}, without host bits"
        return
    if is_too_wide(found):
        who = "the whole internet" if found.prefixlen == 0 else "too wide"
        yield f"{key}: {value} is {who}; expected /{SHORTEST_PREFIX[found.version]} or narrower"


def _host(key: str, value: object) -> Iterator[Fault]:
    if not isinstance(value, str):
        yield _expect(key, value)
    elif _canonical(value) is value:
        yield _unlike(key)


def _canonical(value: object) -> object:
    """One value for all spellings of a callback host; any other value as it is."""
    try:
        return CallbackHost.parse(value) if isinstance(value, str) else value
    except ValueError:
        return value


def _mapping(
    key: str, value: object, rules: Mapping[str, Callable[[str, object], Iterator[Fault]]]
) -> Iterator[Fault]:
    if not isinstance(value, dict):
        yield _expect(key, value)
        return
    for name in value:
        if name not in rules:
            yield f"{key}.{name}: unknown key; expected {', '.join(rules)}"
    for name, rule in rules.items():
        if name not in value:
            yield f"{key}.{name}: missing; expected {', '.join(rules)}"
        else:
            yield from rule(f"{key}.{name}", value[name])


def _shaped(pattern: re.Pattern[str], expected: str) -> Callable[[str, object], Iterator[Fault]]:
    def rule(key: str, value: object) -> Iterator[Fault]:
        if not isinstance(value, str) or not pattern.fullmatch(value):
            yield f"{key}: expected {expected}"

    return rule


def _party(key: str, value: object) -> Iterator[Fault]:
    rules = {
        # Readers of YAML 1.1 take an unquoted NO for false; ours takes it for Norway.
        "country_code": _shaped(_COUNTRY, "two letters, as text"),
        "party_id": _shaped(_PARTY, "three letters or digits, as text"),
        "role": _one_of(*ROLES),
    }
    yield from _mapping(key, value, rules)


def _modules(key: str, value: object) -> Iterator[Fault]:
    if not isinstance(value, dict) or not value:
        yield _expect(key, value) if not isinstance(value, dict) else f"{key}: is empty; expected {KEYS[key]}"
        return
    for module, accesses in value.items():
        if module not in MODULES:
            yield f"{key}.{module}: unknown module; expected one of {', '.join(MODULES)}"
        elif not isinstance(accesses, list) or not accesses or not set(map(str, accesses)) <= set(Access):
            yield f"{key}.{module}: expected a list of {', '.join(Access)}"


def _tls_exception(key: str, value: object) -> Iterator[Fault]:
    transport = tuple(c.id for c in CONTROLS.values() if c.layer is Layer.TRANSPORT)
    rules = {
        "control": _one_of(*transport),
        "reason": _shaped(re.compile(r".{10,500}"), "a reason"),
        "expires": _day,
    }
    yield from _mapping(key, value, rules)


def _day(key: str, value: object) -> Iterator[Fault]:
    if not isinstance(value, date):
        yield f"{key}: expected a day, YYYY-MM-DD"


_RULES: Mapping[str, Callable[[str, object], Iterator[Fault]]] = {
    "name": _text(_NAME),
    "environment": _one_of(*ENVIRONMENTS),
    "parties": _each(_party),
    "versions": _each(_one_of(*VERSIONS)),
    "modules": _modules,
    "networks": _each(_network),
    "callback_hosts": _each(_host),
    "auth_encoding": _one_of(*ENCODINGS),
    "requests_per_minute": _whole(60_000),
    "requests_per_day": _whole(50_000_000),
    "tls_profile": _text(_SLUG),
    "tls_pins": _each(_text(_PIN), empty=True),
    "tls_ca_file": _text(re.compile(r"[\w./ -]{1,400}\.(?:pem|crt|cer)")),
    "tls_exceptions": _each(_tls_exception, empty=True),
    "warn_only_rules": _each(_text(_SLUG), empty=True),
    "contacts": _each(_text(_EMAIL), empty=True),
}
