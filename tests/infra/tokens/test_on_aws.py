"""A partner's life on AWS by commands: the deployed function makes the exchanges; people read no token."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import boto3
import pytest
from click.testing import CliRunner

from hardening.cli import Exit, rampart
from hardening.errors import CollectError, ConfigError
from hardening.requests.samples import EMSP
from hardening.requests.tokens import digest
from hardening.rotation.connection import INBOUND, OUTBOUND, Stage
from hardening.rotation.records import ACTIVE, TokenRecord
from infra.runtime.functions.exchanges import rotating
from infra.runtime.functions.rotation import RotationFailed, rotate
from infra.runtime.policy_service.stores import DynamoTokenStore
from infra.tokens.deployed import invoked
from scanners.drills.rights import OF_COMMANDS
from tests.beds.declared_rights import Asked, operator_of
from tests.beds.deployed_tokens import ROLES, TABLE, Deployed, deployed_tokens, environment
from tests.own_stack import ROOT, own_stack


@pytest.fixture
def deployed(tmp_path: Path) -> Iterator[Deployed]:
    with deployed_tokens(tmp_path) as found:
        yield found


def states(deployed: Deployed) -> list[tuple[str, str]]:
    records = DynamoTokenStore(boto3.client("dynamodb"), TABLE)
    return sorted((one.kind, one.state) for one in records.of_partner(EMSP.name))


def test_a_life_from_the_registration_token_to_the_end(deployed: Deployed) -> None:
    # `up` has the first rotation make a token that registers; the operator hands it over.
    deployed.rotates()
    handed = deployed.folder / "for-them"
    done = deployed.run("token", "issue", EMSP.name, "--to-file", str(handed))
    assert done.exception is None, done.output
    assert deployed.us.connection.records.find(digest(handed.read_text().strip())) is not None
    # Here it is we who register.
    done = deployed.register()
    assert done.return_value is Exit.HOLDS, (done.output, done.exception)
    assert "token-a-of-the-peer" not in done.output
    assert deployed.both_talk()
    held = deployed.us.connection.vault.read(OUTBOUND, Stage.CURRENT)
    assert held is not None
    assert held.registered
    assert held.ours == {"url": "https://ocpi.us.example/ocpi/versions", "roles": ROLES}
    # The calendar rotates, and so does a person.
    for way in (INBOUND, OUTBOUND):
        deployed.rotates(way)
        assert deployed.both_talk()
    done = deployed.run("token", "rotate", EMSP.name)
    assert done.return_value is Exit.HOLDS, done.output
    assert deployed.both_talk()
    assert sum(state != "revoked" for _, state in states(deployed)) <= 4
    # The end: revoked here, and told there.
    done = deployed.run("partner", "offboard", EMSP.name, "--reason", "contract ended")
    assert done.return_value is Exit.HOLDS, (done.output, done.exception)
    assert "could not be told" not in done.output
    assert "the gateway refused after" in done.output
    assert {state for _, state in states(deployed)} == {"revoked"}
    assert deployed.peer.told()["registered"] is False
    assert deployed.peer.told(act="call")["done"] == 401
    assert not (deployed.folder / "partners/example-emsp.yaml").exists()
    assert deployed.operator.refused == set()


def test_every_command_keeps_within_the_rights_of_the_declared_operator(deployed: Deployed) -> None:
    """Those that `test_a_life_from_...` leaves out."""
    deployed.rotates()
    for words in (
        ["token", "status"],
        ["token", "status", "--format", "json"],
        ["token", "rotate", EMSP.name],
        ["token", "revoke", EMSP.name, "--reason", "lost"],
        ["partner", "list"],
        ["partner", "rotate-due"],
    ):
        done = deployed.run(*words)
        assert done.exception is None, (words, done.exception)
        assert deployed.operator.refused == set(), words
    assert deployed.operator.asked >= {"secretsmanager:DescribeSecret", "dynamodb:Query", "kms:Decrypt"}


@pytest.mark.parametrize("words", ["token status", "token rotate", "token revoke"])
def test_a_drill_knows_which_rights_a_command_needs(words: str, deployed: Deployed) -> None:
    """Beside the use of keys, which goes with the table and the secret."""
    deployed.rotates()
    deployed.operator.asked.clear()
    reason = ("--reason", "lost") if words == "token revoke" else ()
    assert deployed.run(*words.split(), EMSP.name, *reason).exception is None
    assert {one for one in deployed.operator.asked if not one.startswith("kms:")} == set(OF_COMMANDS[words])


@pytest.mark.parametrize(
    "asked",
    [
        Asked("dynamodb:PutItem", f"arn:aws:dynamodb:eu-central-1:111122223333:table/{TABLE}", {}),
        Asked(
            "dynamodb:UpdateItem",
            f"arn:aws:dynamodb:eu-central-1:111122223333:table/{TABLE}",
            {"dynamodb:attributes": ("digest", "expires", "state")},
        ),
        Asked(
            "secretsmanager:GetSecretValue",
            "arn:aws:secretsmanager:eu-central-1:111122223333:secret:rampart/test/example-emsp/inbound-AbCdEf",
            {"secretsmanager:versionstage": ("AWSCURRENT",)},
            "example-emsp-inbound",
        ),
        Asked(
            "lambda:InvokeFunction",
            "arn:aws:lambda:eu-central-1:111122223333:function:rampart-test-authorizer",
            {},
        ),
    ],
    ids=lambda asked: asked.action,
)
def test_the_account_of_these_tests_refuses_what_no_operator_may(asked: Asked) -> None:
    assert not operator_of(own_stack("test")).may(asked)


def due(partner: str, age: int = 40) -> None:
    """A token that is older than a rotation, or `age` days old."""
    now = datetime.now(UTC)
    issued, expires = (int((now + timedelta(days=days)).timestamp()) for days in (-age, 9))
    record = TokenRecord(digest(partner), partner, "C", ACTIVE, "test", expires, issued=issued)
    DynamoTokenStore(boto3.client("dynamodb"), TABLE).put(record)


def test_many_rotate_one_after_the_other_and_the_failure_of_one_ends_no_run(deployed: Deployed) -> None:
    """The function throttles whoever asks while it runs; nobody is started beside another."""
    deployed.rotates()
    deployed.registered()
    for partner in (EMSP.name, "example-cpo"):
        due(partner)
    deployed.function.seconds = 0.5
    done = deployed.run("partner", "rotate-due", "--workers", "8")
    assert deployed.function.throttled == 0
    assert done.return_value is Exit.FAILS, (done.output, done.exception)
    assert f"{EMSP.name}: rotated" in done.output
    assert "example-cpo: rampart-test-rotation: failed (LookupError)" in done.output
    assert "1 rotated, 1 not" in done.output
    assert deployed.both_talk()


def test_a_rotation_waits_for_those_of_the_calendar(deployed: Deployed) -> None:
    deployed.rotates()
    deployed.registered()
    due(EMSP.name)
    deployed.function.turns = 2
    done = deployed.run("partner", "rotate-due")
    assert deployed.function.throttled == 2
    assert done.return_value is Exit.HOLDS, (done.output, done.exception)
    assert deployed.both_talk()


def test_a_rotation_that_was_cut_off_is_taken_up_though_no_record_tells_of_it(deployed: Deployed) -> None:
    """The function died once the partner's answer was written down, and before it was in use."""
    deployed.rotates()
    deployed.registered()
    assert "0 rotated" in deployed.run("partner", "rotate-due").output
    vault = deployed.us.connection.vault
    held = vault.read(OUTBOUND, Stage.CURRENT)
    assert held is not None
    vault.write_pending(OUTBOUND, replace(held, token="a-token-that-was-on-its-way"))
    done = deployed.run("partner", "rotate-due")
    assert "1 rotated, 0 not" in done.output, (done.output, done.exception)
    assert deployed.both_talk()


