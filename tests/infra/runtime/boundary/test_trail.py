"""The trail says who sent what and what was answered; each CDR that we took has one receipt."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from click.testing import CliRunner
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat
from hypothesis import given
from hypothesis import strategies as st

from hardening.cli import exit_code
from hardening.errors import CollectError, ConfigError, RampartError
from hardening.ledger.digest_list import (
    CdrDigest,
    DigestList,
    compared,
    list_of_cdrs,
    list_of_text,
    text_of,
)
from hardening.ledger.entry import Answer
from hardening.ledger.messages import Message, message_of
from hardening.ledger.steps import Contradiction
from hardening.ledger.trail import (
    RETENTION,
    Retention,
    TrailLine,
    driver_of,
    receipt_fault,
    retention_of,
)
from hardening.requests.sample_messages import CDR, SESSION, START_SESSION
from infra.runtime.boundary.deliveries import Deliveries, Reservation
from infra.runtime.boundary.ledger_commands import ledger
from infra.runtime.boundary.sqlite_ledger import SqliteLedger
from infra.runtime.boundary.sqlite_trail import SqliteTrail
from tests.beds.ledgers import PSEUDONYMS, RECEIPT_KEY, RECORDER

CDRS = "/ocpi/2.2.1/receiver/cdrs"
DAY = CDR["last_updated"][:10]
CONTRACT = CDR["cdr_token"]["contract_id"]
PUBLIC = RECEIPT_KEY.public_key()
EMPTY = DigestList("example-cpo", "in", DAY, frozenset())


class Run(NamedTuple):
    """How a command ended: exit code, stdout, and stderr or the error's message."""

    code: int
    out: str
    err: str


def cdr(number: int = 1, **changes: Any) -> dict[str, Any]:
    return {**CDR, "id": f"CDR-{number}", "session_id": f"SES-{number}", **changes}


def message(said: dict[str, Any], method: str = "POST", path: str = CDRS, again: str = "") -> Message:
    found = message_of("example-cpo", method, path, json.dumps(said).encode(), again)
    assert found is not None
    return found


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "ledger.sqlite"


@pytest.fixture
def deliveries(file: Path) -> Deliveries:
    return Deliveries(SqliteLedger(file), RECORDER)


def take(deliveries: Deliveries, one: Message, *, counted: bool = True, status: int = 201) -> None:
    reserved = deliveries.arrive(one)
    assert isinstance(reserved, Reservation)
    deliveries.settle(reserved, Answer(status), counted=counted)


def test_a_cdr_that_was_taken_has_one_receipt_however_often_it_comes(
    deliveries: Deliveries, file: Path
) -> None:
    take(deliveries, message(cdr()))
    for _ in range(3):
        deliveries.arrive(message(cdr()))
    (line,) = SqliteTrail(file).of_object("cdr#CDR-1")
    assert (line.partner, line.answered, line.status, line.before) == ("example-cpo", "accepted", 201, "")
    assert (line.day, line.direction, line.after) == (DAY, "in", message(cdr()).digest)
    assert receipt_fault(line, [PUBLIC]) == ""
    assert CONTRACT not in line.receipt
    assert CDR["cdr_token"]["uid"] not in line.receipt


def test_a_receipt_of_another_cdr_or_key_proves_nothing(deliveries: Deliveries, file: Path) -> None:
    for number in (1, 2):
        take(deliveries, message(cdr(number)))
    lines = [SqliteTrail(file).of_object(f"cdr#CDR-{number}")[0] for number in (1, 2)]
    assert (
        receipt_fault(lines[0], [Ed25519PrivateKey.generate().public_key()]) == "it is signed by no known key"
    )
    assert receipt_fault(replace(lines[0], receipt=lines[1].receipt), [PUBLIC]) == "it is of another CDR"
    assert receipt_fault(replace(lines[0], receipt="{}"), [PUBLIC]) == "it is no DSSE envelope"
    for changed in ({"after": "0" * 64}, {"partner": "other"}, {"key": lines[1].key}):
        assert receipt_fault(replace(lines[0], **changed), [PUBLIC]) == "it is of another CDR"


