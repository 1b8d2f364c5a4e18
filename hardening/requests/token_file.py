"""A credentials token in a file: how commands are given one, which is on no command line."""

from __future__ import annotations

import stat
from pathlib import Path

from hardening.errors import ConfigError
from hardening.requests.tokens import is_token


def read_token(file: Path) -> str:
    """The token in `file`. Raises ConfigError, also where others may read it."""
    try:
        text = file.read_text(encoding="utf-8").strip()
        open_to_others = stat.S_IMODE(file.stat().st_mode) & 0o077
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "no text"
        raise ConfigError(f"--token-file {file}: {reason}") from None
    if open_to_others:
        raise ConfigError(f"--token-file {file}: others may read it", f"chmod 600 {file}")
    if not is_token(text) or "," in text:
        raise ConfigError(f"--token-file {file}: expected 1 to 64 printable characters (no comma)")
    return text
