"""`rampart reconcile` as a user runs it: files of every kind, sums, exit codes, and bad input."""

from __future__ import annotations

import csv
import gzip
import io
import json
import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import duckdb
import pytest
from click.testing import CliRunner, Result

from hardening.cli import Exit, rampart
from hardening.errors import ConfigError
from hardening.ocpi.rules.samples import OBJECTS
from scanners.reconcile.columns import COLUMNS
from scanners.reconcile.samples import (
    AGREE,
    DAY,
    LATER,
    LATER_SESSION,
    LONG,
    SampleBooks,
    cdr,
    session,
    tariff,
    token,
    with_cdrs,
)

FAULTY = replace(
    LONG, cdrs=(cdr(total_energy=15, total_cost__excl_vat=6.5), LATER, cdr(id="cdr-7", session_id="x"))
)


def write(folder: Path, books: SampleBooks) -> tuple[str, str]:
    files = books.write(folder)
    return str(files["sessions"][0]), str(files["cdrs"][0])


def run(*words: object) -> Result:
    return CliRunner().invoke(rampart, ["reconcile", *map(str, words)], standalone_mode=False)


def document(*words: object) -> Any:
    done = run(*words, "--format", "json")
    assert done.exception is None, done.exception
    return json.loads(done.stdout)


def failing(found: Any) -> set[str]:
    return {one["check"] for one in found["findings"] if one["status"] in ("fail", "error")}


def refused(*words: object) -> ConfigError:
    done = run(*words)
    assert isinstance(done.exception, ConfigError), done.exception
    assert "\n" not in done.exception.message
    return done.exception


def test_books_that_agree_hold(tmp_path: Path) -> None:
    done = run(*write(tmp_path, AGREE))
    assert done.return_value == Exit.HOLDS
    assert (
        "sessions: 1 read = 1 judged + 0 outside of the period + 0 earlier states + 0 rejected" in done.stdout
    )
    assert "0 failed, 0 not verified" in done.stdout


def test_faults_are_found_and_their_sums_told(tmp_path: Path) -> None:
    done = run(*write(tmp_path, FAULTY))
    assert done.return_value == Exit.FAILS
    assert (
        "cdr-matches-its-session/energy  NL*CPO CDR cdr-1: expected 12.000000, found 15.000000" in done.stdout
    )
    sums = document(*write(tmp_path, FAULTY))["sums"]
    rules = {one["of"]: (one["places"], one["kwh"], one["amount"]) for one in sums["rules"]}
    assert rules["energy"] == (1, "3.00", "0.00")
    assert rules["cost"] == (1, "0.00", "1.20")
    assert rules["cdr_without_session"] == (1, "12.00", "5.30")
    # A CDR that breaks several rules counts once, with the most of it: 15 kWh and 6.50, and the other CDR's.
    (party,) = sums["parties"]
    assert (party["of"], party["places"], party["kwh"], party["amount"]) == ("NL*CPO", 2, "27.00", "11.80")
    assert sum(float(one["amount"]) for one in sums["days"]) == pytest.approx(11.8)
    assert sums["totals"] == [
        {"of": "CDRs", "currency": "EUR", "places": 3, "kwh": "39.00", "amount": "17.10"}
    ]


def test_the_html_report_loads_nothing_and_quotes_what_partners_wrote(tmp_path: Path) -> None:
    books = replace(FAULTY, cdrs=(*FAULTY.cdrs, cdr(id="<script>alert(1)</script>", session_id="y")))
    done = run(*write(tmp_path, books), "--format", "html", "--format", "csv", "--output", tmp_path / "out")
    assert done.return_value == Exit.FAILS
    text = (tmp_path / "out" / "findings.html").read_text(encoding="utf-8")
    assert "<script" not in text
    assert "&lt;script&gt;" in text
    assert "://" not in text.replace("http://www.w3.org", "")
    assert "<svg" in text
    assert "NL*CPO" in text
    rows = list(csv.DictReader(io.StringIO((tmp_path / "out" / "findings.csv").read_text(encoding="utf-8"))))
    assert {row["check"] for row in rows if row["status"] == "fail"} >= {
        "energy",
        "cost",
        "cdr-without-session",
    }