def test_what_was_refused_or_contradicts_is_told_and_has_no_receipt(
    deliveries: Deliveries, file: Path
) -> None:
    take(deliveries, message(cdr()), counted=False, status=200)
    take(deliveries, message(cdr()))
    assert isinstance(deliveries.arrive(message(cdr(total_energy=99))), Contradiction)
    lines = SqliteTrail(file).of_object("cdr#CDR-1")
    assert [one.answered for one in lines] == ["refused", "accepted", "contradicted"]
    assert [bool(one.receipt) for one in lines] == [False, True, False]
    assert [one.before for one in lines] == ["", message(cdr()).digest, message(cdr()).digest]
    assert lines[2].after == message(cdr(total_energy=99)).digest


def test_sessions_and_commands_have_lines_with_their_driver_as_a_pseudonym(
    deliveries: Deliveries, file: Path
) -> None:
    session = message(SESSION, "PUT", "/ocpi/2.2.1/receiver/sessions/DE/CPX/SES-1")
    command = message(START_SESSION, "POST", "/ocpi/2.2.1/receiver/commands/START_SESSION", "k" * 64)
    legacy = message({"id": "C-9", "auth_id": CONTRACT, "last_updated": f"{DAY}T10:00:00Z"}, "POST",
                     "/ocpi/2.1.1/receiver/cdrs")  # fmt: skip
    for one in (session, command, legacy):
        take(deliveries, one)
        (line,) = SqliteTrail(file).of_object(one.key.object)
        assert line.driver == driver_of(PSEUDONYMS, CONTRACT)
    assert CONTRACT.encode() not in file.read_bytes()
    assert CONTRACT not in repr(session)


def test_a_session_that_moved_on_before_its_answer_is_told_all_the_same(
    deliveries: Deliveries, file: Path
) -> None:
    path = "/ocpi/2.2.1/receiver/sessions/DE/CPX/SES-1"
    states = [{**SESSION, "last_updated": f"2026-01-15T11:00:0{number}Z"} for number in (1, 2)]
    reserved = [deliveries.arrive(message(one, "PUT", path)) for one in states]
    for one in reserved:
        assert isinstance(one, Reservation)
        deliveries.settle(one, Answer(200), counted=True)
    lines = SqliteTrail(file).of_object("session#SES-1")
    assert [one.after for one in lines] == [message(one, "PUT", path).digest for one in states]


def test_lines_end_with_the_retention_of_their_class(file: Path) -> None:
    kept = replace(RECORDER, retention={**RETENTION, "CDR": Retention(1, "legal-obligation")})
    long_ago = 1_700_000_000.0
    take(Deliveries(SqliteLedger(file), kept, lambda: long_ago), message(cdr()))
    assert SqliteTrail(file).of_object("cdr#CDR-1")[0].legal_basis == "legal-obligation"
    # A ledger forgets with what it writes next, when it is opened.
    take(Deliveries(SqliteLedger(file), RECORDER), message(cdr(2)))
    assert SqliteTrail(file).of_object("cdr#CDR-1") == []
    assert len(SqliteTrail(file).of_object("cdr#CDR-2")) == 1


def test_retention_is_told_for_a_class_with_its_basis() -> None:
    told = retention_of([{"class": "CDR", "days": 10, "legal_basis": "contract"}])
    assert told == {**RETENTION, "CDR": Retention(10, "contract")}
    assert retention_of([]) == RETENTION
    one = {"class": "CDR", "days": 10, "legal_basis": "contract"}
    changes = ({"days": 0}, {"days": True}, {"days": 99_999}, {"class": "x"}, {"legal_basis": "x"}, {"x": 1})
    several: list[object] = [[{**one, **change}] for change in changes]
    for wrong in ({}, "x", [7], [{"class": "CDR"}], [one, one], *several):
        with pytest.raises(ValueError, match=r"."):
            retention_of(wrong)


