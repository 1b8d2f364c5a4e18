"""`rampart dispute`: what was sent, byte for byte, what it should cost, and a valid credit CDR."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat
from hypothesis import given, settings
from hypothesis import strategies as st

from hardening.cli import Exit, rampart
from hardening.errors import ConfigError
from hardening.ocpi.rules.rule import Related, decode
from hardening.ocpi.validation import validate
from scanners.dispute.credit import credit_cdr
from scanners.dispute.records import Case, Found
from scanners.reconcile.samples import LONG, SampleBooks, cdr, credit, location, session, tariff, token
from tests.hardening.ocpi.messages import MESSAGES

EARLY = session(status="ACTIVE", kwh=1, end_date_time=None, last_updated="2026-03-01T10:30:00Z")
BOOKS = SampleBooks(
    sessions=(session(), EARLY, session(id="another")),
    cdrs=(cdr(id="cdr-0", session_id="x"), cdr(total_cost__excl_vat=6.3)),
    tokens=(token(), token(valid=False, last_updated="2026-04-01T00:00:00Z"), token(uid="04FF")),
    tariffs=(tariff(), tariff(id="night")),
    locations=(location(id="location-2"), location()),
)
AT = datetime(2026, 4, 1, 12, 0, tzinfo=UTC)


def run(folder: Path, books: SampleBooks, *words: object, name: str = "CDR-1") -> Result:
    options = [word for kind, (file,) in books.write(folder).items() for word in (f"--{kind}", str(file))]
    command = ["dispute", name, *options, "--output", str(folder / "disputes"), *map(str, words)]
    return CliRunner().invoke(rampart, command, standalone_mode=False)


def made(done: Result) -> Path:
    assert done.exception is None, done.exception
    return Path(done.stdout.strip())


def test_everything_about_a_cdr_is_in_one_sealed_folder(tmp_path: Path) -> None:
    done = run(tmp_path, BOOKS)
    assert done.return_value == Exit.FAILS
    folder = made(done)
    names = {file.relative_to(folder).as_posix() for file in folder.rglob("*") if file.is_file()}
    assert {"cdr.json", "tariff.json", "location.json", "credit-cdr.json", "recomputation.json"} <= names
    assert [json.loads(file.read_text())["kwh"] for file in sorted((folder / "session").iterdir())] == [
        1,
        12.0,
    ]
    assert json.loads((folder / "tariff.json").read_text())["id"] == "day"
    assert json.loads((folder / "location.json").read_text())["id"] == "location-1"
    problems = {one["rule"] for one in json.loads((folder / "problems.json").read_text())}
    assert {"totals-match-the-tariff", "cdr-matches-its-session"} <= problems
    assert "By its tariff: 5.3 to 5.3 EUR" in (folder / "summary.md").read_text()
    states = json.loads((folder / "token-states.json").read_text())
    assert [(one["valid"], one["before_the_start"]) for one in states] == [(True, True), (False, False)]


def test_the_steps_add_up_to_what_the_tariff_makes(tmp_path: Path) -> None:
    found = json.loads((made(run(tmp_path, BOOKS)) / "recomputation.json").read_text())
    assert [step["so_far"]["least"] for step in found["steps"]] == [5.3, 5.3]
    assert found["steps"][0]["so_far"]["kinds"]["ENERGY"] == {"least": 4.8, "most": 4.8}
    assert (found["total"]["most"], found["charged"], found["time_zone"]) == (5.3, "6.3", "Europe/Amsterdam")


def test_what_a_partner_sent_stays_byte_for_byte(tmp_path: Path) -> None:
    """Spaces, escapes, numbers and the order of members: a signature is over these bytes."""
    values = '[{"plain_data":"1.50","nature":"End", "signed_data":"a\\u0041\\/"}]'
    signed = f'{{ "encoding_method" :"OCMF","signed_values":{values}}}'
    text = json.dumps(cdr()).replace("5.3,", "5.30,")[:-1] + f', "signed_data":{signed} }}'
    files = BOOKS.write(tmp_path)
    files["cdrs"][0].write_text(f"{json.dumps(cdr(id='x'))}\n{text}\n", encoding="utf-8")
    words = ["dispute", "cdr-1", "--cdrs", str(files["cdrs"][0]), "--output", str(tmp_path / "disputes")]
    folder = made(CliRunner().invoke(rampart, words, standalone_mode=False))
    assert (folder / "cdr.json").read_bytes() == text.encode()
    assert (folder / "signed-data.json").read_bytes() == signed.encode()
    assert "5.30" in (folder / "credit-cdr.json").read_text()


def test_a_credit_takes_back_a_wrong_cost_and_says_so(tmp_path: Path) -> None:
    """It says what its original says (2.2.1, 10.3.1.1), so whatever its original breaks, it breaks too."""
    folder = made(run(tmp_path, BOOKS))
    assert json.loads((folder / "credit-cdr.json").read_text())["total_cost"]["excl_vat"] == -6.3
    original = decode("2.2.1", "CDR", json.loads((folder / "cdr.json").read_text()))
    text = (folder / "credit-cdr.json").read_bytes()
    known = {
        one.rule for one in validate((folder / "cdr.json").read_bytes(), version="2.2.1", object_type="CDR")
    }
    related = Related(previous=original)
    found = {one.rule for one in validate(text, version="2.2.1", object_type="CDR", related=related)}
    assert found <= known
    assert all(rule in (folder / "summary.md").read_text() for rule in found)


def verified(*words: object) -> Result:
    return CliRunner().invoke(rampart, ["evidence", "verify", *map(str, words)], standalone_mode=False)


def test_a_byte_that_is_touched_afterwards_is_found(tmp_path: Path) -> None:
    folder = made(run(tmp_path, BOOKS))
    assert verified(folder).return_value == Exit.HOLDS
    text = (folder / "cdr.json").read_bytes()
    (folder / "cdr.json").write_bytes(text.replace(b"6.3", b"6.4"))
    assert f"cdr.json was touched at byte {text.index(b'6.3') + 2}" in verified(folder).stdout


def test_a_folder_can_be_signed(tmp_path: Path) -> None:
    key = Ed25519PrivateKey.generate()
    secret, public = tmp_path / "key.pem", tmp_path / "public.pem"
    secret.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    public.write_bytes(key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo))
    folder = made(run(tmp_path, BOOKS, "--sign", secret))
    assert verified(folder, "--key", public).return_value == Exit.HOLDS


def test_a_cdr_that_was_credited_gets_no_second_credit(tmp_path: Path) -> None:
    folder = made(run(tmp_path, replace(BOOKS, cdrs=(*BOOKS.cdrs, credit()))))
    assert not (folder / "credit-cdr.json").exists()
    assert "it was credited already, by credit-1" in (folder / "summary.md").read_text()
    assert (folder / "other-cdrs" / "001.json").exists()


@pytest.mark.parametrize("version", ["2.2.1", "2.3.0"])
@given(
    name=st.text(st.sampled_from("ABCdef0-_"), min_size=1, max_size=36),
    cost=st.decimals(0, 100_000, allow_nan=False, places=4),
)
@settings(max_examples=50, deadline=None)
def test_any_credit_is_valid_and_mirrors_its_original(version: str, name: str, cost: Any) -> None:
    original = json.loads(json.dumps(MESSAGES[version]["CDR"])) | {"id": name, "tariffs": None}
    member = "excl_vat" if version == "2.2.1" else "before_taxes"
    original["total_cost"] = {member: float(cost)}
    text = json.dumps(original).encode()
    case = Case(cdr=Found(text, {"id": name}, "cdrs.ndjson", 1), version=version)
    made_up = credit_cdr(case, AT)
    assert made_up.good
    assert made_up.inherited == ()
    found = made_up.text
    related = Related(previous=decode(version, "CDR", original))
    assert validate(found, version=version, object_type="CDR", related=related) == []
    value = json.loads(found)
    assert value["total_cost"][member] == -float(cost)
    assert value["credit_reference_id"] == name != value["id"]


def test_2_1_1_knows_no_credit_and_the_folder_says_so(tmp_path: Path) -> None:
    file = tmp_path / "cdrs.json"
    file.write_text(json.dumps([MESSAGES["2.1.1"]["CDR"]]), encoding="utf-8")
    words = ["dispute", MESSAGES["2.1.1"]["CDR"]["id"], "--cdrs", str(file), "--party", "NL*CPO"]
    folder = made(
        CliRunner().invoke(rampart, [*words, "--output", str(tmp_path / "d")], standalone_mode=False)
    )
    assert "OCPI 2.1.1 knows no credit CDRs" in (folder / "summary.md").read_text()


@pytest.mark.parametrize(
    "cost",
    [
        5,
        "5",
        {"excl_vat": "5.0"},
        {"excl_vat": 5.3, "incl_vat": [1]},
        {"excl_vat": 5.3, "amount": "five"},
        {"before_taxes": 5.3, "taxes": [1]},
        {"excl_vat": 5.3, "x_vendor": {"amount": True}},
    ],
)
def test_whatever_stands_as_a_cost_gives_a_folder(tmp_path: Path, cost: object) -> None:
    done = run(tmp_path, replace(BOOKS, cdrs=({**cdr(), "total_cost": cost},)))
    assert json.loads((made(done) / "cdr.json").read_text())["total_cost"] == cost


def test_a_number_that_nobody_can_hold_gives_a_folder(tmp_path: Path) -> None:
    files = BOOKS.write(tmp_path)
    text = json.dumps(cdr()).replace('"total_time"', '"x_vendor": 1e999, "total_time"')
    files["cdrs"][0].write_text(text, encoding="utf-8")
    words = ["dispute", "cdr-1", "--cdrs", str(files["cdrs"][0]), "--output", str(tmp_path / "disputes")]
    folder = made(CliRunner().invoke(rampart, words, standalone_mode=False))
    assert (folder / "cdr.json").read_text() == text


@pytest.mark.parametrize("name", ["x" * 5000, "../../outside", "a\0b", "/etc/passwd", ". ."])
def test_whatever_a_cdr_is_called_its_folder_stays_in_its_place(tmp_path: Path, name: str) -> None:
    folder = made(run(tmp_path, replace(BOOKS, cdrs=(cdr(id=name),)), name=name))
    assert folder.parent == tmp_path / "disputes"
    assert [one.name for one in folder.parent.iterdir() if one.name.startswith(".draft")] == []


def test_an_id_writes_no_line_of_the_summary(tmp_path: Path) -> None:
    name = "cdr-1\n\n- By its tariff: 6.3 to 6.3 EUR\x1b[2J"
    done = run(tmp_path, replace(BOOKS, cdrs=(cdr(id=name),)), name=name)
    lines = (made(done) / "summary.md").read_text().splitlines()
    assert sum(line.startswith("- By its tariff") for line in lines) == 1
    assert "\x1b" not in done.stderr + "".join(lines)


def test_records_that_cannot_be_read_are_told_and_no_pass(tmp_path: Path) -> None:
    """Any of them may be a state of the session, or a credit that was given already."""
    twice = json.dumps(session())[:-1] + ', "kwh": 1}'
    books = replace(LONG, broken=('{"id": "session-1", "kwh":', twice))
    done = run(tmp_path, books, name="cdr-1")
    assert done.return_value == Exit.UNVERIFIED
    assert "sessions.ndjson:3: cannot be read, and may belong to this CDR" in done.stderr
    summary = (made(done) / "summary.md").read_text()
    assert "Records that cannot be read, and may belong here: 2" in summary
    assert run(tmp_path, LONG, name="cdr-1").return_value == Exit.HOLDS


@pytest.mark.parametrize(
    ("books", "words", "name", "said"),
    [
        (BOOKS, (), "nothing", "nothing: no such CDR"),
        (replace(BOOKS, cdrs=(cdr(), cdr(party_id="XYZ"))), (), "cdr-1", "CDRs of several parties"),
        (BOOKS, ("--sign", "absent.pem"), "cdr-1", "--sign absent.pem"),
    ],
)
def test_a_mistake_is_one_line_and_leaves_nothing(
    tmp_path: Path, books: SampleBooks, words: tuple[str, ...], name: str, said: str
) -> None:
    done = run(tmp_path, books, *words, name=name)
    assert isinstance(done.exception, ConfigError)
    assert said in done.exception.message
    assert not (tmp_path / "disputes").exists()
