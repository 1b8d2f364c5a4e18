"""From bytes to verdict, on one core: ours with every business rule, beside the peers and bare parsing.

`pytest tests/benchmarks/test_messages.py -s -p no:cacheprovider` prints the table. The bodies are the
specification's examples where they are at hand, else our own messages, as compact JSON; peers get the faster of the two parsers that people use with
them (`orjson`), and the standard library's for comparison. Only ours refuses names that stand twice, times
that are not in UTC, and what breaks a business rule.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable

import jsonschema_rs
import ocpi_types.v2_2_1 as peer
import orjson
import pytest

from hardening.ocpi import json_schema, validate
from tests.hardening.ocpi.messages import MESSAGES
from tests.hardening.ocpi.test_examples import EXAMPLES

PEERS = {"CDR": peer.Cdr, "Session": peer.Session, "Location": peer.Location}
FILES = {
    "CDR": "cdr_example",
    "Session": "session_example_2_short_finished",
    "Location": "location_example",
}
ROUNDS, CALLS = 40, 500
# Of bare parsing, of ocpi-types and of jsonschema-rs; the last two with the standard library's parser.
MOST_OF_BARE, TIMES_OCPI_TYPES, TIMES_JSONSCHEMA = 3.5, 3.0, 1.2


def _microseconds(contestants: dict[str, Callable[[], object]]) -> dict[str, float]:
    """The best round of each, taking turns, so that what else the machine does falls on all alike."""
    spent: dict[str, list[float]] = {name: [] for name in contestants}
    for _ in range(ROUNDS):
        for name, call in contestants.items():
            began = time.perf_counter()
            for _ in range(CALLS):
                call()
            spent[name].append((time.perf_counter() - began) / CALLS * 1e6)
    return {name: min(times) for name, times in spent.items()}


def _bodies(object_type: str) -> dict[str, bytes]:
    file = EXAMPLES / "2.2.1" / f"{FILES[object_type]}.json"
    message = orjson.loads(file.read_bytes()) if file.exists() else MESSAGES["2.2.1"][object_type]
    shuffled = dict(reversed(message.items()))
    return {
        "compact": orjson.dumps(message),
        "indented, other order": orjson.dumps(shuffled, option=orjson.OPT_INDENT_2),
        "millisecond times": orjson.dumps(message).replace(b'Z"', b'.000Z"'),
        "not ASCII": orjson.dumps(message | {"city": "Zürich", "remark": "Zürich"}),
    }


@pytest.mark.parametrize("object_type", ["CDR", "Session", "Location"])
def test_bytes_to_verdict(object_type: str) -> None:
    bodies = _bodies(object_type)
    body = bodies["compact"]
    schema = jsonschema_rs.Draft202012Validator(json_schema("2.2.1", "", object_type))
    from_dict = PEERS[object_type].from_dict

    def ours(of: bytes = body) -> list[object]:
        return list(validate(of, version="2.2.1", object_type=object_type))

    assert all(validate(one, version="2.2.1", object_type=object_type) == [] for one in bodies.values())
    assert schema.is_valid(orjson.loads(body))
    took = _microseconds(
        {
            "orjson.loads, no validation": lambda: orjson.loads(body),
            "ours": lambda: validate(body, version="2.2.1", object_type=object_type),
            "jsonschema-rs on our schema, orjson": lambda: schema.is_valid(orjson.loads(body)),
            "jsonschema-rs on our schema, json": lambda: schema.is_valid(json.loads(body)),
            "ocpi-types, orjson": lambda: from_dict(orjson.loads(body)),
            "ocpi-types, json": lambda: from_dict(json.loads(body)),
            **{
                f"ours, {name}": (lambda of=one: ours(of))
                for name, one in bodies.items()
                if name != "compact"
            },
        }
    )
    print(f"\n2.2.1 {object_type}, {len(body)} bytes")
    for name, each in took.items():
        print(f"  {name:38} {each:7.2f} us {1e6 / each:10,.0f}/s   {each / took['ours']:5.2f} of ours")
    assert took["ours"] <= MOST_OF_BARE * took["orjson.loads, no validation"]
    assert took["ocpi-types, json"] >= TIMES_OCPI_TYPES * took["ours"]
    assert took["jsonschema-rs on our schema, json"] >= TIMES_JSONSCHEMA * took["ours"]
