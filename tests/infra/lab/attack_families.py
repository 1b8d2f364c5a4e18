"""What an attacker who knows OCPI sends to the gateway, and the right answers: who calls, and where."""

from __future__ import annotations

import base64
import secrets
from collections.abc import Iterator

from hardening.requests import tokens
from tests.beds.attacks import FOREIGN, Attack, Family, family
from tests.beds.gateway import GatewayBed

LIST = "/ocpi/2.2.1/sender/locations"
CARD = "/ocpi/2.2.1/receiver/tokens/NL/EMX/CARD-1"
MALFORMED, UNAUTHENTICATED = (400, 2001), (401, 2000)
NOT_FOUND, FORBIDDEN = (404, 2000), (403, 2000)
ENVOYS_OWN = ""


def calls(bed: GatewayBed, key: str = "example-emsp") -> Attack:
    """A well-formed GET with the token of `key`, for a family to change."""
    return Attack("GET", LIST, tuple(bed.as_partner(key).items()))


def paths(bed: GatewayBed) -> Iterator[Family]:
    """Spellings of paths: two readings of one path are refused, unknown paths are not found."""
    get = calls(bed)
    escaped = [
        f"{path[:at]}%{ord(path[at]):{form}}{path[at + 1 :]}"
        for path, form in ((LIST, "02x"), (CARD, "02X"))
        for at in range(len("/ocpi/"), len(path))
        if path[at] != "/"
    ]
    yield family("escapes that nothing needs", (*MALFORMED, "path-canonical"), _at(get, escaped))
    respelt = [
        *(
            "/ocpi/2.2.1/sender/../sender/locations",
            "/ocpi/2.2.1/./sender/locations",
            "/ocpi//2.2.1/sender/locations",
        ),
        *(
            f"{LIST}//",
            f"{LIST}/.",
            f"{LIST}/..",
            f"{LIST}/../tokens",
            f"{LIST};v=1",
            f"{LIST}/;",
            "/ocpi/2.2.1;/x",
        ),
        *(
            f"{LIST}/{tail}"
            for tail in ("%00", "%0a", "%0d%0aX:1", "%09", "%7f", "%c0%af", "%c3%a9", "%ff", "%25", "%")
        ),
        *(
            f"{LIST}/{tail}"
            for tail in ("%252e%252e", "%25252f", "%zz", "%3b", "%3f", "%23", "%e2%80%ae", "a\\b")
        ),
        *(
            f"{LIST}/{'a' * 65}",
            f"{LIST}/{'%20' * 65}",
            "/ocpi/2.2.1/sender/\\..\\locations",
            f"{LIST}/%u002e",
        ),
    ]
    yield family("paths of two readings", (*MALFORMED, "path-canonical"), _at(get, respelt))
    slashes = [
        f"{LIST}{escape}{rest}"
        for escape in ("%2f", "%2F", "%5c", "%5C")
        for rest in ("", "LOC-1", "..%2fcdrs")
    ]
    yield family("encoded slashes", (400, 2000, ENVOYS_OWN), _at(get, slashes))
    outside = (
        "/",
        "/OCPI/2.2.1/sender/locations",
        "/admin",
        "/metrics",
        "/ocpi",
        "/server_info",
        "/Ocpi/versions",
    )
    yield family("paths outside of OCPI", (*NOT_FOUND, ENVOYS_OWN), _at(get, outside))
    yield family("paths that no route has", (*NOT_FOUND, "unknown-path-refused"), _at(get, _unknown_paths()))


