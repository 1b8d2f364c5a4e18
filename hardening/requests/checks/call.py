"""Request checks of the protocol layer that need no body: path, method, headers, query."""

from __future__ import annotations

import re
from datetime import date

from hardening.checks import Verdicts, check
from hardening.ocpi.confusable_names import first_confusable
from hardening.requests.modules import CONFIGURATION
from hardening.requests.paths import segments
from hardening.requests.request import Request, parameters
from hardening.requests.routes import match
from hardening.requests.sample_messages import TOKEN
from hardening.requests.samples import EMSP, call, with_headers, with_path

# What proxies and web frameworks take for another method.
METHOD_OVERRIDES = ("x-http-method-override", "x-http-method", "x-method-override")
_OVERRIDE_PARAMETER = "_method"
# 2.2.1 asks for CiString(36) and only advises UUIDs: anything printable of a sensible length will do.
_REQUEST_ID = re.compile(r"[!-~]{1,128}")
# The query parameters that OCPI defines, and what the firewall lets through.
_PARAMETERS = ("offset", "limit", "date_from", "date_to", "duration", "response_url", "type")
_FOLDED_PARAMETERS = frozenset(_PARAMETERS)
MOST_QUERY_CHARACTERS = 1024
_DATE_FILTERS = ("date_from", "date_to")
# RFC 3339 in UTC, to the second or finer (OCPI 2.2.1, 16.5: `Z` or nothing).
_TIME = re.compile(
    r"[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])T([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](\.[0-9]{1,9})?Z?"
)
# Offsets are counted in 64 bits nowhere; ten digits are more objects than a partner has.
_COUNT = re.compile(r"[0-9]{1,10}")
_GOOD = call("GET", "/ocpi/2.2.1/sender/locations")
_PUT = call("PUT", "/ocpi/2.2.1/receiver/tokens/NL/EMX/CARD-1", EMSP, TOKEN)


@check("path-canonical", good=_GOOD, bad=with_path(_GOOD, "/ocpi/2.2.1/sender/../../ocpi/versions"))
def path_has_no_dot_segments(request: Request) -> Verdicts:
    """`..` would reach another route behind a proxy that resolves it (RFC 3986, 6.2.2.3)."""
    yield request, None if _is_canonical(request.path) else "the path is not canonical"


@check("path-canonical", good=_GOOD, bad=with_path(_GOOD, "/ocpi/2.2.1/sender/locations%2f..%2fcdrs"))
def path_has_no_encoded_slashes(request: Request) -> Verdicts:
    """`%2f` is one segment to us and two to a service that decodes first."""
    yield request, None if _is_canonical(request.path) else "the path is not canonical"


@check("path-canonical", good=_GOOD, bad=with_path(_GOOD, "/ocpi/2.2.1/sender/%6cocations"))
def path_has_no_needless_escapes(request: Request) -> Verdicts:
    """`%6c` is `l` to some hops and three characters to others; a log filter may miss it too."""
    yield request, None if _is_canonical(request.path) else "the path is not canonical"


@check("path-canonical", good=_GOOD, bad=with_path(_GOOD, "/ocpi//2.2.1/sender/locations"))
def path_has_no_empty_segments(request: Request) -> Verdicts:
    """`//` is folded by some servers and not by others."""
    yield request, None if _is_canonical(request.path) else "the path is not canonical"


@check("unknown-path-refused", good=_GOOD, bad=with_path(_GOOD, "/ocpi/2.2.1/sender/admin"))
def path_is_in_the_route_table(request: Request) -> Verdicts:
    """OCPI has no other routes, so a service's own pages are never reached."""
    known = match(request.method, request.path) is not None
    yield request, None if known else "no OCPI route has this path"


@check("unknown-path-refused", good=_GOOD, bad=with_path(_GOOD, "/OCPI/2.2.1/sender/locations"))
def letter_case_of_the_path_counts(request: Request) -> Verdicts:
    """Paths are case-sensitive (RFC 3986, 6.2.2.1); a service that folds them would have routes that we
    do not judge.
    """
    known = match(request.method, request.path) is not None
    yield request, None if known else "no OCPI route has this path"


@check("method-defined-by-ocpi", good=_GOOD, bad=call("DELETE", "/ocpi/2.2.1/sender/locations"))
def method_is_defined(request: Request) -> Verdicts:
    """The route table names the methods that OCPI defines for each URL."""
    found = match(request.method, request.path)
    if found is not None:
        yield request, None if found.operation else f"OCPI defines {', '.join(found.route.methods)} here"


@check(
    "query-unambiguous",
    good=call("GET", "/ocpi/2.2.1/sender/locations?limit=50"),
    bad=call("GET", f"/ocpi/2.2.1/sender/locations?x_new={'a' * MOST_QUERY_CHARACTERS}"),
)
def query_is_short(request: Request) -> Verdicts:
    """As short as the firewall in front wants it, so both refuse the same calls; before anything reads it."""
    if request.query:
        length = len(request.query)
        long = length > MOST_QUERY_CHARACTERS
        yield request, f"{length} characters; at most {MOST_QUERY_CHARACTERS}" if long else None


@check("method-override-refused", good=_GOOD, bad=with_headers(_GOOD, {"x-http-method-override": "DELETE"}))
def method_is_not_overridden(request: Request) -> Verdicts:
    """A GET that the service takes for a DELETE would pass as a read."""
    sent = [name for name in METHOD_OVERRIDES if name in request.headers]
    if _OVERRIDE_PARAMETER in dict(parameters(request.query)):
        sent.append(_OVERRIDE_PARAMETER)
    yield request, f"{', '.join(sent)} would change the method" if sent else None


