"""Whether one address is one server: the same offers again, and many more of them where answers differ.

Back ends that take turns behind one address show a fault on some connections only. The few repeats of every
audit stand in a row, so two or three back ends in turn are all met in each run, wherever the turn begins.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from scanners.tls import probes as p
from scanners.tls.audit.progress import Progress
from scanners.tls.observations import Answer, Hello

_FULL: Final = (p.TLS_1_3, p.TLS_1_2)
# What is asked again of back ends that differ: each of them may take what another refuses.
_FORBIDDEN: Final = (
    *(p.OLD_VERSIONS, p.SUITES_1_2, p.UNDECLARED_SUITES, p.GROUPS_1_2, p.SIGNATURES_1_2, p.SUITES_1_3),
    *(p.GROUPS_1_3, p.FINITE_FIELD, p.NO_NAME, p.FOREIGN_NAME, p.OTHER_CERTIFICATE),
)
# Enough to meet three back ends in turn, and six.
_FEW, _MANY = 3, 6
# Certificates and groups may vary from one connection to the next; what else was negotiated may not.
_NEGOTIATED: Final = (
    *("version", "suite", "sentinel", "compression"),
    *("extended_master_secret", "secure_renegotiation"),
)


async def once_more(audit: Progress) -> None:
    """Repeat a full offer: with the first two that makes three connections in a row.

    Handshakes that showed a client certificate count: they are in that row, and cost as much. So does the
    session of TLS 1.2 that is made next.
    """
    offered = [name for name in _FULL if audit.accepted(name)]
    made = sum(name != "anonymous" for name in audit.clients) + audit.accepted(p.TLS_1_2)
    for _ in range((1 if len(offered) > 1 else 3) - made):
        if offered:
            await audit.again(offered[-1])


async def many_more(audit: Progress) -> None:
    """Where answers differ, make every offer many times; where one cannot tell, TLS 1.3 a few times first."""
    if _suspects(audit):
        await _repeat(audit, p.TLS_1_3, _FEW)
    if any(_differences(audit)):
        # One after the other: in a round of all, each offer might keep to the same back ends.
        for name in (*_FULL, *_FORBIDDEN):
            if name in audit.offers:
                await _repeat(audit, name, _MANY)


async def _repeat(audit: Progress, name: str, times: int) -> None:
    for _ in range(times):
        if not audit.budget.spent():
            await audit.again(name)


def _suspects(audit: Progress) -> bool:
    """Whether what two different offers met can hardly be one server's."""
    older = audit.probes[p.TLS_1_2].hello
    knows = older is not None and older.sentinel and not audit.accepted(p.TLS_1_3)
    return knows or version_denied(audit) or len(audit.leaves(*_FULL)) > 1


def version_denied(audit: Progress) -> bool:
    """Whether TLS 1.3, accepted before, is later called a wrong version (RFC 8446, 6.2: protocol_version)."""
    newest = (p.SUITES_1_3, p.GROUPS_1_3, p.POST_QUANTUM_GROUPS)
    refusals = [audit.probes[name].detail for name in newest if name in audit.probes]
    return audit.accepted(p.TLS_1_3) and "alert protocol_version" in refusals


def accepted_first(audit: Progress) -> None:
    """Let each offer that some connection accepted count as accepted: the others are its repeats."""
    for name, repeats in audit.repeats.items():
        taken = next((probe for probe in repeats if probe.answer is Answer.ACCEPTED), None)
        if taken and not audit.accepted(name):
            audit.repeats[name] = [audit.probes[name], *(probe for probe in repeats if probe is not taken)]
            audit.probes[name] = taken


def differences(audit: Progress) -> tuple[str, ...]:
    """How answers to the same offer differ, a line for each; none if they do not."""
    return tuple(_differences(audit))


def _differences(audit: Progress) -> Iterator[str]:
    for name in audit.repeats:
        yield from negotiated_apart(audit, name)
        leaves = sorted(audit.leaves(name))
        if len(leaves) > 1 and name in _FULL:
            shown = ", ".join(leaf[:16] for leaf in leaves)
            yield f"{name}: {len(leaves)} certificates in turn from one address ({shown})"


def negotiated_apart(audit: Progress, name: str) -> Iterator[str]:
    """How the answers to one offer differ in more than a certificate."""
    answers = audit.answers(name)
    if {Answer.ACCEPTED, Answer.REFUSED} <= {probe.answer for probe in answers}:
        yield f"{name}: accepted by some connections to one address, and refused by others"
    hellos = [probe.hello for probe in answers if probe.hello and probe.answer is Answer.ACCEPTED]
    apart = [field for field in _NEGOTIATED if name in _FULL and _values(hellos, field) > 1]
    if apart:
        yield f"{name}: one address answers in different ways ({', '.join(apart).replace('_', ' ')})"


def _values(hellos: list[Hello], field: str) -> int:
    return len({getattr(hello, field) for hello in hellos})
