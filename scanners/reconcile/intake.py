"""From files to Parquet of one form: every record becomes a row, or is rejected with its place and reason."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import msgspec

from hardening.errors import ConfigError
from hardening.ocpi.i_json import names_stand_once, parsed
from scanners.reconcile.columns import AMOUNT, COLUMNS, LINE, REQUIRED, SOURCE
from scanners.reconcile.letters import raised
from scanners.reconcile.objects import Cdr, Location, Session, Tariff, Token
from scanners.reconcile.rows import Row, amount, rows_of, time_of
from scanners.reconcile.sources import NAME_TWICE, Record, Rejected, copies_in, is_parquet, records_of
from scanners.reconcile.views import parquet, quoted

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

_OBJECTS: Final = {
    "sessions": Session,
    "cdrs": Cdr,
    "tokens": Token,
    "tariffs": Tariff,
    "locations": Location,
}
_PART: Final = 100_000  # rows that are in memory at once
_LEAST_LINE: Final = 16 * 1024**2  # what DuckDB takes for the longest line, unless told
_TRUE, _FALSE = ("true", "1", "yes"), ("false", "0", "no", "")


@dataclass(slots=True)
class Intake:
    """What was read of one kind: Parquet files, how many records they and others hold, and what was rejected.

    `own` are those of the files that were Parquet when they came.
    """

    kind: str
    files: list[Path] = field(default_factory=list)
    own: list[Path] = field(default_factory=list)
    records: int = 0
    rejected: list[Rejected] = field(default_factory=list)
    versions: Counter[str] = field(default_factory=Counter)

    @property
    def lost(self) -> int:
        """How many records were rejected."""
        return sum(one.records for one in self.rejected)


def take_in(
    kind: str,
    files: list[Path],
    folder: Path,
    database: DuckDBPyConnection,
    party: str = "",
    told: Callable[[int], None] = lambda _: None,
) -> Intake:
    """Read `files` of a kind; what is no Parquet yet becomes Parquet in `folder`. Raises ConfigError."""
    made = Intake(kind)
    copies = copies_in(files)
    rows: list[Row] = []
    for file in files:
        if file in copies:
            count = _count(file, database)
            made.records += count
            made.rejected.append(Rejected(str(file), f"the same file as {copies[file]}", count, True))
        elif is_parquet(file):
            made.records += _count(file, database)
            made.files.append(file)
            made.own.append(file)
        else:
            for row in _read(file, made, party):
                rows.append(row)
                if len(rows) >= _PART:
                    _keep(rows, made, folder, database)
                    told(made.records)
    if not made.records and kind not in ("sessions", "cdrs"):  # of those, the period may have none
        made.rejected.append(Rejected(str(files[0]), f"expected {kind}, found nothing", 0))
    if rows or not made.files:
        _keep(rows, made, folder, database)
    told(made.records)
    return made


def _count(file: Path, database: DuckDBPyConnection) -> int:
    if is_parquet(file):
        from duckdb import Error  # its connection is here, so it is installed

        try:
            found = database.execute(f"SELECT count(*) FROM {parquet([file])}").fetchone()
        except Error as error:
            raise ConfigError(f"{file}: cannot be read: {str(error).splitlines()[0]}") from None
        return int(found[0]) if found else 0
    return sum(1 for _ in records_of(file))


def _read(file: Path, made: Intake, party: str) -> Iterator[Row]:
    of: Any = _OBJECTS.get(made.kind)
    decoder = msgspec.json.Decoder(of) if of else None
    for record in records_of(file):
        made.records += 1
        try:
            if record.cells is not None:
                rows = [_cells(made.kind, record.cells)]
            elif decoder and record.text:
                value = decoder.decode(record.text)
                if not names_stand_once(record.text):
                    raise ValueError(NAME_TWICE)
                made.versions[_version(value)] += 1
                rows = [*rows_of(value, party, record.text.decode())]
            else:
                rows = [_line(made.kind, record)]
        except (msgspec.MsgspecError, ValueError, RecursionError) as error:
            made.rejected.append(Rejected(_place(file, record), _reason(error)))
            continue
        for row in rows:
            yield {**row, SOURCE: str(file), LINE: record.line}


def _version(value: Any) -> str:
    """2.1.1 tells itself by its names; the later versions are alike."""
    old = getattr(value, "auth_id", None) or getattr(value, "location", None)
    return "2.1.1" if old else "2.2.1 or later"


def _place(file: Path, record: Record) -> str:
    return f"{file}:{record.line}" if record.line else str(file)


def _reason(error: Exception) -> str:
    """What was expected, in one line and without the value: it may identify a driver."""
    if isinstance(error, UnicodeDecodeError):
        return "expected UTF-8"
    text = str(error).split(" - at `$")
    where = text[1].rstrip("`").lstrip(".") if len(text) > 1 else ""
    said = text[0] if isinstance(error, msgspec.ValidationError | ValueError) else "not JSON"
    said = said[0].lower() + said[1:] if said[1:2].islower() else said or "not JSON"
    return " ".join(f"{where}: {said}".removeprefix(": ").split())


def _line(kind: str, record: Record) -> Row:
    """A row of a statement, as JSON."""
    if not record.text:
        raise ValueError("expected as many cells as the first line has")
    cells, faults = parsed(record.text, exact=True)
    if faults:
        raise ValueError(f"expected {faults[0].expected}")
    if not isinstance(cells, dict):
        raise ValueError("expected an object")
    return _cells(kind, {name: "" if cell is None else str(cell) for name, cell in cells.items()})


def _cells(kind: str, cells: dict[str, str]) -> Row:
    """A row of CSV: the columns of the Parquet layout, or `country_code` and `party_id` for `party`."""
    if not cells.get("party") and cells.get("country_code") and cells.get("party_id"):
        cells = {**cells, "party": f"{cells['country_code']}*{cells['party_id']}"}
    row: Row = {}
    for place, (name, of) in enumerate(COLUMNS[kind].items()):
        text = (cells.get(name) or "").strip()
        if text:
            row[name] = _cell(name, of, text)
        elif place < REQUIRED[kind]:
            raise ValueError(f"{name}: expected a value, found nothing")
    if kind != "tokens":
        row["party"] = raised(row["party"])
    return row


def _cell(name: str, of: str, text: str) -> Any:
    try:
        if of == AMOUNT:
            return amount(name, msgspec.convert(text, Decimal))
        if of == "TIMESTAMP":
            return time_of(name, msgspec.convert(text, datetime))
        if of == "DATE":
            return date.fromisoformat(text)
        if of == "BIGINT":
            return int(text)
    except (ValueError, msgspec.ValidationError):
        raise ValueError(f"{name}: expected {_WANTED[of]}") from None
    if of == "BOOLEAN":
        if text.lower() not in (*_TRUE, *_FALSE):
            raise ValueError(f"{name}: expected true or false")
        return text.lower() in _TRUE
    return raised(text) if name in ("status", "currency") else text


_WANTED: Final = {
    AMOUNT: "a number such as 12.50",
    "TIMESTAMP": "a time such as 2026-03-01T10:00:00Z",
    "DATE": "a day such as 2026-03-01",
    "BIGINT": "a whole number",
}


def _keep(rows: list[Row], made: Intake, folder: Path, database: DuckDBPyConnection) -> None:
    """Write rows as one Parquet file, by way of a file of lines: nothing but DuckDB need be installed."""
    part = folder / f"{made.kind}-{len(made.files):05}.parquet"
    lines = part.with_suffix(".ndjson")
    file = quoted(str(lines))
    columns = {**COLUMNS[made.kind], SOURCE: "VARCHAR", LINE: "BIGINT"}
    texts = [*map(msgspec.json.Encoder().encode, rows)]
    longest = max([_LEAST_LINE, *(len(text) + 1 for text in texts)])
    lines.write_bytes(b"".join(text + b"\n" for text in texts))
    listed = ", ".join(f"'{name}': '{of}'" for name, of in columns.items())
    database.execute(
        f"COPY (SELECT * FROM read_json({file}, format='newline_delimited', columns={{{listed}}}, "
        f"maximum_object_size={longest})) TO {quoted(str(part))} (FORMAT parquet)"
    )
    lines.unlink()
    rows.clear()
    made.files.append(part)


def checked_columns(kind: str, files: list[Path], names: dict[str, str]) -> None:
    """Raises ConfigError where Parquet files lack what has to be there."""
    missing = [name for name in list(COLUMNS[kind])[: REQUIRED[kind]] if name not in names]
    if missing:
        raise ConfigError(
            f"{files[0]}: no column {', '.join(missing)}", f"docs/reconciliation.md has the columns of {kind}"
        )