def rows_of(kind: str, folder: Path) -> list[dict[str, str]]:
    """The books' rows as text, by way of the command's own reading."""
    from scanners.reconcile.intake import take_in

    with duckdb.connect() as connection:
        made = take_in(kind, [folder / f"{kind}.ndjson"], folder, connection)
        found = connection.execute("SELECT * FROM read_parquet(?)", [str(made.files[0])])
        names = [column[0] for column in found.description or ()]
        return [
            {name: "" if cell is None else str(cell) for name, cell in zip(names, row, strict=True)}
            for row in found.fetchall()
        ]


def as_csv(folder: Path, kind: str) -> Path:
    file = folder / f"{kind}.csv"
    names = [name for name in COLUMNS[kind] if name != "body"]
    with file.open("w", newline="", encoding="utf-8") as content:
        rows = csv.DictWriter(content, names, extrasaction="ignore")
        rows.writeheader()
        for row in rows_of(kind, folder):
            rows.writerow(
                {
                    **row,
                    **{
                        name: row[name].replace(" ", "T")
                        for name in names
                        if "date_time" in name or name == "last_updated"
                    },
                }
            )
    return file


def as_parquet(folder: Path, kind: str) -> Path:
    """The layout of the lake: a folder for each party and day, which columns need not repeat."""
    with duckdb.connect() as connection:
        connection.execute(
            "COPY (SELECT * EXCLUDE (party, rampart_source, rampart_line), "
            "replace(party, '*', '-') AS party, "
            f"CAST(last_updated AS DATE) AS day FROM read_parquet('{folder}/{kind}-00000.parquet')) "
            f"TO '{folder}/{kind}-lake' (FORMAT parquet, PARTITION_BY (party, day))"
        )
    return folder / f"{kind}-lake"


def packed(folder: Path, kind: str) -> Path:
    file = folder / f"{kind}.ndjson.gz"
    file.write_bytes(gzip.compress((folder / f"{kind}.ndjson").read_bytes()))
    return file


def enveloped(folder: Path, kind: str) -> Path:
    lines = (folder / f"{kind}.ndjson").read_text(encoding="utf-8").splitlines()
    file = folder / f"{kind}.json"
    answer = {
        "status_code": 1000,
        "timestamp": "2026-03-10T00:00:00Z",
        "data": [json.loads(one) for one in lines],
    }
    file.write_text(json.dumps(answer), encoding="utf-8")
    return file


@pytest.mark.parametrize("form", [as_csv, as_parquet, packed, enveloped])
def test_every_kind_of_file_gives_the_same_findings(tmp_path: Path, form: Any) -> None:
    sessions, cdrs = write(tmp_path, FAULTY)
    plain = document(sessions, cdrs, "--skip", "recomputed-cost")
    for kind in ("sessions", "cdrs"):
        rows_of(kind, tmp_path)
    told = document(form(tmp_path, "sessions"), form(tmp_path, "cdrs"), "--skip", "recomputed-cost")
    assert told["findings"] == plain["findings"]
    rules = [[one for one in of["sums"]["rules"] if one["of"] != "recomputed_cost"] for of in (plain, told)]
    assert rules[0] == rules[1]


def test_the_objects_of_2_1_1_and_2_3_0_are_read(tmp_path: Path) -> None:
    from tests.hardening.ocpi.messages import MESSAGES

    for version, party in (("2.1.1", ("--party", "NL*CPO")), ("2.3.0", ())):
        folder = tmp_path / version
        folder.mkdir()
        for kind, name in (("sessions", "Session"), ("cdrs", "CDR")):
            (folder / f"{kind}.json").write_text(json.dumps([MESSAGES[version][name]]), encoding="utf-8")
        found = document(folder / "sessions.json", folder / "cdrs.json", *party)
        assert found["sums"]["records"]["cdrs"]["judged"] == 1
        assert found["sums"]["records"]["sessions"]["judged"] == 1


