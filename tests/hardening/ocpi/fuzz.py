"""A fuzz run of the message validator: `python -m tests.hardening.ocpi.fuzz [SECONDS]`.

Hypothesis makes messages of every class of every edition, breaks their members and their bytes, and asks:
does every body get a verdict, in time; does the fast path accept nothing that the diagnosis refuses; is
one broken rule reported as that rule; does the fast path over rules let nothing through that a rule
refuses; do schema and validator agree. It prints the counts as JSON, and ends with 1 at the first wrong
answer.
"""

from __future__ import annotations

import json
import sys
import time
from collections import Counter
from random import Random

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hardening.ocpi import validate
from hardening.ocpi.diagnosis import problems_of
from hardening.ocpi.editions import edition as edition_of
from hardening.ocpi.structs import Shape
from hardening.ocpi.validation import accepted, plan
from tests.hardening.ocpi.generated import CLASSES, broken, message, written
from tests.hardening.ocpi.test_fast_path import test_a_rule_that_certainly_holds_finds_no_fault as fast_rules
from tests.hardening.ocpi.test_schema import test_schema_and_validator_have_one_verdict as one_verdict

COUNTS: Counter[str] = Counter()
SLOWEST = [0.0]
_BYTES = b'{}[]",:0123456789+-.eEzZtT \\\x7f\xc3\xa9u\x00\n'
_SETTINGS = settings(max_examples=3000, deadline=None, database=None, suppress_health_check=list(HealthCheck))


def _mutated(random: Random, body: bytearray) -> None:
    for _ in range(random.choice([0, 1, 1, 2, 5])):
        at = random.randrange(len(body) + 1)
        kind = random.random()
        if kind < 0.4 and at < len(body):
            body[at] = random.choice(_BYTES)
        elif kind < 0.6:
            body[at:at] = bytes([random.choice(_BYTES)])
        elif kind < 0.8:
            del body[at : at + random.randint(1, 4)]
        else:
            other = random.randrange(len(body) + 1)
            body[at:at] = body[other : other + random.randint(1, 60)]


@_SETTINGS
@given(seed=st.integers(0, 2**60), key=st.sampled_from(CLASSES), shape=st.sampled_from(list(Shape)))
def any_body_has_one_verdict(seed: int, key: tuple[str, str, str], shape: Shape) -> None:
    random = Random(seed)
    version, name, kind = key
    value = message(random, version, name, kind)
    change = broken(random, value, edition_of(version, name), kind) if random.random() < 0.5 else None
    if shape in (Shape.LIST, Shape.RESPONSE_LIST):
        value = [value]
    if shape in (Shape.RESPONSE, Shape.RESPONSE_LIST):
        value = {"status_code": 1000, "timestamp": "2026-01-01T00:00:00Z", "data": value}
    raw = bytearray(written(random, value))
    before = bytes(raw)
    _mutated(random, raw)
    body = bytes(raw)
    of = plan(version, name, kind, shape)
    began = time.process_time()
    found = validate(body, version=version, edition=name, object_type=kind, shape=shape)
    SLOWEST[0] = max(SLOWEST[0], time.process_time() - began)
    precise = problems_of(body, of.tables, kind, shape)
    fast = accepted(body, of) is not None
    assert not (fast and precise), (body, precise)
    assert all(one in found for one in precise), (body, found, precise)
    if change is not None and body == before and shape is Shape.OBJECT:
        assert [str(one.rule) for one in precise] == [change[1]], (body, precise, change)
    COUNTS["bodies"] += 1
    COUNTS["accepted" if not found else "refused"] += 1
    COUNTS["fast"] += fast


def main() -> None:
    """Fuzz for so many seconds (default: 600)."""
    seconds = float(sys.argv[1]) if len(sys.argv) > 1 else 600.0
    began = time.monotonic()
    while time.monotonic() - began < seconds:
        for _ in range(4):
            any_body_has_one_verdict()
        fast_rules()
        COUNTS["fast path"] += 3000
        for draft in ("2020-12", "draft-4"):
            one_verdict(draft=draft)
            COUNTS["schemas"] += 500
    took = time.monotonic() - began
    print(json.dumps({**COUNTS, "seconds": round(took), "slowest_ms": round(SLOWEST[0] * 1000, 2)}))


if __name__ == "__main__":
    main()
