"""`guard.toml` and its table of credentials, key by key; the partners folder as the guard takes it over."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from hardening.errors import ConfigError
from hardening.registry.partners import Partner
from hardening.requests.samples import PARTNERS
from infra.runtime.functions.partners_file import load
from infra.runtime.guard.credentials import credentials_programs, credentials_settings
from infra.runtime.guard.registry import PartnersFolder
from infra.runtime.guard.settings import read_settings, shown
from infra.runtime.policy_service.current_policy import REFUSED_FILE

ROLE = {"role": "CPO", "country_code": "NL", "party_id": "LAB", "business_details": {"name": "We"}}
TABLE: Mapping[str, Any] = {"origin": "https://us.example/", "our_roles": [ROLE], "vault": "vault.sqlite"}
NEEDED = {
    "environment": '"test"',
    "listen": '"0.0.0.0:8443"',
    "server_names": '["ocpi.us.example"]',
    "certificate": '"chain.pem"',
    "key": '"/keys/guard.key"',
    "upstream": '"http://127.0.0.1:8080"',
    "partners": '"partners"',
    "token_store": '"tokens.sqlite"',
    "hop_key": '"hop.key"',
}


def _written(folder: Path, **changes: str) -> Path:
    """`guard.toml` with what is needed; `changes` are TOML texts, "" for none."""
    file = folder / "guard.toml"
    lines = (f"{key} = {value}\n" for key, value in {**NEEDED, **changes}.items() if value)
    file.write_text("".join(lines), encoding="utf-8")
    return file


def test_paths_are_those_of_the_files_folder_and_the_rest_has_its_default(tmp_path: Path) -> None:
    found = read_settings(_written(tmp_path))
    assert (found.environment, found.listen) == ("test", ("0.0.0.0", 8443))
    assert (found.server_names, found.upstream) == (("ocpi.us.example",), ("127.0.0.1", 8080))
    assert found.certificate == tmp_path.resolve() / "chain.pem"
    assert found.key == Path("/keys/guard.key")
    assert (found.partners, found.hop_key) == (
        tmp_path.resolve() / "partners",
        tmp_path.resolve() / "hop.key",
    )
    assert (found.workers, found.policy_port, found.trusted_hops, found.otlp_port) == (1, 9000, 0, 0)
    assert (found.upstream_tls, found.upstream_ca, found.credentials) == (False, "", None)


@pytest.mark.parametrize(
    ("key", "text", "value"),
    [
        ("environment", '"production"', "production"),
        ("listen", '"[::1]:1"', ("::1", 1)),
        ("listen", '"guard:65535"', ("guard", 65535)),
        ("server_names", '["a.example", "b.example"]', ("a.example", "b.example")),
        ("upstream", '"http://127.0.0.1"', ("127.0.0.1", 80)),
        ("upstream", '"http://127.0.0.1:81/"', ("127.0.0.1", 81)),
        ("workers", "64", 64),
        ("policy_port", "65471", 65471),
        ("otlp_port", "65535", 65535),
        ("trusted_hops", "5", 5),
        ("trusted_hops", "0", 0),
    ],
)
def test_a_key_is_read_as_it_is_explained(tmp_path: Path, key: str, text: str, value: object) -> None:
    assert getattr(read_settings(_written(tmp_path, **{key: text})), key) == value


@pytest.mark.parametrize(
    ("key", "text"),
    [
        *(("environment", text) for text in ('"staging"', "1", '""', "[]")),
        *(
            ("listen", text)
            for text in ('"8443"', '":8443"', '"a:0"', '"a:65536"', '"a:http"', "8443", '"a:-1"')
        ),
        *(("server_names", text) for text in ("[]", '"a.example"', "[1]", '[""]')),
        *(("certificate", text) for text in ('""', "1", "true")),
        *(("upstream", text) for text in ("1", '"ftp://a"', '"//a"', '"http://:80"', '"http://a:99999"')),
        *(("upstream", f'"http://127.0.0.1/{more}"') for more in ("api", "?a=b", "#a")),
        *(("upstream", f'"http://{user}@127.0.0.1"') for user in ("a", ":b", "a:b")),
        *(("workers", text) for text in ("0", "65", "true", "1.5", '"2"')),
        *(("policy_port", text) for text in ("0", "65472")),
        *(("otlp_port", text) for text in ("0", "65536")),
        *(("trusted_hops", text) for text in ("-1", "6", "false")),
    ],
)
def test_a_wrong_value_is_one_line_with_its_key(tmp_path: Path, key: str, text: str) -> None:
    file = _written(tmp_path, **{key: text})
    with pytest.raises(ConfigError) as error:
        read_settings(file)
    assert [one.startswith(f"{file}: {key}: expected ") for one in error.value.problems] == [True]


def test_every_fault_is_told_at_once(tmp_path: Path) -> None:
    file = _written(tmp_path, workers="0", hop_key="", wokers="2", upstream='"https://ocpi.internal"')
    with pytest.raises(ConfigError) as error:
        read_settings(file)
    told = [one.removeprefix(f"{file}: ").partition(";")[0] for one in error.value.problems]
    wrong = "workers: expected a whole number from 1 to 64"
    assert sorted(told) == ["hop_key: missing", "upstream_ca: missing", "wokers: unknown key", wrong]


def test_a_service_behind_tls_has_its_authority_named(tmp_path: Path) -> None:
    named = {"upstream": '"https://ocpi.internal"', "upstream_ca": '"ca.pem"'}
    found = read_settings(_written(tmp_path, **named))
    assert (found.upstream, found.upstream_tls) == (("ocpi.internal", 443), True)
    assert found.upstream_ca == str(tmp_path.resolve() / "ca.pem")
    with pytest.raises(ConfigError) as error:
        read_settings(_written(tmp_path, **{**named, "upstream_ca": '""'}))
    assert len(error.value.problems) == 1, "a wrong one is told once"


@pytest.mark.parametrize(("content", "reason"), [(b"a = ", "expected TOML"), (b"\xff", "not UTF-8")])
def test_what_is_no_toml_is_one_line(tmp_path: Path, content: bytes, reason: str) -> None:
    file = tmp_path / "guard.toml"
    with pytest.raises(ConfigError, match="No such file"):
        read_settings(file)
    file.write_bytes(content)
    with pytest.raises(ConfigError, match=reason):
        read_settings(file)


def test_settings_are_shown_a_line_each(tmp_path: Path) -> None:
    lines = shown(read_settings(_written(tmp_path, server_names='["a.example", "b.example"]'))).splitlines()
    assert "listen: 0.0.0.0:8443" in lines
    assert "server_names: a.example, b.example" in lines
    assert "workers: 1" in lines
    assert not any(line.startswith("upstream_tls") for line in lines)


def test_a_table_of_credentials_is_read_with_its_folder(tmp_path: Path) -> None:
    found = credentials_settings(TABLE, tmp_path)
    assert (found.origin, found.our_roles) == ("https://us.example", (ROLE,))
    assert found.vault == (tmp_path / "vault.sqlite").resolve()
    assert found.certificates == (tmp_path / "partners").resolve()
    assert (found.credentials_port, found.egress_port, found.partner_addresses) == (9100, 9101, {})
    addresses = {"ocpi.emsp.example:443": "10.0.0.1:443"}
    told = {**TABLE, "egress_port": 65535, "credentials_port": 1, "partner_addresses": addresses}
    more = credentials_settings(told, tmp_path)
    assert (more.credentials_port, more.egress_port, more.partner_addresses) == (1, 65535, addresses)


@pytest.mark.parametrize(
    ("key", "value"),
    [
        *(("origin", url) for url in ("http://us.example", "https://", "https://a/ocpi", "https://a/?b", 7)),
        ("our_roles", []),
        ("our_roles", [{}]),
        ("our_roles", [{**ROLE, "token": "x"}]),
        ("our_roles", [ROLE, {"role": "CPO"}]),
        ("our_roles", 7),
        *(("egress_port", port) for port in (0, 65536, "http")),
        ("credentials_port", 0),
        ("vault", 7),
        ("valt", "vault.sqlite"),
        ("partner_addresses", "10.0.0.1:443"),
    ],
)
def test_another_table_of_credentials_is_a_fault(key: str, value: object, tmp_path: Path) -> None:
    with pytest.raises((KeyError, ValueError, TypeError, AttributeError)):
        credentials_settings({**TABLE, key: value}, tmp_path)


@pytest.mark.parametrize("missing", TABLE)
def test_a_table_of_credentials_needs_its_keys(missing: str, tmp_path: Path) -> None:
    with pytest.raises(KeyError):
        credentials_settings({name: TABLE[name] for name in TABLE if name != missing}, tmp_path)


def test_the_programs_of_the_module_share_keys_that_others_cannot_read(tmp_path: Path) -> None:
    hop = tmp_path / "hop.key"
    hop.write_bytes(b"h" * 32)
    worker = {"RAMPART_HOP_KEY_FILE": str(hop), "RAMPART_ENVIRONMENT": "test"}
    egress, module = credentials_programs(credentials_settings(TABLE, tmp_path), worker, tmp_path)
    keys = Path(egress.environment["RAMPART_EGRESS_KEYS_FILE"])
    own = Path(module.environment["RAMPART_EGRESS_KEY_FILE"])
    assert json.loads(keys.read_text())["credentials"] == own.read_text()
    assert {one.stat().st_mode & 0o777 for one in (keys, own)} == {0o600}
    assert module.environment["RAMPART_EGRESS_URL"] == "http://127.0.0.1:9101"
    assert (egress.environment["RAMPART_EGRESS_PORT"], module.environment["RAMPART_ORIGIN"]) == (
        "9101", "https://us.example",
    )  # fmt: skip


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "partners"
    made.mkdir()
    for file in Path("partners").glob("*.yaml"):
        (made / file.name).write_bytes(file.read_bytes())
    return made


def test_a_folder_that_changed_is_taken_over_once_two_looks_have_seen_the_same(
    folder: Path, tmp_path: Path
) -> None:
    published, served = tmp_path / "published.json", list[tuple[Partner, ...]]()
    watched = PartnersFolder(folder, "test", published, served.append)
    watched.take_over()
    assert load(published.read_text(encoding="utf-8")) == served[0]
    assert {one.name for one in served[0]} == {one.name for one in PARTNERS}
    for _ in range(3):
        watched.look()
    assert len(served) == 1, "nothing has changed"
    (folder / "example-hub.yaml").unlink()
    watched.look()
    assert len(served) == 1, "somebody may still be writing"
    watched.look()
    assert len(served) == 2
    assert load(published.read_text(encoding="utf-8")) == served[1]
    assert "example-hub" not in {one.name for one in served[1]}


def test_a_broken_folder_is_refused_and_said_until_it_is_mended(folder: Path, tmp_path: Path) -> None:
    published, served = tmp_path / "published.json", list[tuple[Partner, ...]]()
    watched = PartnersFolder(folder, "test", published, served.append)
    watched.take_over()
    good = (folder / "example-cpo.yaml").read_bytes()
    (folder / "example-cpo.yaml").write_text("name: [", encoding="utf-8")
    for _ in range(2):
        watched.look()
    assert len(served) == 1
    assert load(published.read_text(encoding="utf-8")) == served[0]
    assert (tmp_path / REFUSED_FILE).stat().st_mode & 0o777 == 0o600
    (folder / "example-cpo.yaml").write_bytes(good)
    for _ in range(2):
        watched.look()
    assert len(served) == 2
    assert not (tmp_path / REFUSED_FILE).exists()


def test_a_look_that_fails_whatever_it_fails_with_is_said_and_taken_again(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """As where the disk is full when a partner is taken out: what is served is not what the folder says."""
    published, served = tmp_path / "published.json", list[tuple[Partner, ...]]()
    full = [False]

    def takes(partners: tuple[Partner, ...]) -> None:
        if full[0]:
            raise RuntimeError("a defect")
        served.append(partners)

    watched, stopped = PartnersFolder(folder, "test", published, takes), threading.Event()
    watched.take_over()
    full[0] = True
    (folder / "example-hub.yaml").unlink()
    watching = threading.Thread(target=watched.watch, args=(stopped,))
    watching.start()
    try:
        _until((tmp_path / REFUSED_FILE).exists)
        assert '"event":"registry-unread","kind":"RuntimeError"' in capsys.readouterr().out
        full[0] = False
        _until(lambda: len(served) == 2)
        _until(lambda: not (tmp_path / REFUSED_FILE).exists())
    finally:
        stopped.set()
        watching.join()
    assert "example-hub" not in {one.name for one in served[1]}


def _until(condition: Callable[[], bool]) -> None:
    end = time.monotonic() + 20
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.02)


def test_an_attestation_that_comes_or_goes_is_a_change(folder: Path, tmp_path: Path) -> None:
    served = list[tuple[Partner, ...]]()
    watched = PartnersFolder(folder, "test", tmp_path / "published.json", served.append)
    watched.take_over()
    attested = folder / "onboarding"
    attested.mkdir()
    (attested / "note.txt").write_text("a visit", encoding="utf-8")
    for _ in range(2):
        watched.look()
    assert len(served) == 2


def test_a_registry_of_another_environment_publishes_nothing(folder: Path, tmp_path: Path) -> None:
    served = list[tuple[Partner, ...]]()
    with pytest.raises(ConfigError, match="no partner of the environment 'production'"):
        PartnersFolder(folder, "production", tmp_path / "published.json", served.append).take_over()
    assert (served, (tmp_path / "published.json").exists()) == ([], False)
