"""What runs beside the answers of a worker for as long as it does, and what happens where it ends."""

from __future__ import annotations

from collections.abc import Coroutine

from infra.runtime.http_service import log


class FollowerEnded(Exception):
    """What calls are decided by is no longer followed: a worker that went on would not know of a change."""


async def followed(name: str, follower: Coroutine[None, None, None], *, ends_all: bool = True) -> None:
    """Run what is meant to run as long as the worker. Raises FollowerEnded where it fails, if that ends all.

    The supervisor then starts the worker again, which reads everything anew.
    """
    try:
        await follower
    except Exception as failure:  # the outer edge of this task: whatever it is, it is said
        log(level="error", event="follower-ended", follower=name, kind=type(failure).__name__)
        if ends_all:
            raise FollowerEnded from None
