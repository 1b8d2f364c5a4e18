"""A revocation through a gateway that runs: it took the partner before, and refuses it after."""

from __future__ import annotations

import re
import statistics
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from click.testing import CliRunner

from hardening.cli import Exit, rampart
from hardening.registry.reader import read_registry
from infra.runtime.policy_service.sqlite_store import SqliteTokenStore
from infra.tokens.custody import Custody, gateway_of
from infra.tokens.revoke import revoke_partner
from tests.beds.guard import GuardBed, guard_bed, issue

NAME = "example-emsp"
NAMES = (NAME, "example-cpo", "example-hub")


@pytest.fixture(scope="module")
def bed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[GuardBed]:
    with guard_bed(tmp_path_factory.mktemp("guard")) as up:
        yield up


def custody(bed: GuardBed) -> Custody:
    gateway = gateway_of(f"127.0.0.1:{bed.port}", bed.ca_file)
    store = SqliteTokenStore(bed.folder / "tokens.sqlite")
    return Custody(partners=read_registry(bed.partners), records=store, gateway=gateway)


def test_the_command_says_when_the_gateway_first_refused(bed: GuardBed) -> None:
    issue(SqliteTokenStore(bed.folder / "tokens.sqlite"), NAME)
    store, partners = str(bed.folder / "tokens.sqlite"), str(bed.partners)
    where = [
        "--store",
        store,
        "--partners",
        partners,
        "--gateway",
        f"127.0.0.1:{bed.port}",
        "--ca",
        bed.ca_file,
    ]
    done = CliRunner().invoke(
        rampart, ["token", "revoke", NAME, "--reason", "x", *where], standalone_mode=False
    )
    assert done.return_value is Exit.HOLDS, done.output
    found = re.search(r"the gateway refused after ([0-9.]+) s", done.output)
    assert found
    assert float(found[1]) < 2
    headers = bed.headers(NAME)
    assert bed.get("/ocpi/versions", headers)[0] == 401


def test_others_are_served_all_the_while(bed: GuardBed) -> None:
    issue(SqliteTokenStore(bed.folder / "tokens.sqlite"), NAME)
    revoke_partner(custody(bed), custody(bed).partner(NAME))
    assert bed.get("/ocpi/versions", bed.headers("example-cpo"))[0] == 200


@pytest.mark.slow
@pytest.mark.alone
def test_fifty_revocations_are_refused_within_two_seconds(bed: GuardBed) -> None:
    """Of three partners at a time: each waits for its own second."""

    def refused_after(partner: str) -> float:
        issue(SqliteTokenStore(bed.folder / "tokens.sqlite"), partner)
        done = revoke_partner(custody(bed), custody(bed).partner(partner))
        assert done.refused_after is not None
        return done.refused_after

    with ThreadPoolExecutor(len(NAMES)) as pool:
        took = [one for _ in range(17) for one in pool.map(refused_after, NAMES)]
    assert len(took) > 50
    print(f"first refusal after {statistics.median(took):.2f} s (median), {max(took):.2f} s (worst) of 51")
    assert max(took) < 2
