"""Python's collector in a service that answers many calls: it looks seldom, and never at what stands."""

from __future__ import annotations

import gc

# Calls make hardly any cycles; without this, a long body makes the collector look very often.
_COLLECT_AFTER = (100_000, 50, 100)


def collect_seldom() -> None:
    """To be called once, when the service is about to serve: what stands now is never looked at again."""
    gc.freeze()
    gc.set_threshold(*_COLLECT_AFTER)
