"""What the probe of somebody's OCPI server saw. Nothing here holds a token."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, fields
from typing import Any

from scanners.probe.records import Exchange

_NEXT = re.compile(r'<([^>]*)>\s*;[^,]*rel="?next"?')


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing:
    """One list of the server, asked for in several ways. All but `past` ask for what changed since 2000.

    `plain` sets no limit; `first` and `second` are pages of one object; `immoderate` asks for a million;
    `future` for what changes after 2100, `past` for what changed on one day of 2000. `followed` is what the
    Link of `first` leads to, None where there is none that may be called.
    """

    module: str
    version: str
    plain: Exchange
    first: Exchange
    second: Exchange
    immoderate: Exchange
    future: Exchange
    past: Exchange
    followed: Exchange | None = None

    @property
    def calls(self) -> tuple[Exchange, ...]:
        """Every call, in the order in which they were made."""
        asked = (self.plain, self.first, self.second, self.immoderate, self.future, self.past)
        return (*asked, self.followed) if self.followed else asked

    @property
    def objects(self) -> tuple[dict[str, Any], ...]:
        """The objects of the plain list."""
        return tuple(one for one in items(self.plain) if isinstance(one, dict))


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerProbe:
    """One server, in one version. Groups of calls are named after what a right server does with them.

    `hosts` are those that were agreed (`host:port`), `named` the parties (`NL*ABC`) of its Credentials
    object, `onboarded` and `modules` what was contracted (empty: nobody said). `hub` says that it calls
    itself one, which speaks for parties that it need not name. `token_repeated` are the places of answers
    that hold the token we called with.
    """

    version: str
    hosts: tuple[str, ...]
    versions: Exchange
    details: Exchange
    credentials: Exchange | None
    named: tuple[str, ...] = ()
    hub: bool = False
    onboarded: tuple[str, ...] = ()
    modules: tuple[str, ...] = ()
    token_repeated: tuple[str, ...] = ()
    listings: tuple[Listing, ...] = ()
    without_token: tuple[Exchange, ...] = ()
    unknown_tokens: tuple[Exchange, ...] = ()
    other_spellings: tuple[Exchange, ...] = ()
    other_schemes: tuple[Exchange, ...] = ()
    two_headers: tuple[Exchange, ...] = ()
    forwarded: tuple[Exchange, ...] = ()
    bad_pages: tuple[Exchange, ...] = ()
    unknown_paths: tuple[Exchange, ...] = ()
    odd_methods: tuple[Exchange, ...] = ()
    foreign_reads: tuple[Exchange, ...] = ()
    foreign_writes: tuple[Exchange, ...] = ()
    broken_bodies: tuple[Exchange, ...] = ()

    @property
    def contracted(self) -> tuple[Exchange, ...]:
        """The calls that every server must serve."""
        lists = (listing.plain for listing in self.listings)
        known = (self.credentials,) if self.credentials else ()
        return (self.versions, self.details, *known, *lists)

    @property
    def parties(self) -> tuple[str, ...]:
        """The parties that the server speaks for, by its own word or by contract."""
        return tuple(sorted({*self.named, *self.onboarded}))

    def calls(self) -> Iterator[Exchange]:
        """Every call of the probe."""
        yield from (self.versions, self.details)
        if self.credentials:
            yield self.credentials
        for listing in self.listings:
            yield from listing.calls
        for group in fields(self):
            value = getattr(self, group.name)
            if isinstance(value, tuple):
                yield from (one for one in value if isinstance(one, Exchange))


def items(exchange: Exchange) -> list[Any]:
    """The objects of a list; none where `data` is no list."""
    return exchange.got.data if isinstance(exchange.got.data, list) else []


def identities(objects: Iterable[Any]) -> list[str]:
    """The ids of objects: `id`, or `uid` of tokens."""
    return [str(one.get("id", one.get("uid"))) for one in objects if isinstance(one, dict)]


def endpoints(details: Exchange) -> list[dict[str, Any]]:
    """The endpoints of the version details that are in the form of one."""
    data = details.got.data
    listed = data.get("endpoints") if isinstance(data, dict) else None
    return [one for one in listed if isinstance(one, dict)] if isinstance(listed, list) else []


def next_link(exchange: Exchange) -> str:
    """The URL of the next page (OCPI 2.2.1, 4.1.5; RFC 8288); empty where there is none."""
    found = _NEXT.search(exchange.got.headers.get("link", ""))
    return found[1] if found else ""


def is_served(exchange: Exchange) -> bool:
    """Whether a call was let through: a success of HTTP that no OCPI error takes back."""
    got = exchange.got
    if not 200 <= got.status < 300:
        return False
    return not 2000 <= got.ocpi_status < 5000 or bool(got.data)