@given(
    ours=st.dictionaries(st.integers(0, 6), st.integers(0, 2)),
    theirs=st.dictionaries(st.integers(0, 6), st.integers(0, 2)),
)
def test_whatever_one_side_lacks_or_has_otherwise_is_named(
    ours: dict[int, int], theirs: dict[int, int]
) -> None:
    def listed(direction: str, of: dict[int, int]) -> DigestList:
        return DigestList(
            "p", direction, DAY, frozenset(CdrDigest("", str(a), str(b)) for a, b in of.items())
        )

    found = {(one.what, one.id) for one in compared(listed("in", ours), listed("out", theirs))}
    wanted = {("they lack", str(one)) for one in ours.keys() - theirs.keys()}
    wanted |= {("we lack", str(one)) for one in theirs.keys() - ours.keys()}
    wanted |= {("differs", str(one)) for one in ours.keys() & theirs.keys() if ours[one] != theirs[one]}
    assert found == wanted


def test_lists_that_say_nothing_of_each_other_are_not_compared() -> None:
    for other in (EMPTY, replace(EMPTY, direction="out", day="2026-01-16")):
        with pytest.raises(ConfigError):
            list(compared(EMPTY, other))


@given(st.recursive(st.none() | st.integers() | st.text(), lambda inner: st.lists(inner) | st.dictionaries(
    st.sampled_from(["form", "direction", "cdrs", "payload", "day", "partner"]), inner)))  # fmt: skip
def test_what_is_no_list_is_said_in_one_line(value: object) -> None:
    with pytest.raises((ConfigError, CollectError)):
        list_of_text(json.dumps(value), None)


def test_a_list_of_another_key_or_none_is_not_verified() -> None:
    signed = text_of(EMPTY, RECEIPT_KEY)
    assert list_of_text(signed, PUBLIC) == list_of_text(signed, None) == EMPTY
    other = Ed25519PrivateKey.generate().public_key()
    for text, key in ((signed, other), (text_of(EMPTY, None), PUBLIC)):
        with pytest.raises(CollectError):
            list_of_text(text, key)


def test_a_cdr_that_stands_twice_hides_nothing() -> None:
    told = json.loads(text_of(EMPTY, None))
    told["cdrs"] = [{"party": "", "id": "1", "digest": digest} for digest in ("a" * 64, "b" * 64)]
    with pytest.raises(ConfigError, match="twice"):
        list_of_text(json.dumps(told), None)
    with pytest.raises(ConfigError, match="twice"):
        list_of_cdrs("us", DAY, [cdr(1), cdr(1, total_energy=1)])


@pytest.mark.parametrize(
    "change",
    [{"cdrs": ""}, {"cdrs": {}}, {"day": None}, {"day": "yesterday!"}, {"partner": 7}, {"cdrs": None}]
    + [{"cdrs": [{"party": "", "id": "1", "digest": digest}]} for digest in (None, "", "0" * 63, "G" * 64)]
    + [{"cdrs": [{"party": "", "id": name, "digest": "a" * 64}]} for name in ("", None, 7, "\ud800")],
)
def test_what_is_written_otherwise_is_no_list(change: dict[str, object]) -> None:
    """Two lists without digests would agree on everything."""
    told = json.loads(text_of(EMPTY, None))
    with pytest.raises(ConfigError, match="expected a list of digests"):
        list_of_text(json.dumps(told | change), None)


def test_a_list_that_two_readers_take_differently_is_none() -> None:
    text = text_of(EMPTY, None).replace('"cdrs": []', '"cdrs": [7], "cdrs": []')
    with pytest.raises(ConfigError, match="expected a list of digests"):
        list_of_text(text, None)


