"""Primes of finite-field Diffie-Hellman: those that everybody knows, by their formulas, and safe ones.

RFC 7919, appendix A: from e. RFC 3526 and RFC 2409, 6: from pi. A prime of 1024 bits that many servers share
is the worst: one large computation opens all of their connections (Logjam, 2015).
"""

from __future__ import annotations

import random
from collections.abc import Mapping
from functools import cache, lru_cache
from typing import Final

_FFDHE: Final = {2048: 560316, 3072: 2625351, 4096: 5736041, 6144: 15705020, 8192: 10965728}
_MODP: Final = {
    768: 149686,
    1024: 129093,
    1536: 741804,
    2048: 124476,
    3072: 1690314,
    4096: 240904,
    6144: 929484,
    8192: 4743158,
}
_GROUPS: Final = {0x0100: 2048, 0x0101: 3072, 0x0102: 4096, 0x0103: 6144, 0x0104: 8192}
# Wrong for a composite number with a probability of 4^-5, more than enough for what is shown to a person.
_ROUNDS: Final = 5
# Larger numbers take seconds to test.
_MOST_BITS: Final = 3072


@cache
def ffdhe_prime(group: int) -> int:
    """The prime of an ffdhe group, by its code point (RFC 7919, appendix A)."""
    bits = _GROUPS[group]
    return _around(bits, (_e(bits - 130) + _FFDHE[bits]))


@lru_cache(maxsize=256)
def prime_problem(prime: int) -> str:
    """Why a server should not use a prime: it is shared and small, or no safe prime; empty for a good one."""
    if prime in known_primes():
        small = prime.bit_length() <= 1024
        return f"the prime is that of {known_primes()[prime]}, which many servers share" if small else ""
    if prime.bit_length() > _MOST_BITS or (_probably_prime(prime) and _probably_prime(prime // 2)):
        return ""
    return "the modulus is no safe prime"


@cache
def known_primes() -> Mapping[int, str]:
    """The primes of the RFCs, each with its name."""
    found = {_around(bits, _pi(bits - 130) + add): f"RFC {_rfc(bits)}'s {bits}-bit group"
             for bits, add in _MODP.items()}  # fmt: skip
    return found | {ffdhe_prime(group): f"ffdhe{bits}" for group, bits in _GROUPS.items()}


def _rfc(bits: int) -> int:
    return 2409 if bits <= 1024 else 3526


def _around(bits: int, middle: int) -> int:
    """2^bits - 2^(bits-64) + middle * 2^64 - 1: ones, the digits of a constant, ones."""
    return (1 << bits) - (1 << (bits - 64)) + (middle << 64) - 1


def _e(bits: int) -> int:
    """The whole part of e * 2^bits, as the sum of 1/n!."""
    term = total = 1 << (bits + 64)
    number = 1
    while term:
        term //= number
        total += term
        number += 1
    return total >> 64


def _pi(bits: int) -> int:
    """The whole part of pi * 2^bits, by Machin's formula."""
    one = 1 << (bits + 64)
    return 4 * (4 * _arctan(5, one) - _arctan(239, one)) >> 64


def _arctan(inverse: int, one: int) -> int:
    power = one // inverse
    total, number, sign = power, 1, 1
    while power:
        power //= inverse * inverse
        number += 2
        sign = -sign
        total += sign * (power // number)
    return total


def _probably_prime(number: int) -> bool:
    """Miller and Rabin's test, with random bases: a server cannot choose a number that passes it."""
    if number < 4 or number % 2 == 0:
        return number in (2, 3)
    odd, twos = number - 1, 0
    while odd % 2 == 0:
        odd, twos = odd // 2, twos + 1
    return all(_passes(number, odd, twos) for _ in range(_ROUNDS))


def _passes(number: int, odd: int, twos: int) -> bool:
    power = pow(random.SystemRandom().randrange(2, number - 1), odd, number)
    if power in (1, number - 1):
        return True
    for _ in range(twos - 1):
        power = power * power % number
        if power == number - 1:
            return True
    return False
