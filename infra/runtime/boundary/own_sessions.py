"""Whether a command's session is the asker's: the service is asked for his sessions, as he would ask.

Nobody else knows: sessions reach partners by pushes too, which do not pass here.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Final
from urllib.parse import urlencode

from hardening.answers.answered import Answered
from hardening.answers.commanded import Commanded, is_commanded
from hardening.answers.ownership import is_the_askers
from hardening.registry.partners import Partner
from hardening.requests.header_names import HOP_SIGNATURE_HEADER, IDEMPOTENCY_HEADER
from hardening.requests.hop_signature import Hop, hop_of
from infra.runtime.boundary.service_client import ServiceClient

# A session that is under way changes every few minutes; the rest is asked for where it is not found there.
_LATELY: Final = timedelta(days=1)
_EVER: Final = datetime(1970, 1, 1, tzinfo=UTC)
_PAGE, _MOST_PAGES = 100, 20
# Within the time that a call has (`envoy.yaml.j2`, 15 s).
_SECONDS: Final = 8.0
# Of the call that is judged; the question has no body, and counts nothing.
_NOT_OF_A_GET = (IDEMPOTENCY_HEADER, "content-length", "content-type", "transfer-encoding", "connection")


class SessionsUnknown(Exception):
    """Nobody can tell whose session it is: it is refused. The message holds no id."""


@dataclass(frozen=True, slots=True)
class OwnSessions:
    """`sign` makes the guard's signature: the service believes nobody else."""

    service: ServiceClient
    sign: Callable[[Hop, int], str]
    # One look a partner at a time: each may cost the service many pages.
    turns: dict[str, asyncio.Lock] = field(default_factory=dict)

    async def has(
        self, partner: Partner, wanted: Commanded, headers: Mapping[str, str], now: datetime
    ) -> bool:
        """Whether `wanted` is a session of one of the partner's tokens.

        Raises SessionsUnknown and ServiceSilent. `headers` are those of the judged call.
        """
        try:
            async with asyncio.timeout(_SECONDS), self.turns.setdefault(partner.name, asyncio.Lock()):
                for since in (now - _LATELY, _EVER):
                    if await self._among(partner, wanted, headers, (since, now)):
                        return True
        except TimeoutError:
            raise SessionsUnknown("the sessions were not read in time") from None
        return False

    async def _among(
        self, partner: Partner, wanted: Commanded, headers: Mapping[str, str], when: tuple[datetime, datetime]
    ) -> bool:
        offset = 0
        for _ in range(_MOST_PAGES):
            page = await self._page(partner, wanted.version, headers, offset, when)
            found = page.found
            own = [one for one in page.objects if found and is_the_askers(partner, found, one)]
            if any(is_commanded(wanted, one, lately=when[0] != _EVER) for one in own):
                return True
            offset += len(page.objects)
            if not page.objects or "link" not in page.headers:
                return False
        raise SessionsUnknown("too many sessions to look through")

    async def _page(
        self,
        partner: Partner,
        version: str,
        headers: Mapping[str, str],
        offset: int,
        when: tuple[datetime, datetime],
    ) -> Answered:
        path = f"/ocpi/{version}/sender/sessions"
        query = {"date_from": f"{when[0]:%Y-%m-%dT%H:%M:%SZ}", "offset": offset, "limit": _PAGE}
        target = f"{path}?{urlencode(query)}"
        sent = {name: value for name, value in headers.items() if name not in _NOT_OF_A_GET}
        sent[HOP_SIGNATURE_HEADER] = self.sign(hop_of("GET", target, sent, b""), int(when[1].timestamp()))
        got = await self.service.call("GET", target, sent, b"")
        page = Answered(
            partner=partner, method="GET", path=path, status=got.status, headers=got.headers, body=got.body,
            our_hosts=frozenset(),
        )  # fmt: skip
        if not page.took_it or not isinstance(page.envelope.get("data"), list):
            raise SessionsUnknown("the service did not list the sessions")
        return page
