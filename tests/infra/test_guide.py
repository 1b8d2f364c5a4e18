"""The guide for a partner says what its entry and our settings say."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from click.testing import CliRunner, Result

from hardening.cli import rampart
from hardening.errors import ConfigError
from hardening.registry.guide import Us, guide
from hardening.registry.reader import read_registry
from infra.settings import load
from tests.beds.guard import write_configuration

US = Us(
    origin="https://ocpi.us.example",
    certificate="Its certificate is ours.",
    addresses=("198.51.100.7/32",),
    page_limit=77,
    body_kilobytes=64,
    rotation_days=30,
    overlap_minutes=60,
)


def run(*words: str) -> Result:
    return CliRunner().invoke(rampart, ["partner", "guide", *words], standalone_mode=False)


def test_each_partner_is_told_its_endpoints_encoding_certificates_addresses_and_limits() -> None:
    for partner in read_registry(Path("partners")):
        text = guide(partner, US, date(2026, 1, 1))
        told = [
            "https://ocpi.us.example/ocpi/versions",
            "| Objects on a page (`X-Limit`), whatever `limit` asks for | 77 |",
            "198.51.100.7/32",
            f"TLS {partner.tls_min_version}",
            str(partner.requests_per_minute),
            "Its certificate is ours.",
            *partner.networks,
            *map(str, partner.callback_hosts),
            *partner.modules,
            *partner.tls_pins,
        ]
        assert [one for one in told if one not in text] == []
        assert ("A raw token is refused" in text) is (partner.auth_encoding == "base64")


def test_the_page_limit_is_the_stacks_setting() -> None:
    done = run("example-emsp", "--stack", "test", "--our-address", "198.51.100.7/32")
    settings = load("test", Path())
    assert done.exception is None, done.exception
    assert f"whatever `limit` asks for | {settings.page_limit} |" in done.output
    assert f"https://{settings.domain}/ocpi/versions" in done.output


def test_a_standalone_guard_says_who_it_is(tmp_path: Path) -> None:
    role = '{ role = "CPO", country_code = "NL", party_id = "ABC", business_details = { name = "ABC" } }'
    table = f'{{ origin = "https://us.example", vault = "v", our_roles = [{role}] }}'
    file = write_configuration(tmp_path, "http://127.0.0.1:1", {"credentials": table})
    words = ["--guard", str(file), "--our-address", "198.51.100.7/32"]
    done = run("example-emsp", *words, "--page-limit", "20")
    assert done.exception is None, done.exception
    assert "https://us.example/ocpi/versions" in done.output
    assert "512 kB" in done.output
    assert isinstance(run("example-emsp", *words).exception, ConfigError)


def test_what_is_wrong_is_one_line() -> None:
    for words in (
        ["nobody", "--stack", "test", "--our-address", "198.51.100.7/32"],
        ["example-emsp", "--stack", "test", "--our-address", "here"],
        ["example-emsp", "--our-address", "198.51.100.7/32"],
    ):
        assert isinstance(run(*words).exception, ConfigError)