def test_a_period_leaves_out_and_counts_what_is_outside(tmp_path: Path) -> None:
    books = replace(LONG, cdrs=(cdr(total_energy=15), LATER))
    found = document(*write(tmp_path, books), "--from", "2026-03-05", "--to", "2026-03-10")
    assert found["sums"]["records"]["cdrs"] == {
        "read": 2,
        "judged": 1,
        "outside": 1,
        "superseded": 0,
        "rejected": 0,
    }
    assert "energy" not in failing(found)
    assert found["sums"]["period"] == {"from": "2026-03-05", "to": "2026-03-10"}


def test_a_partner_has_its_own_tolerance(tmp_path: Path) -> None:
    files = write(tmp_path, with_cdrs(cdr(total_energy=12.4)))
    assert "energy" in failing(document(*files))
    assert "energy" in failing(document(*files, "--tolerance", "NL*XYZ:energy=1"))
    assert "energy" not in failing(document(*files, "--tolerance", "NL*CPO:energy=1"))
    assert "energy" not in failing(document(*files, "--tolerance", "energy=1"))


def test_money_is_exact_where_floats_are_not(tmp_path: Path) -> None:
    """0.1 and 0.2 are 0.3, a million times."""
    many = [cdr(id=f"c{n}", total_cost={"excl_vat": 0.1}, total_energy=0.2) for n in range(3)]
    stated = {**DAY, "cdrs": 3, "kwh": 0.6, "cost": 0.3}
    files = write(tmp_path, replace(AGREE, cdrs=tuple(many), statement=(stated,)))
    found = document(
        *files,
        "--counterpart",
        tmp_path / "statement.ndjson",
        "--tolerance",
        "cost=0",
        "--tolerance",
        "energy=0",
    )
    assert "statement" not in failing(found)
    assert found["sums"]["totals"][0]["amount"] == "0.30"


def test_broken_lines_are_named_and_never_a_pass(tmp_path: Path) -> None:
    sessions, cdrs = write(tmp_path, AGREE)
    with Path(cdrs).open("ab") as file:
        file.write(
            b'{"id": "broken"\n\xff\xfe\n[1]\n'
            + json.dumps({**OBJECTS["CDR"], "total_energy": "NaN"}).encode()
        )
    done = run(sessions, cdrs)
    assert done.return_value == Exit.UNVERIFIED
    assert [line for line in done.stderr.splitlines() if "cdrs.ndjson:" in line] == [
        f"rampart: warning: {cdrs}:{line}: {problem}"
        for line, problem in (
            (2, "input data was truncated"),
            (3, "JSON is malformed: invalid character (byte 0)"),
            (4, "expected `object`, got `array`"),
            (5, "total_energy: expected a number below 10^11"),
        )
    ]
    assert "cdrs: 5 read = 1 judged + 0 outside of the period + 0 earlier states + 4 rejected" in done.stdout


def test_empty_books_are_no_pass(tmp_path: Path) -> None:
    assert run(*write(tmp_path, SampleBooks())).return_value == Exit.UNVERIFIED
    only = session(last_updated="2026-03-01T12:01:00Z")
    assert run(*write(tmp_path, SampleBooks(sessions=(only,)))).return_value == Exit.UNVERIFIED
    agree = write(tmp_path, LONG)
    assert run(*agree, "--from", "2027-01-01").return_value == Exit.UNVERIFIED


@pytest.mark.parametrize("kind", ["tokens", "tariffs", "locations", "counterpart"])
def test_a_file_that_was_given_and_holds_nothing_is_no_pass(tmp_path: Path, kind: str) -> None:
    nothing = tmp_path / "nothing.json"
    nothing.write_text("[]", encoding="utf-8")
    done = run(*write(tmp_path, LONG), f"--{kind}", str(nothing))
    assert done.return_value == Exit.UNVERIFIED
    assert "found nothing" in done.stderr


