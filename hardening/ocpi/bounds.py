"""Limits that hold before a body is understood: its size, its depth, the length of its numbers.

They are scans over bytes, so that a hostile body costs no more than a look at it.
"""

from __future__ import annotations

import re

from hardening.ocpi.problems import Problem, Structure

MOST_BYTES = 16 * 1024 * 1024
MOST_LEVELS = 64
LONGEST_NUMBER = 100
# A number of over 100 characters is whole part, fraction and exponent: one of them has this many digits.
_LONG_RUN = b"0" * 32

_DIGITS = bytes(ord("0") if chr(byte).isdecimal() and byte < 128 else byte for byte in range(256))
_CLOCK = b"00:00:00"
_UTC = b'T00:00:00Z"'
_TIME = re.compile(rb'T00:00:00(?:\.0{1,4})?Z"')
_BRACKETS_AND_STRINGS = re.compile(rb'"(?:[^"\\]|\\.)*"?|[\[\]{}]', re.DOTALL)
_LONG_NUMBER = re.compile(rb'"(?:[^"\\]|\\.)*"?|(-?[0-9][0-9.eE+-]{%d,})' % LONGEST_NUMBER, re.DOTALL)
_NOT_BRACKETS = bytes(byte for byte in range(256) if byte not in b"[]{}")


def without_digits(body: bytes) -> bytes:
    """`body` with every digit made `0`, so that a plain search finds times and long numbers."""
    return body.translate(_DIGITS)


def times_are_utc(digits: bytes) -> bool:
    """Whether every time in `without_digits(body)` ends in seconds and `Z`, or a fraction and `Z`.

    True is certain; False may also mean a time without its `Z`, or that another string looks like a time.
    """
    times = digits.count(_CLOCK)
    return times == digits.count(_UTC) or times == len(_TIME.findall(digits))


def has_no_long_number(digits: bytes) -> bool:
    """True is certain; False may also mean that a string has very many digits."""
    return _LONG_RUN not in digits


def is_shallow(body: bytes) -> bool:
    """Whether nesting stays within the limit. True is certain; False may be brackets in a string."""
    brackets = body.translate(None, _NOT_BRACKETS)
    for _ in range(MOST_LEVELS):
        if not brackets:
            return True
        brackets = brackets.replace(b"[]", b"").replace(b"{}", b"")
    return not brackets


def broken(body: bytes) -> Problem | None:
    """The limit that `body` breaks, exactly."""
    if len(body) > MOST_BYTES:
        return Problem("", Structure.TOO_LARGE, f"at most {MOST_BYTES} bytes", f"{len(body)} bytes")
    depth = 0
    if not is_shallow(body):
        for match in _BRACKETS_AND_STRINGS.finditer(body):
            mark = body[match.start()]
            if mark in b"[{":
                depth += 1
                if depth > MOST_LEVELS:
                    return Problem("", Structure.TOO_DEEP, f"at most {MOST_LEVELS} levels of nesting")
            elif mark in b"]}":
                depth -= 1
    if not has_no_long_number(without_digits(body)):
        for match in _LONG_NUMBER.finditer(body):
            if match[1]:
                expected = f"numbers of at most {LONGEST_NUMBER} characters"
                return Problem("", Structure.LONG_NUMBER, expected, f"{len(match[1])} characters")
    return None
