"""Request checks of the identity layer: is this call made with a token that we issued, and still honour?"""

from __future__ import annotations

from hardening.checks import Verdicts, check
from hardening.requests.request import Request
from hardening.requests.routes import match
from hardening.requests.sample_messages import CREDENTIALS
from hardening.requests.samples import (
    CPO,
    EMSP,
    EXPIRED,
    FOREIGN,
    REGISTRATION,
    REVOKED,
    call,
    sample_token,
    unknown,
    with_token,
)
from hardening.requests.tokens import encoded, header, presented
from hardening.rotation.records import HONOURED

_GOOD = call("GET", "/ocpi/2.2.1/sender/locations")
_GOOD_TOKEN = sample_token(EMSP)


@check("token-required", good=_GOOD, bad=unknown(_GOOD))
def token_is_presented(request: Request) -> Verdicts:
    """OCPI 2.2.1, 4.1.2: each call carries an Authorization header."""
    missing = not (request.headers.get("authorization") or "").strip()
    yield request, "no Authorization header" if missing else None


@check(
    "one-authorization-header",
    good=_GOOD,
    bad=unknown(_GOOD, f"{header(_GOOD_TOKEN)},{header(sample_token(CPO))}"),
)
def authorization_is_sent_once(request: Request) -> Verdicts:
    """Of two tokens, two parsers may take two; repeated headers arrive joined by a comma."""
    if "authorization" in request.headers:
        twice = "," in request.headers["authorization"]
        yield request, "more than one Authorization header" if twice else None


@check("token-scheme-exact", good=_GOOD, bad=unknown(_GOOD, f"Bearer {encoded(_GOOD_TOKEN)}"))
def scheme_is_token_and_one_space(request: Request) -> Verdicts:
    """OCPI 2.2.1, 4.1.2: `Token`, one space, the token. `Bearer` is another scheme."""
    authorization = request.headers.get("authorization") or ""
    if authorization:
        exact = bool(presented(authorization))
        yield request, None if exact else "expected `Token`, one space and the token"


@check("token-encoding-strict", good=_GOOD, bad=unknown(_GOOD, f"Token !{encoded(_GOOD_TOKEN)}"))
def encoding_is_the_partners_own(request: Request) -> Verdicts:
    """Python's own decoder drops foreign characters: `!` before a token would be the same token."""
    readings = presented(request.headers.get("authorization") or "")
    if not readings:
        return
    allowed = request.credentials.partner.auth_encoding if request.credentials else "base64"
    strict = allowed in {reading.encoding for reading in readings}
    yield request, None if strict else f"the token is not {allowed}, the encoding of this partner"


@check("token-encoding-strict", good=_GOOD, bad=unknown(_GOOD, header(_GOOD_TOKEN, "raw")))
def raw_tokens_need_a_contract(request: Request) -> Verdicts:
    """A raw token is known only where the partner's profile says `auth_encoding: raw`."""
    if not (request.headers.get("authorization") or ""):
        return
    named = request.credentials is not None
    raw = all(reading.encoding == "raw" for reading in presented(request.headers["authorization"]))
    yield request, None if named or not raw else "a raw token, and no partner whose profile allows it"


@check("token-known", good=_GOOD, bad=unknown(_GOOD, header("a-token-that-nobody-was-given")))
def token_names_a_partner(request: Request) -> Verdicts:
    """The token store has the digest of the presented token."""
    yield (
        request,
        None
        if request.credentials
        else "not a token that we issued, or without the client certificate of its partner",
    )


@check("token-not-revoked", good=_GOOD, bad=with_token(_GOOD, EMSP, REVOKED))
def token_is_not_revoked(request: Request) -> Verdicts:
    """Only `active`, and the `offered` and `retiring` tokens of a rotation, are honoured."""
    if request.credentials:
        honoured = request.credentials.state in HONOURED
        yield request, None if honoured else "the token was revoked"


@check("token-not-expired", good=_GOOD, bad=with_token(_GOOD, EMSP, EXPIRED))
def token_is_not_expired(request: Request) -> Verdicts:
    """A token is refused from the very instant of its expiry."""
    if request.credentials:
        over = request.received >= request.credentials.expires
        yield request, "the token has expired" if over else None


@check("token-of-this-environment", good=_GOOD, bad=with_token(_GOOD, EMSP, FOREIGN))
def token_and_partner_are_of_this_environment(request: Request) -> Verdicts:
    """Token, partner and gateway are of one environment, and it is named: test and production share
    nothing.
    """
    if request.credentials:
        three = {
            request.environment,
            request.credentials.environment,
            request.credentials.partner.environment,
        }
        ours = len(three) == 1 and "" not in three
        yield request, None if ours else "the token was issued for another environment"


@check(
    "token-a-only-registers",
    good=with_token(call("POST", "/ocpi/2.2.1/credentials", EMSP, CREDENTIALS), EMSP, REGISTRATION),
    bad=with_token(_GOOD, EMSP, REGISTRATION),
)
def registration_token_only_registers(request: Request) -> Verdicts:
    """OCPI 2.2.1, 7.1: credentials token A is for the registration handshake, so for versions and
    credentials.
    """
    if not request.credentials:
        return
    kind = request.credentials.kind
    if kind == "C":
        yield request, None
    elif kind == "A":
        yield request, None if _registers(request) else "a registration token opens registration only"
    else:
        yield request, f"a token of an unknown kind {kind!r}"


@check(
    "token-a-only-registers",
    good=with_token(call("GET", "/ocpi/versions"), EMSP, REGISTRATION),
    bad=with_token(call("DELETE", "/ocpi/2.2.1/credentials"), EMSP, REGISTRATION),
)
def registration_token_changes_no_registration(request: Request) -> Verdicts:
    """Whoever finds an old registration token could end or take over a connection with PUT or DELETE."""
    found = match(request.method, request.path)
    if request.credentials and request.credentials.kind == "A" and found is not None:
        yield (
            request,
            None if _registers(request) else "a registration token only registers",
        )


def _registers(request: Request) -> bool:
    """Whether a call is discovery, or the registration itself."""
    found = match(request.method, request.path)
    if found is None:
        return False
    return found.route.module == "versions" or (
        found.route.module == "credentials" and request.method == "POST"
    )