@pytest.mark.parametrize("moment", ["9999-12-31T23:59:59-14:00", "0001-01-01T00:00:00+14:00"])
def test_a_moment_that_utc_does_not_have_rejects_its_record_alone(tmp_path: Path, moment: str) -> None:
    sessions, cdrs = write(tmp_path, replace(LONG, cdrs=(*LONG.cdrs, cdr(id="x", end_date_time=moment))))
    done = run(sessions, cdrs)
    assert done.return_value == Exit.UNVERIFIED
    assert f"{cdrs}:3: expected times of the years 1 to 9999" in done.stderr


def test_a_party_writes_no_line_of_the_report(tmp_path: Path) -> None:
    odd = cdr(id="x", session_id="x", party_id="X\n99 passed, 0 failed\x1b[2J", currency="EU\nR")
    done = run(*write(tmp_path, replace(AGREE, cdrs=(*AGREE.cdrs, odd))))
    assert done.return_value == Exit.FAILS
    assert not [line for line in done.stdout.splitlines() if line.startswith(("99 ", "R"))]
    assert "\x1b" not in done.stdout + done.stderr


def test_a_file_of_tokens_that_is_none_makes_no_token_unknown(tmp_path: Path) -> None:
    sessions, cdrs = write(tmp_path, AGREE)
    found = document(sessions, cdrs, "--tokens", sessions)
    assert failing(found) == {"every-record-is-read"}


def test_a_document_that_is_nested_too_deep_is_one_line(tmp_path: Path) -> None:
    sessions, _ = write(tmp_path, AGREE)
    deep = tmp_path / "deep.json"
    deep.write_text('[{"a":' + "[" * 100_000 + "]" * 100_000 + "}]", encoding="utf-8")
    done = run(sessions, str(deep))
    assert isinstance(done.exception, ConfigError)
    assert done.exception.message == f"{deep}: not JSON that can be read: nested too deep"


def test_odd_names_and_numbers_give_one_printable_line_each(tmp_path: Path) -> None:
    """Whatever a partner writes where a name or a number stands."""
    names = ("a\0b", "x\ny", "é'\"\\", "=1+1", "*" * 100_000)
    odd = [cdr(id=name, session_id=name) for name in names]
    odd += [cdr(id=f"n{n}", total_energy=value) for n, value in enumerate((9.9e10, -9.9e10, 1e-9))]
    odd += [cdr(id="old", start_date_time="0001-01-01T00:00:00Z"), cdr(id="long", total_time=9e10)]
    sessions, cdrs = write(tmp_path, replace(AGREE, cdrs=tuple(odd)))
    with Path(cdrs).open("a", encoding="utf-8") as file:
        file.write("[" * 5000 + "\n" + json.dumps(cdr()).replace('"cdr-1"', '"\\ud800"') + "\n")
    done = run(sessions, cdrs)
    assert done.return_value == Exit.FAILS
    assert (
        "cdrs: 12 read = 10 judged + 0 outside of the period + 0 earlier states + 2 rejected" in done.stdout
    )
    assert "NL*CPO CDR x\\ny: " in done.stdout
    assert "\0" not in done.stdout


def test_a_file_that_is_there_twice_fails_and_is_counted_once(tmp_path: Path) -> None:
    sessions, cdrs = write(tmp_path, AGREE)
    (tmp_path / "cdrs").mkdir()
    for name in ("a.ndjson", "b.ndjson"):
        shutil.copy(cdrs, tmp_path / "cdrs" / name)
    done = run(sessions, tmp_path / "cdrs")
    assert done.return_value == Exit.FAILS
    assert "b.ndjson: the same file as" in done.stderr
    assert "cdrs: 2 read = 1 judged" in done.stdout


