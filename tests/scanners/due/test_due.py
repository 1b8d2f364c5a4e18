"""`rampart due`: one of each thing that ends on a day, around the second in which it does."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import jsonschema_rs
import pytest
import yaml
from icalendar import Calendar as ICalendar

from hardening.errors import ConfigError
from scanners.books.samples import AT, BOOKS, OLD, TOKEN
from scanners.due.forms import FORMS, json_schema
from scanners.due.records import Due, after, calendar
from scanners.due.sources import RUNTIME_ENDS, of_registry, of_stack, of_tls, of_tokens, of_waivers
from scanners.policy.stack import Resource, Stack
from scanners.tls.checks.samples import certified
from tests.own_stack import ROOT, own_stack

NOW = datetime(2026, 11, 29, 12, 0, tzinfo=UTC)
WAIVER = {
    "control": "CKV_AWS_18",
    "where": "*",
    "reason": "a bucket for logs",
    "owner": "security",
    "expires": date(2026, 11, 30),
}


def waivers(folder: Path, *entries: dict[str, object]) -> Path:
    file = folder / "waivers.yaml"
    file.write_text(yaml.safe_dump([{**WAIVER, **one} for one in entries]), encoding="utf-8")
    return file


@pytest.mark.parametrize(
    ("second", "over"),
    [
        (datetime(2026, 11, 30, 23, 59, 59, tzinfo=UTC), False),
        (datetime(2026, 12, 1, 0, 0, 0, tzinfo=UTC), True),
        # The same two seconds, told by the clocks of Auckland and Los Angeles.
        (datetime.fromisoformat("2026-12-01T12:59:59+13:00"), False),
        (datetime.fromisoformat("2026-12-01T13:00:00+13:00"), True),
        (datetime.fromisoformat("2026-11-30T15:59:59-08:00"), False),
        (datetime.fromisoformat("2026-11-30T16:00:00-08:00"), True),
    ],
)
def test_a_last_day_ends_at_midnight_in_utc_wherever_one_is(
    tmp_path: Path, second: datetime, over: bool
) -> None:
    [one] = of_waivers(waivers(tmp_path, {}), NOW)
    assert one.is_over(second) is over


def test_a_malformed_waiver_is_overdue_and_an_expired_one_too(tmp_path: Path) -> None:
    file = waivers(tmp_path, {"owner": ""}, {"expires": date(2020, 1, 31)})
    malformed, expired = sorted(of_waivers(file, NOW), key=lambda one: one.at, reverse=True)
    assert (malformed.at, expired.at) == (NOW, datetime(2020, 2, 1, tzinfo=UTC))
    assert "owner" in malformed.of


def test_a_partners_exception_and_its_missing_onboarding_are_listed(tmp_path: Path) -> None:
    document = yaml.safe_load((ROOT / "partners/example-emsp.yaml").read_text(encoding="utf-8"))
    document["tls_exceptions"] = [
        {
            "control": "certificate-life-short",
            "reason": "their renewal is under way",
            "expires": date(2026, 12, 24),
        }
    ]
    document["require_onboarding"] = True
    (tmp_path / "example-emsp.yaml").write_text(yaml.safe_dump(document), encoding="utf-8")
    found = {one.kind: one for one in of_registry(tmp_path, NOW)}
    assert found["TLS exception"].at == datetime(2026, 12, 25, tzinfo=UTC)
    assert found["onboarding"].is_over(NOW)
    assert found["onboarding"].mend == "rampart partner onboard example-emsp"


def test_a_token_has_a_rotation_and_an_end_but_not_one_that_retires() -> None:
    revoked = replace(TOKEN, state="revoked")
    secret = replace(BOOKS.secrets[0], last_rotated=AT - timedelta(days=29))
    found = list(of_tokens(replace(BOOKS, tokens=(TOKEN, OLD, revoked), secrets=(secret,))))
    assert [(one.kind, one.at) for one in found] == [
        ("rotation", AT + timedelta(days=20)),
        ("token", TOKEN.expires),
        ("rotation", AT + timedelta(days=1)),
    ]


def test_a_token_whose_age_nobody_knows_is_rotated_now() -> None:
    rotation, _ = of_tokens(replace(BOOKS, tokens=(replace(TOKEN, age=None),), secrets=()))
    assert (rotation.kind, rotation.at) == ("rotation", AT)


def test_every_certificate_that_was_sent_ends() -> None:
    scan = certified()
    sent = {one.not_after for chain in scan.chains for one in chain.certificates}
    assert {one.at for one in of_tls((scan, scan))} == sent
    assert len(list(of_tls((scan, scan)))) == len(list(of_tls((scan,))))


def test_all_that_our_functions_run_on_has_an_end_that_is_known() -> None:
    found = list(of_stack(own_stack("test"), NOW))
    assert found
    assert {one.at for one in found} <= {after(day) for day in RUNTIME_ENDS.values()}


def test_a_runtime_whose_end_is_unknown_is_due_now() -> None:
    urn = "urn:pulumi:test::rampart::aws:lambda/function:Function::authorizer"
    function = Resource(
        urn=urn, type="aws:lambda/function:Function", name="authorizer", inputs={"runtime": "python3.99"}
    )
    [unknown] = of_stack(Stack("rampart", "test", (function,)), NOW)
    assert unknown.at == NOW
    assert "not known" in unknown.of


ENTRIES = [
    Due(at=NOW, kind="waiver", of="a, with; signs\nand lines <b>", mend="mend it"),
    Due(at=NOW + timedelta(days=30), kind="token", of="on the last day", mend="rotate"),
    Due(at=NOW + timedelta(days=30, seconds=1), kind="token", of="beyond it", mend="rotate"),
    Due(at=NOW - timedelta(days=999), kind="token", of="long ago", mend="rotate"),
]


def test_what_is_overdue_is_always_listed_and_what_is_due_within_the_days() -> None:
    found = calendar(ENTRIES, NOW, timedelta(days=30), ())
    assert [one.of for one in found.entries] == ["long ago", ENTRIES[0].of, "on the last day"]
    assert [one.of for one in found.overdue] == ["long ago", ENTRIES[0].of]


def test_every_form_has_the_same_entries() -> None:
    found = calendar(ENTRIES, NOW, timedelta(days=30), ("certificates (--tls)",))
    told = json.loads(FORMS["json"](found))
    assert jsonschema_rs.validator_for(json_schema()).is_valid(told)
    assert [(one["at"], one["overdue"]) for one in told["due"]] == [
        (one.at.isoformat(), one.is_over(NOW)) for one in found.entries
    ]
    events = ICalendar.from_ical(FORMS["ics"](found)).walk("VEVENT")
    assert [event.decoded("dtstart") for event in events] == [one.at for one in found.entries]
    assert str(events[1]["summary"]) == f"waiver: {ENTRIES[0].of}"
    assert [str(one["uid"]) for one in events] == [
        str(one["uid"]) for one in ICalendar.from_ical(FORMS["ics"](found)).walk("VEVENT")
    ]
    page = FORMS["html"](found)
    assert page.count('<td class="at">') == len(found.entries)
    assert "&lt;b&gt;" in page
    assert not re.search(r"(?:src|href)=|url\(|@import", page)
    assert FORMS["table"](found).count(" -> ") == len(found.entries)


def run(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "hardening.cli", *arguments]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    return subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, text=True, check=False, timeout=120
    )


def test_the_command_says_what_is_overdue_and_whom_it_did_not_ask(tmp_path: Path) -> None:
    waivers(tmp_path, {"expires": date(2020, 1, 31)}, {"expires": date(2999, 1, 31)})
    done = run(tmp_path, "due")
    assert done.returncode == 1, done.stderr
    assert done.stdout.startswith("overdue  2020-02-01 00:00Z  waiver")
    assert done.stdout.count("\n") == 1
    assert "not asked: tokens and rotations" in done.stderr
    assert "not asked: certificates" in done.stderr


def test_a_store_is_asked_and_one_that_cannot_be_read_is_no_all_clear(tmp_path: Path) -> None:
    waivers(tmp_path, {"expires": date(2999, 1, 31)})
    (tmp_path / "partners").mkdir()
    (tmp_path / "partners/example-emsp.yaml").write_bytes((ROOT / "partners/example-emsp.yaml").read_bytes())
    store = ("--store", "tokens.sqlite")
    assert run(tmp_path, "token", "issue", "example-emsp", *store, "--to-file", "token").returncode == 0
    token = (tmp_path / "token").read_text(encoding="utf-8").strip()
    done = run(tmp_path, "due", "--within", "365", *store)
    assert done.returncode == 0, done.stderr
    assert "rampart token rotate example-emsp" in done.stdout
    assert token not in done.stdout + done.stderr
    assert "tokens and rotations" not in done.stderr
    table = {
        "type": "aws:dynamodb/table:Table",
        "urn": "urn:pulumi:test::rampart::aws:dynamodb/table:Table::tokens",
        "outputs": {"name": "tokens"},
    }
    state = {"version": 3, "deployment": {"resources": [table]}}
    (tmp_path / "stack.json").write_text(json.dumps(state), encoding="utf-8")
    target = {"name": "test", "stack_file": str(tmp_path / "stack.json"), "region": "eu-central-1"}
    (tmp_path / "target.json").write_text(json.dumps(target), encoding="utf-8")
    done = run(tmp_path, "due", "--target", "target.json")
    assert done.returncode == 3, done.stdout + done.stderr
    assert "error: " in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ((), "neither is there"),
        (("--waivers", "wavers.yaml"), "wavers.yaml: no such waivers file"),
        (("--partners", "nowhere"), "nowhere"),
        (("--target", "nowhere.json"), "nowhere.json: no such file"),
        (("--within", "a while"), "expected a number of days"),
        (("--within", "9999d"), "expected a number of days"),
    ],
)
def test_what_cannot_be_meant_is_one_line(tmp_path: Path, arguments: tuple[str, ...], said: str) -> None:
    done = run(tmp_path, "due", *arguments)
    assert (done.returncode, done.stdout) == (2, "")
    assert said in done.stderr


def test_a_registry_with_a_fault_is_no_empty_calendar(tmp_path: Path) -> None:
    (tmp_path / "broken.yaml").write_text("name: [", encoding="utf-8")
    with pytest.raises(ConfigError):
        list(of_registry(tmp_path, NOW))
