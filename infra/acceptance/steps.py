"""The steps of an acceptance run on AWS: served and logged, refused, alarmed, previewed, rotated."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Mapping
from functools import partial
from typing import Any

from hardening.errors import CollectError
from hardening.requests import tokens
from infra.acceptance.run import Run
from infra.lab.credentials_exchange import VERSION
from infra.lab.forbidden_calls import forbidden_calls

_PREVIEW_SECONDS = 600.0
# Operations of Pulumi that change nothing.
_UNCHANGED = ("same", "read", "read-discard", "read-replacement")
_TEST = "rampart accept: a test"
_TOLD = "Successfully executed action"


def served_and_logged(run: Run) -> None:
    """A contracted call is served, and stands in every log that it passes."""
    path, deployed = f"/ocpi/{VERSION}", run.deployed
    answer = run.called("gateway-serves-contracted-calls", path, run.token, "200/1000")
    for control, where, group, mark in (
        ("api-calls-logged", "access log", deployed.access_log, answer.gateway),
        ("api-calls-logged", "log of the guard", deployed.guard_log, answer.ours),
        ("firewall-logged", "log of the firewall", deployed.firewall_log, answer.ours),
    ):
        run.tried(control, where, "the call", partial(run.logged, group, mark))


def refused(run: Run) -> None:
    """Each forbidden call is refused, and stands in the log of the layer that must refuse it."""
    for one in forbidden_calls(run.partner):
        token = run.token if one.is_partner else tokens.issue()
        answer = run.called(one.control, one.path, token, one.guard)
        through = one.authorizer == "allowed"
        group, mark = (
            (run.deployed.guard_log, answer.ours) if through else (run.deployed.access_log, answer.gateway)
        )
        where = f"log of the {'guard' if through else 'gateway'}: GET {one.path}"
        run.tried(one.control, where, "the call", partial(run.logged, group, mark))


def alarmed(run: Run) -> None:
    """A test alarm is told to the topic, its mails are confirmed, and the trail has who raised it."""
    made: list[str] = []
    run.tried("alarms-reach-people", "a test alarm", "told to the topic", partial(_raised, run, made))
    for arn in run.deployed.subscriptions():
        where = f"subscription {arn.rpartition(':')[2]}"
        run.tried("alarms-reach-people", where, "confirmed", partial(_confirmed, run, arn))
    mark = made[0] if made else ""
    where = "log of the trail: SetAlarmState"
    run.tried("trail-complete", where, "the call", partial(run.logged, run.deployed.trail_log, mark))


def _raised(run: Run, made: list[str]) -> str:
    name = run.deployed.test_alarm()

    def set_state(value: str) -> Any:
        state = {"StateValue": value, "StateReason": _TEST}
        return run.calls.ask("cloudwatch", "set_alarm_state", AlarmName=name, **state)

    def acted() -> bool:
        query = {"AlarmName": name, "HistoryItemType": "Action"}
        items = run.calls.ask("cloudwatch", "describe_alarm_history", **query)["AlarmHistoryItems"]
        return any(_TOLD in str(one["HistorySummary"]) for one in items if _is_of(run, one))

    made.append(str(set_state("ALARM")["ResponseMetadata"]["RequestId"]))
    try:
        return run.eventually(acted, "told to the topic", "told to nobody")
    finally:
        set_state("OK")


def _is_of(run: Run, item: Mapping[str, Any]) -> bool:
    return float(item["Timestamp"].timestamp()) * 1000 >= run.started


def _confirmed(run: Run, arn: str) -> str:
    found = run.calls.ask("sns", "get_subscription_attributes", SubscriptionArn=arn)["Attributes"]
    return "confirmed" if found.get("PendingConfirmation") == "false" else "waits for its confirmation"


def previewed(run: Run) -> None:
    """A second preview finds nothing to change."""
    run.tried("deployed-in-order", "a second preview", "no change", partial(_preview, run))


def _preview(run: Run) -> str:
    command = shutil.which("pulumi")
    if command is None:
        raise CollectError("the Pulumi CLI is not on PATH")
    options = ["preview", "--json", "--non-interactive", "--stack", run.target["name"]]
    try:
        done = subprocess.run(  # noqa: S603  (Pulumi's own command, no shell)
            [command, *options],
            cwd=run.target.get("project") or ".",
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=_PREVIEW_SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise CollectError(f"the preview took longer than {_PREVIEW_SECONDS:.0f} s") from None
    if done.returncode:
        raise CollectError(f"the preview failed with exit code {done.returncode}", "run it and read why")
    return _changes(done.stdout)


def _changes(preview: bytes) -> str:
    """What the JSON of a preview would change. Its values are told to nobody. Raises CollectError."""
    try:
        summary = json.loads(preview)["changeSummary"]
        changed = sum(count for operation, count in summary.items() if operation not in _UNCHANGED)
    except (ValueError, KeyError, TypeError, AttributeError):
        raise CollectError("the preview does not say what it would change") from None
    return f"{changed} changes" if changed else "no change"


def rotated(run: Run) -> None:
    """The test partner's inbound token rotates: a new version is in use, and none is pending."""
    secret = f"rampart/{run.partner.environment}/{run.partner.name}/inbound"
    run.tried("secrets-rotate-monthly", secret, "a new token in use", partial(_rotation, run, secret))


def _rotation(run: Run, secret: str) -> str:
    def current() -> tuple[str, bool]:
        stages = run.calls.ask("secretsmanager", "describe_secret", SecretId=secret)["VersionIdsToStages"]
        version = next((one for one, names in stages.items() if "AWSCURRENT" in names), "")
        return version, any("AWSPENDING" in names and one != version for one, names in stages.items())

    def done() -> bool:
        version, pending = current()
        return version != before and not pending

    before, _ = current()
    run.calls.ask("secretsmanager", "rotate_secret", SecretId=secret)
    return run.eventually(done, "a new token in use", "the old token")
