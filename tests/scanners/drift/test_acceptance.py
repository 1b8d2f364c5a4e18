"""`rampart drift accept`: what is written, what it covers, and what is refused with nothing written."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner

from hardening.checks import Finding, Status
from hardening.controls import CONTROLS, Severity
from hardening.errors import ConfigError
from scanners.drift.acceptance import LONGEST, drift
from scanners.drift.earlier import CONTROLS_OF_DRIFT
from scanners.drift.scan import scan
from scanners.outcome import State, decide, fingerprint
from scanners.report import document
from scanners.waivers import Waivers, read_waivers
from tests.beds.aws_account import Account, emulated_account, stack_of
from tests.scanners.drift.security_groups_cases import group_case, open_to_the_world

TODAY = datetime.now(UTC).date()
URN = "urn:pulumi:test::example::aws:ec2/securityGroup:SecurityGroup::guard"
OPENED = Finding(
    "exposure-as-declared", "exposure-as-declared", Status.FAIL, f"{URN}#ingress", "added", Severity.CRITICAL
)
TAGGED = Finding(
    "settings-as-declared", "settings-as-declared", Status.FAIL, f"{URN}#tags", "changed", Severity.LOW
)
UNREAD = Finding("nothing-deleted", "nothing-deleted", Status.ERROR, URN, "could not look", Severity.HIGH)
ODD = Finding(
    "nothing-unmanaged", "nothing-unmanaged", Status.FAIL, "aws:sqs/queue:Queue odd[a]*?", "unmanaged"
)
BEFORE = "# ours\n- control: CKV_AWS_18\n  where: '*'\n  reason: r\n  owner: o\n  expires: 2999-01-01"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    outcome = decide([OPENED, TAGGED, UNREAD, ODD], Waivers(), frozenset())
    (tmp_path / "run.json").write_text(document.render(outcome))
    return tmp_path


def accept(folder: Path, finding: str, **options: str) -> Path:
    """Run the command in a folder; the waivers file."""
    file = folder / "waivers.yaml"
    chosen = {
        "from": str(folder / "run.json"),
        "reason": "a test of the firewall",
        "owner": "platform",
        "until": str(TODAY + timedelta(days=7)),
        "waivers": str(file),
        **options,
    }
    words = [word for name, value in chosen.items() for word in (f"--{name}", value)]
    CliRunner().invoke(drift, ["accept", finding, *words], catch_exceptions=False, standalone_mode=False)
    return file


def test_what_is_written_covers_that_drift_and_no_other(folder: Path) -> None:
    waivers = read_waivers(accept(folder, fingerprint(OPENED)[:12]), TODAY)
    assert waivers.void == ()
    (waiver,) = waivers.valid
    assert waiver.covers(OPENED)
    assert not waiver.covers(TAGGED)
    assert (waiver.owner, waiver.expires) == ("platform", TODAY + timedelta(days=7))


def test_a_name_that_looks_like_a_glob_covers_itself_alone(folder: Path) -> None:
    (waiver,) = read_waivers(accept(folder, fingerprint(ODD)), TODAY).valid
    assert waiver.covers(ODD)
    assert not waiver.covers(
        Finding(ODD.control, ODD.check, Status.FAIL, "aws:sqs/queue:Queue oddaxy", "unmanaged")
    )


def test_what_stood_there_stays_with_its_comments(folder: Path) -> None:
    (folder / "waivers.yaml").write_text(BEFORE)
    (folder / "waivers.yaml").chmod(0o640)
    file = accept(folder, fingerprint(TAGGED), reason='it says: "# no", and: yes')
    assert file.read_text().startswith(f"{BEFORE}\n- control: ")
    assert [waiver.control for waiver in read_waivers(file, TODAY).valid] == ["CKV_AWS_18", TAGGED.control]
    assert file.stat().st_mode & 0o777 == 0o640
    assert sorted(each.name for each in folder.iterdir()) == ["run.json", "waivers.yaml"]


@pytest.mark.parametrize("control", sorted(CONTROLS_OF_DRIFT))
def test_the_last_day_is_taken_and_the_next_is_refused(tmp_path: Path, control: str) -> None:
    """By the severity that the catalogue has: what a report says of it does not count."""
    severity = CONTROLS[control].severity
    one = Finding(control, control, Status.FAIL, OPENED.where, "added", Severity.LOW)
    (tmp_path / "run.json").write_text(document.render(decide([one], Waivers(), frozenset())))
    last = TODAY + timedelta(days=LONGEST[severity])
    with pytest.raises(ConfigError, match=f"{LONGEST[severity]} days at most"):
        accept(tmp_path, fingerprint(one), until=str(last + timedelta(days=1)))
    assert accept(tmp_path, fingerprint(one), until=str(last)).exists()


@pytest.mark.parametrize(
    ("finding", "options", "expected"),
    [
        ("abc", {}, "no drift of .*run.json has this fingerprint"),
        ("0" * 32, {}, "no drift of .*run.json has this fingerprint"),
        (fingerprint(UNREAD), {}, "no drift of .*run.json has this fingerprint"),
        (fingerprint(TAGGED), {"until": "soon"}, "--until soon: expected a day"),
        (fingerprint(TAGGED), {"until": "2020-01-01"}, "it is over"),
        (fingerprint(TAGGED), {"reason": "  "}, "--reason: expected a text"),
        (fingerprint(TAGGED), {"owner": "\n"}, "--owner: expected a text"),
        (fingerprint(TAGGED), {"from": "/nowhere/run.json"}, "no such file"),
        (fingerprint(TAGGED), {"waivers": "/nowhere/waivers.yaml"}, "No such file"),
    ],
)
def test_bad_input_is_one_clear_line_and_writes_nothing(
    folder: Path, finding: str, options: dict[str, str], expected: str
) -> None:
    with pytest.raises(ConfigError, match=expected):
        accept(folder, finding, **options)
    assert [each.name for each in folder.iterdir()] == ["run.json"]


@pytest.mark.parametrize("text", ["[]", "a: b", "- [", "  - control: x", "\u0000"])
def test_a_file_that_takes_no_waiver_behind_it_stays_as_it_was(folder: Path, text: str) -> None:
    file = folder / "waivers.yaml"
    file.write_text(text)
    with pytest.raises(ConfigError, match=r"waivers\.yaml"):
        accept(folder, fingerprint(TAGGED))
    assert file.read_text() == text
    assert len(list(folder.iterdir())) == 2


def test_a_waivers_file_that_is_a_link_to_itself_is_one_clear_line(folder: Path) -> None:
    (folder / "waivers.yaml").symlink_to("waivers.yaml")
    with pytest.raises(ConfigError, match=r"waivers\.yaml: .*(circle|symbolic links)"):
        accept(folder, fingerprint(TAGGED))


def test_the_same_drift_is_not_accepted_twice(folder: Path) -> None:
    before = accept(folder, fingerprint(TAGGED)).read_text()
    with pytest.raises(ConfigError, match="accepted already"):
        accept(folder, fingerprint(TAGGED))
    assert (folder / "waivers.yaml").read_text() == before


@pytest.fixture(scope="module")
def account() -> Iterator[Account]:
    with emulated_account() as account:
        yield account


@pytest.mark.slow
def test_the_next_run_knows_what_was_accepted(account: Account, tmp_path: Path) -> None:
    """A fingerprint is the same from run to run, whatever else the account has by then."""
    group, network = group_case(account)
    stack, target = stack_of(group, network), account.target(tmp_path)
    open_to_the_world(account, group)
    first = scan(target, stack).findings
    (opened,) = (f for f in first if f.where == f"{group.urn}#ingress")
    (tmp_path / "run.json").write_text(document.render(decide(first, Waivers(), frozenset())))
    file = accept(tmp_path, fingerprint(opened)[:8])
    account.iam.create_user(UserName="mallory")
    account.ec2.create_tags(Resources=[group.id], Tags=[{"Key": "new", "Value": "tag"}])
    rows = decide(scan(target, stack).findings, read_waivers(file, TODAY), frozenset()).rows
    states = {row.finding.where: row.state for row in rows if row.finding.status is Status.FAIL}
    assert states == {
        f"{group.urn}#ingress": State.WAIVED,
        f"{group.urn}#tags": State.OPEN,
        "aws:iam/user:User mallory": State.OPEN,
    }