def _unknown_paths() -> list[str]:
    modules = ("locations", "sessions", "cdrs", "tariffs", "tokens", "commands")
    words = (
        "admin",
        "metrics",
        "debug",
        "swagger.json",
        "graphql",
        "actuator",
        "env",
        "users",
        ".git",
        "payments",
    )
    versions = ("2.0", "2.1", "2.2", "2.2.2", "3.0", "v2.2.1", "2.2.1.0", "latest", "02.2.1")
    return [
        *(f"/ocpi/2.2.1/sender/{name}" for module in modules for name in (module.upper(), module.title())),
        *(f"/ocpi/2.2.1/{name}/locations" for name in ("SENDER", "Receiver", "cpo", "emsp")),
        *(f"/ocpi/2.2.1/sender/{word}" for word in words),
        *(f"/ocpi/{version}/sender/locations" for version in versions),
        *(
            "/ocpi/2.2.1/receiver/tokens",
            "/ocpi/2.2.1/receiver/tokens/NL",
            "/ocpi/2.2.1/receiver/tokens/NL/EMX",
        ),
        *(
            f"{CARD}/more",
            "/ocpi/2.2.1/sender",
            "/ocpi/2.2.1/receiver",
            "/ocpi/2.2.1/credentials/1",
            "/ocpi/versions/1",
        ),
        *(
            "/ocpi/2.2.1/receiver/commands/REBOOT",
            "/ocpi/2.2.1/receiver/commands/start_session",
            f"{LIST}%20",
        ),
    ]


def methods(bed: GatewayBed) -> Iterator[Family]:
    """Methods that OCPI does not define, and attempts to change one behind the guard."""
    get = calls(bed)
    undefined = [
        (method, path)
        for path, given in (
            (LIST, ("PUT", "POST", "PATCH", "DELETE")),
            (CARD, ("POST", "DELETE")),
            ("/ocpi/versions", ("PUT", "POST", "PATCH", "DELETE")),
            ("/ocpi/2.2.1/receiver/commands/START_SESSION", ("GET", "PUT", "PATCH", "DELETE")),
            ("/ocpi/2.2.1/credentials", ("PATCH",)),
        )
        for method in (*given, "OPTIONS", "TRACE", "PROPFIND")
    ]
    refused = [get.but(method=method, path=path) for method, path in undefined]
    yield family("methods that OCPI does not define", (405, 2000, "method-defined-by-ocpi"), refused)
    heads = [
        get.but(method="HEAD", path=path)
        for path in (LIST, CARD, "/ocpi/versions", "/ocpi/2.2.1/credentials")
    ]
    yield family("HEAD, whose answer has no body", (405, 0, "method-defined-by-ocpi"), heads)
    names = ("X-HTTP-Method-Override", "X-HTTP-Method", "X-Method-Override")
    overridden = [get.but((name, method)) for name in names for method in ("DELETE", "PUT", "get", "X")]
    overridden += [
        get.but(path=f"{LIST}?{query}") for query in ("_method=DELETE", "limit=1&_method=PUT", "_method=")
    ]
    yield family("methods in disguise", (*MALFORMED, "method-override-refused"), overridden)


