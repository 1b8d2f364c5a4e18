"""Many partners rotate in one run against the emulator: each failure stays alone, and a kill costs nobody.

The stores are the emulator's DynamoDB and Secrets Manager, and the partners are called over HTTPS: three
processes. By hand, with figures: `python -m tests.infra.tokens.test_many_on_aws 2000`.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from hardening.registry.callback_host import CallbackHost
from hardening.registry.partners import Partner
from hardening.requests.samples import CPO
from hardening.requests.tokens import digest, issue
from hardening.rotation.connection import INBOUND, OUTBOUND, Connection, Secret, Stage
from hardening.rotation.records import ACTIVE, TokenRecord
from hardening.rotation.result import Result
from hardening.rotation.starter import rotate as rotate_both
from infra.lab.clients import Clients
from infra.lab.ports import free_port, listens
from infra.runtime.functions.secrets_vault import SecretsVault
from infra.runtime.policy_service.stores import DynamoTokenStore
from infra.tokens.custody import Custody, now, terms_of
from infra.tokens.due import rotate_all
from infra.tokens.partner_commands import due
from tests.beds.many_peers import (
    DOWN,
    ERROR,
    MUTE,
    NO_PUT,
    REFUSES,
    ManyPeers,
    fault_of,
    first_token,
    many_peers,
)

MONTH = timedelta(days=30)
REGION = "eu-central-1"
ENDS = {DOWN: "postponed", ERROR: "in doubt", NO_PUT: "rolled back", REFUSES: "rolled back", MUTE: "in doubt"}


@contextmanager
def emulator(folder: Path) -> Iterator[str]:
    """Moto's server as a process; where it answers."""
    port = free_port()
    with (folder / "emulator.log").open("w") as log:
        command = [sys.executable, "-m", "tests.beds.light_emulator", str(port)]
        with subprocess.Popen(command, stdout=log, stderr=log) as process:
            try:
                end = time.monotonic() + 60
                while not listens(port):
                    assert process.poll() is None, "the emulator ended"
                    assert time.monotonic() < end, "the emulator did not start"
                    time.sleep(0.05)
                yield f"http://127.0.0.1:{port}"
            finally:
                process.kill()


def custody_of(endpoint: str, port: int, count: int) -> Custody:
    """So many partners, whose platforms answer at `port`, and their stores."""
    clients, hosts = Clients(endpoint, REGION), (CallbackHost("localhost", port),)
    secrets = clients.get("secretsmanager")
    known = [replace(CPO, name=f"partner-{number:04}", callback_hosts=hosts) for number in range(count)]
    return Custody(
        partners=tuple(known),
        records=DynamoTokenStore(clients.get("dynamodb"), "tokens"),
        vault_of=lambda one: SecretsVault(secrets, f"rampart/test/{one.name}"),
        secrets=secrets,
        emulated=True,
    )


def settle(custody: Custody, endpoint: str, peers: ManyPeers) -> None:
    """Every partner is registered, with a token that is due."""
    names = ("digest", "partner")
    index = {"KeySchema": [{"AttributeName": "partner", "KeyType": "HASH"}]}
    Clients(endpoint, REGION).get("dynamodb").create_table(
        TableName="tokens",
        AttributeDefinitions=[{"AttributeName": name, "AttributeType": "S"} for name in names],
        KeySchema=[{"AttributeName": "digest", "KeyType": "HASH"}],
        GlobalSecondaryIndexes=[
            {"IndexName": "by-partner", **index, "Projection": {"ProjectionType": "KEYS_ONLY"}}
        ],
        BillingMode="PAY_PER_REQUEST",
    )
    issued, expires = (int((now() + days * timedelta(days=1)).timestamp()) for days in (-31, 29))
    assert custody.vault_of is not None
    for one in custody.partners:
        token, vault, versions = issue(), custody.vault_of(one), peers.versions(one.name)
        record = TokenRecord(digest(token), one.name, "C", ACTIVE, "test", expires, issued=issued)
        custody.records.put(record)
        url = versions.replace("versions", "2.2.1/credentials")
        ours = Secret(first_token(one.name), url, {"url": "https://us.example/ocpi/versions"}, versions)
        for direction, secret in ((INBOUND, Secret(token)), (OUTBOUND, ours)):
            custody.secrets.create_secret(Name=f"rampart/test/{one.name}/{direction}")
            vault.write_pending(direction, secret)
            vault.promote(direction)


