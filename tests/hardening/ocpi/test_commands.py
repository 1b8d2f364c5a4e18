"""`rampart validate` and `rampart schema`: what they take, what they tell, and how they end."""

from __future__ import annotations

import gzip
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from hardening.cli import Exit
from tests.hardening.ocpi.messages import MESSAGES, with_change

CDR = json.dumps(MESSAGES["2.2.1"]["CDR"]).encode()
BAD = with_change("2.2.1", "CDR", "total_energy", -1)


def run(*arguments: str | Path, stdin: bytes = b"") -> subprocess.CompletedProcess[bytes]:
    command = [sys.executable, "-m", "hardening.cli", *map(str, arguments)]
    return subprocess.run(command, input=stdin, capture_output=True, timeout=120)


def told(*arguments: str | Path, stdin: bytes = b"") -> dict[str, Any]:
    """The problems, and the counts beside them."""
    found = json.loads(
        run("validate", "--version", "2.2.1", "--format", "json", *arguments, stdin=stdin).stdout
    )
    return {**found["summary"], "problems": found["problems"]}


@pytest.fixture
def cdr(tmp_path: Path) -> Path:
    file = tmp_path / "cdr.json"
    file.write_bytes(CDR)
    return file


def test_a_sound_message_ends_with_0_and_nothing_on_stdout(cdr: Path) -> None:
    result = run("validate", "--version", "2.2.1", cdr)
    assert (result.returncode, result.stdout) == (Exit.HOLDS, b"")
    assert b"1 messages of OCPI 2.2.1 (bugfix), 0 with 0 problems" in result.stderr


def test_a_broken_message_ends_with_1_and_a_line_for_each_problem(tmp_path: Path) -> None:
    file = tmp_path / "bad.json"
    file.write_bytes(BAD)
    result = run("validate", "--version", "2.2.1", "--object", "CDR", file)
    assert result.returncode == Exit.FAILS
    lines = result.stdout.decode().splitlines()
    assert f"{file}: /total_energy: energy-is-possible: expected 0 kWh or more, found -1" in lines


@pytest.mark.parametrize("kind", ["missing", "folder", "gzip", "empty"])
def test_what_cannot_be_read_ends_with_2_and_one_line(kind: str, tmp_path: Path) -> None:
    file = tmp_path / "in"
    if kind == "folder":
        file.mkdir()
    elif kind != "missing":
        file.write_bytes(gzip.compress(CDR)[:-9] if kind == "gzip" else b" \n")
    result = run("validate", "--version", "2.2.1", file)
    assert result.returncode == Exit.USAGE
    assert result.stdout == b""
    errors = [line for line in result.stderr.decode().splitlines() if "error:" in line]
    assert len(errors) == 1
    assert errors[0].startswith(f"rampart: error: {file}: ")
    assert b"Traceback" not in result.stderr


@pytest.mark.parametrize(
    "arguments",
    [
        ("--version", "9.9"),
        ("--version", "2.2.1", "--edition", "d9"),
        ("--version", "2.2.1", "--object", "Charger"),
        ("--version", "2.2.1", "--warn", "no-such-rule"),
    ],
)
def test_a_wrong_name_ends_with_2(arguments: tuple[str, ...], cdr: Path) -> None:
    result = run("validate", *arguments, cdr)
    assert result.returncode == Exit.USAGE
    assert b"rampart: error: " in result.stderr
    assert b"Traceback" not in result.stderr


def test_the_object_is_found_out_unless_it_is_named(tmp_path: Path) -> None:
    for object_type, message in MESSAGES["2.2.1"].items():
        if object_type in ("ChargingProfileResponse", "ClearProfileResult", "ChargingProfileResult"):
            continue  # told apart from a CommandResponse by its values only
        if not isinstance(message, dict):
            continue
        file = tmp_path / f"{object_type}.json"
        file.write_text(json.dumps(message))
    result = run("validate", "--version", "2.2.1", *sorted(tmp_path.glob("*.json")))
    assert result.returncode == Exit.HOLDS, result.stdout


def test_an_object_that_is_like_none_ends_with_2_and_a_hint(tmp_path: Path) -> None:
    file = tmp_path / "x.json"
    file.write_text('{"colour": "green"}')
    result = run("validate", "--version", "2.2.1", file)
    assert result.returncode == Exit.USAGE
    assert b"cannot tell which OCPI object" in result.stderr
    assert b"--object" in result.stderr


