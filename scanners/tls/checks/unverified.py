"""What the transport checks share: what was not seen is not a pass."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator

from hardening.checks import Unverifiable, Verdicts
from scanners.tls import probes as p
from scanners.tls.observations import Answer, Chain, Hello, Probe, State, TlsScan

# Only these show enough to judge by; of an inconsistent or unfinished audit, only failures count.
SEEN = (State.ANSWERED, State.INCONSISTENT, State.UNFINISHED)


def probed(scan: TlsScan, name: str) -> Probe:
    """The outcome of a probe. Raises Unverifiable if the endpoint was not audited at all."""
    reached(scan)
    return scan.probes.get(name) or Probe(answer=Answer.UNKNOWN, detail="it was not asked")


def reached(scan: TlsScan) -> None:
    """Raise Unverifiable unless there was a handshake."""
    if scan.state not in SEEN:
        raise Unverifiable(scan.where, f"{scan.state.value}: {scan.reason}")


def nothing_to_judge(scan: TlsScan) -> None:
    """Raise Unverifiable if the audit ended before anybody could tell that there is nothing to judge."""
    reached(scan)
    if scan.state is State.UNFINISHED:
        raise Unverifiable(scan.where, f"{scan.state.value}: {scan.reason}")


def verdict(scan: TlsScan, problems: Iterable[str], unknown: str = "") -> Verdicts:
    """Failures first; then, if there are none, a pass only where all was seen and seen alike."""
    found = False
    for problem in problems:
        found = True
        yield scan.where, problem
    if unknown:
        raise Unverifiable(scan.where, unknown)
    if found:
        return
    if scan.state is not State.ANSWERED:
        raise Unverifiable(scan.where, f"{scan.state.value}: {scan.reason}")
    yield scan.where, None


def unknown(name: str, probe: Probe) -> str:
    """Why a probe cannot be judged; empty if it can."""
    return f"{name}: {probe.detail}" if probe.answer is Answer.UNKNOWN else ""


def hellos_1_2(scan: TlsScan) -> list[Hello]:
    """The TLS 1.2 hellos of all connections; none if the endpoint has no TLS 1.2.

    Raises Unverifiable if nobody can tell.
    """
    probe = probed(scan, p.TLS_1_2)
    if probe.answer is Answer.UNKNOWN:
        raise Unverifiable(scan.where, f"TLS 1.2: {probe.detail}")
    return list(hellos(scan, p.TLS_1_2)) if probe.answer is Answer.ACCEPTED else []


def hellos(scan: TlsScan, *names: str) -> Iterator[Hello]:
    """The ServerHellos that the probes called `names`, and their repeats, were answered with."""
    for name in names:
        for probe in (probed(scan, name), *(scan.repeats.get(name) or ())):
            if probe.hello is not None:
                yield probe.hello


def forbidden(scan: TlsScan, names: tuple[str, ...], problem: str) -> Verdicts:
    """Verdicts on the probes called `names`, each an offer of only what the profile forbids.

    `problem` is a format for what was accepted. Nothing is yielded where all were skipped.
    """
    asked = [(name, probed(scan, name)) for name in names]
    if all(probe.answer is Answer.SKIPPED for _, probe in asked):
        return
    taken = [probe.accepted for _, probe in asked if probe.answer is Answer.ACCEPTED]
    doubts = [unknown(name, probe) for name, probe in asked]
    # A server that takes no notice of the offer may choose what is allowed, and was not offered.
    allowed = (*scan.profile.groups, *scan.profile.suites)
    told = [", ".join(f"{n}, which was not offered" if n in allowed else n for n in names) for names in taken]
    problems = [problem.format(names) for names in told]
    yield from verdict(scan, problems, "; ".join(filter(None, doubts)))


def each_chain(scan: TlsScan, problems: Callable[[Chain], Iterator[str]]) -> Verdicts:
    """Verdicts on every chain. Raises Unverifiable when none was seen."""
    reached(scan)
    readable = [chain for chain in scan.chains if chain.certificates]
    if not readable:
        broken = [f"{chain.trust}{chain.doubt}" for chain in scan.chains]
        raise Unverifiable(scan.where, broken[0] if broken else "no certificate was seen")
    yield from verdict(scan, told(readable, problems))


def told(chains: list[Chain], problems: Callable[[Chain], Iterator[str]]) -> Iterator[str]:
    """Each problem once, with the offers that were answered so unless every chain has it."""
    found: dict[str, list[str]] = defaultdict(list)
    for chain in chains:
        for problem in dict.fromkeys(problems(chain)):
            found[problem].append(chain.offer)
    for problem, offers in found.items():
        yield problem if len(offers) == len(chains) else f"{problem} (sent for {', '.join(offers)})"