def run(endpoint: str, port: int, count: int) -> None:
    """Rotate all that are due, one after the other; a line of JSON for each, and one of the calls of AWS."""
    custody, calls = custody_of(endpoint, port, count), Counter[str]()
    for client in (custody.secrets, custody.records._client):  # type: ignore[attr-defined]  # its calls are counted
        client.meta.events.register("before-call", lambda model, **_: calls.update([model.name]))
    wanted = [one for one in custody.partners if due(custody, one, now(), MONTH)]

    def rotate(partner: Partner) -> Result:
        assert custody.vault_of is not None
        vault, call = custody.vault_of(partner), custody.call_to(partner)
        return rotate_both(Connection(partner, terms_of(partner), vault, custody.records, call, now))

    looked = sum(calls.values())
    for one in rotate_all(wanted, rotate, 1):
        print(json.dumps([one.partner, str(one.result.end) if one.result else one.crash]), flush=True)
    print(json.dumps({"to look": looked, **calls}), flush=True)


def ran(
    endpoint: str, peers: ManyPeers, count: int, kill_after: int = 0
) -> tuple[dict[str, str], dict[str, int]]:
    """A run in a process of its own, killed with -9 in the midst of the rotation after so many (0: never).

    How each partner's rotation ended, and the calls of AWS.
    """
    command = [sys.executable, "-m", "tests.infra.tokens.test_many_on_aws", "run", endpoint]
    environment = {**os.environ, "SSL_CERT_FILE": peers.ca_file}
    ended: dict[str, str] = {}
    with subprocess.Popen(
        [*command, str(peers.port), str(count)], env=environment, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        for line in process.stdout:
            found: Any = json.loads(line)
            if isinstance(found, dict):
                return ended, found
            ended[found[0]] = found[1]
            if len(ended) == kill_after:
                process.kill()
                return ended, {}
    raise AssertionError("the run ended without its last word")


def figures(folder: Path, count: int) -> None:
    """Rotate all: killed in the middle, taken up, and again; hold how each ended, and who can still talk."""
    with emulator(folder) as endpoint, many_peers(folder) as peers:
        custody = custody_of(endpoint, peers.port, count)
        settle(custody, endpoint, peers)
        fails = {one.name: fault for one in custody.partners if (fault := fault_of(one.name))}
        begun = [(time.monotonic(), peers.seen()[0])]
        first, _ = ran(endpoint, peers, count, kill_after=count // 2)
        begun.append((time.monotonic(), peers.seen()[0]))
        second, calls = ran(endpoint, peers, count)
        begun.append((time.monotonic(), peers.seen()[0]))
        third, _ = ran(endpoint, peers, count)
        begun.append((time.monotonic(), peers.seen()[0]))
        named = {"killed": first, "taken up": second, "again": third}
        for (words, ended), ((start, before), (end, after)) in zip(
            named.items(), pairwise(begun), strict=True
        ):
            told = ", ".join(f"{number} {end}" for end, number in sorted(Counter(ended.values()).items()))
            print(f"{words}: {told}; {after - before} calls of partners, {end - start:.1f} s", flush=True)
        print(f"calls of AWS when it was taken up: {calls}", flush=True)
        hold(custody, peers, fails, (first, second, third))


def hold(custody: Custody, peers: ManyPeers, fails: dict[str, str], runs: tuple[dict[str, str], ...]) -> None:
    """Nobody failed but who was to, each in its way; who was done was left alone; all can talk."""
    first, second, third = runs
    sound = {one.name for one in custody.partners} - fails.keys()
    assert {name for name, end in {**first, **second}.items() if end == "rotated"} >= sound
    for ended in (first, second):
        failed = {name: end for name, end in ended.items() if end != "rotated"}
        assert all(end == ENDS[fails[name]] for name, end in failed.items()), failed
    assert not {name for name, end in first.items() if end == "rotated"} & second.keys()
    # The answer that was lost is asked for again; what is broken for good stays so, alone.
    assert third.keys() <= fails.keys()
    assert {name for name in fails if fails[name] == MUTE} <= {
        name for ended in runs for name, end in ended.items() if end == "rotated"
    }
    _, inbound = peers.seen()
    assert custody.vault_of is not None
    for one in custody.partners:
        held = custody.vault_of(one).read(OUTBOUND, Stage.CURRENT)
        assert held is not None
        assert peers.takes(one.name, held.token) or fails.get(one.name) == DOWN, one.name
        honoured = {
            record.digest for record in custody.records.of_partner(one.name) if record.honoured(now())
        }
        assert 1 <= len(honoured) <= 2
        assert one.name not in inbound or inbound[one.name] in honoured, one.name


@pytest.mark.slow
def test_many_rotate_against_the_emulator_and_a_kill_costs_nobody(tmp_path: Path) -> None:
    figures(tmp_path, 40)


def main() -> None:
    """Print the figures of so many partners; `run`: one run, for `ran`."""
    if sys.argv[1] == "run":
        run(sys.argv[2], int(sys.argv[3]), int(sys.argv[4]))
        return
    with tempfile.TemporaryDirectory() as folder:
        figures(Path(folder), int(sys.argv[1]))


if __name__ == "__main__":
    main()