@pytest.mark.parametrize(
    "change",
    [{"last_updated": moment} for moment in ("", "yesterday", "2026-01-16T01:00:00+02:00", 7, None)]
    + [{"id": name} for name in (7, None, "", ["x"])]
    + [{"x_vendor": 1e999}],
)
def test_no_cdr_that_was_sent_is_left_out_in_silence(change: dict[str, object]) -> None:
    with pytest.raises(ConfigError, match="CDR 1: "):
        list_of_cdrs("us", DAY, [cdr(1), cdr(2, **change)])


@pytest.mark.parametrize(
    "text", ["", " \n", '{"id": NaN}', '[{"id": "\\ud800"}]', '[{"id": "1", "id": "2"}]']
)
def test_cdrs_that_cannot_be_read_in_one_way_are_a_mistake(text: str, tmp_path: Path) -> None:
    (tmp_path / "sent").write_text(text)
    done = _run("digests", "us", DAY, "--cdrs", str(tmp_path / "sent"))
    assert (done.code, done.out) == (2, "")


def test_an_id_of_the_other_side_writes_no_line(tmp_path: Path) -> None:
    for direction, cdrs in (("in", [CdrDigest("", "1\nwe lack\tX\x1b[2J", "a" * 64)]), ("out", [])):
        listed = DigestList("p", direction, DAY, frozenset(cdrs))
        (tmp_path / direction).write_text(text_of(listed, None))
    done = _run("compare", str(tmp_path / "in"), str(tmp_path / "out"))
    assert done.out.splitlines() == ["they lack\t-\t1\\nwe lack\\tX\\x1b[2J"]


@pytest.mark.parametrize("form", ["list", "answer", "lines", "one"])
def test_one_cdr_that_was_lost_at_the_peer_is_named(
    form: str, deliveries: Deliveries, file: Path, tmp_path: Path
) -> None:
    sent = [cdr(number) for number in range(5)] if form != "one" else [cdr(3)]
    for one in sent:
        if one["id"] != "CDR-3":
            take(deliveries, message(one))
    texts: dict[str, Callable[[], str]] = {
        "list": lambda: json.dumps(sent),
        "answer": lambda: json.dumps({"status_code": 1000, "data": sent}),
        "lines": lambda: "\n".join(map(json.dumps, sent)),
        "one": lambda: json.dumps(sent[0], indent=2),
    }
    (tmp_path / "sent.json").write_text(texts[form]())
    _keys(tmp_path)
    theirs = _run(
        "digests", "us", DAY, "--cdrs", str(tmp_path / "sent.json"), "--sign", str(tmp_path / "key")
    )
    ours = _run("digests", "example-cpo", DAY, "--ledger", str(file))
    (tmp_path / "theirs").write_text(theirs.out)
    (tmp_path / "ours").write_text(ours.out)
    names = [str(tmp_path / name) for name in ("ours", "theirs")]
    found = _run("compare", *names, "--key", str(tmp_path / "public"))
    assert (found.code, found.out) == (1, "we lack\tDE*CPX\tCDR-3\n")
    assert json.loads(_run("compare", *names, "--format", "json").out)[0]["id"] == "CDR-3"
    take(deliveries, message(cdr(3)))
    (tmp_path / "ours").write_text(_run("digests", "example-cpo", DAY, "--ledger", str(file)).out)
    assert _run("compare", *names).code == 0


def _keys(folder: Path) -> None:
    pem = RECEIPT_KEY.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    (folder / "key").write_bytes(pem)
    (folder / "public").write_bytes(PUBLIC.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo))


def _run(*arguments: str, said: str = "") -> Run:
    """The command, with what its errors become (`hardening.cli.main`)."""
    done = CliRunner().invoke(ledger, arguments, input=said, standalone_mode=False)
    if done.exception is None:
        return Run(int(done.return_value or 0), done.stdout, done.stderr)
    assert isinstance(done.exception, RampartError), done.exception
    return Run(int(exit_code(done.exception)), done.stdout, done.exception.message)