def test_a_partner_that_is_not_deployed_yet_holds_up_nobody(deployed: Deployed) -> None:
    """Its entry and a token that was issued by hand are there, its secrets are not."""
    deployed.rotates()
    deployed.registered()
    due(EMSP.name)
    due("example-cpo", age=1)
    done = deployed.run("partner", "rotate-due")
    assert "example-cpo: has no secrets here" in done.output, (done.output, done.exception)
    assert f"{EMSP.name}: rotated" in done.output
    assert done.return_value is Exit.FAILS
    assert deployed.both_talk()


def test_many_rotations_let_nobody_in_whose_tokens_were_revoked_meanwhile(deployed: Deployed) -> None:
    deployed.rotates()
    deployed.registered()
    done = deployed.run("token", "revoke", EMSP.name, "--reason", "leaked")
    assert done.return_value is Exit.HOLDS, (done.output, done.exception)
    ended = rotate({**rotating(EMSP.name, anew=False)}, None)
    assert ended is not None
    assert ended["detail"].startswith("revoked: a person lets it in again")
    assert {state for _, state in states(deployed)} == {"revoked"}


def test_a_revocation_is_proved_at_the_gateway_and_no_person_makes_a_record(deployed: Deployed) -> None:
    deployed.rotates()
    done = deployed.run("token", "revoke", EMSP.name, "--reason", "leaked")
    assert done.return_value is Exit.HOLDS, (done.output, done.exception)
    assert "1 tokens revoked (leaked); the gateway refused after" in done.output
    assert {state for _, state in states(deployed)} == {"revoked"}
    assert "dynamodb:PutItem" not in deployed.operator.asked


