"""The route table: what OCPI defines is matched, and nothing that only looks like it."""

from __future__ import annotations

from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hardening.ocpi.editions import OBJECTS
from hardening.requests.modules import MODULES, VERSIONS
from hardening.requests.paths import segments
from hardening.requests.routes import ROUTES, Route, match

_FILLED = {
    "country_code": "NL",
    "party_id": "EMX",
    "location_id": "LOC-1",
    "evse_uid": "EV 1",
    "connector_id": "1",
    "session_id": "SES:1",
    "tariff_id": "TAR+1",
    "token_uid": "04A2*B3",
    "cdr_id": "CDR-1",
    "uid": "77",
    "role": "cpo",
}
_PATHS = [(route, route.template.format(**{k: quote(v) for k, v in _FILLED.items()})) for route in ROUTES]


@pytest.mark.parametrize(("route", "path"), _PATHS, ids=lambda value: value if isinstance(value, str) else "")
def test_every_route_matches_its_own_urls_with_and_without_a_trailing_slash(route: Route, path: str) -> None:
    for route_, variant in ((route, path), (route, f"{path}/")):
        for method in route.methods:
            found = match(method, variant)
            assert found is not None
            assert found.route == route_
            assert found.operation is not None
            assert found.operation.method == method
            assert all(found.parameters[name] == _FILLED[name] for name in found.parameters)


def test_no_url_belongs_to_two_routes() -> None:
    templates = [route.template for route in ROUTES]
    assert len(templates) == len(set(templates))


def test_every_body_is_an_object_that_its_version_has() -> None:
    for route in ROUTES:
        for operation in route.operations:
            if operation.body:
                assert operation.body in OBJECTS[route.version], (route.template, operation.body)


def test_every_functional_route_is_of_a_module_that_its_version_has() -> None:
    for route in ROUTES:
        if route.interface:
            assert route.version in MODULES[route.module].versions
    for version in VERSIONS:
        served = {route.module for route in ROUTES if route.version == version and route.interface}
        assert served == {name for name, module in MODULES.items() if version in module.versions}


@pytest.mark.parametrize("method", ["get", "Get", "TRACE", "CONNECT", "HEAD", "PURGE", ""])
def test_a_method_that_ocpi_does_not_define_is_known_as_such(method: str) -> None:
    found = match(method, "/ocpi/2.2.1/sender/locations")
    assert found is not None
    assert found.operation is None


@pytest.mark.parametrize(
    "path",
    [
        "",
        "/",
        "//",
        "ocpi/versions",
        "/ocpi",
        "/ocpi/",
        "/ocpi//versions",
        "//ocpi/versions",
        "/ocpi/versions//",
        "/ocpi/./versions",
        "/ocpi/../ocpi/versions",
        "/ocpi/%2e/versions",
        "/ocpi/%2E%2e/versions",
        "/ocpi/2.2.1/sender/locations%2fLOC-1",
        "/ocpi/2.2.1/sender/locations/a%2Fb",
        "/ocpi/2.2.1/sender/locations/a%5cb",
        "/ocpi/2.2.1/sender/locations/a\\b",
        "/ocpi/2.2.1/sender/locations/a%252fb",
        "/ocpi/2.2.1/sender/locations/%00",
        "/ocpi/2.2.1/sender/locations/%0d%0a",
        "/ocpi/2.2.1/sender/locations/%",
        "/ocpi/2.2.1/sender/locations/%zz",
        "/ocpi/2.2.1/sender/locations/%ff",
        "/ocpi/2.2.1/sender/locations/\u00e9",
        "/ocpi/2.2.1/sender/locations/a;b",
        "/ocpi/2.2.1/sender/locations/a?b",
        "/ocpi/2.2.1/sender/locations/a#b",
        "/ocpi/2.2.1/sender/locations/" + "a" * 65,
        "/OCPI/versions",
        "/ocpi/Versions",
        "/ocpi/2.2.1/Sender/locations",
        "/ocpi/2.2/sender/locations",
        "/ocpi/2.1.1/sender/chargingprofiles/1",
        "/ocpi/2.1.1/receiver/commands/CANCEL_RESERVATION",
        "/ocpi/2.2.1/receiver/commands/start_session",
        "/ocpi/2.2.1/receiver/commands/FORMAT_DISK",
        "/ocpi/2.2.1/receiver/locations/NL/EMX",
        "/ocpi/2.2.1/admin",
    ],
)
def test_what_only_looks_like_a_route_is_none(path: str) -> None:
    assert match("GET", path) is None
    assert match("POST", path) is None


@given(st.text(max_size=40))
def test_any_text_as_a_path_is_judged_without_a_crash(text: str) -> None:
    for path in (text, f"/ocpi/{text}", f"/ocpi/2.2.1/sender/locations/{text}"):
        found = match("GET", path)
        assert found is None or found.route in ROUTES


@given(st.text(st.characters(codec="ascii", exclude_categories=["Cc"]), min_size=1, max_size=36))
def test_any_identifier_comes_back_as_it_was_or_is_refused(identifier: str) -> None:
    path = f"/ocpi/2.2.1/sender/locations/{quote(identifier, safe='')}"
    found = match("GET", path)
    if any(c in identifier for c in "/\\?#%;") or identifier in (".", ".."):
        assert found is None
    else:
        assert found is not None
        assert found.parameters["location_id"] == identifier


@given(st.lists(st.sampled_from(["ocpi", "2.2.1", "sender", "..", ".", "", "%2e%2e", "a%2fb"]), max_size=6))
def test_no_path_with_a_dot_empty_or_escaped_segment_is_canonical(parts: list[str]) -> None:
    suspicious = {"..", ".", "", "%2e%2e", "a%2fb"}
    path = "/" + "/".join(parts)
    inner = parts[:-1] if parts and parts[-1] == "" else parts
    if suspicious & set(inner):
        assert segments(path) is None
