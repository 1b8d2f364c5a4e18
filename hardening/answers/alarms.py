"""What the boundary calls in its log what it stopped: the event, and the controls that are no answer's."""

from __future__ import annotations

from typing import Final

ALARM: Final = "boundary-alarm"
CRASH: Final = "boundary-crash"
ONCE: Final = "messages-count-once"
OWN_SESSIONS: Final = "commands-move-own-sessions"
