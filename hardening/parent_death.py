"""Linux ends a process when its parent is gone, if it is asked to (prctl(2), PR_SET_PDEATHSIG)."""

from __future__ import annotations

import ctypes
import os
import signal
import sys
from collections.abc import Callable

_PR_SET_PDEATHSIG = 1


def end_with_parent() -> Callable[[], None] | None:
    """For `preexec_fn` of a child: it is killed when the *thread* that started it is gone.

    None on systems whose kernel cannot be asked: there a child that only computes ends by itself.
    """
    if sys.platform != "linux":
        return None
    libc = ctypes.CDLL(None)
    parent = os.getpid()

    def ask_the_kernel() -> None:
        libc.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != parent:  # it went between the fork and the call
            os._exit(1)

    return ask_the_kernel