def test_lists_responses_and_patches_are_understood(tmp_path: Path) -> None:
    response = {"status_code": 1000, "timestamp": "2026-01-01T00:00:00Z"}
    bodies = {
        "list": b"[" + CDR + b"," + BAD + b"]",
        "response": json.dumps({**response, "data": json.loads(BAD)}).encode(),
        "response-list": json.dumps({**response, "data": [json.loads(CDR), json.loads(BAD)]}).encode(),
    }
    pointers = {
        "list": "/1/total_energy",
        "response": "/data/total_energy",
        "response-list": "/data/1/total_energy",
    }
    for shape, body in bodies.items():
        for arguments in ([], ["--shape", shape, "--object", "CDR"]):
            problems = told(*arguments, "-", stdin=body)["problems"]
            assert pointers[shape] in [one["pointer"] for one in problems]
    patch = b'{"kwh": 1, "last_updated": "2026-01-01T00:00:00Z"}'
    assert told("--object", "Session", "--shape", "patch", "-", stdin=patch)["problems"] == []


def test_lines_are_messages_and_are_numbered(tmp_path: Path) -> None:
    file = tmp_path / "many.ndjson"
    file.write_bytes(CDR + b"\n\n" + BAD + b"\r\n" + b"not json\n" + CDR)
    found = told(file)
    lines = {(one["line"], one["rule"]) for one in found["problems"]}
    assert {(3, "energy-is-possible"), (4, "not-json")} <= lines
    assert {line for line, _ in lines} == {3, 4}
    assert (found["messages"], found["refused"]) == (4, 2)


def test_lines_of_several_objects_are_told_apart(tmp_path: Path) -> None:
    file = tmp_path / "mixed.ndjson"
    file.write_bytes(CDR + b"\n" + json.dumps(MESSAGES["2.2.1"]["Token"]).encode() + b"\n")
    assert told(file)["refused"] == 0


@pytest.mark.parametrize("packed", [False, True])
def test_stdin_and_gzip_are_read_as_a_file_is(packed: bool, tmp_path: Path) -> None:
    lines = b"\n".join([CDR, BAD, CDR])
    stream = gzip.compress(lines) if packed else lines
    file = tmp_path / "lines"
    file.write_bytes(stream)
    by_stdin, by_file = told("-", stdin=stream), told(file)
    assert by_stdin["refused"] == by_file["refused"] == 1
    assert by_file["messages"] == 3


@pytest.mark.parametrize("packed", [False, True])
def test_a_large_file_is_shared_out_and_counted_once(packed: bool, tmp_path: Path) -> None:
    """Over 16 MiB the pieces go to several processes: every line is judged once, and keeps its number."""
    count, every = 20_000, 4_999
    lines = [BAD if number % every == 0 else CDR for number in range(1, count + 1)]
    body = b"\n".join(lines) + b"\n"
    assert len(body) > 20 * 1024 * 1024
    file = tmp_path / "large.ndjson"
    file.write_bytes(gzip.compress(body, 1) if packed else body)
    found = told("--object", "CDR", file)
    assert found["messages"] == count
    assert found["refused"] == count // every
    told_lines = {one["line"] for one in found["problems"]}
    assert told_lines == {number for number in range(1, count + 1) if number % every == 0}


def test_a_line_that_is_too_long_is_one_problem(tmp_path: Path) -> None:
    file = tmp_path / "long.ndjson"
    file.write_bytes(CDR + b"\n" + b'{"a": "' + b"x" * 20_000_000 + b'"}\n' + CDR + b"\n")
    found = told("--object", "CDR", file)
    assert [(one["line"], one["rule"]) for one in found["problems"]] == [(2, "too-large")]
    assert found["messages"] == 3


def test_sarif_names_rule_file_line_and_promise(tmp_path: Path) -> None:
    file = tmp_path / "many.ndjson"
    file.write_bytes(CDR + b"\n" + BAD + b"\n")
    result = run("validate", "--version", "2.2.1", "--format", "sarif", file)
    log = json.loads(result.stdout)
    assert log["version"] == "2.1.0"
    (outcome,) = log["runs"]
    result_of = {one["ruleId"]: one for one in outcome["results"]}
    place = result_of["energy-is-possible"]["locations"][0]
    assert place["physicalLocation"]["region"]["startLine"] == 2
    assert place["physicalLocation"]["artifactLocation"]["uri"] == str(file)
    rules = {one["id"]: one["fullDescription"]["text"] for one in outcome["tool"]["driver"]["rules"]}
    assert rules["energy-is-possible"].startswith("The energy of a CDR is not negative")


