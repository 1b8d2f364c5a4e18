"""A configuration that notes when a rule reads a value that is not known.

A rule that read one has judged a placeholder; its verdict means nothing, whatever it is.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from typing import Any, Final


class TrackedValues(dict[str, Any]):
    """A configuration that notes when a rule reads a value that is not known."""

    touched: bool = False
    in_search: bool = True
    root: TrackedValues

    @classmethod
    def over(cls, configuration: dict[str, Any], *, in_search: bool) -> TrackedValues:
        """`in_search`: whether a value that a path search only walks past counts as read."""
        tracked = cls()
        tracked.in_search = in_search
        tracked._fill(configuration, tracked)
        return tracked

    def _fill(self, configuration: dict[str, Any], root: TrackedValues) -> None:
        self.root = root
        for key, value in configuration.items():
            dict.__setitem__(self, key, _track(value, root))

    def _note(self, values: Iterable[Any]) -> None:
        """Whether one of `values` is not known, and read by the rule itself (not by a search on its way)."""
        reader = str(sys._getframe(2).f_globals.get("__name__", ""))
        if (self.root.in_search or not reader.startswith(_SEARCHES)) and any(map(_not_known, values)):
            self.root.touched = True

    def __getitem__(self, key: str) -> Any:
        value = super().__getitem__(key)
        self._note([value])
        return value

    def get(self, key: str, default: Any = None) -> Any:
        """As `dict.get`; the value counts as read."""
        value = super().get(key, default)
        self._note([value])
        return value

    def items(self) -> Any:
        """As `dict.items`; every value counts as read."""
        self._note(super().values())
        return super().items()

    def values(self) -> Any:
        """As `dict.values`; every value counts as read."""
        found = super().values()
        self._note(found)
        return found

    def __iter__(self) -> Iterator[str]:
        return super().__iter__()  # written out: `dict(configuration)` then reads item by item

    def __repr__(self) -> str:
        self._note(super().values())
        return super().__repr__()

    def __eq__(self, other: object) -> bool:
        self._note(super().values())
        return super().__eq__(other)

    __hash__ = None  # as any dictionary


# Who walks past all values to find one. The classes of value rules give no verdict on a variable.
_SEARCHES: Final = (
    "dpath",
    "checkov.terraform.parser_functions",
    "checkov.terraform.checks.resource.base_resource_value_check",
    "checkov.terraform.checks.resource.base_resource_negative_value_check",
)


def _track(value: Any, root: TrackedValues) -> Any:
    if isinstance(value, dict):
        inner = TrackedValues()
        inner._fill(value, root)
        return inner
    return [_track(item, root) for item in value] if isinstance(value, list) else value


def _not_known(value: Any) -> bool:
    if isinstance(value, list):
        return any(_not_known(item) for item in value)
    return isinstance(value, str) and value.startswith("var.rampart_")
