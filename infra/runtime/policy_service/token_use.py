"""A call that was let in says of its token that it is in use; no call fails because that is not kept."""

from __future__ import annotations

import asyncio

from hardening.requests import tokens
from hardening.requests.request import Request
from infra.runtime.http_service import log
from infra.runtime.policy_service.token_cache import TokenCache


async def keep_first_use(cache: TokenCache, request: Request) -> None:
    """Retire the old token. A store that cannot do it now costs no call: the next one tries again."""
    kept, _ = await asyncio.wait(
        {asyncio.create_task(cache.used(digest, request.received)) for digest in _digests(request)}
    )
    for one in kept:
        if failure := one.exception():
            log(level="error", event="first-use-not-kept", kind=type(failure).__name__)


def note_use(cache: TokenCache, request: Request) -> None:
    """Note when the token was used, once an hour. A store that cannot do it now costs no call."""
    for digest in _digests(request):
        noted = cache.note_use(digest, request.received)
        if noted is not None:
            noted.add_done_callback(_say_failure)


def _say_failure(noted: asyncio.Future[None]) -> None:
    if not noted.cancelled() and (failure := noted.exception()):
        log(level="error", event="use-not-noted", kind=type(failure).__name__)


def _digests(request: Request) -> list[str]:
    """Of each reading of the header; the store knows one of them."""
    return [tokens.digest(one.token) for one in tokens.presented(request.headers.get("authorization", ""))]
