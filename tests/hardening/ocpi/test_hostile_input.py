"""Hostile bodies: one clear problem, in bounded time and memory, and never a crash."""

from __future__ import annotations

import json
import subprocess
import sys
import time
import tracemalloc
from collections.abc import Callable
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hardening.ocpi import OBJECTS, validate
from hardening.ocpi.bounds import MOST_BYTES, MOST_LEVELS
from hardening.ocpi.problems import MOST_PROBLEMS
from tests.hardening.ocpi.messages import MESSAGES, with_change

TOKEN = with_change("2.2.1", "Token", "", None)


def _with(member: bytes) -> bytes:
    return TOKEN[:-1] + b', "extra": ' + member + b"}"


HOSTILE: dict[str, tuple[Callable[[], bytes], str]] = {
    "100,000 lists in each other": (lambda: b"[" * 100_000 + b"]" * 100_000, "too-deep"),
    "100,000 lists that never close": (lambda: b"[" * 100_000, "too-deep"),
    "100,000 objects in each other": (lambda: b'{"a":' * 100_000 + b"1" + b"}" * 100_000, "too-deep"),
    "deep lists in an unknown field": (lambda: _with(b"[" * 100_000 + b"]" * 100_000), "too-deep"),
    "one level too many": (lambda: _with(b"[" * MOST_LEVELS + b"]" * MOST_LEVELS), "too-deep"),
    "100 MB of spaces": (lambda: b" " * 100_000_000, "too-large"),
    "100 MB of a string": (lambda: _with(b'"' + b"a" * 100_000_000 + b'"'), "too-large"),
    "a number of 10,000 digits": (lambda: _with(b"9" * 10_000), "long-number"),
    "a fraction of 10,000 digits": (lambda: _with(b"0." + b"1" * 10_000), "long-number"),
    "an exponent of 10,000 digits": (lambda: _with(b"1e" + b"1" * 10_000), "long-number"),
    "a name twice": (lambda: _with(b'1, "uid": "other"'), "duplicate-key"),
    "a name twice, deep in an unknown field": (lambda: _with(b'[{"a": 1, "a": 1}]'), "duplicate-key"),
    "bytes that are no UTF-8": (lambda: _with(b'"\xff\xfe"'), "not-utf-8"),
    "a surrogate as UTF-8": (lambda: _with(b'"\xed\xa0\x80"'), "not-utf-8"),
    "UTF-8 that is too long": (lambda: _with(b'"\xc0\xaf"'), "not-utf-8"),
    "UTF-16": (lambda: TOKEN.decode().encode("utf-16"), "not-utf-8"),
    "a byte order mark": (lambda: b"\xef\xbb\xbf" + TOKEN, "not-json"),
    "half a surrogate pair": (lambda: _with(b'"\\ud800"'), "lone-surrogate"),
    "half a surrogate pair in a name": (lambda: _with(b'{"\\udc00": 1}'), "lone-surrogate"),
    "NaN": (lambda: _with(b"NaN"), "not-json"),
    "Infinity": (lambda: _with(b"-Infinity"), "not-json"),
    "a comment": (lambda: TOKEN + b"// end", "not-json"),
    "two documents": (lambda: TOKEN + TOKEN, "not-json"),
    "a comma too many": (lambda: TOKEN[:-1] + b",}", "not-json"),
    "single quotes": (lambda: TOKEN.replace(b'"', b"'"), "not-json"),
    "a control character in a string": (lambda: _with(b'"a\nb"'), "not-json"),
    "a zero byte": (lambda: b"\x00" + TOKEN, "not-json"),
    "nothing": (lambda: b"", "not-json"),
    "a string": (lambda: b'"CDR"', "type"),
    "null": (lambda: b"null", "type"),
    "an empty list": (lambda: b"[]", "type"),
    "a wide list": (lambda: b"[" + b"[]," * 1_000_000 + b"[]]", "type"),
    "a number beyond a double": (lambda: TOKEN.replace(b"true", b"1e999"), "type"),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_body_gives_one_clear_problem_in_bounded_time(name: str) -> None:
    make, rule = HOSTILE[name]
    body = make()
    began = time.perf_counter()
    found = validate(body, version="2.2.1", object_type="Token")
    assert time.perf_counter() - began < 10
    assert [str(one.rule) for one in found] == [rule], [str(one) for one in found]
    assert len(str(found[0])) < 400


def test_a_body_that_is_too_large_costs_no_memory() -> None:
    body = b'{"a": "' + b"a" * (4 * MOST_BYTES) + b'"}'
    tracemalloc.start()
    validate(body, version="2.2.1", object_type="CDR")
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 1_000_000


_LARGE = r"""
import resource, sys, time
from hardening.ocpi import validate
validate(b"{}", version="2.2.1", object_type="Token")
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
n = 7_000_000
for body in (
    b"[" * 70 + b'"' + b"a" * 2 * n,
    b'{"uid":"' + b"a" * 2 * n + b'","x":' + b"1" * 200 + b"}",
    b'{"uid":"' + b'\\"' * n + b'","x":' + b"1" * 200 + b"}",
    b'{"uid":"' + b"1" * 2 * n + b'"}',
    b'{"uid":"' + b"[{" * n + b'"}',
    b'{"uid":"' + b"\xc3\xa9" * n + b'"}',
    b'"' * 2 * n,
    b"[]," * (n // 2),
    b" " * 2 * n,
):
    began = time.process_time()
    assert validate(body, version="2.2.1", object_type="Token")
    assert time.process_time() - began < 5, body[:80]
print((resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) // 1024)
"""


def test_bodies_of_many_megabytes_cost_a_small_multiple_of_their_size() -> None:
    """No string, number or bracket is remembered one by one."""
    found = subprocess.run([sys.executable, "-c", _LARGE], capture_output=True, timeout=120, check=False)
    assert found.returncode == 0, found.stderr
    assert int(found.stdout) < 250


def test_a_body_within_the_bounds_costs_no_more_than_its_size_allows() -> None:
    body = b"[" + b'{"a":[],"b":{}},' * 900_000 + b"1]"
    assert len(body) < MOST_BYTES
    began = time.perf_counter()
    found = validate(body, version="2.2.1", object_type="CDR", shape="list")
    assert time.perf_counter() - began < 60
    assert len(found) == MOST_PROBLEMS


def test_numbers_that_a_double_cannot_hold_are_refused() -> None:
    for text in (b"1e999", b"-1e999", b"1" + b"0" * 90):
        body = with_change("2.2.1", "CDR", "total_energy", 123454321).replace(b"123454321", text)
        found = validate(body, version="2.2.1", object_type="CDR")
        assert [str(one.rule) for one in found] == ["range"]


def test_many_problems_are_told_up_to_a_limit() -> None:
    body = json.dumps([{}] * 10_000).encode()
    found = validate(body, version="2.2.1", object_type="CDR", shape="list")
    assert len(found) == MOST_PROBLEMS


def test_a_problem_is_one_short_line_whatever_a_partner_sends() -> None:
    evil = "\x1b[31m\n" + "z" * 5000
    body = json.dumps({"uid": evil, "type": evil, evil: 1, "issuer": evil, "token": evil}).encode()
    for one in validate(body, version="2.2.1", object_type="Token"):
        assert "\n" not in str(one)
        assert "\x1b" not in str(one)
        assert len(str(one)) < 300


@settings(max_examples=500, deadline=None)
@given(body=st.binary(max_size=200), version=st.sampled_from(sorted(OBJECTS)))
def test_any_bytes_get_a_verdict(body: bytes, version: str) -> None:
    assert validate(body, version=version, object_type="Location") != []


OBJECTS_OF_OURS = [
    (version, one)
    for version in MESSAGES
    for one, message in MESSAGES[version].items()
    if isinstance(message, dict)
]

_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=10),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=20,
)


@settings(max_examples=500, deadline=None)
@given(
    seed=st.integers(0, 2**32),
    value=_VALUES,
    key=st.sampled_from(OBJECTS_OF_OURS),
)
def test_any_value_in_any_place_gets_a_verdict(seed: int, value: object, key: tuple[str, str]) -> None:
    random = Random(seed)
    version, object_type = key
    name = random.choice(sorted(MESSAGES[version][object_type]))
    body = with_change(version, object_type, name, value)
    edition = "bookings" if object_type.startswith("Booking") else ""
    found = validate(body, version=version, edition=edition, object_type=object_type)
    assert isinstance(found, list)
