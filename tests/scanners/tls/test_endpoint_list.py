"""A broken line is told with file, line and reason; the others are audited all the same."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hardening.errors import ConfigError
from scanners.tls.endpoint import Endpoint
from scanners.tls.endpoint_list import host_and_port, host_name, pin, place_of, read_endpoints
from scanners.tls.profiles import OWN

DEFAULTS = Endpoint(host="")
PIN = "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="


def listed(folder: Path, name: str, text: str) -> tuple[list[str], list[str]]:
    file = folder / name
    file.write_text(text)
    found = read_endpoints(file, DEFAULTS)
    return [str(endpoint) for endpoint in found.endpoints], [
        p.replace(str(folder), "") for p in found.problems
    ]


def test_a_csv_list_gives_its_endpoints(tmp_path: Path) -> None:
    file = tmp_path / "partners.csv"
    file.write_text(
        "endpoint,address,sni,profile,pins,client_certificate,plain_port,path\n"
        f"a.example,,,,,,,\n"
        f"b.example:8443,192.0.2.1 2001:db8::1,api.b.example,ocpi-own,{PIN},yes,0,/ocpi/versions\n"
    )
    one, two = read_endpoints(file, DEFAULTS).endpoints
    assert (one.host, one.port, one.name) == ("a.example", 443, "a.example")
    assert (two.host, two.port, two.name) == ("b.example", 8443, "api.b.example")
    assert two.addresses == ("192.0.2.1", "2001:db8::1")
    assert (two.profile, two.client_certificate, two.plain_port) == (OWN, True, 0)
    assert two.path == "/ocpi/versions"
    assert two.pins == (pin(PIN),)
    assert two.source.endswith("partners.csv:3")


def test_a_yaml_list_gives_its_endpoints(tmp_path: Path) -> None:
    text = "- a.example\n- endpoint: '[2001:db8::1]:8443'\n  sni: b.example\n  profile: own\n"
    endpoints, problems = listed(tmp_path, "list.yaml", text)
    assert endpoints == ["a.example:443", "[2001:db8::1]:8443"]
    assert problems == []


def test_each_broken_line_is_named_and_the_rest_is_read(tmp_path: Path) -> None:
    text = (
        "endpoint,profile,ca,pins,plain_port\n"
        "good.example,,,,\n"
        "two words:443,,,,\n"
        "b.example:99999,,,,\n"
        "c.example,no-such-profile,,,\n"
        "d.example,,nowhere.pem,,\n"
        "e.example,,,short,\n"
        "f.example,,,,http\n"
        "g\u200d.example,,,,\n"
        "also-good.example,,,,\n"
    )
    endpoints, problems = listed(tmp_path, "list.csv", text)
    assert endpoints == ["good.example:443", "also-good.example:443"]
    assert [problem.split(":")[1] for problem in problems] == ["3", "4", "5", "6", "7", "8", "9"]
    for problem, word in zip(
        problems,
        ("host:port", "65535", "no-such-profile", "nowhere.pem", "pins", "plain_port", "host name"),
        strict=True,
    ):
        assert word in problem


def test_an_unknown_key_is_named(tmp_path: Path) -> None:
    _, problems = listed(tmp_path, "list.yaml", "- endpoint: a.example\n  prot: 443\n")
    assert problems == [f"/list.yaml:1: prot: unknown key; known are {_KEYS}"]


_KEYS = (
    "endpoint, address, sni, ca, profile, pins, client_certificate, client_cert, plain_port, path, comment"
)


@pytest.mark.parametrize("text", ["a: [", "just text", "", "{}"])
def test_what_is_no_list_is_refused(tmp_path: Path, text: str) -> None:
    file = tmp_path / "list.yaml"
    file.write_text(text)
    with pytest.raises(ConfigError, match=r"list\.yaml"):
        read_endpoints(file, DEFAULTS)


def test_a_list_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="No such file"):
        read_endpoints(tmp_path / "none.csv", DEFAULTS)


@given(st.text(max_size=60))
def test_any_text_is_an_endpoint_or_a_fault(text: str) -> None:
    try:
        host, port = host_and_port(text)
    except ConfigError:
        return
    assert host
    assert 0 < port < 65536
    host.encode("idna")


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("straße.example", "xn--strae-oqa.example"),  # not strasse.example, as IDNA 2003 had it
        ("BÜCHER。example", "xn--bcher-kva.example"),
        ("xn--strae-oqa.example", "xn--strae-oqa.example"),
    ],
)
def test_a_name_of_other_letters_is_the_one_that_browsers_ask_for(text: str, name: str) -> None:
    assert host_name(text, "endpoint") == name


@given(st.binary(min_size=32, max_size=32))
def test_a_pin_is_read_in_base64_and_in_hex(digest: bytes) -> None:
    import base64

    assert pin(base64.b64encode(digest).decode()) == pin(digest.hex()) == digest.hex()


@pytest.mark.parametrize("first", ["", "\ufeff", "sep=;\r\n", "\ufeffsep=;\r\n"])
def test_a_list_as_excel_saves_it_is_read(tmp_path: Path, first: str) -> None:
    """A byte order mark, semicolons, and a first line that tells of them; empty cells after the last."""
    text = f"{first}Endpoint;SNI;Plain_Port;Comment;;\r\n"
    text += "a.example:8443;b.example;0;x, y;;\r\n;;;;;\r\n:;;;;;\r\n"
    file = tmp_path / "list.csv"
    file.write_bytes(text.encode())
    found = read_endpoints(file, DEFAULTS)
    assert [(str(one), one.server_name, one.plain_port) for one in found.endpoints] == [
        ("a.example:8443", "b.example", 0)
    ]
    broken = 5 if "sep=" in first else 4
    assert [problem.split(": ")[0] for problem in found.problems] == [f"{file}:{broken}"]


def test_a_list_with_tabs_is_read(tmp_path: Path) -> None:
    assert listed(tmp_path, "list.csv", "endpoint\tsni\na.example\tb.example\n") == (["a.example:443"], [])


def test_a_list_in_another_encoding_is_refused_with_what_to_do(tmp_path: Path) -> None:
    (tmp_path / "list.csv").write_bytes("endpoint;comment\na.example;Köln\n".encode("cp1252"))
    with pytest.raises(ConfigError, match="expected UTF-8 text") as refused:
        read_endpoints(tmp_path / "list.csv", DEFAULTS)
    assert "CSV UTF-8" in refused.value.hint


@pytest.mark.parametrize("text", ["", "\n\n", "\ufeff", "sep=;", "endpoint\n", "\x00", "endpoint\n\x00\n"])
def test_a_list_without_endpoints_is_refused_or_names_its_lines(tmp_path: Path, text: str) -> None:
    (tmp_path / "list.csv").write_text(text, encoding="utf-8")
    with pytest.raises(ConfigError, match=r"list\.csv"):
        _all_of(tmp_path / "list.csv")


def _all_of(file: Path) -> None:
    """Read a list; a broken line is raised too."""
    for problem in read_endpoints(file, DEFAULTS).problems:
        raise ConfigError(problem)


def test_urls_are_endpoints_with_a_path(tmp_path: Path) -> None:
    text = (
        "endpoint,path\nhttps://a.example/ocpi/versions,\nHTTPS://b.example:8443/,\n"
        "https://[2001:db8::1]:8443/ocpi,/other\nhttps://c.example,\n"
    )
    (tmp_path / "list.csv").write_text(text)
    found = read_endpoints(tmp_path / "list.csv", DEFAULTS)
    assert found.problems == ()
    assert [(str(one), one.path) for one in found.endpoints] == [
        ("a.example:443", "/ocpi/versions"),
        ("b.example:8443", "/"),
        ("[2001:db8::1]:8443", "/other"),
        ("c.example:443", "/"),
    ]


@pytest.mark.parametrize(
    "text",
    ["https://user:hunter2@a.example/", "https://a.example/?token=hunter2", "hunter2@a.example", "a#hunter2"],
)
def test_what_may_hold_a_secret_in_a_url_is_refused_and_not_quoted(text: str) -> None:
    with pytest.raises(ConfigError, match="without user, query and fragment") as refused:
        place_of(text)
    assert "hunter2" not in str(refused.value)


@pytest.mark.parametrize(
    "text", ["http://a.example/", "ftp://a.example", "://a.example", "https://", "https:///x"]
)
def test_another_url_is_refused(text: str) -> None:
    with pytest.raises(ConfigError, match="endpoint: expected"):
        place_of(text)
