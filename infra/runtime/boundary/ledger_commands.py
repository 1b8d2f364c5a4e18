"""`rampart ledger`: what a guard took from its partners, and what it can prove of it."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVar

import click
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from hardening import dsse
from hardening.cli import Exit, say
from hardening.errors import ConfigError, RampartError
from hardening.ledger.digest_list import (
    DigestList,
    compared,
    list_of_cdrs,
    list_of_lines,
    list_of_text,
    text_of,
)
from hardening.ledger.trail import TrailLine, driver_of, receipt_fault
from hardening.ocpi.i_json import parsed
from infra.runtime.boundary.keys import pseudonyms_there
from infra.runtime.boundary.sqlite_trail import SqliteTrail

_Key = TypeVar("_Key")
_WANTED = "expected CDRs as JSON: a list, an answer of OCPI, or one a line"
_FILE = click.Path(path_type=Path, dir_okay=False)
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_ledger_option = click.option(
    "--ledger", "file", type=_FILE, default=Path("ledger.sqlite"), show_default=True,
    help="The ledger of a guard (SQLite).",
)  # fmt: skip
_form_option = click.option(
    "--format", "form", type=click.Choice(["table", "json"]), default="table", show_default=True
)


@click.group()
def ledger() -> None:
    """What a guard took from its partners: digests, receipts, and the trail of each CDR."""


@ledger.command()
@click.argument("partner")
@click.argument("day")
@_ledger_option
@click.option("--cdrs", type=_FILE, help="CDRs that we sent (JSON), in the place of what the ledger took.")
@click.option("--sign", "key_file", type=_FILE, help="An Ed25519 private key (PEM) to sign the list with.")
def digests(partner: str, day: str, file: Path, cdrs: Path | None, key_file: Path | None) -> None:
    """Print the digests of the CDRs of one DAY (UTC, as 2026-01-15) with PARTNER, as JSON.

    A CDR's day is that of its `last_updated`. What PARTNER sent is read from the ledger; what we sent to it
    from --cdrs: a list of CDRs, an answer of OCPI, or one CDR a line.
    """
    if not _is_day(day):
        raise ConfigError(f"{day}: expected a day, as 2026-01-15")
    key = _key(key_file, dsse.private_key) if key_file else None
    if cdrs is None:
        lines = SqliteTrail(file).of_day(partner, day)
        listed = list_of_lines(partner, day, lines)
        if not lines:
            say(f"warning: {file} has no line of a partner {partner!r} on that day")
    else:
        listed = _named(cdrs, lambda: list_of_cdrs(partner, day, _objects(_text(cdrs))))
    click.echo(text_of(listed, key), nl=False)
    say(f"{len(listed.cdrs)} CDR{'s' if len(listed.cdrs) != 1 else ''}")


@ledger.command()
@click.argument("ours", type=_FILE)
@click.argument("theirs", type=_FILE)
@click.option("--key", "key_file", type=_FILE, help="Their public key (PEM), which must have signed.")
@_form_option
def compare(ours: Path, theirs: Path, key_file: Path | None, form: str) -> Exit:
    """Hold our list of a day against the other side's, and name each CDR that one lacks or has otherwise.

    Of one side's CDRs: what it sent (`digests --cdrs`) and what the other took.
    """
    key = _key(key_file, dsse.public_key) if key_file else None
    lists = _list(ours, None), _list(theirs, key)
    found = list(compared(*lists))
    if form == "json":
        click.echo(json.dumps([one._asdict() for one in found], indent=1))
    for one in found if form == "table" else ():
        click.echo("\t".join(map(_shown, (one.what, one.party or "-", one.id))))
    if not any(one.cdrs for one in lists):
        say("warning: both lists are empty: nothing was held against anything")
    if key is None:
        say("warning: nobody looked who signed their list (--key)")
    say(f"{len(lists[0].cdrs)} of ours, {len(lists[1].cdrs)} of theirs, {len(found)} that differ")
    return Exit.FAILS if found else Exit.HOLDS


@ledger.command()
@click.argument("cdr_id")
@_ledger_option
@click.option("--party", help="Whose CDR, as DE*CPX, where several have one of this id.")
@click.option("--key", "key_files", type=_FILE, multiple=True,
              help="A public key (PEM) of receipts; several, where it was changed. Repeatable.")  # fmt: skip
@_form_option
def show(cdr_id: str, file: Path, party: str | None, key_files: tuple[Path, ...], form: str) -> Exit:
    """Show what became of the CDR with this id: the first page of a dispute.

    Columns: when, who sent it, answered (accepted, refused, contradicted), HTTP status, whose, digest of what
    stood before, digest of what came, and the receipt.
    """
    keys = [_key(one, dsse.public_key) for one in key_files]
    lines = SqliteTrail(file).of_object(f"cdr#{cdr_id.upper()}")
    lines = [one for one in lines if party is None or one.key.party == party.upper()]
    if not lines:
        hint = "the id as OCPI has it, in whatever letter case"
        raise ConfigError(f"{file}: no line of a CDR {cdr_id!r}", hint)
    said = [_receipt(one, keys) for one in lines]
    if form == "json":
        told = [{**_told(line), "receipt_is": is_} for line, is_ in zip(lines, said, strict=True)]
        click.echo(json.dumps(told, indent=1))
    for line, receipt in zip(lines, said, strict=True) if form == "table" else ():
        click.echo("\t".join(map(_shown, (*_columns(line), receipt))))
    return Exit.FAILS if any(one.startswith("broken") for one in said) else Exit.HOLDS


@ledger.command()
@_ledger_option
@click.option("--contracts", type=click.File("r"), required=True,
              help="The driver's contract ids, one a line; - for stdin.")  # fmt: skip
@click.option("--pseudonym-key", "key_file", type=_FILE, default=Path("pseudonym.key"), show_default=True)
@click.option("--dry-run", is_flag=True, help="Say how many lines name the driver, and change nothing.")
def erase(file: Path, contracts: Any, key_file: Path, dry_run: bool) -> None:
    """Take a driver out of the trail. Digests and receipts stay: they name nobody (GDPR Art. 17)."""
    pseudonyms = pseudonyms_there(key_file)
    try:
        named = [line.strip() for line in contracts if line.strip()]
    except UnicodeDecodeError:
        raise ConfigError("--contracts: expected text, one contract id a line") from None
    if not named:
        raise ConfigError("--contracts: expected at least one contract id")
    trail = SqliteTrail(file)
    each = trail.count_of if dry_run else trail.erase
    count = sum(each(driver_of(pseudonyms, one)) for one in dict.fromkeys(map(str.upper, named)))
    say(f"{count} line{'s' if count != 1 else ''} {'name' if dry_run else 'named'} the driver")


def _receipt(line: TrailLine, keys: Sequence[Ed25519PublicKey]) -> str:
    if not line.receipt:
        return "-"
    if not keys:
        return "a receipt that nobody looked at (--key)"
    fault = receipt_fault(line, keys)
    return f"broken: {fault}" if fault else "signed"


def _columns(line: TrailLine) -> tuple[str, ...]:
    return (
        _time(line.at),
        line.partner,
        line.answered,
        str(line.status),
        line.key.party,
        line.before[:16] or "-",
        line.after[:16],
    )


def _told(line: TrailLine) -> dict[str, Any]:
    told = asdict(line)
    return {**told, "key": line.key._asdict(), "at": _time(line.at), "expires": _time(line.expires)}


def _shown(text: str) -> str:
    """What another side wrote, as part of one printable line."""
    return "".join(c if c.isprintable() else ascii(c)[1:-1] for c in text)


def _time(at: float) -> str:
    return f"{datetime.fromtimestamp(at, UTC):%Y-%m-%dT%H:%M:%SZ}"


def _is_day(text: str) -> bool:
    try:
        return _DAY.fullmatch(text) is not None and bool(datetime.fromisoformat(text))
    except ValueError:
        return False


def _list(file: Path, key: Ed25519PublicKey | None) -> DigestList:
    return _named(file, lambda: list_of_text(_text(file), key))


def _named(file: Path, read: Callable[[], DigestList]) -> DigestList:
    """What `read` gives of a file, which its errors name."""
    try:
        return read()
    except RampartError as error:
        if not error.message.startswith(f"{file}: "):
            raise type(error)(f"{file}: {error.message}", error.hint) from None
        raise


def _objects(text: str) -> Iterator[object]:
    """The objects of a JSON list, of an answer of OCPI, of one CDR, or of JSON lines. Raises ConfigError."""
    try:
        read, found = parsed(text.encode())
        if found:
            lines = [parsed(line.encode()) for line in text.split("\n") if line.strip()]
            read, found = [value for value, _ in lines], [one for _, wrong in lines for one in wrong]
    except (ValueError, RecursionError):
        raise ConfigError(_WANTED) from None
    if found or not text.strip():
        raise ConfigError(_WANTED, "each name once in an object; `[]` for a day without CDRs")
    if isinstance(read, dict):
        read = read["data"] if "status_code" in read and "data" in read else [read]
    yield from read if isinstance(read, list) else [read]


def _text(file: Path) -> str:
    try:
        return sys.stdin.read() if str(file) == "-" else file.read_text(encoding="utf-8")
    except OSError as error:
        raise ConfigError(f"{file}: {error.strerror}") from None
    except UnicodeDecodeError:
        raise ConfigError(f"{file}: expected text in UTF-8") from None


def _key(file: Path, read: Callable[[bytes], _Key]) -> _Key:
    """The key in `file`. Raises ConfigError, which quotes nothing of it."""
    try:
        return read(file.read_bytes())
    except OSError as error:
        raise ConfigError(f"{file}: {error.strerror}") from None
    except ValueError as error:
        raise ConfigError(f"{file}: {error}", "make one: openssl genpkey -algorithm ed25519") from None