def test_a_rule_can_be_told_to_warn_only(tmp_path: Path) -> None:
    file = tmp_path / "x.json"
    file.write_bytes(with_change("2.2.1", "Location", "time_zone", "Europe/Rotterdam"))
    result = run("validate", "--version", "2.2.1", "--warn", "time-zone-is-iana", file)
    assert result.returncode == Exit.HOLDS
    assert b"warning: /time_zone: time-zone-is-iana" in result.stdout


def test_no_more_problems_are_told_than_asked_for(tmp_path: Path) -> None:
    file = tmp_path / "x.ndjson"
    file.write_bytes((BAD + b"\n") * 50)
    result = run("validate", "--version", "2.2.1", "--limit", "3", file)
    assert len(result.stdout.splitlines()) == 3
    assert b"more problems are counted, not reported" in result.stderr


def test_the_schema_of_an_object_is_printed() -> None:
    result = run("schema", "--version", "2.3.0", "--object", "Tariff", "--draft", "draft-4")
    assert result.returncode == Exit.HOLDS
    assert json.loads(result.stdout)["$schema"].startswith("http://json-schema.org/draft-04")
    assert "tax_included" in json.loads(result.stdout)["required"]
    assert run("schema", "--object", "Nothing").returncode == Exit.USAGE


def test_a_file_that_is_no_known_object_does_not_keep_the_others_from_being_judged(
    tmp_path: Path, cdr: Path
) -> None:
    strange, bad = tmp_path / "strange.json", tmp_path / "bad.json"
    strange.write_bytes(b'{"a":1}')
    bad.write_bytes(BAD)
    missing = tmp_path / "missing.json"
    result = run("validate", "--version", "2.2.1", strange, missing, cdr)
    assert result.returncode == Exit.USAGE
    assert b"strange.json: cannot tell which OCPI object" in result.stderr
    assert b"missing.json: cannot be read" in result.stderr
    assert b"1 messages" in result.stderr
    result = run("validate", "--version", "2.2.1", strange, bad)
    assert result.returncode == Exit.FAILS
    assert b"energy-is-possible" in result.stdout


def _write(file: Path, object_type: str, **changes: Any) -> Path:
    file.parent.mkdir(exist_ok=True)
    file.write_text(json.dumps({**MESSAGES["2.2.1"][object_type], **changes}))
    return file


def _named(tmp_path: Path, **cdr: Any) -> list[str | Path]:
    """A CDR and what it names: session, location, token and tariff, the last in a folder."""
    message = MESSAGES["2.2.1"]["CDR"]
    owner = {name: message[name] for name in ("country_code", "party_id")}
    place, card = message["cdr_location"], message["cdr_token"]
    evse = {**MESSAGES["2.2.1"]["EVSE"], "uid": place["evse_uid"]}
    location = _write(tmp_path / "l.json", "Location", **owner, id=place["id"], evses=[evse])
    token = _write(
        tmp_path / "t.json", "Token", **{name: card[name] for name in ("country_code", "party_id", "uid")}
    )
    file = _write(tmp_path / "cdr.json", "CDR", **cdr)
    return [file, "--location", location, "--token", token]


def test_rules_that_need_another_object_are_asked_where_it_is_named(tmp_path: Path) -> None:
    place = MESSAGES["2.2.1"]["CDR"]["cdr_location"]
    wrong = _named(tmp_path, cdr_location={**place, "connector_id": "9"})
    assert "evse-and-connector-are-known" in {one["rule"] for one in told(*wrong)["problems"]}
    assert told(wrong[0])["problems"] == []


def test_what_a_message_names_in_vain_is_not_verified(tmp_path: Path, cdr: Path) -> None:
    other = _write(tmp_path / "other.json", "Location", id="elsewhere")
    result = run("validate", "--version", "2.2.1", cdr, "--location", other)
    assert result.returncode == Exit.UNVERIFIED
    assert b"1 messages name a location that is not among those of --location" in result.stderr


@pytest.mark.parametrize("kind", ["another object", "no JSON", "missing", "an empty folder", "twice"])
def test_a_wrong_file_beside_the_messages_ends_with_2_and_one_line(
    kind: str, tmp_path: Path, cdr: Path
) -> None:
    file = tmp_path / "beside" / "x.json"
    file.parent.mkdir()
    if kind == "another object":
        file.write_bytes(CDR)
    elif kind == "no JSON":
        file.write_bytes(b"{")
    elif kind == "twice":
        file.write_text(json.dumps([MESSAGES["2.2.1"]["Token"]] * 2))
    named = file.parent if kind == "an empty folder" else file
    result = run("validate", "--version", "2.2.1", cdr, "--token", named)
    assert (result.returncode, result.stdout) == (Exit.USAGE, b"")
    assert result.stderr.count(b"rampart: error: ") == 1
    assert b"Traceback" not in result.stderr


