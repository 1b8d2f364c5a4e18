"""What an attacker who knows OCPI sends to the gateway: bodies, queries, parties, headers, framing."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from hardening.requests.sample_messages import (
    CDR,
    CREDENTIALS,
    LOCATION,
    SESSION,
    START_SESSION,
    TARIFF,
    TOKEN,
)
from tests.beds.attacks import Attack, Family, chunked, family
from tests.beds.gateway import GatewayBed
from tests.infra.lab.attack_families import CARD, FORBIDDEN, LIST, MALFORMED, NOT_FOUND, calls

OCPI_ERROR = (200, 2001)
JSON = ("Content-Type", "application/json")
START = "/ocpi/2.2.1/receiver/commands/START_SESSION"
CDRS = "/ocpi/2.2.1/receiver/cdrs"
# Headers that some server or proxy believes.
FORGED = (
    "X-Rampart-Partner",
    "X-Rampart-Source",
    "X-Rampart-Token-Kind",
    "X-Rampart-Signature",
    "X-Rampart-Length",
    "X-Rampart-Admitted",
    "X-Forwarded-For",
    "X-Forwarded-Proto",
    "X-Original-URL",
    "X-Rewrite-URL",
    "Forwarded",
    "Cookie",
    "X-Real-IP",
    "True-Client-IP",
    "X-Forwarded-Host",
    "Proxy",
    "Range",
)


def sent(bed: GatewayBed, method: str, path: str, body: Any, key: str = "example-emsp") -> Attack:
    """A well-formed call with `body`: bytes as they are, anything else as JSON."""
    content = body if isinstance(body, bytes) else json.dumps(body, ensure_ascii=False).encode()
    return calls(bed, key).but(JSON, method=method, path=path, body=content)


def names(bed: GatewayBed) -> Iterator[Family]:
    """Names that another reader takes for a known field."""

    def put(body: Any) -> Attack:
        return sent(bed, "PUT", CARD, body)

    def respelt(name: str) -> Iterator[str]:
        yield from (
            name.upper(),
            name.title(),
            name[:-1] + name[-1].upper(),
            chr(ord(name[0]) + 0xFEE0) + name[1:],
        )
        yield from (f"{name[0]}\u0301{name[1:]}", f"{name[0]}\u200b{name[1:]}", f"{name}\u0000", f" {name} ")
        if set(name) & set("sik"):
            yield name.replace("s", "\u017f", 1) if "s" in name else name.replace("i", "\u0131", 1)

    confusing = [put({**TOKEN, other: "ZZZ"}) for name in TOKEN for other in respelt(name)]
    yield family("names like a known field", (*MALFORMED, "message-names-unambiguous"), confusing)
    twins = [
        put({**TOKEN, "partyId": "ZZZ"}),
        put({**TOKEN, "party-id": "ZZZ"}),
        put({**TOKEN, "x_new": 1, "X_new": 2}),
        put({**TOKEN, "x_n\u00e9w": 1, "x_ne\u0301w": 2}),
        sent(bed, "POST", START, {**START_SESSION, "Response_URL": "https://attacker.example/"}),
        sent(bed, "POST", START, {**START_SESSION, "token": {**TOKEN, "Party_Id": "ZZZ"}}),
        sent(bed, "POST", CDRS, {**CDR, "cdr_token": {**CDR["cdr_token"], "UID": "X"}}, "example-cpo"),
        sent(bed, "PATCH", CARD, {"last_updated": TOKEN["last_updated"], "Valid": False}),
    ]
    yield family("twins, and names in depth", (*MALFORMED, "message-names-unambiguous"), twins)
    polluted = [
        put(b'{"__proto__":{"valid":true},' + json.dumps(TOKEN).encode()[1:]),
        put({**TOKEN, "x": {"y": [{"__proto__": {}}]}}),
        put(b'{"\\u005f_proto__":1,' + json.dumps(TOKEN).encode()[1:]),
    ]
    yield family("prototypes", (*MALFORMED, "message-names-unambiguous"), polluted)
    ours = [("X-Rampart-Length", "05"), ("X-Rampart-Length", "020000"), ("X-Rampart-Admitted", "1")]
    hidden = [
        put({**TOKEN, "PARTY_ID": "ZZZ", "x": "x" * size}).but(header)
        for size in (1, 20_000)
        for header in ours
    ]
    yield family("bodies said to be judged already", (*MALFORMED, "message-names-unambiguous"), hidden)


def texts(bed: GatewayBed) -> Iterator[Family]:
    """Bodies that are no JSON, or JSON of two readings; declared as something else, or encoded."""
    good = json.dumps(TOKEN).encode()
    put = sent(bed, "PUT", CARD, good)
    broken = [
        *(
            b"\xef\xbb\xbf" + good,
            good.decode().encode("utf-16"),
            good.replace(b"CARD", b"\xff\xfe"),
            good + b"{}",
            good + b"x",
        ),
        *(
            good[:-1],
            good[1:],
            b"{",
            b"'",
            b"null null",
            good[:-1] + b",}",
            b'{"uid":NaN,' + good[1:],
            b'{"x":Infinity,' + good[1:],
        ),
        *(
            b'{"uid":"A",' + good[1:],
            b'{"x":{"a":1,"a":2},' + good[1:],
            b'{"x":' + b"[" * 100 + b"]" * 100 + b"," + good[1:],
        ),
        *(
            b'{"x":' + b"9" * 200 + b"," + good[1:],
            b'{"x":1e' + b"9" * 120 + b"," + good[1:],
            b'{"x":01,' + good[1:],
            b'{"x":+1,' + good[1:],
        ),
        *(
            b"<Token/>",
            b"uid=CARD-1",
            b"--- {uid: CARD-1}",
            b"\x00" * 8,
            b'{"x":"\x01",' + good[1:],
            b"{// comment\n" + good[1:],
            b"",
        ),
        *(
            b'{"x":.5,' + good[1:],
            b'{"x":0x10,' + good[1:],
            b"{'uid':'CARD-1'}",
            good.replace(b"true", b"True"),
        ),
    ]
    yield family(
        "texts that are not one JSON",
        (*MALFORMED, "message-is-bounded"),
        [put.but(body=body) for body in broken],
    )
    many = [b"[]", b"{}", b"[[]]", b'{"a":[]}', b"0", b'""', b"null", b"[{}]"]
    costly = [good[:-1] + b',"x":[' + b",".join([one] * 40_000) + b"]}" for one in many]
    costly += [b"[" * depth + b"]" * depth for depth in (65, 1_000, 30_000)]
    yield family(
        "bodies of many values", (*MALFORMED, "message-is-bounded"), [put.but(body=body) for body in costly]
    )
    kinds = (
        "text/xml",
        "text/plain",
        "text/json",
        "application/xml",
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=x",
        "application/jsonx",
        "application/merge-patch+json",
        "application/json; charset=utf-16",
        "application/json; charset=utf-7",
        "application/json, text/plain",
        "application/json;charset=utf-8;x=y",
        "json",
        "*/*",
        "application/octet-stream",
    )
    declared = [put.but(("Content-Type", kind)) for kind in (*kinds, "")]
    yield family("bodies that are not said to be JSON", (415, 2001, "json-content-type"), declared)
    codings = (
        "gzip",
        "x-gzip",
        "deflate",
        "br",
        "zstd",
        "compress",
        "GZIP",
        "gzip, gzip",
        "identity, gzip",
        "unknown",
    )
    yield family(
        "encoded bodies",
        (415, 2001, "content-not-encoded"),
        [put.but(("Content-Encoding", coding)) for coding in codings],
    )
    unasked = [
        sent(bed, "GET", path, body)
        for path in (LIST, CARD, "/ocpi/versions", "/ocpi/2.2.1/credentials")
        for body in ({}, {"party_id": "ZZZ"}, b"x", [1])
    ]
    unasked += [sent(bed, "DELETE", f"/ocpi/{version}/credentials", {}) for version in ("2.2.1", "2.3.0")]
    yield family(
        "bodies where OCPI has none",
        (*MALFORMED, "body-only-where-defined"),
        [one for one in unasked if one.body != b"x"],
    )


def messages(bed: GatewayBed) -> Iterator[Family]:
    """Well-formed JSON that must not stand: types, owners, identifiers, addresses to call."""
    values: tuple[Any, ...] = (7, [], {}, "\u0007")
    bodies: tuple[Any, ...] = ([], "x", 7, None, True)
    wrong = [sent(bed, "PUT", CARD, {**TOKEN, name: value}) for name in TOKEN for value in values]
    wrong += [sent(bed, "PUT", CARD, body) for body in bodies]
    yield family("fields of a wrong type", (*OCPI_ERROR, "message-matches-its-edition"), wrong)
    strange = (
        "../../etc/passwd",
        "..",
        ".",
        "a/b",
        "a\\b",
        "a?b",
        "a#b",
        "a%2fb",
        "a;b",
        "/etc/passwd",
        "\\\\x\\y",
        "%00",
    )
    bad = [
        sent(bed, "POST", CDRS, {**CDR, name: one}, "example-cpo")
        for name in ("id", "session_id")
        for one in strange
    ]
    bad += [
        sent(bed, "POST", START, {**START_SESSION, name: one})
        for name in ("location_id", "evse_uid")
        for one in strange[:4]
    ]
    bad += [
        sent(
            bed,
            "PUT",
            "/ocpi/2.2.1/receiver/locations/DE/CPX/LOC-1",
            {**LOCATION, "evses": [{**LOCATION["evses"][0], "uid": one}]},
            "example-cpo",
        )
        for one in strange[:6]
    ]
    yield family("identifiers that are paths", (*OCPI_ERROR, "identifiers-routable"), bad)
    renamed = [sent(bed, "PUT", f"{CARD}{tail}", TOKEN) for tail in ("0", "-", "%20")]
    renamed += [
        sent(bed, "PUT", "/ocpi/2.2.1/receiver/sessions/DE/CPX/OTHER", SESSION, "example-cpo"),
        sent(bed, "PUT", "/ocpi/2.2.1/receiver/tariffs/DE/CPX/OTHER", TARIFF, "example-cpo"),
    ]
    yield family("another object's id", (*OCPI_ERROR, "object-id-matches-url"), renamed)
    addresses = (
        "http://ocpi.emsp.example/x",
        "https://127.0.0.1/x",
        "https://[::1]/x",
        "https://169.254.169.254/latest",
        "https://localhost/",
        "https://ocpi.emsp.example@attacker.example/",
        "https://attacker.example/ocpi.emsp.example",
        "https://attacker.example#@ocpi.emsp.example",
        "https://ocpi.emsp.example.attacker.example/",
        "https://ocpi.emsp.example:8443/",
        "https://attacker.example\\@ocpi.emsp.example/",
        "file:///etc/passwd",
        "gopher://ocpi.emsp.example/",
        "ftp://ocpi.emsp.example/",
        "https://0x7f000001/",
        "https://2130706433/",
        "https://ocpi.cpo.example:8443/",
        "https://metadata.google.internal/",
        "https://ocpi.emsp.example%2eattacker.example/",
        "javascript:alert(1)",
    )
    forged = [sent(bed, "POST", START, {**START_SESSION, "response_url": url}) for url in addresses]
    yield family("answers to somewhere else", (*OCPI_ERROR, "callback-host-on-allow-list"), forged)
    registered = [
        sent(bed, "POST", "/ocpi/2.2.1/credentials", {**CREDENTIALS, "url": url}) for url in addresses
    ]
    yield family("versions of somebody else", (200, 3001, "credentials-url-on-allow-list"), registered)


def owners(bed: GatewayBed) -> Iterator[Family]:
    """Objects of other parties, in URL, headers and body; roles that the party does not have."""
    others = (
        "NL/ZZZ",
        "DE/EMX",
        "DE/CPX",
        "NL/EM0",
        "NL/LAB",
        "XX/EMX",
        "NL/EMX%20",
        "NL/FR",
        "FR/EMY",
        "NL/E",
    )
    yield family(
        "other parties in the URL",
        (*NOT_FOUND, "url-party-belongs-to-partner"),
        [calls(bed).but(path=f"/ocpi/2.2.1/receiver/tokens/{other}/CARD-1") for other in others],
    )
    parties = (("NL", "ZZZ"), ("DE", "EMX"), ("DE", "CPX"), ("NL", "LAB"), ("FR", "EMY"), ("BE", "EMX"))
    named = [sent(bed, "PUT", CARD, {**TOKEN, "country_code": c, "party_id": p}) for c, p in parties]
    named += [
        sent(bed, "POST", CDRS, {**CDR, "country_code": c, "party_id": p}, "example-cpo")
        for c, p in (("NL", "EMX"), ("DE", "CPY"), ("FR", "CPX"), ("FR", "CPY"))
    ]
    yield family("other parties in the body", (*OCPI_ERROR, "body-party-belongs-to-partner"), named)
    charged = [
        sent(bed, "POST", START, {**START_SESSION, "token": {**TOKEN, "country_code": c, "party_id": p}})
        for c, p in parties
    ]
    yield family("commands for another's driver", (*OCPI_ERROR, "command-token-belongs-to-partner"), charged)
    roles = [
        {**CREDENTIALS["roles"][0], **change}
        for change in ({"party_id": "ZZZ"}, {"role": "CPO"}, {"role": "HUB"}, {"country_code": "DE"})
    ]
    registered = [
        sent(bed, "POST", f"/ocpi/{v}/credentials", {**CREDENTIALS, "roles": [*more, role]})
        for v in ("2.2.1",)
        for role in roles
        for more in ((), CREDENTIALS["roles"])
    ]
    yield family("roles that were not onboarded", (*OCPI_ERROR, "credentials-roles-as-onboarded"), registered)
    yield from _routed(bed)
    yield from _two_roles(bed)
    yield from _contracts(bed)


def via(attack: Attack, sender: str, receiver: str = "") -> Attack:
    """The call with routing headers; a party is written `NL*ABC`."""
    pairs = [
        (f"OCPI-{side}-{part}", value)
        for side, party in (("from", sender), ("to", receiver))
        if party
        for part, value in zip(("country-code", "party-id"), party.split("*"), strict=True)
    ]
    return attack.but(*pairs)


def _routed(bed: GatewayBed) -> Iterator[Family]:
    get = calls(bed)
    foreign = ("NL*ZZZ", "DE*CPX", "NL*LAB", "FR*EMY", "BE*EMX", "NL*EM0")
    yield family(
        "other parties as senders",
        (*FORBIDDEN, "routing-party-belongs-to-partner"),
        [via(get, party) for party in foreign],
    )
    yield family(
        "receivers that are not ours",
        (*NOT_FOUND, "routing-to-party-is-ours"),
        [via(get, "NL*EMX", party) for party in ("NL*ZZZ", "DE*CPX", "NL*EMX", "FR*LAB", "NL*LA8", "nl*emx")],
    )
    odd = ("NLD*EMX", "N*EMX", "NL*EMXX", "NL*EM", "NL*EM-", "N1*EMX", "NL*E X", "NL*EMX,EMX")
    broken = [via(get, party) for party in odd] + [via(get, "NL*EMX", party) for party in odd]
    broken += [
        get.but((f"OCPI-{side}-{part}", value))
        for side in ("from", "to")
        for part, value in (("country-code", "NL"), ("party-id", "EMX"))
    ]
    yield family("routing headers of no party", (*MALFORMED, "routing-headers-well-formed"), broken)
    configuration = [
        via(get, "NL*EMX", "NL*LAB").but(path=path)
        for path in ("/ocpi/versions", "/ocpi/2.2.1", "/ocpi/2.2.1/credentials", "/ocpi/2.2.1/modules")
    ]
    yield family("routed configuration", (*MALFORMED, "no-routing-on-configuration-modules"), configuration)


def _two_roles(bed: GatewayBed) -> Iterator[Family]:
    hub = "example-hub"
    card = {**TOKEN, "country_code": "FR", "party_id": "EMY"}
    cdr = {**CDR, "country_code": "FR", "party_id": "CPY"}
    wrong_role = [
        sent(bed, "POST", CDRS, {**CDR, "country_code": "FR", "party_id": "EMY"}, hub),
        sent(
            bed,
            "POST",
            "/ocpi/2.3.0/receiver/cdrs",
            {**_cdr_230(), "country_code": "FR", "party_id": "EMY"},
            hub,
        ),
        *(
            sent(
                bed, "PUT", f"/ocpi/2.2.1/receiver/tokens/FR/{party}/CARD-1", {**card, "party_id": party}, hub
            )
            for party in ("CPY", "CPZ", "cpy")
        ),
        *(
            sent(bed, "PUT", f"/ocpi/2.2.1/receiver/locations/FR/EMY/{one}", LOCATION, hub)
            for one in ("LOC-1", "LOC-1/EV-1", "LOC-1/EV-1/1")
        ),
        *(via(calls(bed, hub).but(path=LIST), party) for party in ("FR*CPY", "FR*CPZ")),
        *(
            calls(bed, hub).but(path=f"/ocpi/2.2.1/receiver/{path}")
            for path in ("tokens/FR/CPY/A", "locations/FR/EMY/A")
        ),
    ]
    yield family("the wrong role of a two-role partner", (*FORBIDDEN, "interface-matches-role"), wrong_role)
    mixed = [
        via(sent(bed, "POST", CDRS, cdr, hub), "FR*CPZ"),
        via(sent(bed, "PUT", "/ocpi/2.2.1/receiver/tokens/FR/EMY/CARD-1", card, hub), "FR*CPY"),
        via(
            sent(
                bed,
                "PUT",
                "/ocpi/2.2.1/receiver/locations/FR/CPY/LOC-1",
                {**LOCATION, "country_code": "FR", "party_id": "CPY"},
                hub,
            ),
            "FR*CPZ",
        ),
        via(calls(bed, hub).but(path="/ocpi/2.2.1/receiver/locations/FR/CPY/LOC-1"), "FR*CPZ"),
    ]
    yield family("one party's object sent by another", (*FORBIDDEN, "routing-party-owns-object"), mixed)
    broadcast = [
        via(sent(bed, "POST", CDRS, cdr, hub), "NL*HBX"),
        *(
            via(calls(bed, hub).but(path=f"/ocpi/2.2.1/receiver/{path}"), "NL*HBX")
            for path in ("tokens/FR/EMY/CARD-1", "locations/FR/CPY/LOC-1", "tokens/fr/emy/A")
        ),
    ]
    yield family("broadcasts of what is for one party", (*FORBIDDEN, "routing-party-owns-object"), broadcast)
    start = {**START_SESSION, "token": card, "response_url": "https://ocpi.hub.example/ocpi/answers/1"}
    yield family(
        "commands in the name of the hub",
        (*OCPI_ERROR, "command-token-belongs-to-partner"),
        [via(sent(bed, "POST", START, start, hub), "NL*HBX", receiver) for receiver in ("", "NL*LAB")],
    )


def _cdr_230() -> dict[str, Any]:
    taxed = {"before_taxes": 10.0, "taxes": [{"name": "VAT", "amount": 1.9}]}
    return {**CDR, "total_cost": taxed}


def _contracts(bed: GatewayBed) -> Iterator[Family]:
    get = calls(bed)
    old = [
        get.but(path=f"/ocpi/2.1.1{path}")
        for path in (
            "",
            "/credentials",
            "/modules",
            "/sender/locations",
            "/sender/tariffs",
            "/sender/cdrs",
            "/receiver/tokens/NL/EMX/A",
        )
    ]
    yield family("a version that was not contracted", (403, 3002, "version-contracted"), old)
    closed = [
        get.but(path=f"/ocpi/{v}/{path}")
        for v in ("2.2.1", "2.3.0")
        for path in (
            "sender/hubclientinfo",
            "receiver/hubclientinfo/NL/EMX",
            "receiver/chargingprofiles/SES-1",
        )
    ]
    yield family("modules that were not contracted", (*FORBIDDEN, "module-contracted"), closed)
    writes = [
        get.but(JSON, method="PUT", path=f"/ocpi/{v}/{path}", body=b"{}")
        for v in ("2.2.1", "2.3.0")
        for path in (
            "sender/sessions/SES-1/charging_preferences",
            "receiver/locations/NL/EMX/L",
            "receiver/sessions/NL/EMX/S",
            "receiver/tariffs/NL/EMX/T",
        )
    ]
    writes += [
        get.but(JSON, method="POST", path=f"/ocpi/{v}/receiver/cdrs", body=b"{}") for v in ("2.2.1", "2.3.0")
    ]
    yield family("writing what may be read", (*FORBIDDEN, "access-contracted"), writes)
    moved = [
        sent(bed, "POST", f"/ocpi/2.2.1/receiver/commands/{command}", START_SESSION, "example-cpo")
        for command in (
            "START_SESSION",
            "STOP_SESSION",
            "RESERVE_NOW",
            "UNLOCK_CONNECTOR",
            "CANCEL_RESERVATION",
        )
    ]
    moved += [
        sent(bed, "PUT", "/ocpi/2.2.1/receiver/chargingprofiles/SES-1", {}),
        sent(bed, "DELETE", "/ocpi/2.2.1/receiver/chargingprofiles/SES-1", b""),
    ]
    yield family("chargers moved without a contract", (*FORBIDDEN, "commands-only-if-contracted"), moved)
    opposite = [
        get.but(path=f"/ocpi/2.2.1/{path}")
        for path in (
            "receiver/cdrs/CDR-1",
            "receiver/locations/NL/EMX/L",
            "receiver/sessions/NL/EMX/S",
            "receiver/tariffs/NL/EMX/T",
            "sender/tokens",
        )
    ]
    opposite += [
        calls(bed, "example-cpo").but(path=f"/ocpi/2.2.1/sender/{module}")
        for module in ("locations", "sessions", "cdrs", "tariffs")
    ]
    yield family("the interface of the other role", (*FORBIDDEN, "interface-matches-role"), opposite)


def queries(bed: GatewayBed) -> Iterator[Family]:
    """Filters that the service would read otherwise, or not at all."""
    counts = (
        "-1",
        "1.5",
        "abc",
        "",
        "1e3",
        "0x10",
        "12345678901",
        "1%202",
        "%ef%bc%91",
        "%2B1",
        "null",
        "1'",
        "%00",
    )
    times = (
        "yesterday",
        "2026-01-01",
        "2026-13-01T00:00:00Z",
        "2026-01-32T00:00:00Z",
        "2026-02-30T00:00:00Z",
        "0000-01-01T00:00:00Z",
        "2026-01-01T24:00:00Z",
        "2026-01-01T00:00:00%2B01:00",
        "",
        "2026-01-01T00:00:00z",
        "2026-01-01%2000:00:00",
        "1767225600",
        "2026-01-01T00:00Z",
        "%27%20OR%201=1--",
        "2026-01-01T00:00:00Z%00",
        "%D9%A2026-01-01T00:00:00Z",
    )
    bad = [f"{name}={value}" for name in ("limit", "offset") for value in counts]
    bad += [f"{name}={value}" for name in ("date_from", "date_to") for value in times]
    bad += ["date_from=2026-02-01T00:00:00Z&date_to=2026-01-01T00:00:00Z"]
    yield family(
        "filters that are none",
        (*MALFORMED, "pagination-parameters-valid"),
        [calls(bed).but(path=f"{LIST}?{query}") for query in bad],
    )
    polluted = [
        "limit=1&limit=2",
        "limit=1;2",
        "offset=0&offset=0",
        "Limit=1",
        "LIMIT=1",
        "limit=1&Limit=2",
        "Date_From=x",
        "%ef%bd%8cimit=1",
        "limit%00=1",
        "l%c4%b1mit=1",
        "Response_URL=https://x.example/",
        "date_from=2026-01-01T00:00:00Z&date_from=2020-01-01T00:00:00Z",
        "x=1&X=2",
        "x=1&x=1",
        "limit&" * 2_600,
        "%6cimit&" * 1_900,
        f"x={'a' * 1025}",
        "a=1&" * 300,
    ]
    yield family(
        "parameters of two readings",
        (*MALFORMED, "query-unambiguous"),
        [calls(bed).but(path=f"{LIST}?{query}") for query in polluted],
    )


def _numbered(count: int) -> list[tuple[str, str]]:
    """So many headers that nobody knows."""
    return [(f"x-{number}", "1") for number in range(count)]


def wire(bed: GatewayBed) -> Iterator[Family]:
    """Framing and sizes that Envoy answers for, and ids."""
    get, put = calls(bed), sent(bed, "PUT", CARD, TOKEN)
    smuggled = [
        put.but(("Content-Length", "5"), ("Transfer-Encoding", "chunked"), body=chunked(put.body)),
        put.but(("Transfer-Encoding", "gzip"), body=chunked(put.body)),
        put.but(("Transfer-Encoding", "xchunked"), body=chunked(put.body)),
        put.but(("Transfer-Encoding", "chunked"), body=b"zz\r\nhello\r\n0\r\n\r\n"),
        Attack(
            put.method, put.path, (*put.headers, ("Content-Length", "5"), ("Content-Length", "6")), put.body
        ),
        put.but(("Content-Length", "-5")),
        put.but(("Content-Length", "0x10")),
        get.but(method="FOO"),
        get.but(method="get"),
        get.but(path=f"{LIST}#x"),
        *(
            get.but((name, "1"))
            for name in ("x_http_method", "X_Rampart_Partner", "content_length", "ocpi_from_party_id")
        ),
    ]
    yield family("calls that cannot be framed", (400, 2000, ""), smuggled)
    yield family(
        "bodies beyond the bound, which HTTP has a status for",
        (413, 2000, "message-is-bounded"),
        [put.but(body=b" " * size) for size in (524_289, 600_000)],
    )
    yield family(
        "headers beyond the bound",
        (431, 2000, ""),
        [get.but(("X-Long", "a" * 20_000)), get.but(*_numbered(70))],
    )
    # Those that fit alone, but not with what the guard adds, with a body and without one.
    close = [one.but(*_numbered(count)) for one in (get, put) for count in range(50, 67)]
    close += [one.but(("X-Long", "a" * 16_000)) for one in (get, put)]
    yield family("headers that leave no room for the guard's own", (431, 2000, ""), close)
    ids = [
        ("X-Request-ID", ""),
        ("X-Correlation-ID", ""),
        ("X-Correlation-ID", "a" * 129),
        ("X-Correlation-ID", "a b"),
    ]
    yield family("ids that are none", (*MALFORMED, "request-ids-present"), [get.but(one) for one in ids])
    # Envoy shows the policy service `!` in the place of a byte that is no UTF-8, and passes the byte on.
    raw = [("X-Correlation-ID", "\u00e9"), ("Content-Type", "a\u00ff"), ("Accept", "\u00ff")]
    yield family("headers of two readings", (400, 2000, ""), [get.but(one) for one in raw])


def served(bed: GatewayBed) -> Iterator[Family]:
    """What is right must be served, however unusual: a guard that refuses everything proves nothing."""
    get, put = calls(bed), sent(bed, "PUT", CARD, TOKEN)
    hub = "example-hub"
    yield family(
        "headers that nobody believes", (200, 1000, ""), [get.but((name, "example-cpo")) for name in FORGED]
    )
    yield family(
        "many headers",
        (200, 1000, ""),
        [get.but(*_numbered(40)), get.but(("X-Long", "a" * 15_000))],
    )
    lists = [
        "",
        "/",
        "?limit=5",
        "?offset=0&limit=100000",
        "?date_from=2026-01-01T00:00:00Z",
        "?date_to=2026-01-01T00:00:00",
        "?x_new=1",
        "?date_from=2026-01-01T00:00:00.5Z&date_to=2026-01-02T00:00:00Z&offset=0",
        "/LOC-1",
    ]
    yield family("lists and objects", (200, 1000, ""), [get.but(path=LIST + tail) for tail in lists])
    yield family(
        "routed calls",
        (200, 1000, ""),
        [
            via(get, "NL*EMX"),
            via(get, "NL*EMX", "NL*LAB"),
            via(get, "nl*emx", "nl*lab"),
            via(calls(bed, hub), "NL*HBX", "NL*LAB"),
            via(calls(bed, hub), "FR*EMY", "NL*LAB"),
        ],
    )
    pushed = [
        put,
        sent(bed, "PUT", CARD, {**TOKEN, "x_new": {"ID": 1, "Id": [{"UID": None}]}}),
        sent(bed, "PUT", CARD, {**TOKEN, "vendor_uid": "a/b", "vendorParty": "ZZZ"}),
        sent(bed, "PATCH", CARD, {"valid": False, "last_updated": TOKEN["last_updated"]}),
        put.but(("Content-Type", "application/json; charset=utf-8")),
        put.but(("Content-Encoding", "identity")),
        put.but(("Transfer-Encoding", "chunked"), body=chunked(put.body)),
        put.but(("Transfer-Encoding", "chunked"), body=chunked(put.body, 1)),
    ]
    hubs = {**TOKEN, "country_code": "FR", "party_id": "EMY"}
    path = "/ocpi/2.2.1/receiver/tokens/FR/EMY/CARD-1"
    yield family(
        "a hub's broadcast", (201, 1000, ""), [via(sent(bed, "PUT", path, hubs, hub), "NL*HBX", "NL*LAB")]
    )
    # The bed's test has made the object, so it is changed here, and 200; what is new is 201.
    yield family("pushes", (200, 1000, ""), pushed)
    yield family(
        "new objects",
        (201, 1000, ""),
        [
            sent(bed, "PUT", CARD.replace("NL/EMX", "nl/emx"), TOKEN),
            via(
                sent(bed, "POST", CDRS, {**CDR, "id": "HUB-1", "country_code": "FR", "party_id": "CPY"}, hub),
                "FR*CPY",
                "NL*LAB",
            ),
            sent(bed, "POST", CDRS, {**CDR, "id": "HUB-2", "country_code": "FR", "party_id": "CPZ"}, hub),
        ],
    )
