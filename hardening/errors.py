"""The two errors a user can meet. Everything else is a defect."""

from __future__ import annotations


class RampartError(Exception):
    """An error with a message for the user, and a hint that says what to do next."""

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


class ConfigError(RampartError):
    """Something the user wrote is wrong: which file, which key, what it should be. Exit 2.

    `problems` holds one line for each fault, so all of them can be fixed at once.
    """

    def __init__(self, message: str, hint: str = "", problems: tuple[str, ...] = ()) -> None:
        super().__init__(message, hint)
        self.problems = problems or (message,)


class CollectError(RampartError):
    """A collector could not look. It becomes `error` findings, never a pass. Exit 3."""


class CredentialsError(RampartError):
    """No usable AWS credentials. Exit 4."""