def test_a_patch_is_known_as_one(tmp_path: Path) -> None:
    file = tmp_path / "patch.json"
    file.write_text(json.dumps({"kwh": 3.5, "last_updated": "2026-03-01T12:05:00Z"}))
    result = run("validate", "--version", "2.2.1", file)
    assert (result.returncode, result.stdout) == (Exit.HOLDS, b"")
    assert b"taken for a PATCH of Session" in result.stderr
    file.write_text(json.dumps({"status": "CHARGING", "last_updated": "2026-03-01T12:05:00Z"}))
    unclear = run("validate", "--version", "2.2.1", file)
    assert (unclear.returncode, b"a PATCH of EVSE or Session" in unclear.stderr) == (Exit.USAGE, True)
    assert run("validate", "--version", "2.2.1", "--object", "EVSE", file).returncode == Exit.HOLDS


@pytest.mark.parametrize("name", ["kwh", "cdr_token", "status", "id", "country_code", "last_updated"])
def test_an_object_that_lacks_something_is_no_patch(name: str, tmp_path: Path) -> None:
    file = tmp_path / "session.json"
    message = dict(MESSAGES["2.2.1"]["Session"])
    del message[name]
    file.write_text(json.dumps(message))
    found = told(file)
    assert [one["rule"] for one in found["problems"]] == ["required"]


def test_what_was_agreed_is_let_through_by_name(tmp_path: Path) -> None:
    file = tmp_path / "cdr.json"
    file.write_bytes(CDR.replace(b'Z"', b'+00:00"'))
    assert run("validate", "--version", "2.2.1", file).returncode == Exit.FAILS
    agreed = run("validate", "--version", "2.2.1", "--accept", "zero-offset", file)
    assert agreed.returncode == Exit.HOLDS
    count = CDR.count(b'Z"')
    assert f"{count} values let through by --accept zero-offset".encode() in agreed.stderr
    wrong = run("validate", "--version", "2.2.1", "--accept", "anything", file)
    assert (wrong.returncode, b"no such leniency" in wrong.stderr) == (Exit.USAGE, True)


def test_many_small_files_are_shared_out_and_told_in_their_order(tmp_path: Path) -> None:
    """Lines, lists, broken and missing ones among them; each is judged once, and told as if alone."""
    bodies = {1: BAD, 5: CDR + b"\n" + BAD + b"\n", 7: b"{", 8: b"[" + BAD + b"]", 9: b'{"a": 1}'}
    files = [tmp_path / f"{number:03}.json" for number in range(300)]
    for number, file in enumerate(files):
        body = bodies.get(number % 10, CDR + b" " * 40_000)
        file.write_bytes(gzip.compress(body) if number % 3 else body)
    files[20].unlink()
    many = run("validate", "--version", "2.2.1", *files)
    few = [run("validate", "--version", "2.2.1", *files[at : at + 100]) for at in (0, 100, 200)]
    assert (many.returncode, {one.returncode for one in few}) == (Exit.FAILS, {Exit.FAILS})
    assert many.stdout == b"".join(one.stdout for one in few)
    assert many.stdout.count(b"energy-is-possible") == 90
    errors = [line for line in many.stderr.splitlines() if b"error:" in line]
    assert errors == [line for one in few for line in one.stderr.splitlines() if b"error:" in line]
    assert len(errors) == 31
    assert b"299 messages" in many.stderr


def test_an_interrupt_ends_every_process_without_a_word(tmp_path: Path) -> None:
    """As on a terminal: the interrupt reaches the whole group."""
    names = []
    for number in range(300):
        file = tmp_path / f"{number}.ndjson"
        file.write_bytes((BAD + b"\n") * 30)
        names.append(str(file))
    command = [sys.executable, "-m", "hardening.cli", "validate", "--version", "2.2.1", "--limit", "1"]
    process = subprocess.Popen(
        [*command, *names], stdout=subprocess.PIPE, stderr=subprocess.PIPE, start_new_session=True
    )
    assert process.stdout is not None
    assert process.stdout.readline()  # so it has begun
    os.killpg(process.pid, signal.SIGINT)
    _, told_last = process.communicate(timeout=60)
    assert process.returncode == Exit.INTERRUPTED
    assert b"Traceback" not in told_last
    until = time.monotonic() + 30
    while _lives(process.pid):
        assert time.monotonic() < until
        time.sleep(0.05)


def _lives(group: int) -> bool:
    try:
        os.killpg(group, 0)
    except ProcessLookupError:
        return False
    return True