def test_mixed_versions_and_two_currencies_are_told_in_one_line_each(tmp_path: Path) -> None:
    from tests.hardening.ocpi.messages import MESSAGES

    sessions, cdrs = write(tmp_path, with_cdrs(cdr(), cdr(id="cdr-2", currency="GBP")))
    with Path(cdrs).open("a", encoding="utf-8") as file:
        file.write(json.dumps(MESSAGES["2.1.1"]["CDR"]) + "\n")
    done = run(sessions, cdrs, "--party", "NL*CPO")
    lines = done.stderr.splitlines()
    assert [line for line in lines if "mixed versions" in line] == [
        "rampart: warning: cdrs: mixed versions: 1 of 2.1.1, 2 of 2.2.1 or later"
    ]
    assert len([line for line in lines if "several currencies" in line]) == 1


def test_what_a_driver_is_known_by_is_nowhere_in_a_report(tmp_path: Path) -> None:
    books = replace(
        with_cdrs(cdr(cdr_token__uid="04SECRET", cdr_token__contract_id="NL-EMS-CSECRET-1")),
        tokens=(
            token(),
            token(uid="04SECRET", contract_id="NL-EMS-C9", valid=False, last_updated="2026-01-01T00:00:00Z"),
        ),
    )
    files = write(tmp_path, books)
    done = run(
        *files,
        "--tokens",
        tmp_path / "tokens.ndjson",
        "--format",
        "json",
        "--format",
        "html",
        "--output",
        tmp_path / "o",
    )
    texts = [done.stderr, *(file.read_text(encoding="utf-8") for file in (tmp_path / "o").iterdir())]
    assert {"token", "token-invalid", "token-contract"} <= failing(
        json.loads((tmp_path / "o" / "findings.json").read_text())
    )
    assert not [text for text in texts if "SECRET" in text.upper().replace("SECRETS", "")]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("nowhere", "{cdrs}"), "SESSIONS nowhere: no such file or folder"),
        (("{empty}", "{cdrs}"), "an empty folder"),
        (("{odd}", "{cdrs}"), "of no kind that is read"),
        (("{text}", "{cdrs}"), "not JSON"),
        (("{cut}", "{cdrs}"), "cannot be read"),
        (("{false}", "{cdrs}"), "cannot be read"),
        (("{lacking}", "{cdrs}"), "no column id, start_date_time"),
        (("{sessions}", "{cdrs}", "--tolerance", "kwh=1"), "expected one of energy, share"),
        (("{sessions}", "{cdrs}", "--tolerance", "cost=-1"), "expected a number of"),
        (("{sessions}", "{cdrs}", "--tolerance", "cost=nan"), "expected a number of"),
        (("{sessions}", "{cdrs}", "--tolerance", "NLCPO:cost=1"), "expected a party such as NL*CPO"),
        (("{sessions}", "{cdrs}", "--from", "2026-03-02", "--to", "2026-03-02"), "expected a day after"),
        (("{sessions}", "{cdrs}", "--memory", "much"), "expected a size such as"),
        (("{sessions}", "{cdrs}", "--party", "me"), "expected a country and a party id"),
    ],
)
def test_a_mistake_is_one_line_and_no_traceback(tmp_path: Path, words: tuple[str, ...], said: str) -> None:
    sessions, cdrs = write(tmp_path, AGREE)
    (tmp_path / "empty").mkdir()
    (tmp_path / "odd").mkdir()
    (tmp_path / "odd" / "books.xlsx").write_bytes(b"PK")
    (tmp_path / "text.json").write_text("[1, 2", encoding="utf-8")
    (tmp_path / "cut.ndjson.gz").write_bytes(gzip.compress(b"{}\n" * 10_000)[:-20])
    (tmp_path / "false.parquet").write_bytes(b"PAR1 but no more")
    with duckdb.connect() as connection:
        connection.execute(f"COPY (SELECT 1 AS kwh) TO '{tmp_path}/lacking.parquet'")
    names = {"empty": "empty", "odd": "odd", "text": "text.json", "cut": "cut.ndjson.gz"}
    names |= {"false": "false.parquet", "lacking": "lacking.parquet"}
    places = {name: str(tmp_path / file) for name, file in names.items()}
    error = refused(*(word.format(sessions=sessions, cdrs=cdrs, **places) for word in words))
    assert said in error.message


