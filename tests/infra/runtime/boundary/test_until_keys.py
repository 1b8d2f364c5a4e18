"""The boundary on AWS starts before its keys are made, refuses until then, and reads them from secrets."""

from __future__ import annotations

import asyncio
import base64
import json
import threading
from functools import partial
from typing import Any, cast

import pytest
from botocore.exceptions import ClientError

from hardening.answers.alarms import ALARM, CRASH, ONCE, OWN_SESSIONS
from hardening.errors import ConfigError
from hardening.filter_patterns import matches
from hardening.ledger.kept_keys import kept_secrets
from infra.observability.log_filters import task_filters
from infra.runtime.boundary.keys import BoundaryKeys, keys_in_secrets
from infra.runtime.boundary.service import HEALTH, Boundary
from infra.runtime.boundary.settings import keys_from
from infra.runtime.boundary.until_keys import UntilKeys
from infra.runtime.http_messages import HttpRequest, HttpResponse

ASKED = HttpRequest("GET", "/ocpi/versions", {}, b"")
PSEUDONYM, RECEIPT = kept_secrets("test")


class Secrets:
    """Secrets Manager, as far as it is asked here; `fails` is the code of its error."""

    class exceptions:
        class ResourceNotFoundException(Exception):
            """There is no such value."""

    def __init__(self) -> None:
        self.values: dict[str, str] = {}
        self.fails = ""

    def get_secret_value(self, SecretId: str, VersionStage: str) -> dict[str, str]:
        if self.fails:
            raise ClientError({"Error": {"Code": self.fails, "Message": ""}}, "GetSecretValue")
        if SecretId not in self.values:
            raise self.exceptions.ResourceNotFoundException
        return {"SecretString": self.values[SecretId]}


class Served:
    """A boundary that answers everything."""

    async def answer(self, asked: HttpRequest) -> HttpResponse:
        return HttpResponse(200, b"{}")


def made(seed: int) -> str:
    return base64.b64encode(bytes([seed]) * 32).decode()


@pytest.fixture
def bed() -> tuple[Secrets, UntilKeys, list[BoundaryKeys]]:
    secrets, given, moments = Secrets(), [], iter(range(0, 100, 2))

    def boundary(keys: BoundaryKeys) -> Boundary:
        given.append(keys)
        return cast(Boundary, Served())

    read = partial(keys_in_secrets, secrets, PSEUDONYM, RECEIPT)
    return secrets, UntilKeys(read, boundary, lambda: float(next(moments))), given


def test_it_refuses_until_both_keys_are_made_and_then_serves_with_these(
    bed: tuple[Secrets, UntilKeys, list[BoundaryKeys]],
) -> None:
    secrets, waiting, given = bed

    async def asked() -> list[HttpResponse]:
        answers = [await waiting.answer(ASKED)]
        secrets.values[PSEUDONYM] = made(1)
        answers.append(await waiting.answer(ASKED))
        secrets.values[RECEIPT] = made(2)
        return [*answers, await waiting.answer(ASKED), await waiting.answer(ASKED)]

    answers = asyncio.run(asked())
    assert [one.status for one in answers] == [503, 503, 200, 200]
    assert json.loads(answers[0].body)["status_code"] >= 3000
    (keys,) = given
    assert keys.pseudonyms.key == bytes([1]) * 32
    assert keys.receipts.private_bytes_raw() == bytes([2]) * 32


def test_secrets_that_do_not_answer_are_a_refusal_and_an_alarm(
    bed: tuple[Secrets, UntilKeys, list[BoundaryKeys]], capsys: pytest.CaptureFixture[str]
) -> None:
    secrets, waiting, given = bed
    secrets.fails = "AccessDeniedException"
    assert asyncio.run(waiting.answer(ASKED)).status == 503
    assert given == []
    told = json.loads(capsys.readouterr().out)
    assert (told["event"], told["kind"]) == (CRASH, "ClientError")


def test_keys_do_not_show_themselves() -> None:
    secrets = Secrets()
    secrets.values = {PSEUDONYM: made(1), RECEIPT: made(2)}
    assert "key=" not in repr(keys_in_secrets(secrets, PSEUDONYM, RECEIPT))


def test_keys_are_named_both_or_a_setting_is_wrong() -> None:
    with pytest.raises(ConfigError, match="RAMPART_RECEIPT_KEY_ID"):
        keys_from({"RAMPART_PSEUDONYM_KEY_ID": PSEUDONYM, "AWS_REGION": "eu-central-1"})
    with pytest.raises(ConfigError, match="RAMPART_PSEUDONYM_KEY_FILE"):
        keys_from({})


@pytest.mark.parametrize(
    ("line", "alarm"),
    [
        ({"event": ALARM, "control": "answers-hold-the-askers-objects"}, "foreign-object"),
        ({"event": ALARM, "control": "closed-fields-stay-here"}, "foreign-object"),
        ({"event": ALARM, "control": OWN_SESSIONS}, "foreign-session"),
        ({"event": ALARM, "control": ONCE}, "ledger-conflict"),
        ({"event": CRASH, "kind": "OSError"}, "boundary-crash"),
        ({"event": "serving"}, ""),
    ],
)
def test_each_line_of_the_boundary_is_counted_for_one_alarm(line: dict[str, str], alarm: str) -> None:
    group = cast(Any, None)
    found = [one.name for one in task_filters(group, group) if matches(one.pattern, line)]
    assert found == ([alarm] if alarm else [])


def test_health_is_told_while_secrets_manager_takes_its_time() -> None:
    """A look may take longer than ECS waits for a check: the task would be replaced for it."""
    told, asked = threading.Event(), HttpRequest("GET", HEALTH, {}, b"")

    def slow() -> None:
        told.wait(10)

    waiting = UntilKeys(slow, lambda _: cast(Boundary, Served()))

    async def health() -> int:
        first = asyncio.create_task(waiting.answer(ASKED))
        await asyncio.sleep(0)
        answer = await asyncio.wait_for(waiting.answer(asked), 1)
        told.set()
        return answer.status + (await first).status

    assert asyncio.run(health()) == 503 + 503