def strangers(bed: GatewayBed) -> Iterator[Family]:
    """Everything that is not a live token of a partner: the answer is one and the same."""
    get, good = calls(bed), bed.token("example-emsp")
    other, encoded = bed.token("example-cpo"), tokens.encoded(good)

    def presenting(*values: str) -> list[Attack]:
        return [get.but(("Authorization", value)) for value in values]

    blank = [
        get.but(("Authorization", "")),
        replace_header(get, ("Authorization", " ")),
        get.but(("Authorization", ""), path="/ocpi/versions"),
    ]
    yield family("no token", (*UNAUTHENTICATED, "token-required"), blank)
    twice = [
        replace_header(get, *(("Authorization", value) for value in values))
        for values in (
            (tokens.header(good), tokens.header(other)),
            (tokens.header(other), tokens.header(good)),
            (tokens.header(good), tokens.header(good)),
            ("Token x", tokens.header(good)),
            (f"{tokens.header(good)},{tokens.header(good)}",),
        )
    ]
    yield family("two tokens", (*UNAUTHENTICATED, "one-authorization-header"), twice)
    schemes = (
        "Bearer",
        "Basic",
        "token",
        "TOKEN",
        "Tokens",
        "Token:",
        "Token=",
        "ApiKey",
        "Digest",
        "Token ",
        "\tToken\t",
    )
    odd = [
        *(f"{scheme} {encoded}" for scheme in schemes),
        f"Token{encoded}",
        f"Token {encoded} x",
        encoded,
        "Token",
        good,
    ]
    yield family("other schemes", (*UNAUTHENTICATED, "token-scheme-exact"), presenting(*odd))
    lenient = [
        f"!{encoded}",
        f"{encoded}!",
        encoded.rstrip("="),
        f"{encoded}=",
        encoded[:-5] + "*" + encoded[-4:],
        good,
        f"{encoded[:9]}-{encoded[9:]}",
    ]
    yield family(
        "other encodings of a good token",
        (*UNAUTHENTICATED, "token-encoding-strict"),
        presenting(*(f"Token {one}" for one in lenient)),
    )
    guesses = [
        good[:-1],
        good + "x",
        good.swapcase(),
        good[1:],
        "admin",
        "test",
        "null",
        "undefined",
        "#NA",
        "'--",
        "*",
        "../..",
        "${jndi:ldap://x}",
        "{{7*7}}",
    ]
    guesses += [secrets.token_urlsafe(32) for _ in range(6)]
    yield family(
        "tokens that we did not issue",
        (*UNAUTHENTICATED, "token-known"),
        presenting(*map(tokens.header, guesses)),
    )
    twofold = base64.b64encode(tokens.encoded(good).encode()).decode()[:60]
    yield family("a token encoded twice", (*UNAUTHENTICATED, "token-known"), presenting(f"Token {twofold}"))
    for kind, control in (
        ("revoked", "token-not-revoked"),
        ("expired", "token-not-expired"),
        ("foreign", "token-of-this-environment"),
    ):
        over = [calls(bed, f"{who}:{kind}") for who in ("example-emsp", "example-cpo", "example-hub")]
        yield family(f"{kind} tokens", (*UNAUTHENTICATED, control), over)
    afar = [
        one
        for who in ("example-emsp", "example-cpo", "example-hub")
        for one in (calls(bed, who), calls(bed, who).but(path="/ocpi/versions"))
    ]
    yield family(
        "a good token from a foreign network",
        (*UNAUTHENTICATED, "source-on-allow-list"),
        [Attack(one.method, one.path, one.headers, source=FOREIGN) for one in afar],
    )


def registration(bed: GatewayBed) -> Iterator[Family]:
    """The registration token: discovery and POST credentials, nothing else."""
    get = calls(bed, "example-emsp:registration")
    closed = [
        LIST,
        CARD,
        "/ocpi/2.2.1/modules",
        "/ocpi/2.3.0/modules",
        "/ocpi/2.2.1/credentials",
        "/ocpi/2.3.0/credentials",
        *(
            f"/ocpi/{v}/sender/{m}"
            for v in ("2.2.1", "2.3.0")
            for m in ("tariffs", "sessions", "cdrs", "tokens", "hubclientinfo")
        ),
    ]
    refused = [get.but(path=path) for path in closed]
    refused += [
        get.but(method=method, path=f"/ocpi/{v}/credentials")
        for method in ("PUT", "DELETE")
        for v in ("2.2.1", "2.3.0")
    ]
    refused += [
        get.but(method="POST", path="/ocpi/2.2.1/receiver/commands/START_SESSION"),
        get.but(method="PUT", path=CARD),
    ]
    yield family(
        "a registration token beyond registration", (*UNAUTHENTICATED, "token-a-only-registers"), refused
    )
    opened = [
        get.but(("X-Correlation-ID", ""), path=path)
        for path in ("/ocpi/versions", "/ocpi/2.2.1", "/ocpi/2.3.0", "/ocpi/versions/")
    ]
    yield family("discovery with a registration token", (200, 1000, ""), opened)


def replace_header(attack: Attack, *headers: tuple[str, str]) -> Attack:
    """`attack` with these headers, also blank or repeated ones, in the place of those of the same name."""
    names = {name.lower() for name, _ in headers}
    kept = tuple(one for one in attack.headers if one[0].lower() not in names)
    return Attack(attack.method, attack.path, (*kept, *headers), attack.body, attack.source)


def _at(attack: Attack, where: list[str] | tuple[str, ...]) -> list[Attack]:
    return [attack.but(path=path) for path in where]