def test_rows_of_parquet_that_lack_something_are_rejected(tmp_path: Path) -> None:
    sessions, _ = write(tmp_path, AGREE)
    rows_of("cdrs", tmp_path)
    rows = f"'{tmp_path}/cdrs-00000.parquet'"
    with duckdb.connect() as connection:
        connection.execute(
            f"COPY (SELECT * REPLACE (CAST(NULL AS VARCHAR) AS id) FROM {rows} "
            f"UNION ALL BY NAME SELECT * FROM {rows}) TO '{tmp_path}/mine[1].parquet'"
        )
    done = run(sessions, tmp_path / "mine[1].parquet")
    assert done.return_value == Exit.UNVERIFIED
    assert "cdrs: 2 read = 1 judged + 0 outside of the period + 0 earlier states + 1 rejected" in done.stdout


def test_parquet_of_other_types_and_letters_is_read_or_rejected_with_its_place(tmp_path: Path) -> None:
    sessions, _ = write(tmp_path, AGREE)
    rows_of("cdrs", tmp_path)
    part = f"'{tmp_path}/cdrs-00000.parquet'"
    rows = f"(SELECT * EXCLUDE (rampart_source, rampart_line) FROM {part})"
    with duckdb.connect() as connection:
        connection.execute(
            "COPY (SELECT * RENAME (id AS ID), 'x' AS line, 7 AS source FROM "
            f"(SELECT * REPLACE (CAST(total_cost AS DOUBLE) AS total_cost) FROM {rows})) "
            f"TO '{tmp_path}/double.parquet'"
        )
        connection.execute(
            f"COPY (SELECT * REPLACE ({{'excl_vat': total_cost}} AS total_cost) FROM {rows}) "
            f"TO '{tmp_path}/nested.parquet'"
        )
        connection.execute(
            f"COPY (SELECT * REPLACE ('many' AS total_time) FROM {rows}) TO '{tmp_path}/text.parquet'"
        )
    assert run(sessions, tmp_path / "double.parquet").return_value == Exit.HOLDS
    for name in ("nested", "text"):
        done = run(sessions, tmp_path / f"{name}.parquet")
        assert done.return_value == Exit.UNVERIFIED
        assert (
            f"{name}.parquet:1: a column that has to be there is empty, or one is of another type"
            in done.stderr
        )


def test_without_duckdb_one_line_says_how_to_install_it(tmp_path: Path) -> None:
    files = write(tmp_path, AGREE)
    code = "import sys; sys.modules['duckdb'] = None; from hardening.cli import main; main()"
    done = subprocess.run(
        [sys.executable, "-c", code, "reconcile", *files], capture_output=True, text=True, timeout=60
    )
    assert done.returncode == Exit.USAGE
    assert done.stderr.splitlines() == [
        "rampart: error: DuckDB is not installed",
        "rampart: hint: install it: pip install 'ocpi-rampart[reconcile]'",
    ]


def test_a_known_tariff_and_a_location_decide_what_the_cdr_alone_does_not(tmp_path: Path) -> None:
    wrong = cdr(tariffs=None, total_cost__excl_vat=6.5)
    books = replace(AGREE, cdrs=(wrong,), tariffs=(tariff(),), sessions=(session(total_cost__excl_vat=6.5),))
    files = write(tmp_path, books)
    assert "recomputed-cost" not in failing(document(*files))
    assert "recomputed-cost" not in failing(document(*files, "--tariffs", tmp_path / "tariffs.ndjson"))
    every = document(*files, "--tariffs", tmp_path / "tariffs.ndjson", "--recompute", "all")
    assert "recomputed-cost" in failing(every)


