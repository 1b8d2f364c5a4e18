"""Limits that hold before a body is understood: its size, its depth, the length of its numbers.

They are scans over bytes, so a hostile body costs no more than a look at it.
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
# Every eighth byte of such a run gives this; so do some strings, which are then looked at in full.
_STRIDE, _SAMPLED_RUN = 8, b"0000"
# A time, as msgspec writes it, that is not in UTC or has a fraction.
canonical_time_outside_utc = re.compile(rb"(?s)T..:..:..[^Z]").search
# A time of day that has no date before it, or something other than `Z` behind it.
_other_time = re.compile(
    rb':[0-9][0-9]:[0-9][0-9](?:(?!Z")|(?<!-[0-9][0-9]T[0-9][0-9]:[0-9][0-9]:[0-9][0-9]))'
).search
_CLOCK = b"00:00:00"
_TIME = re.compile(rb'T00:00:00(?:\.0{1,4})?Z"')
# Possessive (`*+`): a string of megabytes must not be remembered character by character.
_STRING = rb'"[^"\\]*+(?:\\.[^"\\]*+)*+"?'
_BRACKETS_AND_STRINGS = re.compile(_STRING + rb"|[\[\]{}]", re.DOTALL)
_LONG_NUMBER = re.compile(_STRING + rb"|(-?[0-9][0-9.eE+-]{%d,})" % LONGEST_NUMBER, re.DOTALL)
_NOT_BRACKETS = bytes(byte for byte in range(256) if byte not in b"[]{}")
_AS_LISTS = bytes.maketrans(b"{}", b"[]")


def times_are_utc(body: bytes) -> bool:
    """Whether every time of `body` is of the form `YYYY-MM-DDThh:mm:ss[.ffff]Z`, its numbers aside.

    True is certain; False may also mean a time without its `Z`, or that another string looks like a time.
    """
    if _other_time(body) is None:
        return True
    digits = body.translate(_DIGITS)
    return digits.count(_CLOCK) == len(_TIME.findall(digits))


def has_no_long_number(body: bytes) -> bool:
    """True is certain; False may also mean that a string has very many digits."""
    if _SAMPLED_RUN not in body[::_STRIDE].translate(_DIGITS):
        return True
    return _LONG_RUN not in body.translate(_DIGITS)


def is_shallow(body: bytes) -> bool:
    """Whether nesting stays within the limit. True is certain; False may be brackets in a string."""
    brackets = body.translate(_AS_LISTS, _NOT_BRACKETS)
    for _ in range(MOST_LEVELS):
        if not brackets:
            return True
        outer = brackets.replace(b"[]", b"")  # without the innermost level
        if len(outer) == len(brackets):
            return False  # brackets that never close, or stand in a string
        brackets = outer
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
    if not has_no_long_number(body):
        for match in _LONG_NUMBER.finditer(body):
            if match[1]:
                expected = f"numbers of at most {LONGEST_NUMBER} characters"
                return Problem("", Structure.LONG_NUMBER, expected, f"{len(match[1])} characters")
    return None