@check(
    "request-ids-present",
    good=_GOOD,
    bad=with_headers(_GOOD, {"x-request-id": ""}),
    also_good={"discovery": with_headers(call("GET", "/ocpi/2.2.1"), {"x-request-id": ""})},
)
def request_ids_are_present(request: Request) -> Verdicts:
    """2.1.1 has no ids; from 2.2 on they are a SHALL, but their form is free.

    Several platforms look at our versions without one before they answer a registration, which it would end.
    """
    found = match(request.method, request.path)
    if found is None or found.route.version == "2.1.1" or found.route.module == "versions":
        return
    wanted = ["x-request-id"]
    if found.route.module not in CONFIGURATION:
        wanted.append("x-correlation-id")
    missing = [name for name in wanted if not _REQUEST_ID.fullmatch(request.headers.get(name) or "")]
    yield request, f"{', '.join(missing)} missing or unprintable" if missing else None


@check(
    "query-unambiguous",
    good=call("GET", "/ocpi/2.2.1/sender/locations?limit=50&date_from=2026-01-01T00:00:00Z"),
    bad={
        "letter case": call("GET", "/ocpi/2.2.1/sender/locations?limit=50&Limit=5000"),
        "a separator for some": call("GET", "/ocpi/2.2.1/sender/locations?x_new=1;limit=5000"),
    },
)
def query_names_are_unambiguous(request: Request) -> Verdicts:
    """Of two `limit`, one server takes the first and another the last; many fold letter case, and some part
    parameters at `;` too (HTML 4.01, B.2.2).
    """
    if ";" in request.query:
        yield request, "a `;` that is not escaped"
    elif request.query:
        names = [name for name, _ in parameters(request.query)]
        unknown = [name for name in names if name not in _PARAMETERS]
        found = first_confusable(unknown, _FOLDED_PARAMETERS)
        twice = [name for name in _PARAMETERS if names.count(name) > 1]
        named = ", ".join(twice) or found
        yield request, f"{named}: twice, or taken for another parameter" if named else None


@check(
    "pagination-parameters-valid",
    good=call("GET", "/ocpi/2.2.1/sender/locations?limit=50"),
    bad=call("GET", "/ocpi/2.2.1/sender/locations?limit=-1"),
)
def pagination_parameters_are_counts(request: Request) -> Verdicts:
    """A large limit is no fault: the service answers with fewer objects (OCPI 2.2.1, 4.1.5)."""
    given = parameters(request.query)
    for name, value in given:
        if name in ("offset", "limit"):
            yield request, None if _COUNT.fullmatch(value) else f"{name}: expected a whole number"


@check(
    "pagination-parameters-valid",
    good=call(
        "GET", "/ocpi/2.2.1/sender/locations?date_from=2026-01-01T00:00:00&date_to=2026-01-02T00:00:00Z"
    ),
    bad={
        "no form": call("GET", "/ocpi/2.2.1/sender/locations?date_from=yesterday"),
        "no such day": call("GET", "/ocpi/2.2.1/sender/locations?date_from=2026-02-30T00:00:00Z"),
    },
)
def date_filters_are_times(request: Request) -> Verdicts:
    """A filter that the service cannot read is no filter: it would answer with everything."""
    given = dict(parameters(request.query))
    for name in _DATE_FILTERS:
        if name in given:
            yield request, None if _is_time(given[name]) else f"{name}: expected a time in UTC"
    if all(_is_time(given.get(name) or "") for name in _DATE_FILTERS):
        first, last = (given[name].removesuffix("Z") for name in _DATE_FILTERS)
        yield request, None if first <= last else "date_from is after date_to"


@check("content-not-encoded", good=_PUT, bad=with_headers(_PUT, {"content-encoding": "gzip"}))
def content_is_not_encoded(request: Request) -> Verdicts:
    """What the guard would have to decode could be a thousand times larger, or read otherwise."""
    encoding = (request.headers.get("content-encoding") or "").strip().lower()
    yield request, None if encoding in ("", "identity") else "a Content-Encoding; expected none"


@check("json-content-type", good=_PUT, bad=with_headers(_PUT, {"content-type": "text/xml"}))
def body_is_declared_json(request: Request) -> Verdicts:
    """OCPI 2.2.1, 4.1.3: `application/json`, in UTF-8."""
    found = match(request.method, request.path)
    if request.body or (found and found.body and not _may_be_empty(request)):
        kind, _, parameters = (request.headers.get("content-type") or "").partition(";")
        charset = parameters.strip().lower()
        json_in_utf8 = kind.strip().lower() == "application/json" and charset in (
            "",
            "charset=utf-8",
            'charset="utf-8"',
        )
        yield request, None if json_in_utf8 else "expected Content-Type: application/json"


def _may_be_empty(request: Request) -> bool:
    """A real-time authorization may come without a location (OCPI 2.2.1, 12.2.2)."""
    return request.path.rstrip("/").endswith("/authorize")


def _is_time(text: str) -> bool:
    """The form of a time, on a day that there is."""
    if _TIME.fullmatch(text) is None:
        return False
    try:
        date.fromisoformat(text[:10])
    except ValueError:
        return False
    return True


def _is_canonical(path: str) -> bool:
    try:
        return segments(path) is not None
    except UnicodeDecodeError:
        return False
