"""What a server must refuse from a caller whose token is right."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from hardening.checks import Unverifiable, Verdicts, check
from scanners.probe.records import Exchange
from scanners.probe.server.records import ServerProbe, is_served
from scanners.probe.server.samples import PROBE, broken, served


def refusals(calls: Iterable[Exchange]) -> Iterator[tuple[str, str | None]]:
    """A verdict for each call that must be refused. Raises Unverifiable where no answer came."""
    silent = ""
    for call in calls:
        if call.got.status == 0:
            silent = call.where
        elif call.got.status >= 500:
            yield call.where, f"HTTP {call.got.status}: the server breaks where it should refuse"
        elif is_served(call):
            yield call.where, f"served: HTTP {call.got.status}, OCPI {call.got.ocpi_status}"
        else:
            yield call.where, None
    if silent:
        raise Unverifiable(silent, "no answer came")


@check("pagination-parameters-valid", good=PROBE, bad=replace(PROBE, bad_pages=broken("limit=abc")))
def server_refuses_bad_pages(probe: ServerProbe) -> Verdicts:
    """A limit, an offset or a date that is none is refused, and breaks nothing."""
    yield from refusals(probe.bad_pages)


@check("unknown-path-refused", good=PROBE, bad=replace(PROBE, unknown_paths=served("an unknown path")))
def server_refuses_unknown_paths(probe: ServerProbe) -> Verdicts:
    """What OCPI does not define is not served."""
    yield from refusals(probe.unknown_paths)


@check("method-defined-by-ocpi", good=PROBE, bad=replace(PROBE, odd_methods=served("TRACE")))
def server_refuses_other_methods(probe: ServerProbe) -> Verdicts:
    """A method that OCPI does not define for an endpoint is refused."""
    yield from refusals(probe.odd_methods)


@check(
    "url-party-belongs-to-partner",
    good=PROBE,
    bad={
        "read": replace(PROBE, foreign_reads=served("a foreign party's object")),
        "write": replace(PROBE, foreign_writes=served("a foreign party's object")),
    },
)
def server_keeps_parties_apart(probe: ServerProbe) -> Verdicts:
    """Objects of a party that is not the caller's are neither shown to it nor taken from it."""
    yield from refusals((*probe.foreign_reads, *probe.foreign_writes))


@check("message-is-bounded", good=PROBE, bad=replace(PROBE, broken_bodies=served("half a JSON text")))
def server_refuses_broken_bodies(probe: ServerProbe) -> Verdicts:
    """A body that is no JSON is refused."""
    yield from refusals(probe.broken_bodies)
