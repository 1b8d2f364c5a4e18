"""Controls of the integrity layer, one module for each topic."""

from __future__ import annotations

from hardening.controls.control import Control
from hardening.controls.integrity import amounts, books, form, references, times

CONTROLS: tuple[Control, ...] = (
    *form.CONTROLS,
    *times.CONTROLS,
    *amounts.CONTROLS,
    *references.CONTROLS,
    *books.CONTROLS,
)
