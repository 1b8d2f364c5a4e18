"""`python -m …boundary.deliverer KIND ENDPOINT WHERE LOG COUNT RUN`: deliver CDRs until all count.

One in ten is sent again, one in ten with another text, and their order is another one in each run. The
service is a log: what it was sent, line by line. Every run is a minute later than the one before.
"""

from __future__ import annotations

import json
import os
import random
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from hardening.ledger.entry import Answer
from hardening.ledger.messages import Message, message_of
from hardening.ledger.steps import Contradiction, Repeat, Wait
from hardening.requests.sample_messages import CDR
from infra.lab.clients import Clients
from infra.runtime.boundary.deliveries import Deliveries, Reservation
from infra.runtime.boundary.dynamodb_ledger import DynamoLedger
from infra.runtime.boundary.sqlite_ledger import SqliteLedger
from tests.beds.ledgers import RECORDER


def cdr_of(number: int, *, changed: bool) -> Message:
    """The CDR of that number, or one with its id and another text."""
    said = {**CDR, "id": f"CDR-{number}", "session_id": f"SES-{number}", "total_energy": 7 if changed else 5}
    found = message_of("example-cpo", "POST", "/ocpi/2.2.1/receiver/cdrs", json.dumps(said).encode())
    assert found is not None
    return found


def main() -> None:
    """Deliver them all; what was delivered before is not delivered again."""
    kind, endpoint, where, log, count, run = sys.argv[1:]
    ledger: SqliteLedger | DynamoLedger = (
        SqliteLedger(Path(where))
        if kind == "sqlite"
        else DynamoLedger(Clients(endpoint, "eu-central-1").get("dynamodb"), where)
    )
    deliveries = Deliveries(ledger, RECORDER, lambda: time.time() + 60 * int(run))
    order = random.Random(int(run)).sample(range(int(count)), int(count))
    service = os.open(log, os.O_WRONLY | os.O_APPEND)
    print("ready", flush=True)
    with ThreadPoolExecutor(16) as threads:
        for _ in threads.map(lambda number: _deliver(deliveries, number, service), order):
            pass


def _deliver(deliveries: Deliveries, number: int, service: int) -> None:
    message = cdr_of(number, changed=False)
    _deliver_once(deliveries, message, service)
    if number % 10 == 0:
        assert isinstance(deliveries.arrive(message), Repeat)
    if number % 10 == 1:
        assert isinstance(deliveries.arrive(cdr_of(number, changed=True)), Contradiction)


def _deliver_once(deliveries: Deliveries, message: Message, service: int) -> None:
    step = deliveries.arrive(message)
    assert not isinstance(step, Wait | Contradiction)
    if isinstance(step, Reservation):
        os.write(service, f"{message.key.object} {message.digest}\n".encode())
        deliveries.settle(step, Answer(201), counted=True)


if __name__ == "__main__":
    main()