def test_a_revocation_waits_for_no_function(deployed: Deployed) -> None:
    """It is over before the witness is asked for; that it was not proved is said."""
    deployed.rotates()
    deployed.function.fails = True
    done = deployed.run("token", "revoke", EMSP.name, "--reason", "leaked")
    assert done.return_value is Exit.UNVERIFIED, (done.output, done.exception)
    assert "revoked, but rampart-test-rotation: failed (RuntimeError)" in done.output
    assert {state for _, state in states(deployed)} == {"revoked"}


def test_a_gateway_that_does_not_answer_leaves_no_witness(deployed: Deployed) -> None:
    """The witness is a token that registers: it ends whatever became of the proof."""
    deployed.rotates()

    def gone() -> None:
        deployed.gateway.fails = True

    deployed.function.ended = gone
    done = deployed.run("token", "revoke", EMSP.name, "--reason", "leaked")
    assert done.return_value is Exit.UNVERIFIED, (done.output, done.exception)
    assert "does not answer" in done.output
    assert {state for _, state in states(deployed)} == {"revoked"}


def test_a_registration_that_the_partner_refuses_leaves_the_token_that_registers(deployed: Deployed) -> None:
    deployed.rotates()
    deployed.peer.told(fault="wrong party")
    done = deployed.register()
    assert done.return_value is Exit.FAILS, (done.output, done.exception)
    assert "NL*EVL" in done.output
    # We are not registered: the next rotation makes a token that registers, and no exchange.
    deployed.rotates()
    assert ("A", "active") in states(deployed)
    assert ("C", "active") not in states(deployed)
    assert boto3.client("secretsmanager").get_secret_value(
        SecretId=f"rampart/test/{EMSP.name}/inbound", VersionStage="REGISTRATION"
    )


@pytest.mark.parametrize("fault", ["500", "drops before it stores"])
def test_a_registration_in_doubt_is_finished_by_the_next_rotation_and_never_shown(
    fault: str, deployed: Deployed
) -> None:
    deployed.rotates()
    handed = _registration(deployed)
    deployed.peer.told(fault=fault)
    assert deployed.register().return_value is Exit.UNVERIFIED
    deployed.rotates()
    assert deployed.both_talk()
    held = deployed.us.connection.vault.read(INBOUND, Stage.CURRENT)
    assert held is not None
    assert held.token != handed
    # The token in use has never the stage that people may read.
    assert _registration(deployed) == handed


def _registration(deployed: Deployed) -> str:
    found = boto3.client("secretsmanager").get_secret_value(
        SecretId=f"rampart/test/{EMSP.name}/inbound", VersionStage="REGISTRATION"
    )
    return str(json.loads(found["SecretString"])["token"])


def test_what_a_person_revoked_is_not_let_in_again_by_the_calendar(deployed: Deployed) -> None:
    deployed.rotates()
    deployed.registered()
    deployed.run("token", "revoke", EMSP.name, "--reason", "leaked")
    for way in (INBOUND, OUTBOUND):
        with pytest.raises(RotationFailed, match="revoked: a person lets it in again"):
            deployed.rotates(way)
    assert {state for _, state in states(deployed)} == {"revoked"}
    assert deployed.peer.told(act="call")["done"] == 401
    done = deployed.run("token", "rotate", EMSP.name)
    assert done.return_value is Exit.HOLDS, done.output
    assert deployed.both_talk()


