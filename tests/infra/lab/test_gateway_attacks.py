"""Hundreds of an attacker's calls against the running gateway: every answer is the right one."""

from __future__ import annotations

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest

from hardening.controls import CONTROLS
from tests.beds.attacks import Answer, Attack, Family, controls_by_request, send, send_http2
from tests.beds.gateway import GatewayBed, gateway_bed
from tests.infra.lab import attack_families, attack_messages
from tests.infra.lab.attack_families import LIST, calls
from tests.infra.lab.attack_messages import CARD, TOKEN, sent

SOURCES = (
    attack_families.paths,
    attack_families.methods,
    attack_families.strangers,
    attack_families.registration,
    attack_messages.names,
    attack_messages.texts,
    attack_messages.messages,
    attack_messages.owners,
    attack_messages.queries,
    attack_messages.wire,
    attack_messages.served,
)
LEAST = 700


@pytest.fixture(scope="module")
def bed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[GatewayBed]:
    with gateway_bed(tmp_path_factory.mktemp("attacked")) as up:
        yield up


def _families(bed: GatewayBed) -> list[Family]:
    return [one for source in SOURCES for one in source(bed)]


def _named(families: list[Family]) -> list[tuple[Family, Attack]]:
    """Every attack with an X-Request-ID of its own, where it has a printable one to change."""
    named = []
    for one in families:
        for number, attack in enumerate(one.attacks):
            name = f"{one.name.replace(' ', '-')}-{number}"
            headers = tuple((n, name if n == "X-Request-ID" else value) for n, value in attack.headers)
            named.append((one, replace(attack, headers=headers)))
    return named


def test_every_answer_is_the_right_one(bed: GatewayBed) -> None:
    assert send(bed, sent(bed, "PUT", CARD, TOKEN)).status == 201
    named = _named(_families(bed))
    assert len(named) >= LEAST
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda one: send(bed, one[1]), named))
    logged = controls_by_request(bed.logs())
    wrong = [
        f"{one.name}: {attack.method} {attack.path[:90]} {attack.body[:60]!r}: {answer}, {control!r}"
        for (one, attack), answer in zip(named, answers, strict=True)
        for control in [logged.get(dict(attack.headers).get("X-Request-ID", ""), "")]
        if (answer.status, answer.ocpi) != (one.status, one.ocpi)
        or (control != one.control and dict(attack.headers).get("X-Request-ID"))
    ]
    assert not wrong, "\n".join(wrong)


def test_the_right_answers_are_those_of_the_catalogue(bed: GatewayBed) -> None:
    for one in _families(bed):
        if one.control and one.name != "HEAD, whose answer has no body":
            assert (one.status, one.ocpi) == CONTROLS[one.control].refusal, one.name


def test_no_secret_and_no_card_of_an_attack_stands_in_a_log(bed: GatewayBed) -> None:
    card = "04A2B3C4D5E6F7"
    for path in (
        f"/ocpi/2.2.1/receiver/%74okens/NL/EMX/{card}",
        f"/ocpi/2.2.1/receiver/tokens/NL/EMX/%30{card[1:]}",
    ):
        assert send(bed, calls(bed).but(path=path)).status == 400
    logs = bed.logs()
    assert card not in logs
    assert card[1:] not in logs
    for token in json.loads(Path(bed.target.tokens_file).read_text(encoding="utf-8")).values():
        assert token not in logs


def test_http_2_without_a_length_is_served_and_judged(bed: GatewayBed) -> None:
    put = sent(bed, "PUT", CARD, TOKEN)
    assert send_http2(bed, put) == Answer(0, 1000)
    assert send_http2(bed, calls(bed)).ocpi == 1000
    refused = send_http2(bed, sent(bed, "PUT", CARD, {**TOKEN, "PARTY_ID": "ZZZ"}))
    assert refused.message == "refused: message-names-unambiguous"
    got = send_http2(bed, calls(bed).but(path=LIST, body=b"{}", method="GET"))
    assert got.ocpi == 2001
