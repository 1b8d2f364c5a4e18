"""A broken line is told with file, line and reason; the others are audited all the same."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hardening.errors import ConfigError
from scanners.tls.endpoint import Endpoint
from scanners.tls.endpoint_list import host_and_port, pin, read_endpoints
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
        "also-good.example,,,,\n"
    )
    endpoints, problems = listed(tmp_path, "list.csv", text)
    assert endpoints == ["good.example:443", "also-good.example:443"]
    assert [problem.split(":")[1] for problem in problems] == ["3", "4", "5", "6", "7", "8"]
    for problem, word in zip(
        problems, ("host:port", "65535", "no-such-profile", "nowhere.pem", "pins", "plain_port"), strict=True
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


@given(st.binary(min_size=32, max_size=32))
def test_a_pin_is_read_in_base64_and_in_hex(digest: bytes) -> None:
    import base64

    assert pin(base64.b64encode(digest).decode()) == pin(digest.hex()) == digest.hex()