def test_after_the_end_a_partner_can_register_anew(deployed: Deployed) -> None:
    deployed.rotates()
    deployed.registered()
    rotate({"Exchange": "end", "Partner": EMSP.name}, None)
    deployed.rotates()
    assert deployed.us.connection.records.find(digest(_registration(deployed)))
    assert ("A", "active") in states(deployed)
    deployed.peer.told(takes=[], token_a="token-a-of-the-peer", registered=False)
    deployed.registered()
    assert deployed.both_talk()


def test_a_registration_token_that_is_used_up_is_not_handed_over(deployed: Deployed) -> None:
    missing = deployed.run("token", "issue", EMSP.name, "--to-file", str(deployed.folder / "a"))
    assert isinstance(missing.exception, ConfigError)
    assert "has no registration token" in missing.exception.message
    deployed.rotates()
    deployed.run("token", "revoke", EMSP.name, "--reason", "lost")
    ended = deployed.run("token", "issue", EMSP.name, "--to-file", str(deployed.folder / "a"))
    assert isinstance(ended.exception, ConfigError)
    assert "used up, or has ended" in ended.exception.message
    assert not (deployed.folder / "a").exists()
    for words in (["--kind", "C", "--to-file", str(deployed.folder / "a")], ["--to-secret"]):
        other = deployed.run("token", "issue", EMSP.name, *words)
        assert isinstance(other.exception, ConfigError), words


def test_a_function_that_is_busy_or_fails_is_one_line(deployed: Deployed) -> None:
    deployed.rotates()
    deployed.function.turns = 1_000
    with environment(AWS_ENDPOINT_URL=deployed.operator.url), pytest.raises(CollectError, match="is busy"):
        invoked(boto3.client("lambda"), "test", rotating(EMSP.name, anew=True), patience=0.0)
    deployed.function.turns = 0
    strange = deployed.run("token", "rotate", "example-cpo")
    assert isinstance(strange.exception, CollectError)
    assert "failed (LookupError)" in strange.exception.message


@pytest.mark.parametrize(
    "event",
    [
        {"Exchange": "other"},
        {"Exchange": "register", "Token": "t"},
        {"Exchange": "register", "Ours": {}},
        {"Exchange": "register", "Ours": {"url": "x"}, "Token": ""},
    ],
)
def test_any_other_event_is_refused(event: dict[str, Any], deployed: Deployed) -> None:
    with pytest.raises(ValueError, match="expected"):
        rotate({"Partner": EMSP.name, **event}, None)


def test_nobody_says_who_we_are_without_roles(deployed: Deployed) -> None:
    (deployed.folder / "theirs").touch(0o600)
    (deployed.folder / "theirs").write_text("token-a-of-the-peer")
    words = ["token", "register", EMSP.name, "--url", deployed.peer.versions]
    words += ["--token-file", str(deployed.folder / "theirs")]
    silent = deployed.run(*words)
    assert isinstance(silent.exception, ConfigError)
    assert "nobody said who we are" in silent.exception.message
    (deployed.folder / "roles.json").write_text('[{"role": "CPO"}]')
    wrong = deployed.run(*words, "--roles", str(deployed.folder / "roles.json"))
    assert isinstance(wrong.exception, ConfigError)
    assert "expected a JSON list of role" in wrong.exception.message


def test_a_stack_is_named_in_the_place_of_a_target_file(
    deployed: Deployed, monkeypatch: pytest.MonkeyPatch
) -> None:
    deployed.rotates()
    folder = deployed.folder
    (folder / "Pulumi.yaml").write_text("name: rampart\nruntime: python\n")
    shutil.copy(ROOT / "Pulumi.test.yaml", folder)
    (folder / "pulumi").write_text(f'#!/bin/sh\ncp {folder}/stack.json "$6"\n')
    (folder / "pulumi").chmod(0o700)
    monkeypatch.chdir(folder)
    monkeypatch.setenv("PATH", f"{folder}:/usr/bin:/bin")
    with environment(AWS_ENDPOINT_URL=deployed.operator.url):
        named = CliRunner().invoke(rampart, ["token", "status", EMSP.name, "--stack", "test"])
        both = CliRunner().invoke(rampart, ["token", "status", "--stack", "test", "--target", "target.json"])
    assert named.exit_code == 0, named.output
    assert named.stdout == deployed.run("token", "status", EMSP.name).stdout != ""
    assert "--stack and --target: give one of them" in both.output