def test_the_first_page_of_a_dispute(deliveries: Deliveries, file: Path, tmp_path: Path) -> None:
    take(deliveries, message(cdr()))
    deliveries.arrive(message(cdr(total_energy=99)))
    _keys(tmp_path)
    asked = ("show", "cdr-1", "--ledger", str(file))
    shown = _run(*asked, "--key", str(tmp_path / "public"))
    rows = [line.split("\t") for line in shown.out.splitlines()]
    assert shown.code == 0
    assert [(row[2], row[-1]) for row in rows] == [("accepted", "signed"), ("contradicted", "-")]
    told = json.loads(_run(*asked, "--format", "json").out)
    assert told[0]["key"] == {"party": "DE*CPX", "object": "cdr#CDR-1"}
    assert "nobody looked at" in told[0]["receipt_is"]
    with SqliteTrail(file)._opened("rw") as connection:
        connection.execute("UPDATE trail SET after = ?", ("0" * 64,))
        connection.commit()
    touched = _run(*asked, "--key", str(tmp_path / "public"))
    assert touched.code == 1
    assert "broken: it is of another CDR" in touched.out
    assert _run(*asked, "--party", "DE*XXX").code == 2


def test_a_driver_is_erased_and_receipts_still_verify(
    deliveries: Deliveries, file: Path, tmp_path: Path
) -> None:
    other = {**CDR["cdr_token"], "contract_id": "NL-EMX-C999999-9"}
    take(deliveries, message(cdr(1)))
    take(deliveries, message(cdr(2, cdr_token=other)))
    (tmp_path / "pseudonym.key").write_bytes(bytes(32))
    (tmp_path / "pseudonym.key").chmod(0o600)
    asked = (
        "erase",
        "--ledger",
        str(file),
        "--contracts",
        "-",
        "--pseudonym-key",
        str(tmp_path / "pseudonym.key"),
    )
    assert "1 line name" in _run(*asked, "--dry-run", said=CONTRACT).err
    assert "1 line named" in _run(*asked, said=f"{CONTRACT.lower()}\n\n{CONTRACT}\n").err
    lines: list[TrailLine] = [SqliteTrail(file).of_object(f"cdr#CDR-{number}")[0] for number in (1, 2)]
    assert [bool(one.driver) for one in lines] == [False, True]
    assert all(receipt_fault(one, [PUBLIC]) == "" for one in lines)
    assert driver_of(PSEUDONYMS, CONTRACT).encode() not in file.read_bytes()
    assert _run(*asked, said="\n").code == 2
    missing = (*asked[:-1], str(tmp_path / "nokey"))
    assert _run(*missing, said=CONTRACT).code == 2
    assert not (tmp_path / "nokey").exists()


@pytest.mark.parametrize(
    "arguments",
    [
        ("digests", "p", "2026-02-30"),
        ("digests", "p", "yesterday"),
        ("digests", "p", DAY, "--ledger", "nowhere"),
        ("digests", "p", DAY, "--cdrs", "nowhere"),
        ("digests", "p", DAY, "--cdrs", "text"),
        ("digests", "p", DAY, "--cdrs", "binary"),
        ("digests", "p", DAY, "--cdrs", "objects"),
        ("digests", "p", DAY, "--cdrs", "objects", "--sign", "text"),
        ("compare", "text", "text"),
        ("compare", "nowhere", "text"),
        ("show", "1", "--ledger", "text"),
        ("show", "1", "--ledger", "empty"),
    ],
)
def test_a_users_mistake_is_one_line(
    arguments: tuple[str, ...], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("text").write_text("no such thing")
    Path("binary").write_bytes(b"\xff\xfe")
    Path("objects").write_text('[{"id": 7}]')
    Path("empty").write_bytes(b"")
    done = _run(*arguments)
    assert done.code == 2
    assert "\n" not in done.err
    assert done.out == ""


def test_cdrs_of_another_day_are_not_listed() -> None:
    other = cdr(2, last_updated="2026-01-14T23:59:59Z")
    listed = list_of_cdrs("us", DAY, [cdr(1), other])
    assert [one.id for one in listed.cdrs] == ["CDR-1"]
    assert exit_code(ConfigError("")) == 2