def test_later_states_of_a_session_count_and_earlier_ones_are_told(tmp_path: Path) -> None:
    early = session(status="ACTIVE", kwh=1, end_date_time=None, last_updated="2026-03-01T10:30:00Z")
    found = document(*write(tmp_path, replace(LONG, sessions=(session(), early, LATER_SESSION))))
    assert failing(found) == set()
    assert found["sums"]["records"]["sessions"]["superseded"] == 1


def test_an_object_in_which_a_name_stands_twice_is_rejected(tmp_path: Path) -> None:
    """Two readers take two values of it: the second could be any."""
    sessions, cdrs = write(tmp_path, LONG)
    text = json.dumps(cdr(id="x"))
    twice = (text[:-1] + ', "total_energy": 1}', text.replace('"uid"', '"\\u0075id": "04FF", "uid"'))
    hidden = text[:-1] + ', "total_energy": 1, "\\u003a": 1}'
    with Path(cdrs).open("a", encoding="utf-8") as file:
        file.write("".join(f"{one}\n" for one in (*twice, hidden)))
    done = run(sessions, cdrs)
    assert done.return_value == Exit.UNVERIFIED
    told = [line for line in done.stderr.splitlines() if "expected every name once in an object" in line]
    assert [line.split(":")[3] for line in told] == ["3", "4", "5"]
    assert "cdrs: 5 read = 2 judged" in done.stdout


def test_a_column_or_a_member_of_an_envelope_that_stands_twice_ends_the_run(tmp_path: Path) -> None:
    sessions, _ = write(tmp_path, AGREE)
    rows_of("cdrs", tmp_path)
    table = as_csv(tmp_path, "cdrs")
    text = table.read_text(encoding="utf-8")
    table.write_text(text.replace("total_time", "total_cost", 1), encoding="utf-8")
    assert "two columns of one name" in refused(sessions, table).message
    envelope = enveloped(tmp_path, "cdrs")
    text = envelope.read_text(encoding="utf-8")
    envelope.write_text(text[:-1] + ', "data": []}', encoding="utf-8")
    assert "expected every name once in an object" in refused(sessions, envelope).message


def test_ids_are_one_by_the_case_of_ascii_letters_alone(tmp_path: Path) -> None:
    """By Unicode, the Kelvin sign is a `k`, and the long s an `s`."""
    odd = with_cdrs(cdr(id="\u212a-1"), cdr(id="k-1", session_id="\u017fession-1"))
    found = failing(document(*write(tmp_path, odd)))
    assert "cdr-twice" not in found
    assert "cdr-without-session" in found
    alike = with_cdrs(cdr(id="\u212a-k"), cdr(id="\u212a-K"))
    assert "cdr-twice" in failing(document(*write(tmp_path, alike)))


@pytest.mark.parametrize("option", ["--output", "--write-baseline"])
def test_the_books_are_never_written_over(tmp_path: Path, option: str) -> None:
    sessions, cdrs = write(tmp_path, AGREE)
    before = Path(cdrs).read_bytes()
    assert "is one of the books" in refused(sessions, cdrs, option, cdrs).message
    (tmp_path / "link.ndjson").symlink_to(cdrs)
    assert "is one of the books" in refused(sessions, cdrs, option, tmp_path / "link.ndjson").message
    folder = tmp_path / "all"
    folder.mkdir()
    shutil.copy(cdrs, folder / "cdrs.ndjson")
    assert "in their folder" in refused(sessions, folder, option, folder / "r.json").message
    assert Path(cdrs).read_bytes() == before


def test_a_statement_keeps_every_digit(tmp_path: Path) -> None:
    """As a float, 98765432109.123456 would end otherwise."""
    stated = json.dumps({**DAY, "cost": 0}).replace('"cost": 0', '"cost": 98765432109.123456')
    sessions, cdrs = write(tmp_path, AGREE)
    (tmp_path / "statement.ndjson").write_text(stated + "\n", encoding="utf-8")
    done = run(sessions, cdrs, "--counterpart", tmp_path / "statement.ndjson")
    assert "98765432109.123456 EUR" in done.stdout
