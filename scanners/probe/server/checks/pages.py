"""Whether a list is paged as it says: offset, limit, dates, counts and the Link (OCPI 2.2.1, 4.1.5)."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Final
from urllib.parse import parse_qsl, urlsplit

from hardening.checks import Unverifiable, Verdicts, check
from scanners.probe.records import Exchange, Got
from scanners.probe.server.records import Listing, identities, is_served, items, next_link
from scanners.probe.server.samples import LISTING, ROOT, SINCE, page, refused

IMMODERATE = 1_000_000
_COUNT = re.compile(r"[0-9]{1,15}")
_CONTROL = "answers-paginated-and-capped"
_NO_PAGES = "fewer than two objects: paging cannot be seen"
_NO_DATES = "no object: filters by date cannot be seen"
# What cannot be seen of a server that has no objects yet, and would be seen later.
WANT_OF_OBJECTS: Final = frozenset({_NO_PAGES, _NO_DATES})


def _counts(call: Exchange) -> tuple[int, int] | None:
    """X-Total-Count and X-Limit; None where one is missing."""
    texts = [(call.got.headers.get(name) or "") for name in ("x-total-count", "x-limit")]
    if not all(_COUNT.fullmatch(text) for text in texts):
        return None
    return int(texts[0]), int(texts[1])


def _total(listing: Listing) -> int:
    counts = _counts(listing.plain)
    return len(items(listing.plain)) if counts is None else max(counts[0], len(items(listing.plain)))


def _several(listing: Listing) -> int:
    """How many objects there are. Raises Unverifiable for fewer than two, in which no paging shows."""
    _served(listing)
    total = _total(listing)
    if total < 2:
        raise Unverifiable(listing.plain.where, _NO_PAGES)
    return total


def _served(listing: Listing) -> None:
    if not is_served(listing.plain):
        raise Unverifiable(listing.plain.where, "the list is not served")


def _without_counts(call: Exchange) -> Exchange:
    return replace(call, got=replace(call.got, headers={}))


_ONE = replace(LISTING, plain=page("list", (1,), "", total=1))
_UNCAPPED = page("immoderate", (1, 2, 3), "limit=1000000")


@check(
    _CONTROL,
    good=LISTING,
    bad={
        "no counts": replace(LISTING, plain=_without_counts(LISTING.plain)),
        "more than the limit": replace(LISTING, plain=page("list", tuple(range(51)), "", total=51)),
        "the limit that was asked for": replace(
            LISTING,
            immoderate=replace(
                _UNCAPPED, got=replace(_UNCAPPED.got, headers={"x-total-count": "3", "x-limit": "1000000"})
            ),
        ),
    },
    unverifiable={"not served": replace(LISTING, plain=refused("list", 500))},
)
def list_says_its_size(listing: Listing) -> Verdicts:
    """X-Total-Count and X-Limit are there, and X-Limit is the server's own, not what the client asked for."""
    _served(listing)
    for call in (listing.plain, listing.immoderate):
        counts = _counts(call)
        if counts is None:
            yield call.where, "X-Total-Count or X-Limit is missing"
        elif len(items(call)) > counts[1]:
            yield call.where, f"{len(items(call))} objects, more than X-Limit {counts[1]}"
        elif counts[1] >= IMMODERATE:
            yield call.where, "there is no limit but the client's"
        else:
            yield call.where, None


@check(
    _CONTROL,
    good=LISTING,
    bad=replace(LISTING, first=page("first", (1, 2, 3), "limit=1")),
    also_good={
        "no counts": replace(LISTING, plain=_without_counts(LISTING.plain)),
        "an empty page": replace(LISTING, first=page("first", (), "limit=1")),
    },
    unverifiable={"one object": _ONE},
)
def list_applies_the_limit(listing: Listing) -> Verdicts:
    """limit=1 gives one object at most."""
    _several(listing)
    given = len(items(listing.first))
    yield listing.first.where, f"limit=1 gives {given} objects" if given > 1 else None


@check(
    _CONTROL,
    good=LISTING,
    bad={
        "the same object": replace(LISTING, second=page("second", (1,), "offset=1")),
        "none": replace(LISTING, second=page("second", (), "offset=1")),
    },
    unverifiable={"one object": _ONE},
)
def list_applies_the_offset(listing: Listing) -> Verdicts:
    """offset=1 begins with the second object."""
    _several(listing)
    first, second = identities(items(listing.first)), identities(items(listing.second))
    same = not second or second[:1] == first[:1]
    yield listing.second.where, "offset=1 does not begin with the second object" if same else None


@check(
    _CONTROL,
    good=LISTING,
    bad={
        "date_from": replace(LISTING, future=page("future", (1,), "date_from=2100")),
        "date_to": replace(LISTING, past=page("past", (1,), "date_to=2000")),
    },
    unverifiable={"no object": replace(LISTING, plain=page("list", (), "", total=0))},
)
def list_applies_the_dates(listing: Listing) -> Verdicts:
    """Nothing was updated after 2100 or on one day of the year 2000."""
    _served(listing)
    if not _total(listing):
        raise Unverifiable(listing.plain.where, _NO_DATES)
    for call, name in ((listing.future, "date_from"), (listing.past, "date_to")):
        yield call.where, f"{name} is not applied" if items(call) else None


_NEXT = f"{ROOT}/2.2.1/sender/locations?offset=1&limit=1"


@check(
    _CONTROL,
    good=LISTING,
    bad={
        "no link": replace(LISTING, first=page("first", (1,), "limit=1")),
        "a link beyond the end": replace(LISTING, plain=page("list", (1, 2, 3), "", link=_NEXT)),
        "the filter is lost": replace(LISTING, first=page("first", (1,), "limit=1", link=_NEXT)),
        "it leads to an error": replace(LISTING, followed=refused("followed", 404)),
        "it leads back": replace(LISTING, followed=page("followed", (1,), "offset=0")),
    },
    also_good={
        "a link to a stranger is not followed": replace(LISTING, followed=None),
        "several pages": replace(LISTING, plain=page("list", (1, 2), "", link=_NEXT)),
    },
    unverifiable={
        "one object": _ONE,
        "no answer": replace(LISTING, first=replace(LISTING.first, got=Got(0))),
    },
)
def list_links_the_next_page(listing: Listing) -> Verdicts:
    """A Link is there exactly where more objects are, keeps the filters, and leads to the next object."""
    total = _several(listing)
    whole, link = len(items(listing.plain)) >= total, next_link(listing.first)
    if listing.first.got.status == 0:
        raise Unverifiable(listing.first.where, "no answer came")
    if whole and next_link(listing.plain):
        yield listing.plain.where, "a Link beyond the last page"
    if not link:
        yield listing.first.where, "the Link to the next page is missing"
        return
    kept = SINCE.partition("=")[0] in dict(parse_qsl(urlsplit(link).query))
    yield listing.first.where, None if kept else "the Link loses date_from"
    if listing.followed is not None:
        led, second = identities(items(listing.followed)), identities(items(listing.second))
        same = bool(led) and led == second
        yield listing.followed.where, None if same else "the Link does not lead to the next page"
